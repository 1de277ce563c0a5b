//! An authenticator made of software: it makes passkeys and signs with them as a security key does (Web Authentication 6).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ciborium::Value;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
    RsaPublicKeyComponents,
};

/// Somebody was there, and showed to be its owner.
pub(crate) const PRESENT_AND_VERIFIED: u8 = 0x05;
const MADE: u8 = 0x40;

/// The private half of a passkey.
pub(crate) enum Private {
    Es256(EcdsaKeyPair),
    EdDsa(Ed25519KeyPair),
    Rs256(RsaKeyPair),
}

impl Private {
    pub(crate) fn es256() -> Self {
        let (random, kind) = (SystemRandom::new(), &ECDSA_P256_SHA256_ASN1_SIGNING);
        let document = EcdsaKeyPair::generate_pkcs8(kind, &random).unwrap();
        Self::Es256(EcdsaKeyPair::from_pkcs8(kind, document.as_ref(), &random).unwrap())
    }

    pub(crate) fn ed_dsa() -> Self {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Self::EdDsa(Ed25519KeyPair::from_pkcs8(document.as_ref()).unwrap())
    }

    /// One that was made once: making it takes a minute.
    pub(crate) fn rs256() -> Self {
        Self::Rs256(RsaKeyPair::from_pkcs8(include_bytes!("data/passkey-rsa-2048.pk8")).unwrap())
    }

    /// The public half as COSE_Key.
    fn cose(&self) -> Vec<u8> {
        let bytes = |bytes: &[u8]| Value::Bytes(bytes.to_vec());
        let number = Value::from;
        let members: Vec<(i64, Value)> = match self {
            Self::Es256(pair) => {
                let point = pair.public_key().as_ref();
                let coordinates = [(-2, bytes(&point[1..33])), (-3, bytes(&point[33..]))];
                [(1, number(2)), (3, number(-7)), (-1, number(1))].into_iter().chain(coordinates).collect()
            }
            Self::EdDsa(pair) => {
                vec![(1, number(1)), (3, number(-8)), (-1, number(6)), (-2, bytes(pair.public_key().as_ref()))]
            }
            Self::Rs256(pair) => {
                let public = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public());
                vec![(1, number(3)), (3, number(-257)), (-1, bytes(&public.n)), (-2, bytes(&public.e))]
            }
        };
        written(&Value::Map(members.into_iter().map(|(label, value)| (Value::from(label), value)).collect()))
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Es256(pair) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Self::EdDsa(pair) => pair.sign(message).as_ref().to_vec(),
            Self::Rs256(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).unwrap();
                signature
            }
        }
    }
}

/// An authenticator with one passkey, in a browser.
pub(crate) struct Authenticator {
    pub(crate) private: Private,
    pub(crate) credential: Vec<u8>,
    /// What it knows its user by, as text.
    pub(crate) user_handle: Option<String>,
    /// How often it signed; one that says zero always does not count.
    pub(crate) counter: u32,
    pub(crate) flags: u8,
    /// Where the browser is.
    pub(crate) origin: String,
    /// The name that it signs for.
    pub(crate) rp_id: String,
}

/// What it made, as the browser passes it on.
pub(crate) struct MadeHere {
    pub(crate) client_data: String,
    pub(crate) attestation: String,
}

/// What it signed, as the browser passes it on.
#[derive(Clone)]
pub(crate) struct SignedHere {
    pub(crate) credential: String,
    pub(crate) client_data: String,
    pub(crate) authenticator_data: String,
    pub(crate) signature: String,
    pub(crate) user_handle: Option<String>,
}

impl Authenticator {
    /// In a browser at a site.
    pub(crate) fn at(origin: &str, rp_id: &str, private: Private) -> Self {
        let credential = digest(&SHA256, &private.cose()).as_ref().to_vec();
        let (origin, rp_id) = (origin.to_owned(), rp_id.to_owned());
        Self { private, credential, user_handle: None, counter: 0, flags: PRESENT_AND_VERIFIED, origin, rp_id }
    }

    /// Makes its passkey, and lets nobody vouch for it.
    pub(crate) fn make(&self, challenge: &str) -> MadeHere {
        self.make_as("none", challenge, Value::Map(Vec::new()))
    }

    /// Makes it, and signs with it for itself.
    pub(crate) fn make_signed(&self, challenge: &str) -> MadeHere {
        let client = self.client_data("webauthn.create", challenge);
        let signature = self.private.sign(&[&self.new_data()[..], digest(&SHA256, &client).as_ref()].concat());
        let statement = vec![(Value::from("alg"), Value::from(-7)), (Value::from("sig"), Value::Bytes(signature))];
        self.make_as("packed", challenge, Value::Map(statement))
    }

    /// Makes it with any statement about itself.
    pub(crate) fn make_as(&self, format: &str, challenge: &str, statement: Value) -> MadeHere {
        let object = Value::Map(vec![
            (Value::from("fmt"), Value::from(format)),
            (Value::from("attStmt"), statement),
            (Value::from("authData"), Value::Bytes(self.new_data())),
        ]);
        MadeHere {
            client_data: URL_SAFE_NO_PAD.encode(self.client_data("webauthn.create", challenge)),
            attestation: URL_SAFE_NO_PAD.encode(written(&object)),
        }
    }

    /// Signs once more.
    pub(crate) fn sign(&mut self, challenge: &str) -> SignedHere {
        self.counter += 1;
        self.sign_as("webauthn.get", challenge)
    }

    /// Signs, as often as it says to have signed already.
    pub(crate) fn sign_as(&self, kind: &str, challenge: &str) -> SignedHere {
        let (client, data) = (self.client_data(kind, challenge), self.data(self.flags));
        let signature = self.private.sign(&[&data, digest(&SHA256, &client).as_ref()].concat());
        SignedHere {
            credential: URL_SAFE_NO_PAD.encode(&self.credential),
            client_data: URL_SAFE_NO_PAD.encode(client),
            authenticator_data: URL_SAFE_NO_PAD.encode(data),
            signature: URL_SAFE_NO_PAD.encode(signature),
            user_handle: self.user_handle.clone(),
        }
    }

    fn client_data(&self, kind: &str, challenge: &str) -> Vec<u8> {
        let Self { origin, .. } = self;
        let text = format!(
            "{{\"type\":\"{kind}\",\"challenge\":\"{challenge}\",\"origin\":\"{origin}\",\"crossOrigin\":false,\"new\":{{}}}}"
        );
        text.into_bytes()
    }

    fn data(&self, flags: u8) -> Vec<u8> {
        let hash = digest(&SHA256, self.rp_id.as_bytes());
        [hash.as_ref(), &[flags], &self.counter.to_be_bytes()].concat()
    }

    fn new_data(&self) -> Vec<u8> {
        let length = u16::try_from(self.credential.len()).unwrap().to_be_bytes();
        [&self.data(self.flags | MADE)[..], &[0; 16], &length, &self.credential, &self.private.cose()].concat()
    }
}

fn written(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}
