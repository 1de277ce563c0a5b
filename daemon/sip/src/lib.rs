//! SIP (RFC 3261) in layers, without IO, clock or threads.
