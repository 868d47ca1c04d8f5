//! Tests of the whole that need nothing running: layers, template, handlers over whole events, the API's description.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "helpers of tests count as tests")]

mod actions;
mod addresses;
mod bedrock;
mod caretaker;
mod contact;
mod docs;
mod events;
mod injections;
mod layering;
mod mail;
mod media;
mod model;
mod openapi;
mod people;
mod pipeline;
mod ports;
mod pulls;
mod receive;
mod rewriting;
mod staff;
mod summaries;
mod support;
mod template;
mod texts;
mod visitor_api;
mod writer;
