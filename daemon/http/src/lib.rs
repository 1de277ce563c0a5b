//! The API, live events, provisioning routes and the embedded page, over axum.
//!
//! In: HTTPS and HTTP requests, PnP packets, what the exchange tells. Out: answers, server-sent events, and [`Wish`]es
//! for the exchange. It owns the enrolment of phones and is the only writer of the office while the daemon runs. It may
//! not know the exchange itself, nor write a secret anywhere but into the one answer that it is meant for. Every request
//! is hostile until a session, a token or a pairing window says otherwise. RFC 9110, RFC 9457 (problem details), the
//! HTML standard 9.2 (server-sent events).

mod api;
mod asker;
mod attempts;
mod audit;
mod body;
mod by_phone;
mod certificate;
mod change;
mod clock;
mod deck;
mod deeds;
mod desk;
mod edge;
mod extract;
mod firmware;
mod guesses;
mod held;
mod honey;
mod in_force;
mod incident;
mod listen;
mod live;
mod logo;
mod news;
mod once;
mod pace;
mod page;
mod passkey;
mod patience;
mod peer;
mod premises;
mod problem;
mod proofs;
mod provision;
mod pseudonyms;
mod qr;
mod quiet;
mod reminders;
mod roles;
mod room;
mod routes;
mod session;
mod statement;
mod tls;
mod tried;
mod visitor;
mod wav;

pub use certificate::Makers;
pub use edge::{Edge, HttpError, HttpSettings, OtherCounters, Surroundings, Wish};
pub use listen::Bound;
pub use peer::{Door, Peer};
pub use reminders::Reminders;
pub use routes::openapi;
