//! From a directory and a path to a place in the tree.
//!
//! Paths are resolved beneath the directory that they are given with, like Linux's `RESOLVE_BENEATH`: the
//! directories that were passed are kept in a stack, `..` takes one from it, and there is none above the
//! first. So neither a path nor a symlink reaches what lies above the directory, though it may be open.

use super::error::FsError;
use super::tree::{Body, FileSystem, NodeId};

/// Longest name in a directory, in bytes.
const MAX_NAME_BYTES: usize = 255;

/// Longest path: Linux allows 4096 bytes with the zero at the end, which is not counted here.
const MAX_PATH_BYTES: usize = 4095;

/// How many symlinks are followed for one path.
const MAX_SYMLINKS: usize = 40;

/// When a symlink that is the last component of a path is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Last {
    /// Always.
    Follow,
    /// If a slash comes after it, which asks for the directory that it leads to.
    FollowWithSlash,
    /// If no slash comes after it: a file that is to be made cannot end with one.
    FollowWithoutSlash,
    /// Never.
    Keep,
}

impl Last {
    /// The rule for looking at something, by WASI's flag.
    pub(super) fn look(follow: bool) -> Self {
        if follow { Self::Follow } else { Self::FollowWithSlash }
    }

    fn follows(self, slash: bool) -> bool {
        match self {
            Self::Follow => true,
            Self::FollowWithSlash => slash,
            Self::FollowWithoutSlash => !slash,
            Self::Keep => false,
        }
    }
}

/// Where a path leads.
#[derive(Debug)]
pub(super) struct Place {
    /// The directory of the last component; where the path ends in `.` or `..`, the directory itself.
    pub(super) parent: NodeId,
    /// The last component, unless it is `.` or `..`.
    pub(super) name: Option<Box<str>>,
    /// What is there.
    pub(super) node: Option<NodeId>,
    /// Whether the path ends with a slash, and so means a directory.
    pub(super) slash: bool,
}

impl FileSystem {
    /// Follows a path from a directory to its last component, which may not exist.
    pub(super) fn walk(&self, start: NodeId, path: &str, last: Last) -> Result<Place, FsError> {
        check(path)?;
        let mut slash = path.ends_with('/');
        let mut followed = 0;
        let mut above = Vec::new();
        let mut here = start;
        let mut ahead: Vec<&str> = components(path).rev().collect();
        while let Some(component) = ahead.pop() {
            let directory = self.node(here)?.directory()?;
            match component {
                "." => continue,
                ".." => {
                    here = above.pop().ok_or(FsError::NotPermitted)?;
                    continue;
                }
                _ => {}
            }
            if component.len() > MAX_NAME_BYTES {
                return Err(FsError::NameTooLong);
            }
            let is_last = ahead.is_empty();
            let found = directory.entries.get(component).map(|entry| entry.node);
            let Some(id) = found else {
                if is_last {
                    return Ok(Place { parent: here, name: Some(component.into()), node: None, slash });
                }
                return Err(FsError::NoEntry);
            };
            match &self.node(id)?.body {
                Body::Symlink(target) if !is_last || last.follows(slash) => {
                    followed += 1;
                    if followed > MAX_SYMLINKS {
                        return Err(FsError::Loop);
                    }
                    if target.starts_with('/') {
                        return Err(FsError::NotPermitted);
                    }
                    slash |= is_last && target.ends_with('/');
                    ahead.extend(components(target).rev());
                }
                _ if is_last => {
                    return Ok(Place { parent: here, name: Some(component.into()), node: Some(id), slash });
                }
                Body::Directory(_) => {
                    above.push(here);
                    here = id;
                }
                _ => return Err(FsError::NotDirectory),
            }
        }
        // A file can only be here if the walk began at one.
        self.node(here)?.directory()?;
        Ok(Place { parent: here, name: None, node: Some(here), slash })
    }

    /// The node that a path leads to.
    pub(super) fn find(&self, start: NodeId, path: &str, last: Last) -> Result<NodeId, FsError> {
        let place = self.walk(start, path, last)?;
        self.heed_slash(&place)?;
        place.node.ok_or(FsError::NoEntry)
    }

    /// A path with a slash at its end must lead to a directory that exists.
    pub(super) fn heed_slash(&self, place: &Place) -> Result<(), FsError> {
        if !place.slash {
            return Ok(());
        }
        self.node(place.node.ok_or(FsError::NoEntry)?)?.directory()?;
        Ok(())
    }
}

/// Refuses what is not a path at all, before anything is looked up.
pub(super) fn check(path: &str) -> Result<(), FsError> {
    if path.is_empty() {
        return Err(FsError::NoEntry);
    }
    if path.len() > MAX_PATH_BYTES {
        return Err(FsError::NameTooLong);
    }
    if path.contains('\0') {
        return Err(FsError::Invalid);
    }
    if path.starts_with('/') {
        return Err(FsError::NotPermitted);
    }
    Ok(())
}

fn components(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    path.split('/').filter(|component| !component.is_empty())
}
