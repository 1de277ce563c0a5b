//! Who is this? Challenges requests and judges the answers.

use std::hash::{Hash as _, Hasher as _};
use std::net::IpAddr;
use std::time::Instant;

use smallvec::SmallVec;

use super::digest::{Algorithm, Credentials, Ha1};
use super::nonce::{NonceState, Nonces, Use};
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
    /// The same, but for the address in its URI, which somebody on the way has written over (see [`Answer::may_mean`]).
    Rewritten(String),
    /// It carries no answer for our realm: challenge it.
    None,
    /// The answer may be right but its nonce is too old: challenge it again with `stale=true`.
    Stale,
    /// It names a known user and proves another secret.
    WrongSecret(String),
    /// It names a known user and proves a secret that was the user's before.
    OldSecret(String),
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

/// How to challenge.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// Whether the answer may have been right and only its nonce too old.
    pub stale: bool,
    /// Which algorithms.
    pub offer: Offer,
    /// The user to whom the same nonce is repeated, without `qop`: the same secret gives the same answer then.
    pub repeat: Option<&'a str>,
}

/// How many secrets a user had before are compared with a wrong one. It is always compared with so many.
pub const EARLIER: usize = 3;

/// An answer to a challenge of ours that was read and not judged yet.
#[derive(Debug)]
pub struct Answer<'a> {
    credentials: Credentials<'a>,
    serial: u64,
    repeated: bool,
    /// Addresses that it may have been worked out for besides the one in its URI.
    meant: SmallVec<[IpAddr; MOST_MEANT]>,
}

/// Most addresses that an answer may have meant; each costs a wrong one three digests a secret.
const MOST_MEANT: usize = 6;

