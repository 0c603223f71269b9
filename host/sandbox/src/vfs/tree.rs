//! Nodes, the names that lead to them, and what they cost.

use std::collections::BTreeMap;

use holobiont_core::Access;

use super::content::Content;
use super::error::FsError;
use super::quota::Quota;

/// The number of a node: counted up in the order of creation, never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct NodeId(u64);

impl NodeId {
    /// The number itself.
    pub(crate) fn number(self) -> u64 {
        self.0
    }
}

/// Nanoseconds since 1970, of whatever clock the run has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Timestamp(pub(crate) u64);

/// Refuses changes below a root that is to be looked at only.
pub(super) fn for_changes(access: Access) -> Result<(), FsError> {
    match access {
        Access::ReadOnly => Err(FsError::NotPermitted),
        Access::ReadWrite => Ok(()),
    }
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    File,
    Directory,
    Symlink,
}

/// A directory that a guest finds open when it starts.
#[derive(Clone, Debug)]
pub(crate) struct Root {
    /// Where the guest finds it.
    pub(crate) guest_path: String,
    /// The directory.
    pub(crate) node: NodeId,
    /// What may be done below it.
    pub(crate) access: Access,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    pub(super) accessed: Timestamp,
    pub(super) modified: Timestamp,
    pub(super) changed: Timestamp,
}

impl Times {
    fn all(now: Timestamp) -> Self {
        Self { accessed: now, modified: now, changed: now }
    }

    /// The contents changed.
    pub(super) fn touch(&mut self, now: Timestamp) {
        self.modified = now;
        self.changed = now;
    }
}

#[derive(Clone, Debug)]
pub(super) enum Body {
    File(Content),
    Directory(Directory),
    Symlink(Box<str>),
}

#[derive(Clone, Debug, Default)]
pub(super) struct Directory {
    pub(super) entries: BTreeMap<Box<str>, Entry>,
    /// The one directory that names this one; a root has none, and neither has one that was removed.
    pub(super) parent: Option<NodeId>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) node: NodeId,
    /// Counted up with every name that is made: tells names that are younger than a listing.
    pub(super) serial: u64,
    /// Whether the guest made the name, and pays for it.
    pub(super) counted: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) body: Body,
    pub(super) times: Times,
    /// Names of a file; for a directory as on Linux, two and one for each directory in it. 0 when removed.
    pub(super) links: u64,
    pub(super) handles: u64,
    /// The length that came with a grant and is free; `None` for a node that the guest made.
    pub(super) granted: Option<u64>,
}

impl Node {
    pub(super) fn kind(&self) -> Kind {
        match self.body {
            Body::File(_) => Kind::File,
            Body::Directory(_) => Kind::Directory,
            Body::Symlink(_) => Kind::Symlink,
        }
    }

    pub(super) fn is_directory(&self) -> bool {
        self.kind() == Kind::Directory
    }

    pub(super) fn len(&self) -> u64 {
        match &self.body {
            Body::File(content) => content.len(),
            Body::Directory(_) => 0,
            Body::Symlink(target) => target.len() as u64,
        }
    }

    pub(super) fn directory(&self) -> Result<&Directory, FsError> {
        match &self.body {
            Body::Directory(directory) => Ok(directory),
            _ => Err(FsError::NotDirectory),
        }
    }

    fn directory_mut(&mut self) -> Result<&mut Directory, FsError> {
        match &mut self.body {
            Body::Directory(directory) => Ok(directory),
            _ => Err(FsError::NotDirectory),
        }
    }

    /// What the node costs if its length is `len`.
    pub(super) fn cost(&self, len: u64) -> u64 {
        match self.granted {
            Some(free) => len.saturating_sub(free),
            None => len.saturating_add(FileSystem::NODE_BYTES),
        }
    }
}

fn name_cost(name: &str) -> u64 {
    FileSystem::ENTRY_BYTES.saturating_add(name.len() as u64)
}

fn entry_cost(name: &str, entry: Entry) -> u64 {
    if entry.counted { name_cost(name) } else { 0 }
}

/// A tree of files in memory. A new one owns no memory; a clone shares the bytes of files.
#[derive(Clone, Debug)]
pub(crate) struct FileSystem {
    pub(super) nodes: BTreeMap<NodeId, Node>,
    pub(super) quota: Quota,
    roots: Vec<Root>,
    last_node: u64,
    pub(super) last_serial: u64,
}

impl FileSystem {
    /// What a node costs beside what it holds.
    pub(crate) const NODE_BYTES: u64 = 192;

