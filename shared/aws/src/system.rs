//! The machine's clock and randomness.

use app::ports::{Clock, Random};
use async_trait::async_trait;
use domain::UnixMillis;
use domain::ids::digest;
use uuid::Uuid;

/// The system's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> UnixMillis {
        let millis = time::OffsetDateTime::now_utc().unix_timestamp_nanos() / 1_000_000;
        UnixMillis(i64::try_from(millis).unwrap_or(i64::MAX))
    }

    async fn pause(&self, millis: u64) {
        tokio::time::sleep(std::time::Duration::from_millis(millis)).await;
    }
}

/// The system's random generator.
#[derive(Debug, Clone, Copy)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn bytes(&self) -> [u8; 32] {
        digest(&[Uuid::new_v4().as_bytes(), Uuid::new_v4().as_bytes()])
    }
}
