//! Any body that the provider has signed: verify and parse, on every channel.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| conformance::fuzz::request(data));
