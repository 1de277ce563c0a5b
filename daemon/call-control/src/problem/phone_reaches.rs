//! Machines of the office that ask the box for many places elsewhere: the box is no proxy, so nothing of it leaves.

use std::net::IpAddr;
use std::time::Instant;

use centrale_guard::incident::{Attempt, By, Deed};
use centrale_guard::knock::Side;
use centrale_sip::flow::Flow;
use centrale_sip::message::{Host, Request};

use crate::exchange::{Due, Exchange};
use crate::view::{ProblemView, Severity};

/// A machine of the office asked for many places elsewhere. About its address; the detail is whose phone it is, when it is one.
const SCANS_OUTSIDE: &str = "lan-scans-outside";
/// The same, as incidents have it.
const SCAN_OUTSIDE: &str = "scan-outside";

impl Exchange {
    /// Somebody of the office asks for something: whether it is meant for the box.
    pub(crate) fn watch_outreach(&mut self, now: Instant, request: &Request, flow: &Flow) {
        let (from, Some(uri)) = (flow.remote.ip().to_canonical(), request.uri.as_sip()) else { return };
        let is_here = match &uri.host {
            Host::Ip(ip) => self.interfaces.is_own(*ip),
            Host::Name(_) => false,
        };
        if is_here || !self.interfaces.is_office(from) {
            return;
        }
        let place = uri.host.to_string();
        if self.outreach.note(now, from, &place) {
            let (by, target) = (By::Address(from, Side::Office), place.as_str());
            let (what, from, deed) = (SCAN_OUTSIDE, Some(flow.remote), Deed::TurnedAway);
            self.note_attempt(now, &Attempt { what, by, from, account: "", target, device: "", deed, blocked: None });
            self.check_outreach(now);
        }
    }

    /// Tells who asked for places elsewhere of late, and takes back what is over.
    pub(crate) fn check_outreach(&mut self, now: Instant) {
        let machines = self.outreach.told(now);
        let told = machines.into_iter().map(|machine| {
            let (code, subject) = (SCANS_OUTSIDE.to_owned(), machine.to_string());
            ProblemView { code, subject, severity: Severity::Warning, detail: self.name_at(machine) }
        });
        let told = told.collect();
        self.live.tell_instead(&[SCANS_OUTSIDE], told);
        if let Some(until) = self.outreach.until() {
            self.agenda.set(Due::OutreachOver, until);
        }
    }

    /// Whose phone is at an address; nothing when none is.
    fn name_at(&self, address: IpAddr) -> String {
        let phones = self.phone_addresses();
        let person = phones.get(&address).and_then(|number| self.directory.person(number));
        person.map(|person| person.name.clone()).unwrap_or_default()
    }
}
