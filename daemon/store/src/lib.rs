//! SQLite: revisions of the office, call records, messages of mailboxes, incidents, devices, tariff decks, who may log in. The only
//! SQL in the house.
//!
//! In: values of `config` and plain rows. Out: the same, after a restart or a power cut, for everything that was
//! acknowledged: each call returns after its transaction is on the disk (WAL, `synchronous=FULL`). One thread owns the
//! connection; [`Store`] is a handle to it that blocks, so asynchronous callers use a blocking task. Secrets, and what callers
//! said, are encrypted with AES-256-GCM under a device key that lies beside the database, and bound to the place they were
//! written to. It may not read a clock (times are passed in), open a socket, or know a room but `config`.

mod alert_calls;
mod alert_phones;
mod audit;
mod blocks;
mod bonds;
mod browsers;
mod calls;
mod chain;
mod common;
mod complaints;
mod confirmations;
mod decks;
mod deeds;
mod devices;
mod error;
mod factors;
mod health;
mod incidents;
mod keeper;
mod key;
mod legs;
mod mails;
mod maintenance;
mod messages;
mod open_calls;
mod passkeys;
mod passwords;
mod pictures;
mod random;
mod retention;
mod revisions;
mod rules;
mod schema;
mod seal;
mod servers;
mod sessions;
mod spent;
mod stops;
mod store;
mod totp;
mod undos;
mod users;
mod values;
mod ways;
mod wipe;

pub use alert_calls::{AlertMatter, AlertRing, AlertTurn};
pub use alert_phones::AlertPhone;
pub use audit::{Act, AuditRow};
pub use blocks::{BLOCKS_KEPT, BlockChange, BlockRow};
pub use bonds::BondRow;
pub use browsers::{BROWSER_KNOWN_MS, BrowserToken};
pub use calls::{CallRow, ChainedCall, Place, QualityRow};
pub use chain::{Chain, ChainFault, ChainHash, ChainHead, NoHash};
pub use complaints::{Complaint, NewComplaint};
pub use confirmations::{CONFIRMATION_CODE_MS, CONFIRMED_FOR_MS, Confirmation};
pub use decks::DeckRow;
pub use deeds::Deed;
pub use devices::{DeviceChange, DeviceRow};
pub use error::StoreError;
pub use factors::RECOVERY_CODES;
pub use incidents::{ChainedIncident, IncidentRow};
pub use legs::LegRow;
pub use mails::{DueMail, MailRow, NewMail, ToldByMail, WaitingMail};
pub use messages::{MessageRow, NewMessage};
pub use passkeys::{LONGEST_PASSKEY_NAME, NewPasskey, PasskeyRow};
pub use passwords::SHORTEST_PASSWORD;
pub use random::{generate_sip_password, generate_token};
pub use revisions::{Author, Revision};
pub use rules::Acceptance;
pub use servers::ServersRow;
pub use sessions::{SESSION_IDLE_MS, SESSION_LONGEST_MS, SessionRow, SessionToken, Whence};
pub use spent::SpentRow;
pub use stops::StopRow;
pub use store::Store;
pub use totp::{TotpSecret, step_at};
pub use undos::{UNDO_MS, Undo};
pub use users::{AccessRefused, CODE_MS, FIRST_OWNER, LONGEST_USER_NAME, Role, Standing, UserRow};
pub use ways::WayRow;
pub use wipe::wipe;
