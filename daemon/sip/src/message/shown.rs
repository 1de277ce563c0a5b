//! How a message is shown in a log or a failed test: without what it carries, which may be a key that somebody typed.

use std::fmt;

use super::{Request, Response};

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, uri, version_supported, headers, body } = self;
        f.debug_struct("Request")
            .field("method", method)
            .field("uri", uri)
            .field("version_supported", version_supported)
            .field("headers", headers)
            .field("body", &format_args!("{} bytes", body.len()))
            .finish()
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { status, reason, headers, body } = self;
        f.debug_struct("Response")
            .field("status", status)
            .field("reason", reason)
            .field("headers", headers)
            .field("body", &format_args!("{} bytes", body.len()))
            .finish()
    }
}
