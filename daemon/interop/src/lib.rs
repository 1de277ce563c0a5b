//! Real peers against the built daemon, on loopback and in network namespaces.
//!
//! In: programs that nobody here wrote (baresip, linphonec, kamailio, sipp, curl, nginx), started and driven as their
//! users would; and a crowd of phones of our own where hundreds are needed.
//! Out: a `Scenario` told twice: peer to peer with kamailio in the middle, which proves the telling, and through the box.
//! It may know the box only from outside: its command line, its office file, its ports. It depends on none of our crates,
//! keeps to loopback and to namespaces of its own, waits for what happens (never for time to pass), and ends what it started.

mod administrator;
mod baresip;
mod centraled;
mod cores;
mod cost;
mod crowd;
mod curl;
mod datagrams;
mod desk_phone;
mod digest;
pub mod drill;
mod fail2ban;
mod failure;
mod half_open;
mod kamailio;
mod lan;
mod latching;
mod linphone;
mod mail_server;
mod middle;
mod nginx;
mod phone;
mod ports;
mod private_world;
mod process;
mod rewriter;
pub mod scenarios;
mod sipp;
mod street;
mod talker;
mod tone;
mod transcript;

pub use administrator::Administrator;
pub use baresip::{Baresip, Encryption, Microphone};
pub use centraled::{Centraled, Installed};
pub use cores::{on_core, other_core};
pub use cost::{Group, Memory};
pub use crowd::{Crowd, CrowdPhone, Line, Model, phone_tls};
pub use curl::{Answer, Certificate, Curl};
pub use desk_phone::DeskPhone;
pub use digest::{Challenge, Credentials};
pub use failure::{Failure, Result};
pub use kamailio::{Kamailio, Subscriber};
pub use lan::{Internet, OfficeLan};
pub use linphone::Linphone;
pub use mail_server::MailServer;
pub use middle::{Middle, Office, Trunk};
pub use nginx::Nginx;
pub use phone::{Account, Phone, Transport};
pub use ports::free_port_block;
pub use private_world::{Place, Privacy, enter};
pub use process::{Process, Program};
pub use rewriter::{Middlebox, Rewriting};
pub use sipp::{CallLoad, Sipp, Tally};
pub use street::{Plug, Street};
pub use tone::{Recording, Tone};
