//! Anything at all as the headers of a delivery.
#![no_main]

#[path = "../../crates/fediverse/tests/readers/mod.rs"]
mod readers;

libfuzzer_sys::fuzz_target!(|lines: &[u8]| {
    readers::read_request(lines);
});