    /// What a name costs beside its bytes.
    pub(crate) const ENTRY_BYTES: u64 = 64;

    /// How many directories may lie between a root and what is furthest from it.
    ///
    /// Linux has no such limit; here it bounds what a guest can make the host walk, and open at the same
    /// time, when the tree is written back.
    pub(crate) const MAX_DEPTH: usize = 256;

    /// A file system without roots, for a guest that may add `quota_bytes`.
    pub(crate) const fn new(quota_bytes: u64) -> Self {
        Self { nodes: BTreeMap::new(), quota: Quota::new(quota_bytes), roots: Vec::new(), last_node: 0, last_serial: 0 }
    }

    /// Changes what the guest may add; what there is stays, also if it is more.
    pub(crate) fn set_quota_bytes(&mut self, quota_bytes: u64) {
        self.quota.set_limit(quota_bytes);
    }

    /// Bytes that the guest added and that are still there.
    pub(crate) fn used_bytes(&self) -> u64 {
        self.quota.used()
    }

    /// The most that there were at a time.
    pub(crate) fn peak_bytes(&self) -> u64 {
        self.quota.peak()
    }

    /// The first total that was asked for and refused.
    pub(crate) fn refused(&self) -> Option<u64> {
        self.quota.refused()
    }

    /// Adds an empty directory that the guest finds open under `guest_path`.
    pub(crate) fn add_root(&mut self, guest_path: &str, access: Access, now: Timestamp) -> NodeId {
        let node = self.store(Body::Directory(Directory::default()), Some(0), now);
        self.roots.push(Root { guest_path: guest_path.to_owned(), node, access });
        node
    }

    /// The roots, in the order in which they were added.
    pub(crate) fn roots(&self) -> &[Root] {
        &self.roots
    }

    /// Every handle keeps its node, so a miss is a handle of another file system.
    pub(super) fn node(&self, id: NodeId) -> Result<&Node, FsError> {
        self.nodes.get(&id).ok_or(FsError::BadDescriptor)
    }

    pub(super) fn node_mut(&mut self, id: NodeId) -> Result<&mut Node, FsError> {
        self.nodes.get_mut(&id).ok_or(FsError::BadDescriptor)
    }

    fn store(&mut self, body: Body, granted: Option<u64>, now: Timestamp) -> NodeId {
        self.last_node += 1;
        let id = NodeId(self.last_node);
        let links = if matches!(body, Body::Directory(_)) { 2 } else { 0 };
        self.nodes.insert(id, Node { body, times: Times::all(now), links, handles: 0, granted });
        id
    }

    /// Makes a node under a new name; the guest pays for both.
    pub(super) fn create(
        &mut self,
        parent: NodeId,
        name: Box<str>,
        body: Body,
        now: Timestamp,
    ) -> Result<NodeId, FsError> {
        if self.node(parent)?.links == 0 {
            return Err(FsError::NoEntry);
        }
        let len = if let Body::Symlink(target) = &body { target.len() as u64 } else { 0 };
        self.quota.take(Self::NODE_BYTES.saturating_add(len).saturating_add(name_cost(&name)))?;
        let id = self.store(body, None, now);
        self.put(parent, name, id, true, now)?;
        Ok(id)
    }

    /// Makes a node that comes with a grant and costs nothing.
    pub(super) fn grant(&mut self, parent: NodeId, name: &str, body: Body, now: Timestamp) -> Result<NodeId, FsError> {
        let free = match &body {
            Body::File(content) => content.len(),
            Body::Directory(_) => 0,
            Body::Symlink(target) => target.len() as u64,
        };
        let id = self.store(body, Some(free), now);
        self.put(parent, name.into(), id, false, now)?;
        Ok(id)
    }

    /// Gives a node another name, which the guest pays for.
    pub(super) fn add_name(
        &mut self,
        parent: NodeId,
        name: Box<str>,
        node: NodeId,
        now: Timestamp,
    ) -> Result<(), FsError> {
        if self.node(parent)?.links == 0 {
            return Err(FsError::NoEntry);
        }
        self.quota.take(name_cost(&name))?;
        self.put(parent, name, node, true, now)
    }

    /// Takes a name away, and the node with it if nothing else holds it.
    pub(super) fn remove_name(&mut self, parent: NodeId, name: &str, now: Timestamp) -> Result<(), FsError> {
        let (id, cost) = self.pull(parent, name, now)?;
        self.quota.give_back(cost);
        if let Some(node) = self.nodes.get_mut(&id) {
            node.times.changed = now;
            if node.is_directory() {
                node.links = 0;
            }
        }
        self.reap(id);
        Ok(())
    }

