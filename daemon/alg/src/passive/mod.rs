//! Every message that crosses the trunk or the office network is a free test: the fingerprints F1 to F15 and one of our own,
//! and the symptoms T1 to T8 of calls. A [`Watch`] stands beside one trunk or one phone and is told of what passes; its ledger keeps a
//! bounded tally and takes a suspicion back by itself. An ordinary message costs no allocation.

mod f01_via;
mod f02_received;
mod f03_parties;
mod f04_habit;
mod f05_binding;
mod f06_request_uri;
mod f07_to;
mod f08_length;
mod f09_origin;
mod f10_own_address;
mod f11_silence;
mod f12_hops;
mod f13_half_hidden;
mod f14_shared_contact;
mod f15_media;
mod fingerprint;
mod ledger;
mod mended;
mod symptom;
mod watch;

pub use f14_shared_contact::Neighbours;
pub use fingerprint::{Fingerprint, Level};
pub use ledger::{FORGOTTEN, Ledger};
pub use symptom::{CallFacts, Reports, Symptom, Symptoms, Within};
pub use watch::{Ends, Heard, Watch};

/// What a fingerprint found: what should have been there and what was, as they stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Found<'a> {
    expected: &'a [u8],
    came: &'a [u8],
}

impl<'a> Found<'a> {
    fn new(expected: &'a (impl AsRef<[u8]> + ?Sized), came: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        Self { expected: expected.as_ref(), came: came.as_ref() }
    }
}
