//! What the exchange holds for calls: the numbers that must be back at zero when everybody has hung up (invariant 2).

use crate::exchange::Exchange;

/// Everything that is held for a call. What belongs to registrations and trunks is not counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Holdings {
    /// Calls that ring or are answered.
    pub calls: usize,
    /// Ended calls whose media, or a provider that was asked, has not said its last word.
    pub unwritten: usize,
    /// Dialogs.
    pub dialogs: usize,
    /// INVITEs of peers that wait for an answer or for its ACK.
    pub invites: usize,
    /// Requests of ours that wait for an answer, and INVITEs that another fork may still accept.
    pub requests: usize,
    /// Messages that are spoken to a mailbox.
    pub speaking: usize,
    /// Legs for which money is held back.
    pub charges: usize,
    /// Things that are to happen to a call later.
    pub due: usize,
}

impl Holdings {
    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Exchange {
    /// What is held for calls now. For those who watch over the exchange: the simulation and the tests.
    pub fn holdings(&self) -> Holdings {
        Holdings {
            calls: self.calls.len(),
            unwritten: self.unwritten(),
            dialogs: self.dialogs.len(),
            invites: self.servers.len(),
            requests: self.sent.values().filter(|sent| sent.purpose.is_of_a_call()).count(),
            speaking: self.mailboxes.speaking.len(),
            charges: self.costs.ledger.charges(),
            due: self.agenda.keys().filter(|due| due.is_of_a_call()).count(),
        }
    }
}
