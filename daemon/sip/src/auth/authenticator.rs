//! Who is this? Challenges requests and judges the answers.

use std::time::Instant;

use super::digest::{Algorithm, Credentials, Ha1};
use super::nonce::{NonceState, Nonces};
use crate::message::{HeaderName, Request, Response, Status};

/// The two HA1s of one user in the authenticator's realm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secrets {
    sha256: Ha1,
    md5: Ha1,
}

impl Secrets {
    /// Computes both from the password.
    pub fn new(username: &str, realm: &str, password: &str) -> Self {
        let ha1 = |algorithm| Ha1::new(algorithm, username, realm, password);
        Self { sha256: ha1(Algorithm::Sha256), md5: ha1(Algorithm::Md5) }
    }

    const fn of(&self, algorithm: Algorithm) -> &Ha1 {
        match algorithm {
            Algorithm::Sha256 => &self.sha256,
            Algorithm::Md5 => &self.md5,
        }
    }
}

/// What a request proves about its sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// It knows this user's secret, and the answer is fresh.
    Proven(String),
    /// It carries no answer for our realm: challenge it.
    None,
    /// The answer may be right but its nonce is too old: challenge it again with `stale=true`.
    Stale,
    /// It names a known user and proves another secret.
    WrongSecret(String),
    /// It names nobody we know.
    UnknownUser(String),
    /// The same answer was used before.
    Replayed(String),
    /// The header cannot be read, or answers no challenge of ours.
    Malformed,
}

/// Which algorithms a challenge offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// SHA-256 first, MD5 second (RFC 8760 2.4).
    Both,
    /// MD5 alone, for user agents that give up when they see another algorithm at all.
    Md5Only,
}

/// Challenges and checks, for one realm.
#[derive(Debug)]
pub struct Authenticator {
    realm: String,
    nonces: Nonces,
    /// Compared against when a user is unknown, so that knowing and not knowing one takes the same time.
    nobody: Secrets,
}

impl Authenticator {
    /// For a realm, with a random key that seals the nonces.
    pub fn new(realm: &str, key: &[u8; 32]) -> Self {
        Self { realm: realm.to_owned(), nonces: Nonces::new(key), nobody: Secrets::new("", realm, "") }
    }

    /// The realm of the challenges.
    pub fn realm(&self) -> &str {
        &self.realm
    }

    /// The 401 to a request, each algorithm offered with `qop="auth"`.
    pub fn challenge(&mut self, now: Instant, request: &Request, to_tag: &str, stale: bool, offer: Offer) -> Response {
        let mut response = request.tagged_response(Status::UNAUTHORIZED, to_tag);
        let nonce = self.nonces.issue(now);
        let algorithms: &[Algorithm] = match offer {
            Offer::Both => &[Algorithm::Sha256, Algorithm::Md5],
            Offer::Md5Only => &[Algorithm::Md5],
        };
        for algorithm in algorithms {
            let stale = if stale { ", stale=true" } else { "" };
            let (realm, algorithm) = (&*self.realm, algorithm.name());
            let value = [
                "Digest realm=\"",
                realm,
                "\", nonce=\"",
                &nonce,
                "\", algorithm=",
                algorithm,
                ", qop=\"auth\"",
                stale,
            ];
            response.headers.push(HeaderName::WwwAuthenticate, value.concat());
        }
        response
    }

