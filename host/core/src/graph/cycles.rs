//! Modules that import each other in a circle, so that none of them can be linked before the others.

use std::collections::VecDeque;
use std::fmt;

use crate::id::ModuleId;

/// Modules each of which needs all of the others, directly or through some of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cycle {
    /// All of them, in the order of their ids.
    pub members: Vec<ModuleId>,
    /// A shortest way round that begins at the first member; each imports from the next, the last from the first.
    pub path: Vec<ModuleId>,
}

/// The most modules of a way round that a line names.
const MOST_NAMED: usize = 12;

impl fmt::Display for Cycle {
    /// The way round: `a` imports from `b` imports from `a`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for module in self.path.iter().take(MOST_NAMED) {
            write!(f, "`{module}` imports from ")?;
        }
        if let Some(more) = self.path.len().checked_sub(MOST_NAMED).filter(|more| *more > 0) {
            write!(f, "{more} more, which import from ")?;
        }
        self.path.first().map_or(Ok(()), |first| write!(f, "`{first}`"))
    }
}

/// A cycle, by the places of its members.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Round {
    pub(super) members: Vec<usize>,
    pub(super) path: Vec<usize>,
}

/// The cycles of a graph that says of each whom it needs, by their least members.
pub(super) fn rounds(needs: &[&[usize]]) -> Vec<Round> {
    let mut found: Vec<Round> = components(needs)
        .into_iter()
        .filter(|members| members.len() > 1)
        .map(|members| Round { path: way_round(needs, &members), members })
        .collect();
    found.sort_by(|a, b| a.members.cmp(&b.members));
    found
}

/// Where the search for components stands.
#[derive(Default)]
struct Search {
    /// When each was found, from 1; 0 before.
    found: Vec<usize>,
    /// The earliest that each is known to lead back to.
    earliest: Vec<usize>,
    /// Those that are in no component yet, in the order in which they were found.
    open: Vec<usize>,
    is_open: Vec<bool>,
    /// From the one where the search began to the one where it is: each with how many of its needs were looked at.
    trail: Vec<(usize, usize)>,
    count: usize,
}

impl Search {
    fn enter(&mut self, node: usize) {
        self.count += 1;
        self.found[node] = self.count;
        self.earliest[node] = self.count;
        self.open.push(node);
        self.is_open[node] = true;
        self.trail.push((node, 0));
    }

    fn leads_to(&mut self, node: usize, time: usize) {
        self.earliest[node] = self.earliest[node].min(time);
    }
}

/// The strongly connected components, each sorted.
///
/// Tarjan, Depth-first search and linear graph algorithms (SIAM Journal on Computing 1, 1972), with a trail of our own
/// in place of recursion: a chain of imports may be longer than a stack is deep.
fn components(needs: &[&[usize]]) -> Vec<Vec<usize>> {
    let none = || vec![0; needs.len()];
    let mut search = Search { found: none(), earliest: none(), is_open: vec![false; needs.len()], ..Search::default() };
    let mut components = Vec::new();
    for start in 0..needs.len() {
        if search.found[start] == 0 {
            search.enter(start);
        }
        while let Some((node, looked_at)) = search.trail.last_mut() {
            let node = *node;
            if let Some(next) = needs[node].get(*looked_at).copied() {
                *looked_at += 1;
                if search.found[next] == 0 {
                    search.enter(next);
                } else if search.is_open[next] {
                    search.leads_to(node, search.found[next]);
                }
                continue;
            }
            search.trail.pop();
            if let Some((before, _)) = search.trail.last().copied() {
                search.leads_to(before, search.earliest[node]);
            }
            if search.earliest[node] == search.found[node] {
                let first = search.open.iter().rposition(|open| *open == node).unwrap_or_default();
                let mut members = search.open.split_off(first);
                for member in &members {
                    search.is_open[*member] = false;
                }
                members.sort_unstable();
                components.push(members);
            }
        }
    }
    components
}

