//! Fault points: named places at which a test may hold, fail or kill the process. Only test builds have them; a build
//! for AWS holds nothing of them, and `cargo local package --release` looks that it does not.

#[cfg(debug_assertions)]
mod points;
#[cfg(debug_assertions)]
mod watched;

#[cfg(debug_assertions)]
pub use points::{MARKER, point};
#[cfg(debug_assertions)]
pub use watched::{Watched, watched};

/// Nothing: this build has no fault points.
#[cfg(not(debug_assertions))]
#[inline]
pub fn point(_name: &'static str, _about: &str) -> std::future::Ready<()> {
    std::future::ready(())
}

/// The port itself: this build has no fault points.
#[cfg(not(debug_assertions))]
#[inline]
pub fn watched<P>(port: P) -> P {
    port
}
