//! Digest authentication (RFC 3261 22, RFC 7616, RFC 8760), both sides.
//!
//! [`Authenticator`] challenges and checks requests that come in; [`answer`] answers a provider's challenge. SHA-256 is
//! offered first and MD5 after it, for the phones that know nothing else (RFC 8760 2.6). Nonces carry their own time and
//! seal, so an unanswered challenge costs no memory, and are worth nothing from elsewhere; counts are remembered only for nonces that proved a secret.

mod authenticator;
mod digest;
mod nonce;

pub use authenticator::{Answer, Authenticator, EARLIER, Offer, Proof, Secrets, Terms};
pub use digest::{Algorithm, Challenge, Credentials, Ha1, answer, answer_knowing};
