//! The API, live events, provisioning routes and the embedded page, over axum.
