//! `tracker rank`.
