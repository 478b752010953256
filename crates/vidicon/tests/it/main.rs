//! The one integration binary: a file for each slice, and what holds for all of them.

mod tidy;
