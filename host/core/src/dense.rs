//! Products of dense matrices: what the accelerator of a host makes for a guest, and how much work one is.
//!
//! A number of the result is the sum of its products in the order of the inner index, begun at +0, in single
//! precision, and rounded (IEEE 754, to nearest, ties to even) after each product and after each sum: never fused.
//! One that is no number is always the same one. So a product is the same to the last bit on every machine.

/// What is worked on at one time: a row of the result is made in tiles of so many columns, and a part of a tile takes
/// as long as a whole one.
const TILE_COLUMNS: u64 = 16;

/// The bits of every number of a result that is none: the quiet one without a sign or a payload, which is what
/// WebAssembly calls canonical.
const NAN_BITS: u32 = 0x7fc0_0000;

/// The sizes of two matrices that are multiplied: the left is rows x inner, the right inner x columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DenseShape {
    /// Rows of the left and of the result.
    pub rows: u32,
    /// Columns of the left and rows of the right.
    pub inner: u32,
    /// Columns of the right and of the result.
    pub columns: u32,
}

impl DenseShape {
    /// Whether so many numbers are the left and the right, row by row.
    #[must_use]
    pub fn fits(&self, left: usize, right: usize) -> bool {
        let [rows, inner, columns] = [self.rows, self.inner, self.columns].map(u64::from);
        (left as u64, right as u64) == (rows * inner, inner * columns)
    }

    /// Numbers of the result.
    #[must_use]
    pub fn result_len(&self) -> u64 {
        u64::from(self.rows) * u64::from(self.columns)
    }

    /// Multiply-adds that a product takes, those that fill up tiles included; the largest number there is where they
    /// are more.
    #[must_use]
    pub fn operations(&self) -> u64 {
        let steps = u64::from(self.rows) * u64::from(self.inner);
        steps.saturating_mul(self.operations_of_step())
    }

    /// Multiply-adds for one number of the left.
    fn operations_of_step(&self) -> u64 {
        u64::from(self.columns).next_multiple_of(TILE_COLUMNS)
    }
}

/// A product that is being made, some of it at a time.
#[derive(Debug)]
pub struct DenseProduct<'a> {
    shape: DenseShape,
    left: &'a [f32],
    right: &'a [f32],
    result: Vec<f32>,
    /// Numbers of the left that are done with.
    steps: usize,
}

impl<'a> DenseProduct<'a> {
    /// A product of which nothing is made yet; `None` where the matrices are of other sizes or the result is larger
    /// than memory can be.
    #[must_use]
    pub fn new(shape: DenseShape, left: &'a [f32], right: &'a [f32]) -> Option<Self> {
        let fits = shape.fits(left.len(), right.len());
        let result_len = usize::try_from(shape.result_len()).ok().filter(|_| fits)?;
        Some(Self { shape, left, right, result: vec![0.0; result_len], steps: 0 })
    }

    /// Makes about so many multiply-adds, and says whether there are more to be made.
    pub fn advance(&mut self, operations: u64) -> bool {
        let columns = self.shape.columns as usize;
        if self.result.is_empty() {
            return false;
        }
        let steps = operations / self.shape.operations_of_step().max(1);
        let steps = usize::try_from(steps).unwrap_or(usize::MAX).max(1).min(self.left.len() - self.steps);
        for step in self.steps..self.steps + steps {
            // There is a step for each number of the left only, so its rows are not empty.
            let (row, place) = (step / self.shape.inner as usize, step % self.shape.inner as usize);
            let sums = &mut self.result[row * columns..][..columns];
            let factor = self.left[step];
            for (sum, right) in sums.iter_mut().zip(&self.right[place * columns..][..columns]) {
                *sum += factor * right;
            }
        }
        self.steps += steps;
        self.steps < self.left.len()
    }

    /// The result, row by row, of all that was made.
    #[must_use]
    pub fn finish(mut self) -> Vec<f32> {
        for number in &mut self.result {
            if number.is_nan() {
                *number = f32::from_bits(NAN_BITS);
            }
        }
        self.result
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shape(rows: u32, inner: u32, columns: u32) -> DenseShape {
        DenseShape { rows, inner, columns }
    }

    /// The whole product, made in pieces of so many operations.
    fn product(shape: DenseShape, left: &[f32], right: &[f32], piece: u64) -> Vec<f32> {
        let mut product = DenseProduct::new(shape, left, right).expect("it fits");
        while product.advance(piece) {}
        product.finish()
    }

    fn bits(numbers: &[f32]) -> Vec<u32> {
        numbers.iter().map(|number| number.to_bits()).collect()
    }

    #[test]
    fn small_products_are_as_on_paper() {
        let (left, right) = ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [7.0, 8.0, 9.0, 10.0, 11.0, 12.0]);
        assert_eq!(product(shape(2, 3, 2), &left, &right, 1), [58.0, 64.0, 139.0, 154.0]);
        assert_eq!(product(shape(1, 6, 1), &left, &right, 1), [217.0]);
        assert_eq!(product(shape(1, 1, 1), &[3.0], &[-2.0], 0), [-6.0]);
    }

