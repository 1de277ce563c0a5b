//! From where owners and installers come in: the networks that the office named, or else its own. Never so that nobody can: whoever
//! sits at the box, or has a phone of the office let the page in again, comes in from where it is.

use std::net::IpAddr;
use std::sync::PoisonError;
use std::time::Duration;

use axum::http::StatusCode;
use centrale_alerts::{Access, News};
use centrale_config::{Office, is_of_an_office, is_private};
use centrale_store::{Role, UserRow};
use tokio::net::TcpStream;

use crate::clock;
use crate::edge::{Edge, Wish};
use crate::peer::Peer;
use crate::problem::Refused;

/// For how long a phone of the office lets owners and installers in from wherever they are.
const LET_IN: Duration = Duration::from_secs(15 * 60);

/// Whether a role changes how the telephones work.
const fn administers(role: Role) -> bool {
    matches!(role, Role::Owner | Role::Installer)
}

impl Edge {
    /// Whether an owner or an installer may come from an address, as an office says.
    pub(crate) fn is_for_administration(&self, office: &Office, source: IpAddr) -> bool {
        if source.is_loopback() {
            return true;
        }
        if office.administration.is_empty() {
            return self.is_near(source);
        }
        office.administration.iter().any(|network| network.contains(source))
    }

    /// Whether an address is on the office's own networks, where places are kept.
    pub(crate) fn is_near(&self, source: IpAddr) -> bool {
        is_of_an_office(source) || (self.0.surroundings.is_attached)(source)
    }

    /// Whether somebody of that role may be where a request comes from.
    pub(crate) async fn may_come_from(&self, role: Role, source: IpAddr) -> bool {
        !administers(role) || self.is_let_in() || self.is_for_administration(&*self.office().await, source)
    }

    /// Whether a connection from there is spoken to, at an address of the box that nobody named to listen on. At one on the internet only who
    /// is near is, and who the office named; what a router forwards comes to a private one.
    pub(crate) async fn is_open_to(&self, stream: &TcpStream, source: IpAddr) -> bool {
        let Ok(local) = stream.local_addr() else { return false };
        opens(local.ip(), source)
            || (self.0.surroundings.is_attached)(source)
            || self.is_let_in()
            || self.office().await.administration.iter().any(|network| network.contains(source))
    }

    /// Refuses who proved to be an owner or an installer where none of them comes in, and tells it: somebody knows too much, or is
    /// on the way.
    pub(crate) async fn comes_from_where_it_may(&self, user: &UserRow, peer: &Peer) -> Result<(), Refused> {
        let refused = self.is_where_it_may_be(user.standing.role, peer).await;
        if refused.is_err() {
            tracing::warn!(user = user.name, source = %peer.source_ip(), "who administers may not log in from there");
            self.note(peer, &user.name, "log-in-elsewhere", String::new()).await;
            self.tell_access(Access::Elsewhere, &user.name, peer.source_ip());
        }
        refused
    }

    /// Refuses who is of a role that does not come in from there.
    pub(crate) async fn is_where_it_may_be(&self, role: Role, peer: &Peer) -> Result<(), Refused> {
        if self.may_come_from(role, peer.source_ip()).await {
            return Ok(());
        }
        let detail = format!("owners and installers may not log in from {}", peer.source_ip());
        Err(Refused::new(StatusCode::FORBIDDEN, "not-from-here", detail))
    }

    /// Tells by mail what happened to the way in to the page.
    pub(crate) fn tell_access(&self, what: Access, user: &str, source: IpAddr) {
        self.news(News::Access { what, user: user.to_owned(), source: source.to_string(), at: clock::unix_ms() });
    }

    /// Lets owners and installers in from wherever they are, for a while.
    pub(crate) async fn let_in_from_anywhere(&self) {
        let until = clock::moment().now + LET_IN;
        *self.0.let_in_until.lock().unwrap_or_else(PoisonError::into_inner) = Some(until);
        self.wish(Wish::ServePageToAll(LET_IN)).await;
    }

    fn is_let_in(&self) -> bool {
        let until = *self.0.let_in_until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| clock::moment().now < until)
    }
}

/// Whether a connection stays within private networks at one end: nobody comes from the internet to a private address but by a
/// router that somebody told to bring them.
fn opens(local: IpAddr, source: IpAddr) -> bool {
    is_private(local) || is_private(source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_031_from_the_internet_nobody_is_spoken_to_at_an_address_on_the_internet() {
        let opens = |local: &str, source: &str| opens(local.parse().unwrap(), source.parse().unwrap());
        assert!(!opens("203.0.113.10", "198.51.100.9") && !opens("2001:db8::1", "2001:db9::1"));
        for (local, source) in [
            ("192.168.1.10", "198.51.100.9"),
            ("203.0.113.10", "192.168.1.20"),
            ("::ffff:10.0.0.1", "::ffff:198.51.100.9"),
            ("127.0.0.1", "127.0.0.1"),
            ("100.64.3.1", "100.64.7.9"),
        ] {
            assert!(opens(local, source), "{source} at {local}");
        }
    }
}