    /// Judges the answer in a request. `lookup` finds a user's secrets.
    pub fn verify<'a>(
        &mut self,
        now: Instant,
        request: &Request,
        lookup: impl FnOnce(&str) -> Option<&'a Secrets>,
    ) -> Proof {
        let mut answers = request.headers.all(&HeaderName::Authorization).peekable();
        if answers.peek().is_none() {
            return Proof::None;
        }
        let texts = answers.filter_map(|value| std::str::from_utf8(value).ok());
        let mut read = texts.filter_map(Credentials::parse).peekable();
        if read.peek().is_none() {
            return Proof::Malformed;
        }
        // An answer for another realm is for somebody further on (RFC 3261 22.3).
        let Some(credentials) = read.find(|credentials| credentials.realm == self.realm) else { return Proof::None };
        let serial = match self.nonces.state(now, &credentials.nonce) {
            NonceState::Fresh(serial) => serial,
            // A foreign one is of before a restart, or made up: either way the sender is asked again, without blame.
            NonceState::Old | NonceState::Foreign => return Proof::Stale,
        };
        self.judge(credentials, request.method.as_str(), serial, lookup)
    }

    fn judge<'a>(
        &mut self,
        credentials: Credentials,
        method: &str,
        serial: u64,
        lookup: impl FnOnce(&str) -> Option<&'a Secrets>,
    ) -> Proof {
        let known = lookup(&credentials.username);
        let secrets = known.unwrap_or(&self.nobody);
        let proven = credentials.is_proven_by(secrets.of(credentials.algorithm), method);
        if known.is_none() {
            return Proof::UnknownUser(credentials.username);
        }
        if !proven {
            return Proof::WrongSecret(credentials.username);
        }
        // Without qop there is no count: such an answer is good once per nonce, as count zero.
        let count = credentials.counted.as_ref().map_or(0, |(count, _)| *count);
        if self.nonces.note_count(serial, count) {
            Proof::Proven(credentials.username)
        } else {
            Proof::Replayed(credentials.username)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::digest::{Challenge, answer};
    use super::*;
    use crate::message::{Method, Uri};

    const USER: &str = "201";
    const PASSWORD: &str = "correct horse battery";

    struct Desk {
        authenticator: Authenticator,
        secrets: Secrets,
        now: Instant,
    }

    impl Desk {
        fn new() -> Self {
            let authenticator = Authenticator::new("office", &[1; 32]);
            Self { authenticator, secrets: Secrets::new(USER, "office", PASSWORD), now: Instant::now() }
        }

        fn challenge(&mut self, choice: usize) -> Challenge {
            let response = self.authenticator.challenge(self.now, &request(), "tag", false, Offer::Both);
            let offered: Vec<_> = response.headers.all(&HeaderName::WwwAuthenticate).cloned().collect();
            Challenge::parse(std::str::from_utf8(&offered[choice]).unwrap()).unwrap()
        }

        fn verify(&mut self, authorization: String) -> Proof {
            let mut request = request();
            request.headers.push(HeaderName::Authorization, authorization);
            let secrets = &self.secrets;
            self.authenticator.verify(self.now, &request, |user| (user == USER).then_some(secrets))
        }
    }

    fn request() -> Request {
        let mut request = Request::new(Method::REGISTER, Uri::parse("sip:office").unwrap());
        request.headers.push(HeaderName::To, "<sip:201@office>");
        request
    }

    fn answered(challenge: &Challenge, user: &str, password: &str, count: u32) -> String {
        answer(challenge, (user, password), ("REGISTER", "sip:office"), count, "cnonce")
    }

    #[test]
    fn both_algorithms_prove_the_secret_and_sha_256_is_offered_first() {
        let mut desk = Desk::new();
        assert_eq!(desk.challenge(0).algorithm, Algorithm::Sha256);
        for choice in [0, 1] {
            let challenge = desk.challenge(choice);
            assert_eq!(desk.verify(answered(&challenge, USER, PASSWORD, 1)), Proof::Proven(USER.into()));
        }
    }

    #[test]
    fn a_nonce_serves_many_requests_but_no_answer_serves_twice() {
        let mut desk = Desk::new();
        let challenge = desk.challenge(0);
        for count in 1..=20 {
            assert_eq!(desk.verify(answered(&challenge, USER, PASSWORD, count)), Proof::Proven(USER.into()));
        }
        assert_eq!(desk.verify(answered(&challenge, USER, PASSWORD, 7)), Proof::Replayed(USER.into()));
    }

    #[test]
    fn an_old_nonce_is_stale_and_no_wrong_secret() {
        let mut desk = Desk::new();
        let challenge = desk.challenge(0);
        desk.now += Duration::from_secs(301);
        assert_eq!(desk.verify(answered(&challenge, USER, PASSWORD, 1)), Proof::Stale);
    }

    #[test]
    fn wrong_secret_unknown_user_and_nonsense_are_told_apart() {
        let mut desk = Desk::new();
        let challenge = desk.challenge(1);
        assert_eq!(desk.verify(answered(&challenge, USER, "guess", 1)), Proof::WrongSecret(USER.into()));
        assert_eq!(desk.verify(answered(&challenge, "999", PASSWORD, 1)), Proof::UnknownUser("999".into()));
        assert_eq!(desk.verify("Digest rubbish".into()), Proof::Malformed);
        assert_eq!(desk.verify(answered(&challenge, USER, PASSWORD, 1).replace("office", "elsewhere")), Proof::None);
    }
}
