//! The resources of a run that live on the host: streams, pollables, files.

use crate::stop::Stop;
use holobiont_core::LimitKind;
use wasmtime::component::Resource;

/// A table of host resources. What the guest holds is an index into it; wasmtime checks that a handle
/// is of the type the function wants, and this table that the entry is.
#[derive(Debug)]
pub(crate) struct Handles<E> {
    slots: Vec<Option<E>>,
    free: Vec<u32>,
    open: u64,
    peak: u64,
    limit: u64,
}

impl<E> Handles<E> {
    pub(crate) fn new(limit: u64) -> Self {
        Self { slots: Vec::new(), free: Vec::new(), open: 0, peak: 0, limit }
    }

    /// Puts an entry in and gives the guest's handle to it.
    pub(crate) fn insert<T: 'static>(&mut self, entry: impl Into<E>) -> Result<Resource<T>, Stop> {
        if self.open >= self.limit {
            return Err(Stop::limit(LimitKind::Handles, self.open + 1, self.limit));
        }
        self.open += 1;
        self.peak = self.peak.max(self.open);
        let entry = Some(entry.into());
        let index = match self.free.pop() {
            Some(index) => {
                if let Some(slot) = self.slots.get_mut(index as usize) {
                    *slot = entry;
                }
                index
            }
            None => {
                self.slots.push(entry);
                // Handles are bounded by the limit, far below 2^32.
                u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
            }
        };
        Ok(Resource::new_own(index))
    }

    /// The entry behind a handle.
    pub(crate) fn get<T: 'static>(&self, handle: &Resource<T>) -> Option<&E> {
        self.slots.get(handle.rep() as usize)?.as_ref()
    }

    /// The entry behind a handle, to be changed.
    pub(crate) fn get_mut<T: 'static>(&mut self, handle: &Resource<T>) -> Option<&mut E> {
        self.slots.get_mut(handle.rep() as usize)?.as_mut()
    }

    /// Takes an entry out, when the guest drops its handle.
    pub(crate) fn remove(&mut self, index: u32) -> Option<E> {
        let entry = self.slots.get_mut(index as usize)?.take()?;
        self.open -= 1;
        self.free.push(index);
        Some(entry)
    }

    pub(crate) fn peak(&self) -> u64 {
        self.peak
    }

    /// How many more may be open.
    pub(crate) fn left(&self) -> u64 {
        self.limit.saturating_sub(self.open)
    }

    /// Notes the peak of a run inside of this one.
    pub(crate) fn nested(&mut self, peak: u64) {
        self.peak = self.peak.max(self.open.saturating_add(peak));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_reused_and_bounded() {
        let mut handles: Handles<u8> = Handles::new(2);
        let a: Resource<()> = handles.insert(1u8).expect("room");
        let _b: Resource<()> = handles.insert(2u8).expect("room");
        assert!(handles.insert::<()>(3u8).is_err());
        assert_eq!(handles.remove(a.rep()), Some(1));
        assert_eq!(handles.remove(a.rep()), None);
        let c: Resource<()> = handles.insert(4u8).expect("room again");
        assert_eq!((c.rep(), handles.peak()), (a.rep(), 2));
        assert_eq!(handles.get_mut(&c).copied(), Some(4));
    }
}
