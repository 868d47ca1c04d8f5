//! Tests of the whole that need nothing running: layers, template, handlers over whole events, the API's description.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "helpers of tests count as tests")]

mod addresses;
mod events;
mod layering;
mod mail;
mod openapi;
mod people;
mod pipeline;
mod ports;
mod pulls;
mod receive;
mod support;
mod template;
mod visitor_api;
