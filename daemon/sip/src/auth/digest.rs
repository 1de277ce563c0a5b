//! The arithmetic and the header syntax of digest.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;

use md5::{Digest as _, Md5};
use smallvec::SmallVec;

use crate::message::params::{before_comma, split_before, take_quoted, write_quoted};
use crate::message::{SipUri, Uri};

/// Fields of one header that are looked at; what else a peer writes is passed over.
const MOST_FIELDS: usize = 32;
/// Fields that an answer usually has: username, realm, nonce, uri, response, algorithm, qop, nc, cnonce, opaque.
const USUAL_FIELDS: usize = 10;

/// The hash algorithms of RFC 8760 that are spoken here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// SHA-256.
    Sha256,
    /// MD5, the only one many phones know.
    Md5,
}

impl Algorithm {
    /// As in a header.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA-256",
            Self::Md5 => "MD5",
        }
    }

    /// From a header; MD5 when the parameter is missing (RFC 7616 3.3). `None` for one that is not spoken.
    pub fn from_name(name: Option<&str>) -> Option<Self> {
        match name {
            None => Some(Self::Md5),
            Some(name) => [Self::Sha256, Self::Md5].into_iter().find(|known| name.eq_ignore_ascii_case(known.name())),
        }
    }

    /// Of the parts with a colon between them.
    fn hash(self, parts: &[&[u8]]) -> Hexadecimal {
        let text = parts.join(&b':');
        match self {
            Self::Md5 => hexadecimal(&Md5::digest(text)),
            Self::Sha256 => hexadecimal(ring::digest::digest(&ring::digest::SHA256, &text).as_ref()),
        }
    }
}

/// A digest as it is written: 64 digits at most.
type Hexadecimal = SmallVec<[u8; 64]>;

fn hexadecimal(bytes: &[u8]) -> Hexadecimal {
    let digit = |half: u8| b"0123456789abcdef"[usize::from(half)];
    let mut digits = Hexadecimal::from_elem(0, 2 * bytes.len());
    for (two, byte) in digits.as_mut_slice().chunks_exact_mut(2).zip(bytes) {
        (two[0], two[1]) = (digit(byte >> 4), digit(byte & 15));
    }
    digits
}

/// H(username:realm:password) in hexadecimal: as good as the password within its realm, so it is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Ha1(Hexadecimal);

impl Ha1 {
    /// Computes it.
    pub fn new(algorithm: Algorithm, username: &str, realm: &str, password: &str) -> Self {
        Self(algorithm.hash(&[username.as_bytes(), realm.as_bytes(), password.as_bytes()]))
    }

    /// One that was worked out elsewhere, as hexadecimal text.
    pub fn known(hexadecimal: &str) -> Self {
        Self(hexadecimal.bytes().map(|digit| digit.to_ascii_lowercase()).collect())
    }
}

impl fmt::Debug for Ha1 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ha1(…)")
    }
}

/// A challenge as read from WWW-Authenticate or Proxy-Authenticate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// Realm.
    pub realm: String,
    /// Nonce.
    pub nonce: String,
    /// To be sent back as it came.
    pub opaque: Option<String>,
    /// The first offered algorithm that is spoken here.
    pub algorithm: Algorithm,
    /// Whether `qop=auth` is offered; without it the old RFC 2069 form is used.
    pub qop_auth: bool,
    /// The secret was right, only the nonce is too old.
    pub stale: bool,
}

impl Challenge {
    /// Reads one header value. `None` when it is not Digest, malformed, or asks for what is not spoken.
    pub fn parse(value: &str) -> Option<Self> {
        let fields = Fields::parse(value)?;
        let qop = fields.value("qop");
        let qop_auth = qop.is_some_and(|offered| offered.split(',').any(|one| one.trim().eq_ignore_ascii_case("auth")));
        if qop.is_some() && !qop_auth {
            return None;
        }
        Some(Self {
            realm: fields.value("realm")?.to_owned(),
            nonce: fields.value("nonce")?.to_owned(),
            opaque: fields.value("opaque").map(str::to_owned),
            algorithm: Algorithm::from_name(fields.value("algorithm"))?,
            qop_auth,
            stale: fields.value("stale").is_some_and(|stale| stale.eq_ignore_ascii_case("true")),
        })
    }

    /// The one to answer of several: the first that is spoken (RFC 8760 2.4: the server lists them by preference).
    pub fn choose<'a>(values: impl Iterator<Item = &'a [u8]>) -> Option<Self> {
        values.filter_map(|value| std::str::from_utf8(value).ok()).find_map(Self::parse)
    }
}

/// What a peer answered to our challenge, as it stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials<'a> {
    /// Who it says it is.
    pub username: Cow<'a, str>,
    /// The realm it answers for.
    pub realm: Cow<'a, str>,
    pub(super) nonce: Cow<'a, str>,
    uri: Cow<'a, str>,
    response: Cow<'a, str>,
    pub(super) algorithm: Algorithm,
    /// `nc` and `cnonce`, when `qop=auth` was used.
    pub(super) counted: Option<(u32, Cow<'a, str>)>,
}

