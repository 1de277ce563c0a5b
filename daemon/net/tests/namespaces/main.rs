//! Networks that come, go and overlap, as the box meets them: each scene has namespaces of its own, joined by virtual wires
//! whose ends have MAC addresses. As root, or as anybody where user namespaces are allowed; else skipped, with the reason.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a surprise is a failure, and telling is what a runner is for"
)]

#[path = "../certificate/mod.rs"]
mod certificate;
mod dhcp;
mod firewall;
mod neighbours;
mod pnp;
mod posing;
mod wires;

use std::panic::catch_unwind;

/// A scene's name and the scene.
type Scene = (&'static str, fn());

fn main() {
    let scenes: Vec<Scene> = [pnp::SCENES, neighbours::SCENES, posing::SCENES, dhcp::SCENES, firewall::SCENES].concat();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--list") {
        scenes.iter().for_each(|(name, _)| println!("{name}: test"));
        return;
    }
    let wanted = |name: &str| {
        let mut parts = arguments.iter().filter(|argument| !argument.starts_with('-')).peekable();
        parts.peek().is_none() || parts.any(|part| name.contains(part.as_str()))
    };
    let scenes: Vec<_> = scenes.into_iter().filter(|(name, _)| wanted(name)).collect();
    if let Err(reason) = wires::enter() {
        scenes.iter().for_each(|(name, _)| println!("skipped {name}: {reason}"));
        println!("0 passed, 0 failed, {} skipped", scenes.len());
        return;
    }
    let mut failed = 0;
    for (name, scene) in &scenes {
        let passed = catch_unwind(scene).is_ok();
        failed += usize::from(!passed);
        println!("{} {name}", if passed { "passed " } else { "FAILED " });
    }
    println!("{} passed, {failed} failed, 0 skipped", scenes.len() - failed);
    std::process::exit(i32::from(failed > 0));
}