impl Answer<'_> {
    /// Who it says it is.
    pub fn username(&self) -> &str {
        &self.credentials.username
    }

    /// Whether it answers a nonce that is repeated.
    pub const fn is_repeated(&self) -> bool {
        self.repeated
    }

    /// Addresses under which the sender may know us: should the answer be worked out for one of these, a router on the way wrote
    /// over the one that it carries. The first six count.
    #[must_use]
    pub fn may_mean(self, addresses: impl Iterator<Item = IpAddr>) -> Self {
        Self { meant: addresses.take(MOST_MEANT).collect(), ..self }
    }

    /// A name for nonce and answer together: the same again is the same secret again. Nothing can be worked out from it.
    pub fn print(&self) -> u64 {
        let mut hasher = std::hash::DefaultHasher::new();
        (&self.credentials.nonce, self.credentials.response()).hash(&mut hasher);
        hasher.finish()
    }
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

    /// The 401 to a request from there, each algorithm offered with `qop="auth"` unless the nonce is repeated.
    pub fn challenge(
        &mut self,
        now: Instant,
        (request, source): (&Request, IpAddr),
        to_tag: &str,
        terms: Terms<'_>,
    ) -> Response {
        let mut response = request.tagged_response(Status::UNAUTHORIZED, to_tag);
        let (nonce, qop) = match terms.repeat {
            None => (self.nonces.issue(now, source), ", qop=\"auth\""),
            Some(user) => (self.nonces.repeat(now, source, user), ""),
        };
        let algorithms: &[Algorithm] = match terms.offer {
            Offer::Both => &[Algorithm::Sha256, Algorithm::Md5],
            Offer::Md5Only => &[Algorithm::Md5],
        };
        for algorithm in algorithms {
            let stale = if terms.stale { ", stale=true" } else { "" };
            let (realm, algorithm) = (&*self.realm, algorithm.name());
            let value = ["Digest realm=\"", realm, "\", nonce=\"", &nonce, "\", algorithm=", algorithm, qop, stale];
            response.headers.push(HeaderName::WwwAuthenticate, value.concat());
        }
        response
    }

    /// Judges the answer in a request from there. `lookup` finds a user's secrets.
    pub fn verify<'a>(
        &mut self,
        now: Instant,
        (request, source): (&Request, IpAddr),
        lookup: impl FnOnce(&str) -> Option<&'a Secrets>,
    ) -> Proof {
        match self.read(now, request, source) {
            Err(proof) => proof,
            Ok(answer) => {
                let known = lookup(answer.username());
                self.judge(answer, request.method.as_str(), known, &[])
            }
        }
    }

    /// Reads the answer in a request from there.
    ///
    /// # Errors
    /// [`Proof::None`], [`Proof::Malformed`] or [`Proof::Stale`] when there is nothing to judge.
    pub fn read<'a>(&mut self, now: Instant, request: &'a Request, source: IpAddr) -> Result<Answer<'a>, Proof> {
        let answers = request.headers.all(&HeaderName::Authorization);
        // One of a scheme that nobody knows counts as none (RFC 4475 3.3.7).
        let mut answers = answers.filter(|value| is_digest(value)).peekable();
        if answers.peek().is_none() {
            return Err(Proof::None);
        }
        let texts = answers.filter_map(|value| std::str::from_utf8(value).ok());
        let mut read = texts.filter_map(Credentials::parse).peekable();
        if read.peek().is_none() {
            return Err(Proof::Malformed);
        }
        // An answer for another realm is for somebody further on (RFC 3261 22.3).
        let credentials = read.find(|credentials| credentials.realm == self.realm).ok_or(Proof::None)?;
        match self.nonces.state(now, source, &credentials.nonce) {
            NonceState::Fresh(serial) => Ok(Answer { credentials, serial, repeated: false, meant: SmallVec::new() }),
            NonceState::Repeated(serial) => Ok(Answer { credentials, serial, repeated: true, meant: SmallVec::new() }),
            // A foreign one is of before a restart, sent elsewhere, or made up: the sender is asked again, without blame.
            NonceState::Old | NonceState::Foreign => Err(Proof::Stale),
        }
    }

    /// Judges what was read: by the user's secret, and by those the user had before. That it is no user's takes as long.
    pub fn judge(&mut self, answer: Answer<'_>, method: &str, known: Option<&Secrets>, earlier: &[Secrets]) -> Proof {
        let Answer { credentials, serial, meant, .. } = answer;
        let proves = |secrets: &Secrets| credentials.is_proven_by(secrets.of(credentials.algorithm), method);
        let proven = proves(known.unwrap_or(&self.nobody));
        let was = |at: usize| earlier.get(at).filter(|_| known.is_some());
        if !proven || known.is_none() {
            // All of them are compared, also when one was found.
            let found = (0..EARLIER).filter(|at| proves(was(*at).unwrap_or(&self.nobody)) && was(*at).is_some());
            if found.count() > 0 {
                return Proof::OldSecret(credentials.username.into_owned());
            }
        }
        let secret = known.unwrap_or(&self.nobody).of(credentials.algorithm);
        // All are compared, and also where nobody is known.
        let is_proven_for = |uri: &&String| credentials.is_proven_for(secret, method, uri);
        let rewritten = !proven && uris_with(&credentials, &meant).iter().filter(is_proven_for).count() > 0;
        if known.is_none() {
            return Proof::UnknownUser(credentials.username.into_owned());
        }
        if !proven && !rewritten {
            return Proof::WrongSecret(credentials.username.into_owned());
        }
        // Without qop there is no count: such an answer is good once per nonce, as count zero.
        let count = credentials.counted.as_ref().map_or(0, |(count, _)| *count);
        match self.nonces.note_count(serial, count) {
            Use::Again => Proof::Replayed(credentials.username.into_owned()),
            Use::Forgotten => Proof::Stale,
            Use::First if rewritten => Proof::Rewritten(credentials.username.into_owned()),
            Use::First => Proof::Proven(credentials.username.into_owned()),
        }
    }
}

fn is_digest(value: &[u8]) -> bool {
    let scheme = value.trim_ascii_start().split(u8::is_ascii_whitespace).next();
    scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"Digest"))
}