impl<'a> Credentials<'a> {
    /// Reads an Authorization or Proxy-Authorization value. `None` when it is not Digest, malformed, or uses what was not offered.
    pub fn parse(value: &'a str) -> Option<Self> {
        let mut fields = Fields::parse(value)?;
        let algorithm = Algorithm::from_name(fields.value("algorithm"))?;
        let counted = match fields.value("qop") {
            None => None,
            Some(qop) if qop.eq_ignore_ascii_case("auth") => {
                let digits = fields.value("nc").filter(|digits| (1..=8).contains(&digits.len()))?;
                Some((u32::from_str_radix(digits, 16).ok()?, fields.take("cnonce")?))
            }
            Some(_) => return None,
        };
        Some(Self {
            username: fields.take("username")?,
            realm: fields.take("realm")?,
            nonce: fields.take("nonce")?,
            uri: fields.take("uri")?,
            response: fields.take("response")?,
            algorithm,
            counted,
        })
    }

    /// The answer itself.
    pub(super) fn response(&self) -> &str {
        &self.response
    }

    /// Whether the response was computed with this secret, in time that does not depend on where it differs.
    pub(super) fn is_proven_by(&self, ha1: &Ha1, method: &str) -> bool {
        self.is_proven_for(ha1, method, &self.uri)
    }

    /// The URI that the response was computed for, with another address in it: as that is written without a port, with the
    /// port that it has here, and with the usual one. None where it names no address.
    pub(super) fn uris_with(&self, address: IpAddr) -> Vec<String> {
        let Some(Uri::Sip(uri)) = Uri::parse(&self.uri) else { return Vec::new() };
        if uri.host.ip().is_none() {
            return Vec::new();
        }
        let with = |port| SipUri { host: address.into(), port, ..uri.clone() }.to_string();
        [None, uri.port, Some(5060)].map(with).into_iter().filter(|other| *other != self.uri).collect()
    }

    /// The same as if it carried that URI.
    pub(super) fn is_proven_for(&self, ha1: &Ha1, method: &str, uri: &str) -> bool {
        let counted = self.counted.as_ref().map(|(count, cnonce)| (*count, &**cnonce));
        let expected = response(self.algorithm, ha1, &self.nonce, counted, method, uri);
        let given = self.response.as_bytes();
        let differences =
            expected.iter().zip(given).fold(0u8, |sum, (one, two)| sum | (one ^ two.to_ascii_lowercase()));
        expected.len() == given.len() && differences == 0
    }
}

fn response(
    algorithm: Algorithm,
    ha1: &Ha1,
    nonce: &str,
    counted: Option<(u32, &str)>,
    method: &str,
    uri: &str,
) -> Hexadecimal {
    let ha2 = algorithm.hash(&[method.as_bytes(), uri.as_bytes()]);
    match counted {
        None => algorithm.hash(&[&ha1.0, nonce.as_bytes(), &ha2]),
        Some((count, cnonce)) => {
            let count = hexadecimal(&count.to_be_bytes());
            algorithm.hash(&[&ha1.0, nonce.as_bytes(), &count, cnonce.as_bytes(), b"auth", &ha2])
        }
    }
}

/// Answers a challenge: the value for Authorization or Proxy-Authorization.
///
/// `count` is how many requests, this one included, used the nonce; `cnonce` is fresh random text.
pub fn answer(
    challenge: &Challenge,
    (username, password): (&str, &str),
    (method, uri): (&str, &str),
    count: u32,
    cnonce: &str,
) -> String {
    let ha1 = Ha1::new(challenge.algorithm, username, &challenge.realm, password);
    answer_knowing(challenge, (username, &ha1), (method, uri), count, cnonce)
}

/// The same for who was given HA1 and not the password. It must be of the challenge's algorithm and realm.
pub fn answer_knowing(
    challenge: &Challenge,
    (username, ha1): (&str, &Ha1),
    (method, uri): (&str, &str),
    count: u32,
    cnonce: &str,
) -> String {
    let counted = challenge.qop_auth.then_some((count, cnonce));
    let response = response(challenge.algorithm, ha1, &challenge.nonce, counted, method, uri);
    let response = String::from_utf8_lossy(&response);
    let mut out = String::from("Digest username=");
    write_quoted(username, &mut out);
    for (name, value) in
        [("realm", &*challenge.realm), ("nonce", &challenge.nonce), ("uri", uri), ("response", &response)]
    {
        out.push_str(", ");
        out.push_str(name);
        out.push('=');
        write_quoted(value, &mut out);
    }
    out.push_str(", algorithm=");
    out.push_str(challenge.algorithm.name());
    if let Some((count, cnonce)) = counted {
        out.push_str(&format!(", qop=auth, nc={count:08x}, cnonce="));
        write_quoted(cnonce, &mut out);
    }
    if let Some(opaque) = &challenge.opaque {
        out.push_str(", opaque=");
        write_quoted(opaque, &mut out);
    }
    out
}