    #[test]
    fn where_a_side_is_empty_the_sums_are_of_nothing() {
        assert_eq!(bits(&product(shape(2, 0, 3), &[], &[], 1)), [0; 6]);
        assert!(product(shape(0, 3, 2), &[], &[1.0; 6], 1).is_empty());
        assert!(product(shape(2, 3, 0), &[1.0; 6], &[], 1).is_empty());
        assert!(product(shape(0, 0, 0), &[], &[], u64::MAX).is_empty());
    }

    #[test]
    fn sums_are_made_in_order_and_nothing_is_fused() {
        // 2^24 + 1 is no single; added the other way round, the ones would be a two first.
        let big = 16_777_216.0;
        assert_eq!(product(shape(1, 3, 1), &[big, 1.0, 1.0], &[1.0; 3], 9), [big]);
        assert_eq!(product(shape(1, 3, 1), &[1.0, 1.0, big], &[1.0; 3], 9), [big + 2.0]);
        // The square of 1 + e, e being 2^-12, is rounded to 1 + 2e; less that, it is e^2 when fused, and else nothing.
        let near = 1.0 + f32::EPSILON * 2048.0;
        let square = near * near;
        assert_eq!(product(shape(1, 2, 1), &[square, near], &[-1.0, near], 9), [0.0]);
        assert_ne!(f64::from(near) * f64::from(near) - f64::from(square), 0.0, "it would show");
    }

    #[test]
    fn what_is_no_number_is_always_the_same_one() {
        let odd = f32::from_bits(0xffc0_1234);
        for (left, right) in [(odd, 1.0), (0.0, f32::INFINITY), (1.0, -odd)] {
            assert_eq!(bits(&product(shape(1, 1, 1), &[left], &[right], 1)), [NAN_BITS]);
        }
        assert_eq!(product(shape(1, 2, 1), &[1.0, 1.0], &[f32::INFINITY, 5.0], 1), [f32::INFINITY]);
        assert_eq!(bits(&product(shape(1, 1, 1), &[-1.0], &[0.0], 1)), [0], "a sum begins at +0");
        let least = f32::from_bits(1);
        assert_eq!(bits(&product(shape(1, 1, 1), &[least], &[1.0], 1)), [1], "small numbers are kept");
    }

    #[test]
    fn sizes_that_no_memory_has_are_told_and_not_made() {
        let most = shape(u32::MAX, u32::MAX, u32::MAX);
        assert_eq!((most.operations(), most.fits(0, 0)), (u64::MAX, false));
        assert!(DenseProduct::new(most, &[], &[]).is_none());
        assert!(!shape(2, 3, 4).fits(6, 11) && !shape(2, 3, 4).fits(5, 12) && shape(2, 3, 4).fits(6, 12));
        assert_eq!(shape(2, 3, 4).result_len(), 8);
    }

    #[test]
    fn a_part_of_a_tile_is_a_whole_one() {
        let operations = |rows, inner, columns| shape(rows, inner, columns).operations();
        assert_eq!([operations(10, 10, 1), operations(10, 10, 16), operations(10, 10, 17)], [1_600, 1_600, 3_200]);
        assert_eq!([operations(0, 9, 9), operations(9, 0, 9), operations(9, 9, 0)], [0; 3]);
    }

    proptest! {
        #[test]
        fn a_product_is_the_same_in_pieces_of_any_size(
            (rows, inner, columns) in (0u32..5, 0u32..5, 0u32..40),
            numbers in proptest::collection::vec(any::<f32>(), 400),
            piece in 0u64..200,
        ) {
            let shape = shape(rows, inner, columns);
            let (left, right) = ((rows * inner) as usize, (inner * columns) as usize);
            let (left, right) = (&numbers[..left], &numbers[20..20 + right]);
            let mut plain = Vec::new();
            for row in 0..rows as usize {
                for column in 0..columns as usize {
                    let mut sum = 0.0f32;
                    for at in 0..inner as usize {
                        sum += left[row * inner as usize + at] * right[at * columns as usize + column];
                    }
                    plain.push(if sum.is_nan() { NAN_BITS } else { sum.to_bits() });
                }
            }
            prop_assert_eq!(bits(&product(shape, left, right, piece)), plain);
        }
    }
}
