//! How alike two texts are, from 0 to 1: M. A. Jaro, "Advances in Record-Linkage Methodology as Applied to
//! Matching the 1985 Census of Tampa, Florida", Journal of the American Statistical Association 84(406),
//! 1989, and W. E. Winkler, "String Comparator Metrics and Enhanced Decision Rules in the Fellegi-Sunter
//! Model of Record Linkage", Proceedings of the Section on Survey Research Methods, 1990.

/// What comes after this many letters does not count. The work grows with the square of the length, and no
/// value of a record is longer.
const LONGEST: usize = 128;

/// The similarity of Jaro and Winkler.
pub fn jaro_winkler(one: &str, other: &str) -> f64 {
    if one == other {
        return 1.0;
    }
    if one.is_ascii() && other.is_ascii() {
        return winkler(cut(one.as_bytes()), cut(other.as_bytes()));
    }
    let letters = |text: &str| text.chars().take(LONGEST).collect::<Vec<char>>();
    winkler(&letters(one), &letters(other))
}

fn cut<T>(letters: &[T]) -> &[T] {
    &letters[..letters.len().min(LONGEST)]
}

/// Mistakes are rare in the first letters, so texts that begin alike are more alike than others.
fn winkler<T: Copy + PartialEq>(one: &[T], other: &[T]) -> f64 {
    let alike = jaro(one, other);
    let start = one.iter().zip(other).take(4).take_while(|(a, b)| a == b).count();
    alike + start as f64 * 0.1 * (1.0 - alike)
}

fn jaro<T: Copy + PartialEq>(one: &[T], other: &[T]) -> f64 {
    if one.is_empty() && other.is_empty() {
        return 1.0;
    }
    // Letters are the same ones if they are no further apart than this.
    let reach = (one.len().max(other.len()) / 2).saturating_sub(1);
    let mut taken = [false; LONGEST];
    let mut common = [None; LONGEST];
    let mut count = 0;
    for (i, &letter) in one.iter().enumerate() {
        let near = i.saturating_sub(reach)..(i + reach + 1).min(other.len());
        if let Some(j) = near.into_iter().find(|&j| !taken[j] && other[j] == letter) {
            taken[j] = true;
            common[count] = Some(letter);
            count += 1;
        }
    }
    if count == 0 {
        return 0.0;
    }
    let in_other = other.iter().zip(&taken).filter(|(_, taken)| **taken).map(|(letter, _)| Some(*letter));
    let out_of_place = in_other.zip(&common).filter(|(theirs, ours)| theirs != *ours).count();
    let count = count as f64;
    let swaps = out_of_place as f64 / 2.0;
    (count / one.len() as f64 + count / other.len() as f64 + (count - swaps) / count) / 3.0
}