/// `Digest name=value, name="value"`, as it stands there.
struct Fields<'a>(Vec<(&'a str, Cow<'a, str>)>);

impl<'a> Fields<'a> {
    fn parse(value: &'a str) -> Option<Self> {
        let (scheme, rest) = value.trim_ascii().split_once([' ', '\t'])?;
        if !scheme.eq_ignore_ascii_case("Digest") {
            return None;
        }
        let mut fields = Vec::with_capacity(USUAL_FIELDS);
        let mut rest = rest.trim_start_matches(is_between);
        while !rest.is_empty() && fields.len() < MOST_FIELDS {
            let (name, value) = split_before(rest, |byte| matches!(byte, b'=' | b','));
            let value = value.strip_prefix('=')?.trim_ascii_start();
            let (value, behind) = if value.starts_with('"') {
                take_quoted(value)?
            } else {
                let (value, behind) = before_comma(value);
                (Cow::Borrowed(value.trim_ascii_end()), behind)
            };
            fields.push((name.trim_ascii(), value));
            rest = before_comma(behind).1.trim_start_matches(is_between);
        }
        Some(Self(fields))
    }

    /// The value of a field that is asked for once.
    fn take(&mut self, name: &str) -> Option<Cow<'a, str>> {
        let found = self.0.iter_mut().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| std::mem::take(value))
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| &**value)
    }
}

/// Whether it may stand between two fields.
const fn is_between(character: char) -> bool {
    matches!(character, ',' | ' ' | '\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    const RFC7616: (&str, &str) = ("Mufasa", "Circle of Life");

    fn rfc7616_challenge(algorithm: Algorithm) -> Challenge {
        Challenge {
            realm: "http-auth@example.org".into(),
            nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v".into(),
            opaque: Some("FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS".into()),
            algorithm,
            qop_auth: true,
            stale: false,
        }
    }

    #[test]
    fn the_examples_of_rfc_7616_come_out() {
        let expected = [
            (Algorithm::Md5, "8ca523f5e9506fed4657c9700eebdbec"),
            (Algorithm::Sha256, "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
        ];
        for (algorithm, response) in expected {
            let cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
            let value = answer(&rfc7616_challenge(algorithm), RFC7616, ("GET", "/dir/index.html"), 1, cnonce);
            assert!(value.contains(&format!("response=\"{response}\"")), "{value}");
            let credentials = Credentials::parse(&value).unwrap();
            let ha1 = Ha1::new(algorithm, RFC7616.0, "http-auth@example.org", RFC7616.1);
            assert!(credentials.is_proven_by(&ha1, "GET"));
            assert!(!credentials.is_proven_by(&ha1, "PUT"));
            let known = Ha1::known(&String::from_utf8(ha1.0.to_ascii_uppercase()).unwrap());
            let challenge = rfc7616_challenge(algorithm);
            let same = answer_knowing(&challenge, (RFC7616.0, &known), ("GET", "/dir/index.html"), 1, cnonce);
            assert_eq!(same, value, "whoever knows HA1 needs no password");
        }
    }

    #[test]
    fn a_nonce_count_is_hexadecimal_and_goes_past_nine() {
        let value = answer(&rfc7616_challenge(Algorithm::Sha256), RFC7616, ("GET", "/"), 300, "c");
        assert!(value.contains("nc=0000012c"), "{value}");
        assert_eq!(Credentials::parse(&value).unwrap().counted.unwrap().0, 300);
    }

    #[test]
    fn a_challenge_without_qop_is_answered_in_the_old_form() {
        let challenge = Challenge::parse("Digest realm=\"x\", nonce=\"n,1\"").unwrap();
        assert!(!challenge.qop_auth && challenge.algorithm == Algorithm::Md5);
        let value = answer(&challenge, ("u", "p"), ("REGISTER", "sip:x"), 1, "c");
        assert!(!value.contains("cnonce") && Credentials::parse(&value).unwrap().counted.is_none());
    }

    #[test]
    fn nothing_of_a_secret_is_printed() {
        assert_eq!(format!("{:?}", Ha1::new(Algorithm::Md5, "a", "b", "c")), "Ha1(…)");
    }

    #[test]
    fn other_schemes_and_algorithms_are_not_taken_for_ours() {
        for value in [
            "Basic dXNlcg==",
            "Digest",
            "Digest realm=\"x\"",
            "Digest realm=\"x\", nonce=\"y\", algorithm=AKAv1-MD5",
            "Digest realm=\"x\", nonce=\"y\", qop=\"auth-int\"",
            "Digest realm=\"x, nonce=y",
        ] {
            assert_eq!(Challenge::parse(value), None, "{value}");
        }
    }
}
