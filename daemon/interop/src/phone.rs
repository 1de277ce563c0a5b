//! What a scenario asks of a phone, whoever made it.

use std::net::SocketAddr;
use std::time::Duration;

use crate::transcript::PATIENCE;
use crate::{Recording, Result, Subscriber};

/// How a phone reaches its registrar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// SIP over UDP.
    Udp,
    /// SIP over TCP.
    Tcp,
    /// SIP over TLS.
    Tls,
}

impl Transport {
    /// As it stands in a SIP URI.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Transport::Udp => "udp",
            Transport::Tcp => "tcp",
            Transport::Tls => "tls",
        }
    }
}

/// What a phone needs to register: the same things that a user would type.
#[derive(Debug, Clone)]
pub struct Account {
    /// User part of the address of record.
    pub user: String,
    /// User name of the digest.
    pub login: String,
    /// Secret of the digest.
    pub password: String,
    /// Where to register.
    pub server: SocketAddr,
    /// How to get there.
    pub transport: Transport,
}

impl Account {
    /// The account of a subscriber, who proves who he is by his own name.
    #[must_use]
    pub fn new(subscriber: &Subscriber, server: SocketAddr, transport: Transport) -> Account {
        let Subscriber { user, password } = subscriber.clone();
        Account { login: user.clone(), user, password, server, transport }
    }

    /// The same account, reached another way.
    #[must_use]
    pub fn over(self, transport: Transport) -> Account {
        Account { transport, ..self }
    }
}

/// A phone with one account and at most one call. Each `wait_` returns when the thing happens and fails, with the phone's
/// last lines, when it does not.
pub trait Phone {
    /// Waits until the registrar has said 200.
    ///
    /// # Errors
    /// When it says anything else.
    fn wait_registered(&mut self) -> Result<()>;

    /// Waits until the registrar has refused, and returns the phone's words for it.
    ///
    /// # Errors
    /// When the registration succeeds.
    fn wait_registration_refused(&mut self) -> Result<String>;

    /// Calls `number` at the account's server.
    ///
    /// # Errors
    /// When the phone does not take the command.
    fn dial(&mut self, number: &str) -> Result<()>;

    /// Waits until the called phone is known to ring (a 180 or 183).
    ///
    /// # Errors
    /// When it does not.
    fn wait_ringback(&mut self) -> Result<()>;

    /// Waits for a call to come in, and returns who the phone says is calling.
    ///
    /// # Errors
    /// When none comes.
    fn wait_incoming(&mut self) -> Result<String>;

    /// Picks up.
    ///
    /// # Errors
    /// When the phone does not take the command.
    fn answer(&mut self) -> Result<()>;

    /// Waits until the call is up with its audio negotiated.
    ///
    /// # Errors
    /// When it does not come up.
    fn wait_established(&mut self) -> Result<()>;

    /// Hangs up, gives up a call that still rings, or refuses one that comes in (each phone with its own status).
    ///
    /// # Errors
    /// When the phone does not take the command.
    fn hang_up(&mut self) -> Result<()>;

    /// Waits until the call is over, and returns the phone's words for why.
    ///
    /// # Errors
    /// When it does not end.
    fn wait_ended(&mut self) -> Result<String> {
        self.wait_ended_within(PATIENCE)
    }

    /// The same, for what takes long by its nature.
    ///
    /// # Errors
    /// When it does not end.
    fn wait_ended_within(&mut self, patience: Duration) -> Result<String>;

    /// Puts the other end on hold, and waits until that is agreed.
    ///
    /// # Errors
    /// When it is not.
    fn hold(&mut self) -> Result<()>;

    /// Takes the other end back, and waits until that is agreed.
    ///
    /// # Errors
    /// When it is not.
    fn resume(&mut self) -> Result<()>;

    /// Hands the other end on to `number`, without asking there first.
    ///
    /// # Errors
    /// When the phone does not take the command.
    fn transfer(&mut self, number: &str) -> Result<()>;

    /// Waits until the other end has put this phone on hold.
    ///
    /// # Errors
    /// When it does not.
    fn wait_held(&mut self) -> Result<()>;

    /// Waits until the other end has taken this phone back.
    ///
    /// # Errors
    /// When it does not.
    fn wait_taken_back(&mut self) -> Result<()>;

    /// What the phone heard in the current or last call, so far.
    ///
    /// # Errors
    /// When nothing was recorded at all.
    fn heard(&self) -> Result<Recording>;
}
