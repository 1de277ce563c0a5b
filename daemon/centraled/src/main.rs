//! The daemon: settings, build, run, drain. The only place that knows every crate.

fn main() {}
