//! What a module needs, in an order in which it can be made.

use std::collections::{BTreeMap, VecDeque};

use super::cycles::Cycle;
use super::import_error::ImportError;
use super::imports::ImportGraph;
use crate::id::ModuleId;
use crate::suggest::nearest;

/// Why a module cannot be linked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClosureError {
    /// There is no such module.
    #[error("there is no module `{module}`{}", near.as_ref().map(|near| format!(": did you mean `{near}`?")).unwrap_or_default())]
    Unknown {
        /// Who was asked for.
        module: ModuleId,
        /// A module that is there and has nearly that id.
        near: Option<ModuleId>,
    },
    /// It, or a module that it needs, imports what nobody meets.
    #[error("`{module}` cannot be linked: {reason}")]
    Unmet {
        /// The module that was to be linked.
        module: ModuleId,
        /// The import, and what is the matter with it.
        reason: Box<ImportError>,
    },
    /// It, or a module that it needs, needs itself.
    #[error("`{module}` cannot be linked, since none of these can be made before the others: {cycle}")]
    Cyclic {
        /// The module that was to be linked.
        module: ModuleId,
        /// The circle.
        cycle: Cycle,
    },
}

impl ImportGraph {
    /// All modules that a module needs, each after those that it needs itself; without the module.
    ///
    /// # Errors
    ///
    /// [`ClosureError`] for a module that is not there, and for the first import on the way that nobody meets or that
    /// leads round in a circle.
    pub fn closure(&self, id: &ModuleId) -> Result<Vec<&ModuleId>, ClosureError> {
        let Some(start) = self.place(id) else {
            let near = nearest(id.as_str(), self.modules().map(|facts| facts.id.as_str()));
            return Err(ClosureError::Unknown {
                module: id.clone(),
                near: near.and_then(|near| ModuleId::new(near).ok()),
            });
        };
        self.check(start, id)?;
        let mut seen = vec![false; self.nodes.len()];
        seen[start] = true;
        let mut order = Vec::new();
        // From the module to where the walk is: each with how many of its needs were seen to.
        let mut trail = vec![(start, 0)];
        while let Some((place, seen_to)) = trail.last_mut() {
            let Some(next) = self.nodes[*place].needs.get(*seen_to).copied() else {
                order.push(*place);
                trail.pop();
                continue;
            };
            *seen_to += 1;
            if !seen[next] {
                seen[next] = true;
                self.check(next, id)?;
                trail.push((next, 0));
            }
        }
        // The last to be done is the module.
        order.pop();
        Ok(order.into_iter().map(|place| self.id(place)).collect())
    }

    /// The modules that cannot be linked, each with a reason: its own where it has one, else that of a module it needs
    /// which is nearest to it. They are those whose [`closure`](Self::closure) fails, in one walk for all of them.
    #[must_use]
    pub fn unlinkable(&self) -> BTreeMap<ModuleId, ClosureError> {
        let (mut reasons, mut has_reason) = (BTreeMap::new(), vec![false; self.nodes.len()]);
        let mut next: VecDeque<(usize, usize)> = (0..self.nodes.len()).map(|place| (place, place)).collect();
        // First each with itself, then from those that have a reason to those that need them.
        while let Some((place, cause)) = next.pop_front() {
            if !has_reason[place]
                && let Err(reason) = self.check(cause, self.id(place))
            {
                has_reason[place] = true;
                reasons.insert(self.id(place).clone(), reason);
                next.extend(self.nodes[place].users.iter().map(|user| (*user, cause)));
            }
        }
        reasons
    }

    fn check(&self, place: usize, module: &ModuleId) -> Result<(), ClosureError> {
        if let Some(reason) = self.unmet_of(place).next() {
            return Err(ClosureError::Unmet { module: module.clone(), reason: Box::new(reason) });
        }
        match self.cycle_of(place) {
            Some(cycle) => Err(ClosureError::Cyclic { module: module.clone(), cycle: cycle.clone() }),
            None => Ok(()),
        }
    }
}
