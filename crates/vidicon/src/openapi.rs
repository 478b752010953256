//! Our own OpenAPI document, made from the role table.
