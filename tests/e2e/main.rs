//! The stack end to end: the deployed template, the real binaries, the visitor API from outside.
//!
//! Needs a running stack (`cargo local test e2e` starts one); without it each test says so and passes over.

#![expect(clippy::unwrap_used, reason = "helpers of tests count as tests")]

mod actions;
mod budget;
mod channels;
mod contact;
mod crowd;
mod dialogues;
mod doctor;
mod flows;
mod handoff;
mod library;
mod mail;
mod media;
mod memory;
mod operations;
mod people;
mod ports;
mod questions;
mod redrive;
mod sms;
mod sockets;
mod subscriptions;
mod threads;
mod uploads;
mod voice;
