//! What every function shares: settings, logs and metrics, SQS batches, HTTP answers.

pub mod actions;
pub mod batch;
pub mod chat;
pub mod consumer;
pub mod fault;
pub mod files;
pub mod http;
pub mod metrics;
mod open;
pub mod settings;
pub mod telemetry;
pub mod wire;
