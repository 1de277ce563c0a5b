//! Session descriptions (RFC 8866, before it RFC 4566) and the offer/answer model (RFC 3264), for one audio stream per call.
//!
//! In: a body's bytes, bounded. Out: a [`Session`] that keeps every line in its order, so that relaying one loses nothing;
//! an [`AudioView`] of what its sender asks (address, direction, codecs, SDES keys of RFC 4568); and, from
//! [`LocalDescription`], the offers and answers this exchange sends on a leg, anchored at its own address. A leg's layout of
//! m= lines is the leg's own: what is no audio is refused with port 0 and never shown to the other leg.
//! It may not choose: which codec, which key and whether to encrypt is the exchange's to say.

mod audio;
mod common;
mod crypto;
mod direction;
pub mod fault;
mod local;
mod negotiate;
mod parse;
mod session;
mod write;

pub use audio::{AudioView, Codec};
pub use common::{abilities, in_common, key_events, limited, reordered, with_key_events, without_key_events};
pub use crypto::{Crypto, Suite};
pub use direction::Direction;
pub use fault::SdpFault;
pub use local::{Anchor, LocalDescription, Security, refuse_all};
pub use negotiate::check_answer;
pub use session::{Connection, Line, Media, Origin, Profile, Session};

/// The Content-Type of a session description.
pub const CONTENT_TYPE: &str = "application/sdp";
