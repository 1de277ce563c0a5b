//! What is tried here, told to the exchange: it makes the stories of it, and keeps out whoever tries.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use centrale_call_control::incident::Deed;
use centrale_call_control::{Reason, Tried};
use centrale_config::Secret;
use centrale_provisioning::enrolment::{Alarm, AlarmKind, Guess};

use crate::clock;
use crate::edge::{Edge, Wish, blocking};
use crate::guesses::Guesses;
use crate::peer::{Peer, network_of};

/// For how long it is remembered from where somebody is logged in: whoever tries without end costs the store nothing.
const REMEMBERED: Duration = Duration::from_secs(5);

/// From where somebody is logged in, and when that was looked up.
pub(crate) type AtHome = (Instant, BTreeSet<String>);

impl Edge {
    /// A password or a code of the page was wrong, for a user of this name.
    pub(crate) async fn note_wrong(&self, peer: &Peer, agent: &str, name: &str, secret: &Secret) {
        let now = clock::moment().now;
        if self.guesses(|guesses| guesses.wrong(now, peer.source_ip(), name, secret)) {
            let name = self.users_name(name).await.unwrap_or_default();
            self.tell_tried(Reason::PageGuessing, peer.source, (&name, agent), "", Deed::Delayed).await;
        }
    }

    /// Many guess the password of a user of this name, and here is one of them. Where there is no such user they guess nothing.
    pub(crate) async fn note_distributed(&self, peer: &Peer, agent: &str, name: &str) {
        if let Some(name) = self.users_name(name).await {
            self.tell_tried(Reason::PageDistributed, peer.source, (&name, agent), "", Deed::Delayed).await;
        }
    }

    /// What was typed as a name, if a user has it. Nothing else of it is told to anybody: people type passwords there too.
    async fn users_name(&self, typed: &str) -> Option<String> {
        let store = self.0.store.clone();
        let users = blocking(move || store.users()).await.unwrap_or_default();
        users.into_iter().map(|user| user.name).find(|name| name.eq_ignore_ascii_case(typed.trim()))
    }

    /// Somebody logged in: with a browser that this user did not use before, after wrong ones from there that were no mistakes,
    /// it may be anybody.
    pub(crate) async fn note_right(&self, peer: &Peer, agent: &str, name: &str, is_known: bool) {
        let (now, source) = (clock::moment().now, peer.source_ip());
        let guessed = self.guesses(|guesses| {
            let guessed = guesses.is_guesser(now, source);
            guesses.forgive(source);
            guessed
        });
        if guessed && !is_known {
            self.tell_tried(Reason::PageEntered, peer.source, (name, agent), "", Deed::LetIn).await;
            self.warn_of_entry(name, source).await;
        }
    }

    /// Somebody asks for a path that other exchanges have.
    pub(crate) async fn note_honey(&self, peer: &Peer, agent: &str, path: &str) {
        self.tell_tried(Reason::HoneyPath, peer.source, ("", agent), path, Deed::TurnedAway).await;
    }

    /// Somebody asks for phones' settings in vain, again and again for others.
    pub(crate) async fn note_settings_guess(&self, guess: &Guess) {
        let phone = guess.mac.map(|mac| mac.to_string()).unwrap_or_default();
        self.tell_tried(Reason::SettingsGuessing, from(guess.source), (&phone, ""), "", Deed::TurnedAway).await;
    }

    /// A phone, or who plays one, did what an administrator should know.
    pub(crate) async fn note_alarm(&self, alarm: &Alarm) {
        let is_played = match alarm.kind {
            AlarmKind::TokenMisused
            | AlarmKind::CertificateDiffers
            | AlarmKind::UserAgentDiffers
            | AlarmKind::NeighbourDiffers
            | AlarmKind::PlaysPhones => true,
            // Phones are reset, and moved; what is guessed is told guess by guess.
            AlarmKind::AsksAgain | AlarmKind::Moved | AlarmKind::Guessing => false,
        };
        if is_played {
            let phone = alarm.mac.map(|mac| mac.to_string()).unwrap_or_default();
            self.tell_tried(Reason::PhonePlayed, from(alarm.source), (&phone, ""), "", Deed::TurnedAway).await;
        }
    }

    /// `account` and what the other end calls itself, and what it asked for. What finds no room is not told: it is one of very
    /// many then.
    async fn tell_tried(
        &self,
        what: Reason,
        from: SocketAddr,
        (account, device): (&str, &str),
        target: &str,
        deed: Deed,
    ) {
        let is_at_home = self.is_at_home(from.ip().to_canonical()).await;
        let (account, device, target) = (account.to_owned(), device.to_owned(), target.to_owned());
        let tried = Tried { what, from, account, target, device, deed, is_at_home };
        if self.0.wishes.try_send(Wish::Tried(tried)).is_err() {
            tracing::debug!(what = what.code(), "there is no room to tell of an attempt");
        }
    }

    /// Whether somebody is logged in from that address, as it was some seconds ago at most.
    async fn is_at_home(&self, source: IpAddr) -> bool {
        let (now, place) = (clock::moment().now, network_of(source).to_string());
        // Held while it is looked up: of many who ask at once, one does.
        let mut known = self.0.at_home.lock().await;
        let is_fresh = |(at, _): &&AtHome| now.saturating_duration_since(*at) < REMEMBERED;
        if let Some((_, places)) = known.as_ref().filter(is_fresh) {
            return places.contains(&place);
        }
        let store = self.0.store.clone();
        let sessions = blocking(move || store.sessions(clock::unix_ms())).await.unwrap_or_default();
        let places: BTreeSet<String> = sessions.into_iter().map(|session| session.whence.source).collect();
        let is_here = places.contains(&place);
        *known = Some((now, places));
        is_here
    }

    /// Somebody logged in just now.
    pub(crate) async fn forget_who_is_at_home(&self) {
        *self.0.at_home.lock().await = None;
    }

    pub(crate) fn guesses<T>(&self, look: impl FnOnce(&mut Guesses) -> T) -> T {
        look(&mut self.0.guesses.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A phone is known by its address; nobody asks from which port it came.
const fn from(source: IpAddr) -> SocketAddr {
    SocketAddr::new(source, 0)
}
