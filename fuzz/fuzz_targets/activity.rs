//! Anything at all as the body of a delivery, through every reader that there is.
#![no_main]

#[path = "../../crates/fediverse/tests/readers/mod.rs"]
mod readers;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(document) = fediverse::json::parse(bytes) {
        readers::read(&document);
        if let Some(object) = document.get("object") {
            readers::read(object);
        }
    }
});
