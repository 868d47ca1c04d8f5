//! An order that looks random and is the same each time.

/// A generator of numbers (`xorshift64*`), always begun alike.
#[derive(Debug)]
pub(super) struct Shuffle(u64);

impl Shuffle {
    /// A generator of its own for each purpose.
    pub(super) fn new(purpose: u64) -> Self {
        Self(purpose.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32;
        usize::try_from(high).unwrap_or_default() % limit.max(1)
    }

    /// Brings a list into another order (Fisher and Yates).
    pub(super) fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            let other = self.below(at + 1);
            list.swap(at, other);
        }
    }
}
