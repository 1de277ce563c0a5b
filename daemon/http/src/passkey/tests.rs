//! What an authenticator made or signed, whole and spoiled in every way.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ciborium::Value;

use super::*;

#[path = "../../tests/http/authenticator.rs"]
mod authenticator;
use authenticator::{Authenticator, MadeHere, Private, SignedHere};

const ORIGIN: &str = "https://centrale.local:8443";
const NAME: &str = "centrale.local";
const CHALLENGE: &str = "Y2hhbGxlbmdl";

fn site() -> Site {
    Site::of("centrale.local:8443", &[NAME, "localhost"]).unwrap()
}

fn authenticator(private: Private) -> Authenticator {
    Authenticator::at(ORIGIN, NAME, private)
}

fn made(made: &MadeHere) -> Result<Made, Unproven> {
    Made::read(MadeText { client_data: &made.client_data, attestation: &made.attestation }, &site())
}

fn signed(signed: &SignedHere) -> Result<Signed, Unproven> {
    let SignedHere { credential, client_data, authenticator_data, signature, user_handle } = signed;
    let user_handle = user_handle.as_deref();
    Signed::read(SignedText { credential, client_data, authenticator_data, signature, user_handle }, &site())
}

fn proven(text: &SignedHere, key: &[u8]) -> Result<(), Unproven> {
    signed(text)?.is_by(key)
}

#[test]
fn a_passkey_of_each_kind_is_kept_and_proves_who_has_it() {
    for private in [Private::es256(), Private::ed_dsa(), Private::rs256()] {
        let mut one = authenticator(private);
        let kept = made(&one.make(CHALLENGE)).unwrap();
        assert_eq!(
            (kept.challenge.as_slice(), &kept.credential, kept.counter),
            (&b"challenge"[..], &one.credential, 0)
        );
        let text = one.sign(CHALLENGE);
        let read = signed(&text).unwrap();
        assert_eq!((read.challenge.as_slice(), read.counter), (&b"challenge"[..], 1));
        assert_eq!(read.is_by(&kept.public_key), Ok(()));
        let another = made(&authenticator(Private::es256()).make(CHALLENGE)).unwrap();
        assert_eq!(proven(&text, &another.public_key), Err(Unproven::Signature));
    }
}

#[test]
fn the_page_has_a_site_at_a_name_of_the_box_alone() {
    let names = [NAME, "localhost"];
    assert_eq!(Site::of("CENTRALE.local:8443", &names), Some(site()));
    assert_eq!(Site::of("localhost", &names).unwrap().origin, "https://localhost");
    for host in ["192.168.1.2:8443", "[fd00::1]:8443", "", "local", "evil.centrale.local", "centrale.local.evil.nl:443"]
    {
        assert_eq!(Site::of(host, &names), None, "{host}");
    }
}

#[test]
fn what_is_for_another_page_another_name_or_something_else_is_refused() {
    type Spoil = fn(&mut Authenticator);
    let cases: [(&str, Spoil, Unproven); 5] = [
        ("another port", |one| one.origin = "https://centrale.local".into(), Unproven::Origin),
        ("in clear", |one| one.origin = "http://centrale.local:8443".into(), Unproven::Origin),
        ("another name", |one| one.rp_id = "localhost".into(), Unproven::RelyingParty),
        ("nobody was looked at", |one| one.flags = 0x01, Unproven::NotVerified),
        ("nobody was there", |one| one.flags = 0x04, Unproven::NotVerified),
    ];
    for (what, spoil, fault) in cases {
        let mut one = authenticator(Private::es256());
        spoil(&mut one);
        assert_eq!(made(&one.make(CHALLENGE)), Err(fault), "{what}");
        assert_eq!(signed(&one.sign(CHALLENGE)).map(drop), Err(fault), "{what}");
    }
    let one = authenticator(Private::es256());
    assert_eq!(signed(&one.sign_as("webauthn.create", CHALLENGE)).map(drop), Err(Unproven::Ceremony));
    assert_eq!(signed(&one.sign_as("payment.get", CHALLENGE)).map(drop), Err(Unproven::Ceremony));
}

