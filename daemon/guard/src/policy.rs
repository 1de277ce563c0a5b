//! What a person may call. Asked for every way out alike: a call, a transfer, a forward, a call that rings back.

use centrale_config::{Permit, Reach};
use centrale_numbering::{Class, Dialled, Plan, Policy, Risk};

use crate::civil::Civil;
use crate::reject::Reject;

/// Country codes of the European Economic Area, Switzerland and the United Kingdom.
const EUROPE: &[&str] = &[
    "30", "31", "32", "33", "34", "351", "352", "353", "354", "356", "357", "358", "359", "36", "370", "371", "372",
    "385", "386", "39", "40", "41", "420", "421", "423", "43", "44", "45", "46", "47", "48", "49",
];

/// Whether somebody with that permit may call a number that the plan has read. `today` is the office's day, counted from 1970:
/// a destination is open to the end of its last one, and none while it is 1970.
///
/// Help and what is free always passes. A number of which nobody knows what it is never does, and what is blocked for
/// everybody only where it was opened for this person.
///
/// # Errors
/// Why not.
pub fn may_call(plan: &Plan, permit: &Permit, meant: &Dialled, today: u32) -> Result<(), Reject> {
    let number = meant.number().ok_or(Reject::UNKNOWN_NUMBER)?;
    if plan.never_blocks(meant) {
        return Ok(());
    }
    match meant.class() {
        Class::Internal | Class::Emergency | Class::Helpline | Class::Free => Ok(()),
        Class::Unknown => Err(Reject::UNKNOWN_NUMBER),
        _ if is_opened(permit, number, today) => Ok(()),
        Class::International(risk) => abroad(plan, permit.reach, meant, risk),
        _ if plan.default_policy(meant) == Policy::Block => Err(Reject::BLOCKED),
        Class::Local | Class::National if permit.reach == Reach::Lobby => Ok(()),
        _ if permit.reach < Reach::Country => Err(Reject::OUT_OF_REACH),
        Class::Local | Class::National | Class::Mobile => Ok(()),
        Class::SharedCost | Class::PremiumPerMinute | Class::PremiumPerCall => {
            permit.premium.then_some(()).ok_or(Reject::PREMIUM)
        }
    }
}

/// The permit as it is while the office is closed: nobody is there to see who telephones in the lobby (threats B-27).
pub fn while_closed(permit: Permit) -> Permit {
    let reach = if permit.reach == Reach::Lobby { Reach::Inside } else { permit.reach };
    Permit { reach, ..permit }
}

/// Whether a phone may send the calls of somebody with that permit on to such a number by itself, where they may call it: nobody is there to mean
/// it. To what costs extra never, and abroad where it was opened for this person (B-20).
///
/// # Errors
/// Why not.
pub fn may_forward(permit: &Permit, meant: &Dialled, today: u32) -> Result<(), Reject> {
    match (meant.class(), meant.number()) {
        (class, _) if class.costs_extra() => Err(Reject::PREMIUM),
        (Class::International(_), Some(number)) if is_opened(permit, number, today) => Ok(()),
        (Class::International(_), _) => Err(Reject::BLOCKED),
        _ => Ok(()),
    }
}

/// Whether a call to such a number may be allowed once beyond what its person may call: an ordinary number. What costs extra, a destination that is
/// blocked for everybody, and a range that costs more than its country are decided with the other rules alone.
pub fn may_allow_once(plan: &Plan, meant: &Dialled) -> bool {
    match meant.class() {
        class if class.is_ordinary() => plan.default_policy(meant) != Policy::Block,
        Class::International(risk) => {
            risk < Risk::Critical && (european_code(meant).is_none() || is_in_europe(plan, meant, risk))
        }
        _ => false,
    }
}

/// Whether a number, written in full, is opened for somebody with that permit today, counted as above.
pub fn is_opened(permit: &Permit, number: &str, today: u32) -> bool {
    let is_today = |until: u32| Civil::is_known(today) && today <= until;
    permit.opened.iter().any(|opened| number.starts_with(&opened.prefix) && is_today(opened.until.days()))
}

fn abroad(plan: &Plan, reach: Reach, meant: &Dialled, risk: Risk) -> Result<(), Reject> {
    let in_europe = || is_in_europe(plan, meant, risk);
    match (risk, reach) {
        (Risk::Critical, _) => Err(Reject::BLOCKED),
        (_, Reach::World) => Ok(()),
        (_, Reach::Europe) if in_europe() => Ok(()),
        _ => Err(Reject::OUT_OF_REACH),
    }
}

/// The European country code that a number begins with.
fn european_code(meant: &Dialled) -> Option<&'static str> {
    let digits = meant.number()?.strip_prefix('+')?;
    EUROPE.iter().copied().find(|country| digits.starts_with(country))
}

/// Whether it is an ordinary number in Europe: not in a range within a country that costs more than the country does.
pub(crate) fn is_in_europe(plan: &Plan, meant: &Dialled, risk: Risk) -> bool {
    let Some(country) = european_code(meant) else { return false };
    risk < Risk::High || plan.risk_range(meant).is_some_and(|range| range.prefix == country)
}
