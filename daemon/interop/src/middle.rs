//! What stands between the phones: kamailio, which proves the scenario, or the box, which is what it is for.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::{Account, Centraled, Failure, Kamailio, Place, Result, Subscriber, Transport};

/// Which of the two runs of a scenario this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Middle {
    /// The peers with each other, without the box.
    Peers,
    /// The box between them.
    Box,
}

/// A trunk of the office, as its provider handed it out.
#[derive(Debug, Clone)]
pub struct Trunk {
    /// Where the provider's registrar is.
    pub server: SocketAddr,
    /// How to get there.
    pub transport: Transport,
    /// Name and secret at the provider.
    pub subscriber: Subscriber,
    /// The office's number in the world, E.164 with the plus.
    pub number: &'static str,
    /// Who answers it.
    pub answered_by: &'static str,
    /// Who has signed for the provider, when it is nobody that everybody trusts (PEM).
    pub authority: Option<PathBuf>,
    /// What else its contract says, as lines of the office file.
    pub terms: &'static str,
}

impl Trunk {
    /// The usual contract: the office registers with name and secret.
    pub const REGISTERS: &'static str = "register = true\n";

    /// The usual trunk: over UDP, by the usual contract, answered by 201, from a provider that shows nothing signed.
    #[must_use]
    pub fn usual(server: SocketAddr, subscriber: Subscriber, number: &'static str) -> Trunk {
        let (transport, answered_by) = (Transport::Udp, "201");
        Trunk { server, transport, subscriber, number, answered_by, authority: None, terms: Self::REGISTERS }
    }
}

/// A running exchange for a few people.
#[derive(Debug)]
pub struct Office {
    exchange: Exchange,
    people: Vec<Subscriber>,
}

#[derive(Debug)]
enum Exchange {
    Kamailio(Kamailio),
    Centraled(Centraled),
}

impl Office {
    /// Opens an office at `place` in which everybody of `people` may register and call each other.
    ///
    /// # Errors
    /// When the exchange does not start.
    pub fn open(middle: Middle, place: &Place, people: &[&str]) -> Result<Office> {
        let people: Vec<Subscriber> = people.iter().map(|number| Subscriber::new(number)).collect();
        let exchange = match middle {
            Middle::Peers => Exchange::Kamailio(Kamailio::start(place, &people)?),
            Middle::Box => Exchange::Centraled(Centraled::start(place, &people, None)?),
        };
        Ok(Office { exchange, people })
    }

    /// Opens an office with the box as its exchange and a way out into the world. There is no such office without the
    /// box: there a phone registers at the provider itself.
    ///
    /// # Errors
    /// When the box does not start.
    pub fn open_with_trunk(place: &Place, people: &[&str], trunk: &Trunk) -> Result<Office> {
        let people: Vec<Subscriber> = people.iter().map(|number| Subscriber::new(number)).collect();
        let exchange = Exchange::Centraled(Centraled::start(place, &people, Some(trunk))?);
        Ok(Office { exchange, people })
    }

    /// Where phones register.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        match &self.exchange {
            Exchange::Kamailio(kamailio) => kamailio.address(),
            Exchange::Centraled(centraled) => centraled.address(),
        }
    }

    /// The same account over TLS, which only the box speaks here.
    ///
    /// # Errors
    /// When nobody has that number, or there is no box.
    pub fn account_over_tls(&self, number: &str) -> Result<Account> {
        let Exchange::Centraled(centraled) = &self.exchange else {
            return Err(Failure::Unexpected("kamailio is set up without TLS here".to_owned()));
        };
        Ok(Account { server: centraled.tls_address(), transport: Transport::Tls, ..self.account(number)? })
    }

    /// The account of one of its people.
    ///
    /// # Errors
    /// When nobody has that number.
    pub fn account(&self, number: &str) -> Result<Account> {
        let person = self.people.iter().find(|person| person.user == number);
        let person = person.ok_or_else(|| Failure::Unexpected(format!("nobody has number {number} here")))?;
        Ok(Account::new(person, self.address(), Transport::Udp))
    }
}
