//! Recognises a phone, chooses its template, renders its files, keeps its tokens. No IO.

#![cfg_attr(test, allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "a test begins time"))]
