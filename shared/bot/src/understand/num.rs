//! Conversions between number types, where the loss is known to be harmless.

/// A count as a real number. Counts here stay far below 2²⁴, where `f32` begins to skip numbers.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below the width of the mantissa")]
pub(crate) fn real(count: usize) -> f32 {
    count as f32
}

/// The nearest number of half the width.
#[expect(clippy::cast_possible_truncation, reason = "rounding is what is asked for")]
pub(crate) fn narrow(number: f64) -> f32 {
    number as f32
}

/// The nearest of the 255 steps from −127 to 127.
#[expect(clippy::cast_possible_truncation, reason = "clamped before, and NaN becomes 0")]
pub(crate) fn step(number: f32) -> i8 {
    number.round().clamp(-127.0, 127.0) as i8
}

/// A place as it is stored. Saturates, which no place here reaches.
pub(crate) fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
