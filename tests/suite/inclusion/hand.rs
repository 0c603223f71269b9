//! What people do by hand counts.
