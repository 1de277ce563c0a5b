//! Days on which people of the office just telephone.

use std::time::Duration;

use super::{MINUTE, OFFICE, chatter, outside, reaches, within};
use crate::agent::Agent;
use crate::drill::street::Street;

pub(super) fn busy(street: &mut Street, full: bool) -> Vec<String> {
    let calls = if full { 600 } else { 60 };
    chatter(street, calls);
    street.advance(Duration::from_secs(6) * u32::from(calls) + 2 * MINUTE);
    Vec::new()
}

pub(super) fn call_centre(street: &mut Street, full: bool) -> Vec<String> {
    let calls = if full { 1_200 } else { 60 };
    for number in 0..calls {
        let is_brief = street.lot().is_multiple_of(2);
        let lasts =
            Duration::from_secs(if is_brief { 3 } else { 15 }) + within(street, if is_brief { 5_000 } else { 20_000 });
        let late = within(street, 10_000);
        let who = street.phone(number % 20);
        street.plan(Duration::from_secs(2) * u32::from(number) + late, who, &outside(number), lasts);
    }
    street.advance(Duration::from_secs(2) * u32::from(calls) + 2 * MINUTE);
    Vec::new()
}

pub(super) fn contest(street: &mut Street, full: bool) -> Vec<String> {
    street.with(street.provider(), |agent, _| agent.be_busy());
    for round in 0..if full { 40 } else { 6_u32 } {
        for person in 0..15 {
            street.plan(Duration::from_secs(15) * round, street.phone(person), "0201234777", Duration::from_secs(2));
        }
    }
    street.advance(12 * MINUTE);
    street.with(street.provider(), |agent, _| agent.oblige());
    Vec::new()
}

pub(super) fn reception(street: &mut Street, full: bool) -> Vec<String> {
    let mut wrong = Vec::new();
    let (anna, targets) = (street.phone(0), ["203", "0612012340", "204", "0612012341"]);
    let calls = if full { 30 } else { 6 };
    for number in 0..calls {
        street.call(street.provider(), OFFICE, 4 * MINUTE);
        street.advance(Duration::from_secs(30));
        street.with(anna, |agent, now| agent.hand_on(now, targets[number % 4]));
        street.advance(Duration::from_secs(90));
    }
    let handed = street.stories().filter(|(node, story)| *node == anna && story.handed_on).count();
    if handed < calls {
        wrong.push(format!("{handed} of {calls} calls were handed on"));
    }
    street.advance(5 * MINUTE);
    for elsewhere in ["0612012342", "0034912345678"] {
        let before = street.answered().count();
        street.with(street.phone(0), |agent, _| agent.move_to(elsewhere));
        street.call(street.provider(), OFFICE, MINUTE);
        street.advance(2 * MINUTE);
        if street.answered().count() == before {
            wrong.push(format!("a call in did not reach {elsewhere}"));
        }
    }
    wrong
}

/// An alarm, and three people who are there: they call customers and each other, and one calls a supplier in another country.
pub(super) fn night(street: &mut Street, full: bool) -> Vec<String> {
    for number in 0..6 {
        street.plan(MINUTE * number, street.phone(0), "0612012340", Duration::from_secs(30));
    }
    let calls = if full { 60 } else { 12 };
    for number in 0..calls {
        let dialled = if number % 4 == 3 { (202 + number % 3).to_string() } else { outside(number) };
        let late = within(street, 60_000);
        street.plan(2 * MINUTE * u32::from(number) + late, street.phone(5 + number % 3), &dialled, MINUTE);
    }
    street.advance(2 * MINUTE * u32::from(calls) + 10 * MINUTE);
    let supplier = "004930123456";
    street.with(street.phone(8), |agent: &mut Agent, _| agent.oblige());
    (!reaches(street, street.phone(8), supplier)).then(|| format!("{supplier} was not reached")).into_iter().collect()
}
