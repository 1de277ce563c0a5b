//! F9 (section 8): the address in the far end's o= changes within a dialog while user and session id stay (RFC 3264 8: only
//! the version may change). Strong: Linux writes 0.0.0.0 there for an old-style hold. Where user or session id change as
//! well, somebody else speaks now: a transfer or a swap behind the provider, which is no sign.

use super::Found;
use crate::view::{hash, lines};

/// Dialogs that are remembered.
const REMEMBERED: usize = 32;

#[derive(Debug, Clone, Copy, Default)]
struct Origin {
    line: u64,
    owner: u64,
    address: u64,
}

/// The o= of dialogs that are going on, newest over oldest.
#[derive(Debug, Clone, Default)]
pub(super) struct Origins {
    /// The dialogs' names, beside each other since they are looked through in every description.
    dialogs: [u64; REMEMBERED],
    seen: [Origin; REMEMBERED],
    next: usize,
}

impl Origins {
    /// `dialog` names the far end's half of a dialog.
    pub(super) fn check<'a>(&mut self, dialog: u64, body: &'a [u8]) -> Option<Found<'a>> {
        let line = lines(body, b'o').next()?;
        let whole = hash(&[line]);
        let known = self.dialogs.iter().position(|known| *known == dialog);
        if known.is_some_and(|at| self.seen[at].line == whole) {
            return None;
        }
        let (owner, address) = parts(line)?;
        let now = Origin { line: whole, owner: hash(&owner), address: hash(&[address]) };
        if let Some(at) = known {
            let before = std::mem::replace(&mut self.seen[at], now);
            let changed = before.owner == now.owner && before.address != now.address;
            return changed.then(|| Found::new("o= as it was in this call", line));
        }
        (self.dialogs[self.next], self.seen[self.next]) = (dialog, now);
        self.next = (self.next + 1) % REMEMBERED;
        None
    }
}

/// User and session id, and the address.
fn parts(line: &[u8]) -> Option<([&[u8]; 2], &[u8])> {
    let mut rest = line.strip_prefix(b"o=")?;
    let mut last = || {
        let (before, field) = rest.split_at(rest.iter().rposition(|byte| *byte == b' ')?);
        rest = before;
        field.get(1..)
    };
    let (address, _address_type, _network_type, _version, session_id) = (last()?, last()?, last()?, last()?, last()?);
    Some(([rest, session_id], address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_version_is_no_change_and_a_new_address_is() {
        let mut origins = Origins::default();
        let body = |line: &str| format!("v=0\r\n{line}\r\ns=-\r\n");
        let first = body("o=box 1001 1 IN IP4 198.51.100.20");
        assert!(origins.check(7, first.as_bytes()).is_none());
        assert!(origins.check(7, body("o=box 1001 2 IN IP4 198.51.100.20").as_bytes()).is_none());
        assert!(origins.check(8, body("o=box 1001 2 IN IP4 0.0.0.0").as_bytes()).is_none(), "another dialog");
        assert!(origins.check(7, body("o=box 1001 3 IN IP4 0.0.0.0").as_bytes()).is_some());
    }

    #[test]
    fn somebody_else_who_speaks_now_is_no_sign() {
        let mut origins = Origins::default();
        assert!(origins.check(7, b"v=0\r\no=a 1 1 IN IP4 198.51.100.20\r\n").is_none());
        assert!(origins.check(7, b"v=0\r\no=b 2 1 IN IP4 198.51.100.30\r\n").is_none());
    }

    #[test]
    fn many_dialogs_cost_no_more_memory() {
        let mut origins = Origins::default();
        for dialog in 1..10_000 {
            assert!(origins.check(dialog, b"v=0\r\no=a 1 1 IN IP4 1.2.3.4\r\n").is_none());
        }
    }
}
