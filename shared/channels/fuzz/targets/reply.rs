//! Any text with any choices: the splitter, the fitting of messages to what a channel shows, and render, on every channel.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| conformance::fuzz::reply(data));
