//! What the process costs.

use std::fs;
use std::time::Duration;

/// The most memory that the process has held so far, in MB, as Linux counts it; `None` elsewhere.
pub(crate) fn peak_memory() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kilobytes / 1024.0)
}

/// The time, in µs, that such a share of the runs do not exceed.
pub(crate) fn percentile(times: &[Duration], share: f64) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let below = sorted
        .iter()
        .zip(1_u32..)
        .find(|(_, count)| f64::from(*count) >= share * f64::from(u32::try_from(sorted.len()).unwrap_or(u32::MAX)));
    below.map_or(0.0, |(time, _)| time.as_secs_f64() * 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_sorted_times() {
        let times: Vec<_> = (1..=100).rev().map(Duration::from_micros).collect();
        assert!((percentile(&times, 0.5) - 50.0).abs() < 1e-6);
        assert!((percentile(&times, 0.99) - 99.0).abs() < 1e-6);
        assert!(percentile(&[], 0.5).abs() < 1e-9);
    }
}
