//! Groups among more modules than can all be tried: built up one module at a time, from pairs that do well
//! or help each other.

use std::collections::BTreeSet;

use super::ledger::{Ledger, alone, best_first, ranked};
use super::{Ask, ETA, Goal, Search, SearchError};
use crate::stats::coalition::Coalition;
use crate::stats::games::Interactions;

/// After so many sizes without a better group the search ends.
const PATIENCE: usize = 2;

/// What pairs say of larger groups: worth of nobody, what each adds alone, and what each two add besides.
struct Forecast {
    nobody: f64,
    adds: Vec<f64>,
    pairs: Interactions,
    goal: Goal,
}

impl Forecast {
    fn new<F>(ledger: &Ledger<F>, goal: Goal, players: usize, inputs: &[usize]) -> Self {
        let worth = |group| ledger.mean_worth(group, inputs);
        let nobody = worth(Coalition::EMPTY);
        let adds: Vec<f64> = (0..players).map(|player| worth(alone(player)) - nobody).collect();
        let pairs = Interactions::of_pairs(players, |a, b| worth(alone(a).with(b)) - nobody - adds[a] - adds[b]);
        Self { nobody, adds, pairs, goal }
    }

    /// What the goal would say of a group if nothing came of three and more that does not come of two.
    fn score(&self, group: Coalition) -> f64 {
        let members: Vec<usize> = group.players().collect();
        let adds: f64 = members.iter().map(|player| self.adds[*player]).sum();
        let pairs = members.iter().enumerate().flat_map(|(at, a)| members[at + 1..].iter().map(move |b| (*a, *b)));
        let together = self.nobody + adds + pairs.filter_map(|(a, b)| self.pairs.get(a, b)).sum::<f64>();
        let score = match self.goal {
            Goal::Worth => together,
            Goal::Synergy => together - self.nobody - adds / members.len() as f64,
        };
        // What could not be measured must not come out on top.
        if score.is_nan() { f64::NEG_INFINITY } else { score }
    }

    fn helps(&self, pair: Coalition) -> f64 {
        let mut members = pair.players();
        let help = members.next().zip(members.next()).and_then(|(a, b)| self.pairs.get(a, b));
        help.filter(|help| !help.is_nan()).unwrap_or(f64::NEG_INFINITY)
    }
}

/// The best groups found, the best first, and whether the budget ended the search.
pub(super) fn search<E, F>(
    search: &Search,
    ledger: &mut Ledger<F>,
    choosing: &[usize],
) -> Result<(Vec<Coalition>, bool), SearchError<E>>
where
    E: std::error::Error + 'static,
    F: FnMut(&[Ask]) -> Result<Vec<f64>, E>,
{
    let first = &choosing[..search.first.min(choosing.len())];
    // Two rungs up, so that of nine groups looked at one is built upon.
    let deep = &choosing[..(search.first * ETA * ETA).min(choosing.len())];
    let solos: Vec<Coalition> = (0..search.players).map(alone).collect();
    let pairs: Vec<Coalition> =
        (0..search.players).flat_map(|a| (a + 1..search.players).map(move |b| alone(a).with(b))).collect();
    let look: Vec<Coalition> = [Coalition::EMPTY].into_iter().chain(solos.clone()).chain(pairs.clone()).collect();
    if !ledger.ensure(&look, first)? {
        let needed = ledger.cost(&look, first) + search.set_aside(choosing.len());
        return Err(SearchError::Budget { budget: search.budget, needed });
    }
    let forecast = Forecast::new(ledger, search.goal, search.players, first);
    let mut found: BTreeSet<Coalition> = BTreeSet::new();
    let mut beam = seeds(search, ledger, &forecast, pairs, first);
    let mut cut_short = !ledger.ensure(&beam, deep)?;
    found.extend(solos.iter().chain(&beam).filter(|group| search.sizes.contains(&group.len())));
    let mut best = beam.iter().map(|group| ledger.score(*group, deep)).fold(f64::NEG_INFINITY, f64::max);
    let mut waited = 0;
    for size in 3..=*search.sizes.end() {
        if cut_short || (waited >= PATIENCE && size > *search.sizes.start()) {
            break;
        }
        let wider = best_first(extended(&beam, search.players), |group| forecast.score(group));
        let wider = wider.into_iter().take(search.beam * ETA * ETA).collect();
        let (mut left, reached) = search.halve(ledger, wider, deep, deep.len(), search.beam)?;
        cut_short = reached < deep.len();
        if reached == 0 {
            break;
        }
        left.truncate(search.beam);
        found.extend(left.iter().filter(|group| search.sizes.contains(&group.len())));
        let top = left.first().map_or(f64::NEG_INFINITY, |group| ledger.score(*group, &deep[..reached]));
        waited = if top > best { 0 } else { waited + 1 };
        best = best.max(top);
        beam = left;
    }
    Ok((compared(search, ledger, found, deep, first)?, cut_short))
}

/// The pairs to begin with: those that do best, and as many that help each other most.
fn seeds<F>(
    search: &Search,
    ledger: &Ledger<F>,
    forecast: &Forecast,
    pairs: Vec<Coalition>,
    first: &[usize],
) -> Vec<Coalition> {
    let mut seeds = ranked(ledger, pairs.clone(), first);
    seeds.truncate(search.beam);
    let helpful = best_first(pairs, |pair| forecast.helps(pair));
    let new: Vec<Coalition> = helpful.into_iter().take(search.beam).filter(|pair| !seeds.contains(pair)).collect();
    seeds.extend(new);
    seeds
}

/// Every group that is one of these and one more.
fn extended(beam: &[Coalition], players: usize) -> Vec<Coalition> {
    let wider = beam
        .iter()
        .flat_map(|group| (0..players).filter(|player| !group.contains(*player)).map(|player| group.with(player)));
    wider.collect::<BTreeSet<_>>().into_iter().collect()
}

/// All found, compared on as many inputs as the budget pays for, the best first.
fn compared<E, F>(
    search: &Search,
    ledger: &mut Ledger<F>,
    found: BTreeSet<Coalition>,
    deep: &[usize],
    first: &[usize],
) -> Result<Vec<Coalition>, SearchError<E>>
where
    E: std::error::Error + 'static,
    F: FnMut(&[Ask]) -> Result<Vec<f64>, E>,
{
    let mut groups = ranked(ledger, found.into_iter().collect(), first);
    // Solos come in only where groups of one are asked for, and were not looked at closely yet.
    groups.truncate(groups.len().min(search.beam * ETA * ETA));
    let on = if ledger.ensure(&groups, deep)? { deep } else { first };
    Ok(ranked(ledger, groups, on))
}
