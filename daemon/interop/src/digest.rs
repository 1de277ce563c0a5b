//! The answer to a digest challenge (RFC 2617 3.2.2, MD5, `qop=auth`), as an ordinary phone gives it.

use md5::{Digest, Md5};

/// A user, with the part of the answer that never changes.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Name.
    pub user: String,
    password: String,
}

impl Credentials {
    /// Those of `user`.
    #[must_use]
    pub fn new(user: &str, password: &str) -> Credentials {
        Credentials { user: user.to_owned(), password: password.to_owned() }
    }

    /// The value of the Authorization header for a request of this method to `uri`.
    #[must_use]
    pub fn answer(&self, challenge: &Challenge<'_>, method: &str, uri: &str) -> String {
        const CNONCE: &str = "0a4f113b";
        const COUNT: &str = "00000001";
        let Challenge { realm, nonce } = challenge;
        let user = &self.user;
        let secret = hex(&format!("{user}:{realm}:{}", self.password));
        let request = hex(&format!("{method}:{uri}"));
        let response = hex(&format!("{secret}:{nonce}:{COUNT}:{CNONCE}:auth:{request}"));
        format!(
            "Digest username=\"{user}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", response=\"{response}\", \
             algorithm=MD5, cnonce=\"{CNONCE}\", qop=auth, nc={COUNT}"
        )
    }
}

fn hex(text: &str) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    Md5::digest(text).iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// What a 401 asks for.
#[derive(Debug, PartialEq, Eq)]
pub struct Challenge<'a> {
    realm: &'a str,
    nonce: &'a str,
}

impl Challenge<'_> {
    /// The MD5 challenge of a response, also when others stand before it.
    #[must_use]
    pub fn find(response: &str) -> Option<Challenge<'_>> {
        let challenges = response.lines().filter(|line| line.starts_with("WWW-Authenticate:"));
        let mut md5 = challenges.filter(|line| !line.contains("SHA-256"));
        let challenge = md5.next()?;
        Some(Challenge { realm: quoted(challenge, "realm=\"")?, nonce: quoted(challenge, "nonce=\"")? })
    }
}

fn quoted<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let after = &text[text.find(name)? + name.len()..];
    after.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_is_the_one_of_rfc_2617_for_its_formula() {
        // Computed with Python's hashlib from the formula of RFC 2617 3.2.2.1.
        let challenge = Challenge { realm: "office", nonce: "n" };
        let answer = Credentials::new("201", "pw").answer(&challenge, "REGISTER", "sip:h");
        assert!(answer.contains("response=\"6ae3e7e5b0644bafb9dd50f85b707cef\""), "{answer}");
    }

    #[test]
    fn the_md5_challenge_is_found_behind_the_sha256_one() {
        let response = "SIP/2.0 401 Unauthorized\r\n\
            WWW-Authenticate: Digest realm=\"a\", nonce=\"x\", algorithm=SHA-256\r\n\
            WWW-Authenticate: Digest realm=\"a\", nonce=\"y\", algorithm=MD5\r\n\r\n";
        assert_eq!(Challenge::find(response), Some(Challenge { realm: "a", nonce: "y" }));
        assert_eq!(Challenge::find("SIP/2.0 200 OK\r\n\r\n"), None);
    }
}
