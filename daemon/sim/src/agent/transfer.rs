//! Handing a call on: a person asks the box to connect the other end with somebody else, and hangs up at once or waits for
//! the word that it was done.

use std::time::Instant;

use centrale_sip::message::{HeaderName, Method, Request, Response, Status};
use rand::RngExt as _;

use super::line::{LineKey, State};
use super::{Agent, Purpose};

/// Whom a call is handed on to: colleagues, a group, outside, park places, help, and nobody.
const TARGETS: [&str; 12] =
    ["201", "202", "203", "204", "250", "0031201234567", "701", "701", "702", "600", "112", "299"];

impl Agent {
    /// Hands on a call: to whom it talks to in another call, if it does, else to somebody it thinks of.
    pub(super) fn transfer(&mut self, now: Instant, key: LineKey) {
        let asked = self.lines.iter().find(|(other, line)| **other != key && line.state == State::Talking);
        let consulted = asked.and_then(|(other, line)| {
            let id = &line.dialog.as_ref()?.id;
            let (call_id, ours, theirs) = (&id.call_id, &id.local_tag, &id.remote_tag);
            Some((*other, format!("?Replaces={call_id}%3Bto-tag%3D{theirs}%3Bfrom-tag%3D{ours}")))
        });
        let number = TARGETS[self.rng.random_range(0..TARGETS.len())];
        let named = consulted.as_ref().map_or("", |(_, named)| named);
        if !self.transfer_to(now, key, number, named) {
            return;
        }
        for key in consulted.iter().map(|(other, _)| *other) {
            self.lines.get_mut(&key).into_iter().for_each(|line| line.handed_on = true);
        }
    }

    /// Asks the box to connect the other end of a call with that number, in place of the call that is named. Whether it could.
    pub(super) fn transfer_to(&mut self, now: Instant, key: LineKey, number: &str, named: &str) -> bool {
        let host = self.place.box_seen.ip();
        let host = if host.is_ipv6() { format!("[{host}]") } else { host.to_string() };
        let refer_to = format!("<sip:{number}@{host}{named}>");
        let Some(line) = self.lines.get_mut(&key).filter(|line| line.state == State::Talking) else { return false };
        let Some(dialog) = &mut line.dialog else { return false };
        let mut refer = dialog.request(Method::REFER);
        refer.headers.push(HeaderName::ReferTo, refer_to);
        let contact = self.contact();
        refer.headers.push(HeaderName::Contact, contact);
        if self.rng.random_ratio(1, 6) {
            refer.headers.push(HeaderName::other("Refer-Sub"), "false");
        }
        self.note(format!("hands on to {number}"));
        self.refer(now, key, refer);
        true
    }

    fn refer(&mut self, now: Instant, key: LineKey, refer: Request) {
        self.send(now, refer.clone(), Purpose::Refer(key));
        if let Some(line) = self.lines.get_mut(&key) {
            line.refer = Some(refer);
        }
    }

    /// The box's answer to it.
    pub(super) fn handle_referred(&mut self, now: Instant, key: LineKey, response: &Response) {
        let Some(refer) = self.lines.get_mut(&key).and_then(|line| line.refer.take()) else { return };
        let first = refer.headers.first(&HeaderName::Authorization).is_none();
        if response.status == Status::UNAUTHORIZED && first {
            if let Some(mut again) = self.answered_challenge(&refer, response)
                && let Some(dialog) = self.lines.get_mut(&key).and_then(|line| line.dialog.as_mut())
            {
                // Something else may have been sent within the dialog meanwhile.
                let next = dialog.request(Method::REFER);
                let number = next.headers.first(&HeaderName::CSeq).cloned();
                number.into_iter().for_each(|number| again.headers.set(HeaderName::CSeq, number));
                self.refer(now, key, again);
            }
            return;
        }
        if response.status == Status::ACCEPTED {
            self.lines.get_mut(&key).into_iter().for_each(|line| line.handed_on = true);
            if self.rng.random_ratio(1, 3) {
                self.hang_up(now, key);
            }
        }
    }

    /// What the box tells of a transfer. When it is done, there is nobody at the other end any more.
    pub(super) fn hear_of_transfer(&mut self, now: Instant, key: LineKey, fragment: &[u8]) {
        let status = fragment.strip_prefix(b"SIP/2.0 ").and_then(|rest| rest.first());
        match status {
            Some(b'2') => self.hang_up(now, key),
            Some(b'3'..=b'6') => self.lines.get_mut(&key).into_iter().for_each(|line| line.handed_on = false),
            _ => {}
        }
    }
}