/// The URI with each of these addresses in place of its own, each once.
fn uris_with(credentials: &Credentials<'_>, addresses: &[IpAddr]) -> Vec<String> {
    let mut uris: Vec<String> = addresses.iter().flat_map(|address| credentials.uris_with(*address)).collect();
    uris.sort();
    uris.dedup();
    uris
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::digest::{Challenge, answer};
    use super::*;
    use crate::message::{Method, Uri};

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
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
            self.challenge_on(choice, None)
        }

        fn challenge_on(&mut self, choice: usize, repeat: Option<&str>) -> Challenge {
            let terms = Terms { stale: false, offer: Offer::Both, repeat };
            let response = self.authenticator.challenge(self.now, (&request(), HERE), "tag", terms);
            let offered: Vec<_> = response.headers.all(&HeaderName::WwwAuthenticate).cloned().collect();
            Challenge::parse(std::str::from_utf8(&offered[choice]).unwrap()).unwrap()
        }

        fn verify(&mut self, authorization: String) -> Proof {
            let mut request = request();
            request.headers.push(HeaderName::Authorization, authorization);
            let secrets = &self.secrets;
            self.authenticator.verify(self.now, (&request, HERE), |user| (user == USER).then_some(secrets))
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
    fn the_same_secret_gives_the_same_print_on_a_repeated_nonce_and_proves_once() {
        let mut desk = Desk::new();
        let print = |desk: &mut Desk, password: &str, cnonce: u32| {
            let challenge = desk.challenge_on(0, Some(USER));
            let mut request = request();
            request.headers.push(HeaderName::Authorization, answered(&challenge, USER, password, cnonce));
            let answer = desk.authenticator.read(desk.now, &request, HERE).unwrap();
            assert!(answer.is_repeated());
            answer.print()
        };
        let first = print(&mut desk, "of last year", 1);
        assert_eq!(print(&mut desk, "of last year", 2), first);
        assert_ne!(print(&mut desk, "guess", 3), first);
        let challenge = desk.challenge_on(1, Some(USER));
        let right = answered(&challenge, USER, PASSWORD, 1);
        assert_eq!(desk.verify(right.clone()), Proof::Proven(USER.into()));
        assert_eq!(desk.verify(right), Proof::Replayed(USER.into()));
    }

    #[test]
    fn an_answer_whose_use_was_forgotten_is_asked_for_again_and_not_believed_a_second_time() {
        for repeat in [None, Some(USER)] {
            let mut desk = Desk::new();
            let challenge = desk.challenge_on(0, repeat);
            let heard = answered(&challenge, USER, PASSWORD, 1);
            assert_eq!(desk.verify(heard.clone()), Proof::Proven(USER.into()));
            let unused = desk.challenge(0);
            for _ in 0..20_001 {
                let challenge = desk.challenge(0);
                assert_eq!(desk.verify(answered(&challenge, USER, PASSWORD, 1)), Proof::Proven(USER.into()));
            }
            assert_eq!(desk.verify(heard), Proof::Stale, "{repeat:?}");
            assert_eq!(
                desk.verify(answered(&unused, USER, PASSWORD, 1)),
                Proof::Stale,
                "nobody can say whether it was"
            );
            let challenge = desk.challenge(0);
            assert_eq!(desk.verify(answered(&challenge, USER, PASSWORD, 1)), Proof::Proven(USER.into()));
        }
    }

    #[test]
    fn a_secret_of_before_is_told_from_a_wrong_one() {
        let mut desk = Desk::new();
        let earlier = [Secrets::new(USER, "office", "of last year")];
        for (user, password, proof) in [
            (USER, "of last year", Proof::OldSecret(USER.into())),
            (USER, "guess", Proof::WrongSecret(USER.into())),
            (USER, PASSWORD, Proof::Proven(USER.into())),
            ("299", "of last year", Proof::UnknownUser("299".into())),
        ] {
            let challenge = desk.challenge(0);
            let mut request = request();
            request.headers.push(HeaderName::Authorization, answered(&challenge, user, password, 1));
            let answer = desk.authenticator.read(desk.now, &request, HERE).unwrap();
            let known = (user == USER).then_some(&desk.secrets);
            assert_eq!(desk.authenticator.judge(answer, "REGISTER", known, &earlier), proof);
        }
    }

    #[test]
    fn an_answer_in_which_an_address_was_written_over_is_told_from_a_wrong_secret_when_the_address_is_one_of_ours() {
        let mut desk = Desk::new();
        let ours: [IpAddr; 2] = ["192.0.2.10".parse().unwrap(), "203.0.113.2".parse().unwrap()];
        for (password, meant, proof) in [
            (PASSWORD, "sip:203.0.113.2", Proof::Rewritten(USER.into())),
            (PASSWORD, "sip:203.0.113.2:5060", Proof::Rewritten(USER.into())),
            (PASSWORD, "sip:198.51.100.9", Proof::WrongSecret(USER.into())),
            ("guess", "sip:203.0.113.2", Proof::WrongSecret(USER.into())),
        ] {
            let challenge = desk.challenge(0);
            let value = answer(&challenge, (USER, password), ("REGISTER", meant), 1, "cnonce");
            let mut request = request();
            let written_over = value.replace(&format!("uri=\"{meant}\""), "uri=\"sip:192.168.7.7:5060\"");
            assert_ne!(written_over, value);
            request.headers.push(HeaderName::Authorization, written_over);
            let answer = desk.authenticator.read(desk.now, &request, HERE).unwrap().may_mean(ours.into_iter());
            assert_eq!(desk.authenticator.judge(answer, "REGISTER", Some(&desk.secrets), &[]), proof, "{meant}");
        }
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
        assert_eq!(desk.verify("NoOneKnowsThisScheme opaque-data=here".into()), Proof::None);
        assert_eq!(desk.verify(answered(&challenge, USER, PASSWORD, 1).replace("office", "elsewhere")), Proof::None);
    }
}
