//! Who calls for help in the midst of an attack, and when it is over: not phones alone that are registered and in nobody's way.

use std::net::SocketAddr;
use std::time::Duration;

use super::HELP_LASTS;
use super::attacks::at;
use super::street::{Street, character};
use crate::agent::{Agent, Character};
use crate::network::Node;

/// So soon after an attack began, and so long after each other.
const SOON: Duration = Duration::from_secs(2);
/// More wrong passwords than are judged of anybody.
const GUESSES: usize = 20;
/// The port that a phone has after it moved.
const MOVED: u16 = 5_071;

/// A caller who is no registered phone at its own place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The right password on a device outside that nobody knows: it is kept apart.
    Quarantined,
    /// At a port in the office that is blocked, since wrong passwords came from there.
    Blocked,
    /// A phone that came back at another port, and may not be registered yet.
    Moved,
    /// A new phone that never registers.
    New,
    /// Somebody in the office with a wrong password, and a number of nobody.
    Nobody,
}

const KINDS: [Kind; 5] = [Kind::Quarantined, Kind::Blocked, Kind::Moved, Kind::New, Kind::Nobody];

/// Those who call in one run.
#[derive(Debug)]
pub(super) struct Callers {
    others: Vec<(Kind, Node)>,
    numbers: &'static [&'static str],
    turn: usize,
}

/// Puts two of them into the street: which, is decided by the number of the run. Whatever the box said of them is forgotten.
pub(super) fn prepare(street: &mut Street, turn: usize) -> Callers {
    let others = [turn, turn + 2].map(|kind| {
        let kind = KINDS[kind % KINDS.len()];
        (kind, kind.come(street))
    });
    street.advance(Duration::from_secs(10));
    street.forget();
    Callers { others: others.into(), numbers: street.emergency_numbers(), turn }
}

impl Callers {
    /// Of a benign day nobody but a phone of the office.
    pub(super) const fn of_a_day() -> Self {
        Self { others: Vec::new(), numbers: &["112"], turn: 0 }
    }

    /// Those who are no phones of the office.
    pub(super) fn nodes(&self) -> Vec<Node> {
        self.others.iter().map(|(_, node)| *node).collect()
    }

    /// In the midst of an attack: a registered phone, and the first of the others.
    pub(super) fn call_soon(&self, street: &mut Street) {
        street.plan(SOON, street.phone(8), self.number(0), HELP_LASTS);
        for (kind, node) in self.others.iter().take(1) {
            if *kind == Kind::Moved {
                street.move_phone(*node, MOVED);
            }
            street.plan(2 * SOON, *node, self.number(1), HELP_LASTS);
        }
    }

    /// When it is over: another phone, and all of the others.
    pub(super) fn call_afterwards(&self, street: &mut Street) {
        // Who moves forgets the call it is in.
        street.advance(2 * SOON + HELP_LASTS);
        street.call(street.phone(4), self.number(2), HELP_LASTS);
        for (turn, (kind, node)) in (3..).zip(&self.others) {
            if *kind == Kind::Moved {
                street.move_phone(*node, MOVED + turn as u16);
            }
            street.call(*node, self.number(turn), HELP_LASTS);
        }
    }

    /// Each of the country's numbers in its turn.
    fn number(&self, nth: usize) -> &'static str {
        self.numbers[(self.turn + nth) % self.numbers.len()]
    }
}

impl Kind {
    fn come(self, street: &mut Street) -> Node {
        match self {
            Self::Quarantined => {
                let looks = Character { user_agent: "Zoiper 5.6".to_owned(), ..character("210", "210", 300) };
                street.add(looks, at("198.51.100.90:5060"), |agent| {
                    agent.be_away();
                    agent.talk_on();
                })
            }
            Self::Blocked => {
                let node = street.add_address(at("192.168.1.239:5060"));
                (0..GUESSES).for_each(|guess| _ = street.guess(node, "209", &format!("help-{guess}")));
                street.replace(node, character("209", "209", 0), Agent::talk_on);
                node
            }
            Self::Moved => street.phone(11),
            Self::New => in_the_office(street, 238, character("209", "209", 0)),
            Self::Nobody => {
                let wrong = Character { password: "wrong".to_owned(), ..character("209", "209", 0) };
                in_the_office(street, 237, Character { username: "999".to_owned(), number: "999".to_owned(), ..wrong })
            }
        }
    }
}

fn in_the_office(street: &mut Street, host: u8, who: Character) -> Node {
    street.add(who, SocketAddr::from(([192, 168, 1, host], 5060)), Agent::talk_on)
}
