//! Suffix sorting in linear time, by induction: G. Nong, S. Zhang and W. H. Chan, "Two Efficient
//! Algorithms for Linear Time Suffix Array Construction", IEEE Transactions on Computers 60(10), 2011.
//!
//! Comparing suffixes with each other would be less to read, but takes quadratic time where the text
//! repeats itself, and a module is paid for by the instruction.

/// A place of the order that nothing was put into yet.
const EMPTY: usize = usize::MAX;

/// The starts of all suffixes of a text but the empty one, the least suffix first.
pub(crate) fn sort(text: &[u8]) -> Vec<usize> {
    sort_symbols(text, 256)
}

fn sort_symbols<S: Copy + Ord + Into<usize>>(text: &[S], alphabet: usize) -> Vec<usize> {
    let inducer = Inducer::new(text, alphabet);
    // The suffixes to begin with are those that are less than the one after them and whose predecessor
    // is not (the paper's LMS): the order of all others follows from theirs.
    let seeds: Vec<usize> = (1..text.len()).filter(|&start| inducer.is_seed(start)).collect();
    // Induced from seeds in any order, the pieces from one seed to the next come out sorted.
    let mut pieces = inducer.induce(&seeds);
    pieces.retain(|&start| inducer.is_seed(start));
    pieces.shrink_to_fit();
    let seeds = sort_seeds(text, seeds, pieces);
    inducer.induce(&seeds)
}

/// Sorts the suffixes at the seeds: with every piece replaced by its rank they are the suffixes of a text
/// of half the length at most.
fn sort_seeds<S: Copy + Ord + Into<usize>>(text: &[S], seeds: Vec<usize>, pieces: Vec<usize>) -> Vec<usize> {
    // No two seeds are neighbours, so half of a start is enough to look one up.
    let mut number = vec![0; text.len() / 2 + 1];
    for (n, &start) in seeds.iter().enumerate() {
        number[start / 2] = n;
    }
    // A piece reaches up to the next seed, and that is part of it. The last one ends with the text, and so
    // is like no other.
    let piece = |start: usize| seeds.get(number[start / 2] + 1).map(|&end| &text[start..=end]);

    let mut ranks = vec![0; seeds.len()];
    let mut distinct = 0;
    let mut before = None;
    for &start in &pieces {
        let this = piece(start);
        if this.is_none() || before != Some(this) {
            distinct += 1;
        }
        ranks[number[start / 2]] = distinct - 1;
        before = Some(this);
    }
    if distinct == seeds.len() {
        return pieces;
    }
    sort_symbols(&ranks, distinct).into_iter().map(|n| seeds[n]).collect()
}

/// What it takes to derive the order of all suffixes from that of the seeds.
struct Inducer<'a, S> {
    text: &'a [S],
    /// For every suffix, whether it is less than the one after it.
    rises: Vec<bool>,
    /// For every symbol, where in the order its suffixes end; in front, a 0.
    bounds: Vec<usize>,
}

impl<'a, S: Copy + Ord + Into<usize>> Inducer<'a, S> {
    fn new(text: &'a [S], alphabet: usize) -> Self {
        let mut rises = vec![false; text.len()];
        for start in (1..text.len()).rev() {
            let (this, next) = (text[start - 1], text[start]);
            rises[start - 1] = this < next || (this == next && rises[start]);
        }
        let mut bounds = vec![0; alphabet + 1];
        for &symbol in text {
            bounds[symbol.into() + 1] += 1;
        }
        for symbol in 0..alphabet {
            bounds[symbol + 1] += bounds[symbol];
        }
        Self { text, rises, bounds }
    }

    fn is_seed(&self, start: usize) -> bool {
        start > 0 && self.rises[start] && !self.rises[start - 1]
    }

    fn induce(&self, seeds: &[usize]) -> Vec<usize> {
        let length = self.text.len();
        let mut order = vec![EMPTY; length];
        let mut tails = self.bounds[1..].to_vec();
        for &start in seeds.iter().rev() {
            put_last(&mut order, &mut tails, self.text[start].into(), start);
        }

        // Among the suffixes that one symbol begins, those that fall come first, in the order of the
        // suffixes after them; and these are all to the left of them.
        let mut heads = self.bounds[..self.bounds.len() - 1].to_vec();
        let mut put_first = |order: &mut Vec<usize>, start: usize| {
            let head = &mut heads[self.text[start].into()];
            order[*head] = start;
            *head += 1;
        };
        // The suffix after the last one is the empty one, the least of all.
        if let Some(last) = length.checked_sub(1) {
            put_first(&mut order, last);
        }
        for place in 0..length {
            if let Some(start) = self.predecessor(order[place]).filter(|&start| !self.rises[start]) {
                put_first(&mut order, start);
            }
        }

        // Those that rise come last, in the order of the suffixes after them, all to the right.
        tails.copy_from_slice(&self.bounds[1..]);
        for place in (0..length).rev() {
            if let Some(start) = self.predecessor(order[place]).filter(|&start| self.rises[start]) {
                put_last(&mut order, &mut tails, self.text[start].into(), start);
            }
        }
        order
    }

    /// The suffix that is longer by one.
    fn predecessor(&self, start: usize) -> Option<usize> {
        if start == EMPTY { None } else { start.checked_sub(1) }
    }
}

fn put_last(order: &mut [usize], tails: &mut [usize], symbol: usize, start: usize) {
    tails[symbol] -= 1;
    order[tails[symbol]] = start;
}
