//! What can be wrong, one file per check: a condition, its code, and what it is about. The page owns the words.

mod alarm_line;
mod attempts;
mod deck;
mod disk;
mod elsewhere;
mod help;
mod lan;
mod line;
mod phone_elsewhere;
mod phone_keys;
mod phone_moved;
mod phone_not_heard;
mod phone_password;
mod phone_path;
mod phone_reaches;
mod port_refused;
mod provider;
mod provider_moved;
mod router;
mod usage;
mod zone;

pub(crate) use attempts::ACCOUNT_UNDER_ATTACK;
pub(crate) use lan::LanTold;
pub(crate) use phone_keys::PHONE_KEYS_IN_CLEAR;
pub(crate) use phone_moved::PHONE_MOVED;
pub(crate) use phone_not_heard::NotHeard;
pub(crate) use phone_password::PHONE_PASSWORD_STALE;
pub(crate) use phone_path::{PHONE_MESSAGES_HEALED, PHONE_PATH_MAY_REWRITE, PHONE_PATH_REWRITES};
pub(crate) use provider::{TRUNK, TRUNK_LOCKED_OUT};
