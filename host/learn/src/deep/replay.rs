//! What an agent has seen, to learn from again.

use super::draws::Draws;
use super::network::{Matrix, matrix};
use super::saved::{SavedError, Tensors};

/// One step of a world.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Transition<'a, A> {
    /// The state before.
    pub state: &'a [f64],
    /// What was done.
    pub action: A,
    /// What it brought.
    pub reward: f64,
    /// The state after.
    pub next: &'a [f64],
    /// Whether the world came to its end, so that nothing follows. Not where an episode was merely cut off.
    pub terminated: bool,
}

/// The newest transitions, as many as it holds.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Replay {
    states: usize,
    actions: usize,
    capacity: usize,
    /// One row for each: state, action, reward, next state, and 1 where the world ended.
    rows: Vec<f64>,
    /// The row that is written next, once all are.
    oldest: usize,
}

/// Transitions to learn from at once.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Batch {
    pub(super) states: Vec<f64>,
    pub(super) actions: Vec<f64>,
    pub(super) rewards: Vec<f64>,
    pub(super) nexts: Vec<f64>,
    /// 1 where the world ended, else 0.
    pub(super) ends: Vec<f64>,
}

impl Batch {
    /// How many there are.
    pub(super) fn size(&self) -> usize {
        self.rewards.len()
    }

    /// Some of the numbers as a matrix with a row for each transition.
    pub(super) fn matrix(&self, values: &[f64]) -> Matrix {
        matrix(self.size(), values.len() / self.size().max(1), values.to_vec())
    }

    /// What each transition was worth, by what comes after it: the reward, and the discounted worth of the next state
    /// where there is one. Being cut off is no end: a state that was only left counts.
    pub(super) fn returns(&self, gamma: f64, after: &[f64]) -> Vec<f64> {
        let each = self.rewards.iter().zip(&self.ends).zip(after);
        each.map(|((reward, end), after)| reward + gamma * (1.0 - end) * after).collect()
    }
}

impl Replay {
    pub(super) fn new(states: usize, actions: usize, capacity: usize) -> Self {
        Self { states, actions, capacity: capacity.max(1), rows: Vec::new(), oldest: 0 }
    }

    fn width(&self) -> usize {
        2 * self.states + self.actions + 2
    }

    /// How many it holds.
    pub(super) fn len(&self) -> usize {
        self.rows.len() / self.width()
    }

    /// Keeps one, in place of the oldest where it is full. One of another shape, or with what is no finite number, would
    /// spoil what is learned, and is let go.
    pub(super) fn push(&mut self, transition: &Transition<'_, &[f64]>) {
        let Transition { state, action, reward, next, terminated } = *transition;
        let shape = [state.len(), action.len(), next.len()];
        let row = || state.iter().chain(action).chain([&reward]).chain(next).copied();
        if shape != [self.states, self.actions, self.states] || !row().all(f64::is_finite) {
            return;
        }
        let row = row().chain([f64::from(u8::from(terminated))]);
        let width = self.width();
        if self.len() < self.capacity {
            self.rows.extend(row);
        } else if let Some(old) = self.rows.chunks_exact_mut(width).nth(self.oldest) {
            old.iter_mut().zip(row).for_each(|(old, new)| *old = new);
            self.oldest = (self.oldest + 1) % self.capacity;
        }
    }

    /// So many of them, each time any of them.
    pub(super) fn sample(&self, count: usize, draws: &mut Draws) -> Batch {
        let mut batch = Batch::default();
        for _ in 0..count {
            let start = draws.below(self.len()) * self.width();
            let Some(row) = self.rows.get(start..start + self.width()) else { continue };
            let (state, rest) = row.split_at(self.states);
            let (action, rest) = rest.split_at(self.actions);
            batch.states.extend(state);
            batch.actions.extend(action);
            batch.rewards.push(rest[0]);
            batch.nexts.extend(&rest[1..=self.states]);
            batch.ends.push(rest[1 + self.states]);
        }
        batch
    }

    pub(super) fn save(&self, tensors: &mut Tensors) {
        tensors.put("replay".to_owned(), vec![self.len(), self.width()], self.rows.clone());
        tensors.put("replay.oldest".to_owned(), vec![1], vec![self.oldest as f64]);
    }

    /// What was kept, in place of what is here. An error leaves it as it was.
    pub(super) fn restore(&mut self, tensors: &mut Tensors) -> Result<(), SavedError> {
        let rows = tensors.take_rows("replay", self.width(), self.capacity)?;
        let oldest = tensors.count("replay.oldest")?;
        let full = rows.len() == self.capacity * self.width();
        if oldest >= self.capacity || (oldest > 0 && !full) {
            return Err(SavedError::Tensor("replay.oldest".to_owned()));
        }
        (self.rows, self.oldest) = (rows, oldest);
        Ok(())
    }
}

#[cfg(test)]
impl Replay {
    /// How many it holds, and the newest row; none before there is one.
    pub(super) fn newest(&self) -> Option<(usize, Vec<f64>)> {
        let mut rows = self.rows.chunks_exact(self.width());
        let newest = if self.oldest == 0 { rows.last() } else { rows.nth(self.oldest - 1) };
        newest.map(|row| (self.len(), row.to_vec()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(number: f64, terminated: bool) -> Transition<'static, &'static [f64]> {
        Transition { state: &[1.0, 2.0], action: &[3.0], reward: number, next: &[4.0, 5.0], terminated }
    }

    #[test]
    fn the_newest_are_kept_and_each_is_drawn_as_often() {
        let mut replay = Replay::new(2, 1, 4);
        for number in 0..6 {
            replay.push(&one(f64::from(number), number == 5));
        }
        replay.push(&one(f64::NAN, false));
        replay.push(&Transition { state: &[1.0], ..one(9.0, false) });
        assert_eq!(replay.len(), 4);
        let batch = replay.sample(4000, &mut Draws::new(1));
        for reward in [2.0, 3.0, 4.0, 5.0] {
            let count = batch.rewards.iter().filter(|drawn| **drawn == reward).count();
            assert!(count.abs_diff(1000) < 165, "{reward}: {count}");
        }
        let ends: Vec<f64> = batch.rewards.iter().map(|reward| f64::from(u8::from(*reward == 5.0))).collect();
        assert_eq!(batch.ends, ends);
        assert_eq!((&batch.states[..2], &batch.nexts[..2], batch.actions[0]), (&[1.0, 2.0][..], &[4.0, 5.0][..], 3.0));
    }

    #[test]
    fn an_end_is_worth_what_it_brings_and_a_cut_is_none() {
        let batch = Batch { rewards: vec![1.0, 1.0], ends: vec![1.0, 0.0], ..Batch::default() };
        assert_eq!(batch.returns(0.5, &[10.0, 10.0]), [1.0, 6.0]);
    }
}
