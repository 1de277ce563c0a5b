//! Phones that are registered from elsewhere than the office: if their person calls for help, nobody there knows where to go
//! . Said on the page from the registration on, so before anybody calls; and of long stays something more.

use std::time::Instant;

use centrale_guard::Civil;
use centrale_sip::registrar::AddressOfRecord;

use crate::exchange::Exchange;
use crate::io::Output;
use crate::view::{ProblemView, Severity};

/// A person's phone is not in the office's network. About the person's number; the detail is the address that it is heard from.
const USE_ELSEWHERE: &str = "use-elsewhere";
/// The same, for more than two weeks. In its place.
const USE_ELSEWHERE_LONG: &str = "use-elsewhere-long";

impl Exchange {
    /// A person's registrations changed, or a day may have passed.
    pub(crate) fn check_elsewhere(&mut self, now: Instant, person: &str) {
        let bindings = self.registrar.lookup(now, &AddressOfRecord::new(person));
        let own = bindings.iter().filter(|binding| !binding.apart).map(|binding| binding.flow.remote.ip());
        let address = own.map(|address| address.to_canonical()).find(|address| !self.interfaces.is_office(*address));
        let Some(address) = address else {
            [USE_ELSEWHERE, USE_ELSEWHERE_LONG].into_iter().for_each(|code| self.live.solve(code, person));
            return;
        };
        let civil = self.costs.civil(now);
        let today = self.costs.ledger.today(now, civil);
        if Civil::is_known(today) {
            let kept = self.stays.note(today, person);
            self.outputs.extend(kept.map(|kept| Output::Spent(vec![kept])));
        }
        let (code, other) = match self.stays.is_long(person) {
            true => (USE_ELSEWHERE_LONG, USE_ELSEWHERE),
            false => (USE_ELSEWHERE, USE_ELSEWHERE_LONG),
        };
        self.live.solve(other, person);
        let (code, subject, detail) = (code.to_owned(), person.to_owned(), address.to_string());
        self.live.raise(ProblemView { code, subject, severity: Severity::Note, detail });
    }

    /// The clock on the wall went on: for who stays elsewhere, too.
    pub(crate) fn check_stays(&mut self, now: Instant) {
        let people: Vec<String> = self.directory.office().people.iter().map(|one| one.number.to_string()).collect();
        people.iter().for_each(|person| self.check_elsewhere(now, person));
    }
}
