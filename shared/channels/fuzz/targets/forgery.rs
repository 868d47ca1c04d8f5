//! Any change of a genuine request: verify, on every channel.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| conformance::fuzz::forgery(data));
