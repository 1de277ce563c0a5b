//! Numbers of the office's own country that cost extra, or lead round what is priced.

use std::time::Duration;

use super::{MINUTE, in_the_office, one_after_the_other, thief};
use crate::drill::is_toll;
use crate::drill::street::Street;

/// How long a call to a number that costs extra by the minute lasts at most.
const LONGEST: Duration = Duration::from_secs(600);
/// Enquiries of one person in a day.
const ENQUIRIES: usize = 3;

pub(super) fn dial_around(street: &mut Street, _: bool) -> Vec<String> {
    let dialled = [
        "1129",
        "9112",
        "112112",
        "1121234567",
        "11209061234",
        "0112",
        "112#00212612345678",
        "188809061234",
        "18000900123",
        "1888#00212612345678",
        "1688",
        "1688 0906 1234",
        "168800212612345678",
        "1012 0906 1234",
        "10120031612345678",
    ];
    paid_for(street, &dialled)
}

pub(super) fn dial_around_in_belgium(street: &mut Street, _: bool) -> Vec<String> {
    let dialled = [
        "1129",
        "1009",
        "1015",
        "100112",
        "112090612345",
        "100#00212612345678",
        "101090412345",
        "1207090612345",
        "130700212612345678",
        "1688 0906 12345",
        "1588090412345",
        "1012 0906 12345",
        "101200212612345678",
    ];
    paid_for(street, &dialled)
}

/// Somebody in the office dials each: what of that was paid for.
fn paid_for(street: &mut Street, dialled: &[&str]) -> Vec<String> {
    let thief = in_the_office(street);
    one_after_the_other(street, thief, dialled.iter().copied());
    street.advance(10 * MINUTE);
    let paid: Vec<String> = street.answered().map(|(to, _)| to.to_owned()).filter(|to| is_toll(to)).collect();
    paid.into_iter().map(|to| format!("a call to {to} was paid for")).collect()
}

/// One thief calls often, and another one hangs up late.
pub(super) fn enquiries(street: &mut Street, _: bool) -> Vec<String> {
    let often = in_the_office(street);
    for number in ["1888", "1800", "1850", "1888", "1811", "1800"] {
        street.call(often, number, MINUTE / 2);
        street.advance(2 * MINUTE);
    }
    let made = street.answered().filter(|(to, _)| to.starts_with("18")).count();
    let late = thief(street, "203", "192.168.1.247:5060");
    street.call(late, "1888", 20 * MINUTE);
    street.advance(25 * MINUTE);
    let mut reached = too_long(street);
    if made != ENQUIRIES {
        reached.push(format!("{made} enquiries of one person were answered"));
    }
    reached
}

pub(super) fn enquiries_in_belgium(street: &mut Street, _: bool) -> Vec<String> {
    let thieves = [in_the_office(street), thief(street, "203", "192.168.1.247:5060")];
    for number in ["1207", "1307", "1407", "1212", "1313"] {
        thieves.iter().for_each(|thief| street.call(*thief, number, 20 * MINUTE));
        street.advance(22 * MINUTE);
    }
    let made = street.answered().filter(|(to, _)| to.len() == 4 && is_toll(to)).count();
    let mut reached = too_long(street);
    if made == 0 {
        reached.push("not one was answered: nothing was tried".to_owned());
    }
    reached
}

pub(super) fn premium(street: &mut Street, full: bool) -> Vec<String> {
    let thief = in_the_office(street);
    for number in 0..if full { 40 } else { 10 } {
        street.call(thief, &format!("090012{number:02}"), 15 * MINUTE);
        street.advance(2 * MINUTE);
    }
    street.advance(15 * MINUTE);
    too_long(street)
}

/// By the call (0905), by the minute (0900, 0904), and what is blocked for everybody (0906 to 0909), of which one call may cost EUR 31.
pub(super) fn premium_in_belgium(street: &mut Street, full: bool) -> Vec<String> {
    let thieves = [in_the_office(street), thief(street, "203", "192.168.1.247:5060")];
    // Alone, while there is money for longer than it may last.
    street.call(thieves[1], "090012345", 15 * MINUTE);
    street.advance(16 * MINUTE);
    for number in 0..if full { 30 } else { 10 } {
        let blocked = ["0906", "0907", "0908", "0909"][number % 4];
        street.call(thieves[0], &format!("0905123{number:02}"), MINUTE / 2);
        street.call(thieves[0], &format!("{blocked}123{number:02}"), MINUTE / 2);
        let by_minute = ["0900", "0904"][number % 2];
        street.call(thieves[1], &format!("{by_minute}123{number:02}"), 15 * MINUTE);
        street.advance(3 * MINUTE);
    }
    street.advance(15 * MINUTE);
    let blocked = ["0906", "0907", "0908", "0909"];
    let paid = street.answered().filter(|(to, _)| blocked.iter().any(|range| to.starts_with(range))).count();
    let mut reached = too_long(street);
    if paid > 0 {
        reached.push(format!("{paid} calls to what is blocked for everybody were answered"));
    }
    reached
}

/// Of all that cost extra, calls that lasted longer than any may.
fn too_long(street: &Street) -> Vec<String> {
    let long = street.answered().filter(|(to, lasted)| is_toll(to) && *lasted > LONGEST);
    long.map(|(to, lasted)| format!("a call to {to} lasted {} s", lasted.as_secs_f64())).collect()
}
