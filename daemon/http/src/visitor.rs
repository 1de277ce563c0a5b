//! Who comes to log in, before the password is judged: whether the browser is known, and whether the user is one at whom many guess.

use std::net::IpAddr;
use std::sync::PoisonError;

use axum::http::HeaderMap;
use centrale_config::Secret;

use crate::attempts::Place;
use crate::clock;
use crate::edge::Edge;
use crate::guesses::Target;
use crate::peer::Peer;
use crate::problem::Refused;
use crate::session::browser_in;

/// How long a stranger is told to wait while many guess at a user, in seconds.
const STRANGERS_WAIT: u64 = 600;

/// Somebody at the log-in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Visitor {
    source: IpAddr,
    /// On the box's own networks.
    is_near: bool,
    /// The user at whom guesses are counted.
    user: Target,
    /// The browser, where that user logged in before and it has not guessed itself.
    browser: Option<u64>,
}

impl Visitor {
    /// Whether the browser is known.
    pub(crate) const fn is_known(&self) -> bool {
        self.browser.is_some()
    }

    /// Where this visitor's wrong passwords are waited for.
    pub(crate) fn place(&self) -> Place {
        self.browser.map_or(Place::Source(self.source), Place::Browser)
    }
}

impl Edge {
    /// Who comes to log in as a user of this name.
    pub(crate) async fn visitor(&self, headers: &HeaderMap, peer: &Peer, name: &str) -> Result<Visitor, Refused> {
        let (now, source) = (clock::moment().now, peer.source_ip());
        let is_near = (self.0.surroundings.is_attached)(source);
        let is_known = self.knows_browser(headers, name).await?;
        Ok(self.guesses(|guesses| {
            let user = guesses.hash(name);
            let user = if is_near { Target::Near(user) } else { Target::Far(user) };
            let shown = browser_in(headers).filter(|_| is_known).map(|shown| guesses.hash(shown.reveal()));
            let browser = shown.filter(|shown| !guesses.is_watched(now, Target::Browser(*shown)));
            Visitor { source, is_near, user, browser }
        }))
    }

    /// Refuses a stranger from elsewhere while many guess at that user: what nobody judges, nobody guesses. In the office nobody is
    /// refused.
    pub(crate) fn receives(&self, visitor: &Visitor) -> Result<(), Refused> {
        let is_refused = !visitor.is_near && !visitor.is_known() && self.is_watched(visitor);
        if is_refused { Err(Refused::wait(STRANGERS_WAIT)) } else { Ok(()) }
    }

    /// A visitor's password was judged, and is wrong. Whether by now many guess at that user.
    pub(crate) fn judged_wrong(&self, visitor: &Visitor, secret: &Secret) -> bool {
        let now = clock::moment().now;
        let target = visitor.browser.map_or(visitor.user, Target::Browser);
        self.guesses(|guesses| guesses.judged_wrong(now, target, secret));
        let is_watched = !visitor.is_known() && self.is_watched(visitor);
        if is_watched && visitor.is_near {
            let mut attempts = self.0.attempts.lock().unwrap_or_else(PoisonError::into_inner);
            attempts.of(true).hold(visitor.source);
        }
        is_watched
    }

    fn is_watched(&self, visitor: &Visitor) -> bool {
        let now = clock::moment().now;
        self.guesses(|guesses| guesses.is_watched(now, visitor.user))
    }
}
