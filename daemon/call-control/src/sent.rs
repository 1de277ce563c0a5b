//! Requests of ours that are on their way: what each is for, and its answering of a provider's challenge.

use std::sync::Arc;

use centrale_config::{Mac, Secret};
use centrale_sip::auth::{Challenge, answer};
use centrale_sip::endpoint::ClientKey;
use centrale_sip::flow::Path;
use centrale_sip::message::{HeaderName, Request, Response, Status};

use crate::call::{CallKey, ForkId, Side};
use crate::subscription::SubscriptionKey;

/// What a request of ours is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Rings one phone, or asks a provider for a call.
    Fork { call: CallKey, fork: ForkId },
    /// Brings a re-INVITE of the other side to this one.
    ReInvite { call: CallKey, to: Side },
    /// Keeps a session alive (RFC 4028), or tells this side that our media moved.
    Refresh { call: CallKey, to: Side },
    /// Tells an end something of the other one: a key, or an INFO as it came. Its dialog says whose it is by now.
    Info,
    /// Tells this side whom it is connected with after a transfer.
    Join { call: CallKey, to: Side },
    /// Tells a transferor how far its transfer is. Nobody waits for the answer.
    Progress,
    /// Ends a dialog. Nobody waits for the answer.
    Bye,
    /// Takes a registration at a provider away. Nobody waits for the answer: if it is lost, the registration expires.
    SignOff,
    /// Tells a subscriber what changed.
    Notify { subscription: SubscriptionKey },
    /// Tells a phone to fetch its settings.
    Resync { device: Mac },
    /// Registers at a provider.
    TrunkRegister { trunk: String },
    /// Asks a provider what it has of our registration.
    TrunkReadBack { trunk: String },
    /// Asks a provider whether it is there.
    TrunkOptions { trunk: String },
    /// Proves the way to help over a provider.
    HelpTest { trunk: String },
}

impl Purpose {
    pub(crate) const fn is_of_a_call(&self) -> bool {
        match self {
            Self::Fork { .. } | Self::ReInvite { .. } | Self::Refresh { .. } | Self::Info => true,
            Self::Join { .. } | Self::Progress | Self::Bye => true,
            Self::SignOff | Self::Notify { .. } | Self::Resync { .. } => false,
            Self::TrunkRegister { .. } | Self::TrunkReadBack { .. } | Self::TrunkOptions { .. } => false,
            Self::HelpTest { .. } => false,
        }
    }
}

/// What answers a provider's challenge. It outlives its trunk: a call that goes on when the trunk was removed must still be
/// able to hang up.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) username: String,
    pub(crate) password: Secret,
}

/// A request as it was sent, so that it can be sent again with credentials, and compared with what came back.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) purpose: Purpose,
    pub(crate) request: Request,
    pub(crate) path: Path,
    /// What answers a challenge, when the request went to a provider.
    pub(crate) account: Option<Arc<Account>>,
    /// Challenges answered so far.
    pub(crate) answered: u8,
    /// Whether anything came back to it, also 100.
    pub(crate) heard: bool,
}

/// Every request that waits for its final response.
pub(crate) type Outstanding = hashbrown::HashMap<ClientKey, Arc<Sent>>;

/// The challenge in a 401 or 407, when there is one that can be answered.
pub(crate) fn challenge_in(response: &Response) -> Option<(Challenge, HeaderName)> {
    let (asked, answered) = match response.status {
        Status::UNAUTHORIZED => (HeaderName::WwwAuthenticate, HeaderName::Authorization),
        Status::PROXY_AUTHENTICATION_REQUIRED => (HeaderName::ProxyAuthenticate, HeaderName::ProxyAuthorization),
        _ => return None,
    };
    let challenge = Challenge::choose(response.headers.all(&asked).map(|value| &value[..]))?;
    Some((challenge, answered))
}

/// The same request under its next number, with an answer to the challenge (RFC 3261 22.2).
pub(crate) fn authorised(
    request: &Request,
    number: u32,
    (challenge, header): &(Challenge, HeaderName),
    account: &Account,
    cnonce: &str,
) -> Request {
    let mut again = request.clone();
    again.headers.remove(&HeaderName::Via);
    let uri = request.uri.to_string();
    let method = request.method.as_str();
    let credentials = (account.username.as_str(), account.password.reveal());
    again.headers.set(HeaderName::CSeq, format!("{number} {method}"));
    again.headers.set(header.clone(), answer(challenge, credentials, (method, &uri), 1, cnonce));
    again
}
