//! What is tried at the page and at phones' settings: it belongs to the same stories as what is tried at SIP's door, and whoever
//! is blocked for it is blocked everywhere.

use std::net::SocketAddr;
use std::time::Instant;

use centrale_guard::incident::{Attempt, By, Deed};
use centrale_guard::knock::{Knocker, Reason, Verdict};
use centrale_sip::flow::{Flow, FlowId, Transport};

use crate::exchange::Exchange;

/// Something that was tried over HTTP more often than by mistake, by who is really there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// What.
    pub what: Reason,
    /// Where it came from.
    pub from: SocketAddr,
    /// For which user of the page, or as which phone; empty when it named none.
    pub account: String,
    /// What was asked for; empty when nothing was that can be told.
    pub target: String,
    /// What the other end calls itself; empty when it does not.
    pub device: String,
    /// What was done there.
    pub deed: Deed,
    /// Whether somebody of the office is logged in to the page from that address: it is not blocked then.
    pub is_at_home: bool,
}

impl Exchange {
    pub(crate) fn handle_tried(&mut self, now: Instant, tried: &Tried) {
        let Tried { what, from, account, target, device, deed, is_at_home } = tried;
        let who = self.knocker_at(*from);
        let verdict = self.door.keeper.tried_at_page(now, &who, *what, target, *is_at_home);
        if verdict == Verdict::Pass {
            return;
        }
        self.count_and_block(&who, verdict);
        self.note_attempts(now);
        let blocked = Deed::of(verdict).and_then(|(_, lasts)| lasts);
        self.note_attempt(
            now,
            &Attempt {
                what: what.code(),
                by: match what {
                    Reason::PageDistributed => By::Account(account),
                    _ => By::Address(who.source(), who.side),
                },
                from: Some(*from),
                account,
                target,
                device,
                deed: if blocked.is_some() { Deed::Blocked } else { *deed },
                blocked,
            },
        );
    }

    /// Who is there, heard over a connection that is none of SIP's.
    fn knocker_at(&self, at: SocketAddr) -> Knocker {
        self.knocker(&Flow { id: FlowId(0), transport: Transport::Tcp, local: at, remote: at })
    }
}
