//! What each source asked for in vain, as far as it tells who guesses from a phone that is not known: a phone asks for its own
//! settings, with the tokens that it was given, again and again; who guesses asks for others each time.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use centrale_config::{Mac, is_of_an_office};

use super::request::Knock;
use super::{Guess, HttpRequest, Neighbour, Refusal, Token, TokenHash};
use crate::recognise::FileName;

/// In which different ones are counted.
const WINDOW: Duration = Duration::from_secs(600);
/// From the internet, where no phone is set up: the second is a guess (threats B-12).
const FROM_INTERNET: usize = 2;
/// On the office's network. A phone that was set up before may hold three tokens, and has its own name.
const FROM_OFFICE: usize = 5;
/// Different ones that are remembered of a source.
const REMEMBERED: usize = 32;
/// Sources that are kept apart; others are not looked at until there is room.
const MAX_SOURCES: usize = 1024;

/// Something that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Sought {
    Phone(Mac),
    Token(TokenHash),
    /// What stands in a token's place and cannot be one.
    NoToken,
}

/// What each source sought.
#[derive(Debug, Default)]
pub(super) struct Seekers(BTreeMap<IpAddr, Vec<(Sought, Instant)>>);

impl Seekers {
    /// A request came to nothing. A guess, when it is for one more than a phone asks for.
    pub(super) fn note(&mut self, now: Instant, request: &HttpRequest<'_>, refusal: Refusal) -> Option<Guess> {
        let (sought, mac) = sought(request, refusal)?;
        let most = most(request)?;
        self.0.retain(|_, known| {
            known.retain(|(_, at)| now.saturating_duration_since(*at) < WINDOW);
            !known.is_empty()
        });
        if self.0.len() >= MAX_SOURCES && !self.0.contains_key(&request.source) {
            return None;
        }
        let known = self.0.entry(request.source).or_default();
        if let Some(again) = known.iter_mut().find(|(one, _)| *one == sought) {
            again.1 = now;
            return None;
        }
        if known.len() >= REMEMBERED {
            known.remove(0);
        }
        known.push((sought, now));
        (known.len() >= most).then_some(Guess { source: request.source, mac })
    }
}

/// From how many different ones on a source guesses. `None` where many phones may have one address: in an office behind a
/// router, which may have lost its box.
fn most(request: &HttpRequest<'_>) -> Option<usize> {
    match request.neighbour {
        Neighbour::Is(_) | Neighbour::NoEntry | Neighbour::Loopback => Some(FROM_OFFICE),
        Neighbour::Routed if is_of_an_office(request.source) => None,
        Neighbour::Routed => Some(FROM_INTERNET),
    }
}

/// What a request was after, where that may be a guess.
fn sought(request: &HttpRequest<'_>, refusal: Refusal) -> Option<(Sought, Option<Mac>)> {
    let is_guess = matches!(
        refusal,
        Refusal::TokenUnknown
            | Refusal::WindowClosed
            | Refusal::NotLocal
            | Refusal::MakerUnknown
            | Refusal::NeighbourDiffers
            | Refusal::AsksTooOften
    );
    let token = |text: &str| Token::read(text).map_or(Sought::NoToken, |token| Sought::Token(token.hash()));
    match Knock::read(request.scheme, request.path).filter(|_| is_guess)? {
        Knock::Bootstrap { nonce: Some(nonce), file } => Some((token(nonce), named(file))),
        Knock::Steady { token: text, file } => Some((token(text), named(file))),
        // A well-formed one is a link of before: its person opens it again over mobile data, whose address many share.
        Knock::Link { token: text } => Token::read(text).is_none().then_some((Sought::NoToken, None)),
        Knock::Bootstrap { nonce: None, file } => {
            let mac = named(file).filter(|mac| request.neighbour != Neighbour::Is(*mac))?;
            Some((Sought::Phone(mac), Some(mac)))
        }
    }
}

fn named(file: &str) -> Option<Mac> {
    FileName::read(file)?.mac()
}