    /// Moves a name, over what is there if something is.
    pub(super) fn move_name(
        &mut self,
        from: (NodeId, &str),
        to: (NodeId, Box<str>),
        now: Timestamp,
    ) -> Result<(), FsError> {
        let (parent, name) = to;
        if self.node(parent)?.links == 0 {
            return Err(FsError::NoEntry);
        }
        let entry = *self.node(from.0)?.directory()?.entries.get(from.1).ok_or(FsError::NoEntry)?;
        // Before anything is moved: a move that has no room for its name leaves all as it was.
        self.quota.change(entry_cost(from.1, entry), name_cost(&name))?;
        if self.node(parent)?.directory()?.entries.contains_key(&name) {
            self.remove_name(parent, &name, now)?;
        }
        let (id, _) = self.pull(from.0, from.1, now)?;
        self.put(parent, name, id, true, now)
    }

    fn put(
        &mut self,
        parent: NodeId,
        name: Box<str>,
        id: NodeId,
        counted: bool,
        now: Timestamp,
    ) -> Result<(), FsError> {
        self.last_serial += 1;
        let entry = Entry { node: id, serial: self.last_serial, counted };
        let node = self.node_mut(id)?;
        node.times.changed = now;
        let is_directory = node.is_directory();
        match &mut node.body {
            Body::Directory(directory) => directory.parent = Some(parent),
            _ => node.links += 1,
        }
        let parent = self.node_mut(parent)?;
        parent.times.touch(now);
        parent.links += u64::from(is_directory);
        parent.directory_mut()?.entries.insert(name, entry);
        Ok(())
    }

    /// Takes a name out of its directory; says what it led to and what it cost.
    fn pull(&mut self, parent: NodeId, name: &str, now: Timestamp) -> Result<(NodeId, u64), FsError> {
        let directory = self.node_mut(parent)?;
        let (name, entry) = directory.directory_mut()?.entries.remove_entry(name).ok_or(FsError::NoEntry)?;
        directory.times.touch(now);
        let node = self.node_mut(entry.node)?;
        match &mut node.body {
            Body::Directory(directory) => {
                directory.parent = None;
                let parent = self.node_mut(parent)?;
                parent.links = parent.links.saturating_sub(1);
            }
            _ => node.links = node.links.saturating_sub(1),
        }
        Ok((entry.node, entry_cost(&name, entry)))
    }

    /// Forgets a node that has neither a name nor a handle.
    fn reap(&mut self, id: NodeId) {
        let Some(node) = self.nodes.get(&id) else { return };
        if node.links == 0 && node.handles == 0 {
            let cost = node.cost(node.len());
            self.nodes.remove(&id);
            self.quota.give_back(cost);
        }
    }

    /// Another handle on a node.
    pub(super) fn hold(&mut self, id: NodeId) -> Result<(), FsError> {
        self.node_mut(id)?.handles += 1;
        Ok(())
    }

    /// One handle less; an unlinked node ends with its last one.
    pub(super) fn release(&mut self, id: NodeId) {
        if let Some(node) = self.nodes.get_mut(&id) {
            node.handles = node.handles.saturating_sub(1);
        }
        self.reap(id);
    }

    /// Whether `above` is `node` or a directory that it lies in.
    pub(super) fn is_within(&self, node: NodeId, above: NodeId) -> bool {
        self.chain(node).any(|id| id == above)
    }

    /// How many directories lie above `node`.
    pub(super) fn depth(&self, node: NodeId) -> usize {
        self.chain(node).count().saturating_sub(1)
    }

    /// A directory, the one that it lies in, and so on up to its root.
    fn chain(&self, node: NodeId) -> impl Iterator<Item = NodeId> {
        std::iter::successors(Some(node), |id| self.nodes.get(id)?.directory().ok()?.parent)
    }

    /// How many directories lie below each other in `node`, itself included.
    pub(super) fn height(&self, node: NodeId) -> usize {
        let mut highest = 0;
        let mut open = vec![(node, 1)];
        while let Some((id, height)) = open.pop() {
            let Some(Ok(directory)) = self.nodes.get(&id).map(Node::directory) else { continue };
            highest = highest.max(height);
            open.extend(directory.entries.values().map(|entry| (entry.node, height + 1)));
        }
        highest
    }
}