#[test]
fn nobody_vouches_for_an_authenticator_but_the_passkey_itself() {
    let one = authenticator(Private::es256());
    assert!(made(&one.make_signed(CHALLENGE)).is_ok());
    let other = authenticator(Private::es256());
    let forged = MadeHere { attestation: other.make_signed("b3RoZXI").attestation, ..one.make_signed(CHALLENGE) };
    assert_eq!(made(&forged), Err(Unproven::Attestation));
    let chain = Value::Map(vec![
        (Value::from("sig"), Value::Bytes(vec![0])),
        (Value::from("x5c"), Value::Array(vec![Value::Bytes(vec![0; 100])])),
    ]);
    for (format, statement) in [("packed", chain), ("tpm", Value::Map(Vec::new())), ("none", Value::from(1))] {
        assert_eq!(made(&one.make_as(format, CHALLENGE, statement)), Err(Unproven::Attestation), "{format}");
    }
}

/// The text with each of its bytes changed, and with each of its ends cut off or more behind it.
fn spoiled(text: &str) -> impl Iterator<Item = String> {
    let bytes = URL_SAFE_NO_PAD.decode(text).unwrap();
    let flipped = {
        let bytes = bytes.clone();
        (0..bytes.len() * 8).map(move |bit| {
            let mut bytes = bytes.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            bytes
        })
    };
    let cut = (0..bytes.len()).map({
        let bytes = bytes.clone();
        move |length| bytes[..length].to_vec()
    });
    let longer = [[&bytes[..], &[0]].concat(), [&bytes[..], &bytes].concat()];
    flipped.chain(cut).chain(longer).map(|bytes| URL_SAFE_NO_PAD.encode(bytes))
}

#[test]
fn not_a_bit_of_what_is_signed_can_be_another_and_nothing_ends_the_program() {
    let mut one = authenticator(Private::es256());
    let key = made(&one.make(CHALLENGE)).unwrap().public_key;
    let text = one.sign(CHALLENGE);
    assert_eq!(proven(&text, &key), Ok(()));
    for client_data in spoiled(&text.client_data) {
        assert!(proven(&SignedHere { client_data, ..text.clone() }, &key).is_err());
    }
    for authenticator_data in spoiled(&text.authenticator_data) {
        assert!(proven(&SignedHere { authenticator_data, ..text.clone() }, &key).is_err());
    }
    for signature in spoiled(&text.signature) {
        assert!(proven(&SignedHere { signature, ..text.clone() }, &key).is_err());
    }
}

#[test]
fn what_is_made_is_read_whole_or_not_at_all() {
    for private in [Private::es256(), Private::ed_dsa()] {
        let one = authenticator(private);
        let whole = one.make_signed(CHALLENGE);
        // Signed by itself, so that no change of it can pass; with less or more it is never one either.
        for attestation in spoiled(&whole.attestation) {
            let spoiled = MadeHere { attestation, client_data: whole.client_data.clone() };
            if let Ok(kept) = made(&spoiled) {
                assert_eq!(kept, made(&whole).unwrap(), "what nobody signs: the statement's own words");
            }
        }
    }
}

#[test]
fn rubbish_of_any_length_is_refused() {
    let deep = [&[0x81; 4000][..], &[0]].concat();
    let endless = [0x5f; 4000];
    let vast = [0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    let vast_bytes = [0x5b, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff];
    let whole = authenticator(Private::es256()).make(CHALLENGE);
    for bytes in [&deep[..], &endless, &vast, &vast_bytes, &[], &[0xf6], &[0xa0], &[0xff; 8192], &[0x9f; 9000]] {
        let attestation = URL_SAFE_NO_PAD.encode(bytes);
        assert!(made(&MadeHere { attestation, client_data: whole.client_data.clone() }).is_err());
        assert!(PublicKey::read(bytes).is_none());
    }
    for client_data in ["", "!", "e30", "bnVsbA", &"QUFB".repeat(5000)] {
        let text = MadeHere { client_data: client_data.into(), attestation: whole.attestation.clone() };
        assert!(made(&text).is_err(), "{client_data}");
    }
}
