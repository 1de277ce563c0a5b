//! Real peers against the built daemon, on loopback and in network namespaces.
