//! What the doorkeeper is told. Plain values, made by who reads the messages.

use std::net::{IpAddr, SocketAddr};

/// Who knocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Knocker {
    /// Where it was heard from.
    pub flow: SocketAddr,
    /// On which side of the router.
    pub side: Side,
    /// What is known of it already.
    pub standing: Standing,
    /// Whether it speaks over a connection, so that nobody else can have sent in its name.
    pub is_really_there: bool,
    /// Whether a device is registered from there that is kept apart: the right password, and nobody said yet whose it is.
    pub is_apart: bool,
}

impl Knocker {
    /// Its address, IPv4 as IPv4 however it came.
    pub fn source(&self) -> IpAddr {
        self.flow.ip().to_canonical()
    }

    /// The same, and its port.
    pub(crate) fn seen_flow(&self) -> SocketAddr {
        SocketAddr::new(self.source(), self.flow.port())
    }

    /// Whether nobody there is known: no live phone, no provider.
    pub const fn is_stranger(&self) -> bool {
        matches!(self.standing, Standing::Stranger | Standing::Expected)
    }
}

/// On which side of the router. Neither is believed more; the office holds more phones behind fewer networks, and a call for
/// help from it passes whatever is decided here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// An address of the office's network.
    Office,
    /// Anywhere else.
    Internet,
}

/// What is known of who knocks, by its address alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing.
    Stranger,
    /// The same of a scanner that the office lets look at the box: it is heard as any stranger, and blocked for nothing.
    Expected,
    /// A phone is registered from this address, over another flow, or a call leads there: the address is never blocked as a whole.
    Neighbour,
    /// A phone is registered over this very flow: it is never blocked.
    Phone,
    /// A provider's address: never blocked. What it calls is not counted; a proof that it is one of the office's accounts is, as of
    /// anybody: a gateway may put its own address in the place of everybody's.
    Trusted,
}

/// What a request without proof wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind<'a> {
    /// REGISTER.
    Register,
    /// INVITE to this text. One for help is [`Kind::Help`].
    Invite(&'a str),
    /// INVITE to an emergency number: always challenged.
    Help,
    /// Any other method, by its name.
    Other(&'a str),
}

/// A proof that a request carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer<'a> {
    /// For which account.
    pub account: &'a str,
    /// A name for nonce and answer together: the same one again is the same secret again.
    pub secret: u64,
    /// Whether it comes from a device of the account, as far as can be seen of it. Asked only from the internet.
    pub is_bound: bool,
    /// Whether the request is a call for help. Asked only from the internet.
    pub is_for_help: bool,
    /// Whether the account is registered over the very flow that the proof came by.
    pub is_own: bool,
    /// Whether another request of the same number was there before ([`super::Doorkeeper::repeats_turn`]).
    pub is_unraised: bool,
}

/// How a proof failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The secret is none of the account's, or there is no such account: both are one.
    Wrong,
    /// The account had this secret before.
    Old,
}