/// A shortest way from the first member back to it; of several the one that takes lesser members first.
fn way_round(needs: &[&[usize]], members: &[usize]) -> Vec<usize> {
    let Some(first) = members.first().copied() else { return Vec::new() };
    let is_member = |node: &usize| members.binary_search(node).is_ok();
    // By whom each was reached.
    let mut by: Vec<Option<usize>> = vec![None; members.len()];
    let mut queue = VecDeque::from([first]);
    while let Some(node) = queue.pop_front() {
        for next in needs[node].iter().copied().filter(is_member) {
            if next == first {
                let mut path = vec![node];
                while let Some(last) = path.last().copied().filter(|last| *last != first) {
                    path.extend(members.binary_search(&last).ok().and_then(|place| by[place]));
                }
                path.reverse();
                return path;
            }
            if let Ok(place) = members.binary_search(&next)
                && by[place].is_none()
            {
                by[place] = Some(node);
                queue.push_back(next);
            }
        }
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(needs: &[&[usize]]) -> Vec<(Vec<usize>, Vec<usize>)> {
        rounds(needs).into_iter().map(|round| (round.members, round.path)).collect()
    }

    #[test]
    fn cycles_of_small_graphs() {
        assert_eq!(of(&[]), []);
        assert_eq!(of(&[&[], &[0], &[0, 1]]), []);
        assert_eq!(of(&[&[1], &[0]]), [(vec![0, 1], vec![0, 1])]);
        // Two rounds that share 1: one component, of which the shortest way from 0 is named.
        assert_eq!(of(&[&[1], &[0, 2], &[3], &[1]]), [(vec![0, 1, 2, 3], vec![0, 1])]);
        // Found in the order of what leads to them, given in the order of their least members.
        assert_eq!(
            of(&[&[4], &[2], &[3], &[1, 4], &[5], &[6], &[4]]),
            [(vec![1, 2, 3], vec![1, 2, 3]), (vec![4, 5, 6], vec![4, 5, 6])]
        );
        // From 0 back to 0 by 1 or by 2: the lesser.
        assert_eq!(of(&[&[1, 2], &[0], &[0]]), [(vec![0, 1, 2], vec![0, 1])]);
    }

    #[test]
    fn a_round_is_named_in_the_order_of_its_imports() {
        let ids = |places: &[usize]| {
            places.iter().map(|n| ModuleId::new(&format!("m{n}")).expect("an id")).collect::<Vec<_>>()
        };
        let cycle = Cycle { members: ids(&[0, 1, 2]), path: ids(&[0, 2, 1]) };
        assert_eq!(cycle.to_string(), "`m0` imports from `m2` imports from `m1` imports from `m0`");
        let places: Vec<usize> = (0..1000).collect();
        let words = Cycle { members: ids(&places), path: ids(&places) }.to_string();
        assert!(words.ends_with("`m11` imports from 988 more, which import from `m0`"), "{words}");
    }

    #[test]
    fn a_long_chain_and_a_long_round_do_not_overflow_the_stack() {
        let next: Vec<Vec<usize>> = (0..200_000).map(|n| vec![(n + 1) % 200_000]).collect();
        let round: Vec<&[usize]> = next.iter().map(Vec::as_slice).collect();
        assert_eq!(rounds(&round)[0].path.len(), 200_000);
        let mut chain = round;
        chain[199_999] = &[];
        assert_eq!(rounds(&chain), []);
    }

    proptest! {
        #[test]
        fn members_reach_each_other_and_nobody_else_does(
            edges in proptest::collection::vec((0usize..9, 0usize..9), 0..25)
        ) {
            let mut reach = [[false; 9]; 9];
            let mut needs = vec![Vec::new(); 9];
            for (from, to) in edges.into_iter().filter(|(from, to)| from != to) {
                reach[from][to] = true;
                needs[from].push(to);
            }
            for list in &mut needs {
                list.sort_unstable();
                list.dedup();
            }
            // Warshall.
            for (by, from, to) in (0..729).map(|n| (n / 81, n / 9 % 9, n % 9)) {
                reach[from][to] |= reach[from][by] && reach[by][to];
            }
            let found = rounds(&needs.iter().map(Vec::as_slice).collect::<Vec<_>>());
            for (a, b) in (0..81).map(|n| (n / 9, n % 9)).filter(|(a, b)| a != b) {
                let together = found.iter().any(|round| round.members.contains(&a) && round.members.contains(&b));
                prop_assert_eq!(together, reach[a][b] && reach[b][a]);
            }
            for round in &found {
                prop_assert_eq!(round.path[0], round.members[0]);
                let around = round.path.iter().zip(round.path.iter().cycle().skip(1));
                prop_assert!(around.into_iter().all(|(from, to)| needs[*from].contains(to)));
            }
        }
    }
}
