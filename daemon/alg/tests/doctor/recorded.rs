//! Bytes that the real kernel changed (Linux 6.18.44, nf_nat_sip), before and after. They hold the imitation to the real one,
//! and show what the doctor makes of each.

use std::net::SocketAddr;

use centrale_alg::diagnosis::Deed;
use centrale_alg::difference;
use centrale_sip::flow::Transport;

use crate::helper::{Alg as _, Helper};
use crate::network::Packet;

const BYTES: &str = include_str!("data/linux-helper.txt");

struct Sample {
    title: String,
    sent: String,
    came: String,
}

/// The samples: `--- title: as sent ---`, the message, `--- title: as it arrived ---`, the message.
fn samples() -> Vec<Sample> {
    let mut parts = BYTES.split("--- ").skip(1).map(|part| {
        let (title, text) = part.split_once(" ---\n").expect("a title");
        let lines: Vec<&str> = text.trim_end_matches('\n').split('\n').collect();
        let mut text = lines.join("\r\n") + "\r\n";
        if !text.contains("\r\n\r\n") {
            text.push_str("\r\n");
        }
        (title.to_owned(), text)
    });
    let mut samples = Vec::new();
    while let (Some((title, sent)), Some((_, came))) = (parts.next(), parts.next()) {
        samples.push(Sample { title: title.replace(": as sent", ""), sent, came });
    }
    samples
}

fn sample(title: &str) -> Sample {
    samples().into_iter().find(|sample| sample.title.starts_with(title)).expect(title)
}

const INSIDE: &str = "192.168.1.50:5060";
const OUTSIDE: &str = "203.0.113.2:5060";
const SERVER: &str = "198.51.100.10:5060";

fn at(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

#[test]
fn the_imitation_changes_what_the_kernel_changed_and_nothing_else() {
    let samples = samples();
    assert_eq!(samples.len(), 5);
    for sample in samples {
        let inwards = sample.title.contains("provider -> box");
        let mut helper = Helper::new();
        let (from, to) = if inwards { (at(SERVER), at(INSIDE)) } else { (at(INSIDE), at(SERVER)) };
        let mut packet = Packet { from, to, transport: Transport::Udp, text: sample.sent };
        let outside = at(OUTSIDE);
        assert!(if inwards { helper.back(&mut packet, outside) } else { helper.out(&mut packet, outside) });
        assert_eq!(packet.text, sample.came, "{}", sample.title);
    }
}

#[test]
fn each_change_of_the_kernel_is_named() {
    let deeds = |title| {
        let Sample { sent, came, .. } = sample(title);
        difference::of(sent.as_bytes(), came.as_bytes()).deeds.iter().collect::<Vec<_>>()
    };
    use Deed::{ChangesContentLength, RewritesContact, RewritesParties, RewritesSdp, RewritesVia};
    assert_eq!(deeds("REGISTER"), [RewritesVia, RewritesContact, RewritesParties]);
    // It counts a plain description again, rightly.
    assert_eq!(deeds("INVITE (box"), [RewritesVia, RewritesContact, RewritesParties, RewritesSdp]);
    assert_eq!(deeds("INVITE with multipart"), [RewritesVia, RewritesContact, RewritesSdp, ChangesContentLength]);
}
