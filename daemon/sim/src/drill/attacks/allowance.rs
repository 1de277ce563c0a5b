//! After all that the office may spend, by whatever way. Each of these first spends it, so that the bound is what holds, and nothing
//! that comes before it.

use std::time::Duration;

use centrale_call_control::{AlertCall, Command};
use centrale_numbering::Money;
use centrale_rtp::sound::Voice;

use super::money::hand_on;
use super::{DEAR, FAR, HOUR, MINUTE};
use crate::drill::is_toll;
use crate::drill::points::{CLOSED, OPEN};
use crate::drill::street::{Background, Street, opened};
use crate::network::Node;

/// Rounds of ten minutes in which it is spent: an hour has a cap of its own.
const ROUNDS: u32 = 30;
/// What may be left of it: less than the first minute of what is called.
const LEFT: Money = Money::from_cents(200);
/// Longer than whoever called for help is called back past what sends calls on.
const NOBODY_CALLS_BACK: Duration = Duration::from_secs(3_700);

/// What may be spent.
fn most(street: &Street) -> Money {
    if street.background() == Background::QuietNight { CLOSED } else { OPEN }
}

fn spent(street: &Street) -> Money {
    street.euros(is_toll)
}

fn paid_calls(street: &Street) -> usize {
    street.answered().filter(|(dialled, _)| is_toll(dialled)).count()
}

/// Every phone calls what costs extra until nothing is left; what is wrong when something is.
fn spend_all(street: &mut Street) -> Option<String> {
    for round in 0..ROUNDS {
        if spent(street) + LEFT > most(street) {
            return None;
        }
        let phones: Vec<Node> = street.phones().collect();
        for (number, phone) in (0..).zip(phones) {
            street.call(phone, &premium(number, round), 9 * MINUTE);
        }
        street.advance(10 * MINUTE);
    }
    Some(format!("only {} were spent: nothing was tried", spent(street)))
}

/// Numbers that cost extra, no two alike.
fn premium(number: u32, round: u32) -> String {
    format!("0900{:04}", (number * 151 + round * 37) % 8_000)
}

/// Every phone calls once more: what costs extra, what is dear, and what is far.
fn call_everywhere(street: &mut Street, round: u32) {
    let all = [&DEAR[..], &FAR[..]].concat();
    let phones: Vec<Node> = street.phones().collect();
    for (number, phone) in (0..).zip(phones) {
        let abroad = all[(number as usize * 3 + round as usize) % all.len()];
        let dialled = if number % 2 == 0 { premium(number, round) } else { abroad.to_owned() };
        street.call(phone, &dialled, 9 * MINUTE);
    }
    street.advance(10 * MINUTE);
}

/// What was spent since, and may not be.
fn spent_since(street: &Street, (calls, euros): (usize, Money), what: &str) -> Option<String> {
    let more = paid_calls(street) - calls;
    (more > 0).then(|| format!("{more} more calls were paid for {what}, {} in place of {euros}", spent(street)))
}

pub(super) fn restart(street: &mut Street, full: bool) -> Vec<String> {
    let mut reached: Vec<String> = spend_all(street).into_iter().collect();
    street.advance(10 * MINUTE);
    let before = (paid_calls(street), spent(street));
    for round in 0..if full { 4 } else { 2 } {
        let yesterday = street.yesterday();
        street.restart(yesterday);
        // Until each phone is registered again.
        street.advance(6 * MINUTE);
        call_everywhere(street, ROUNDS + round);
        // What an hour may cost is no longer what holds.
        street.advance(HOUR);
        street.strike();
        call_everywhere(street, 2 * ROUNDS + round);
    }
    reached.extend(spent_since(street, before, "after a restart by yesterday's clock"));
    reached
}

/// Ways by which the box makes a call that no phone asked for, or a phone one that it may not: past the door, the password and the
/// question whose device it is. First while there is something to spend, then when there is nothing left.
pub(super) fn unknown_method(street: &mut Street, full: bool) -> Vec<String> {
    street.advance(NOBODY_CALLS_BACK);
    let mut reached = Vec::new();
    let before = (paid_calls(street), spent(street));
    let rounds = if full { 4 } else { 2 };
    (0..rounds).for_each(|round| inject(street, round));
    if paid_calls(street) == before.0 {
        reached.push("nothing was injected: nothing was tried".to_owned());
    }
    reached.extend(spend_all(street));
    street.advance(10 * MINUTE);
    let before = (paid_calls(street), spent(street));
    inject(street, rounds);
    order_of_the_box(street);
    hand_on(street, street.phone(3), "205");
    call_everywhere(street, ROUNDS);
    reached.extend(spent_since(street, before, "after all was spent"));
    reached
}

/// Somebody has written into the office's file that everybody's calls go to another country, which is open to each; then the provider
/// calls in, and everybody calls a colleague.
fn inject(street: &mut Street, round: u32) {
    let to = |person: u16| {
        let number = FAR[(usize::from(person) + round as usize * 7) % FAR.len()];
        format!("+{}", &number[2..])
    };
    street.rewrite(|person| {
        let number = to(person);
        format!("{}forward = \"{number}\"\n", opened(&number))
    });
    for called in ["+31205550100", "+31205550102"] {
        street.call(street.provider(), called, 9 * MINUTE);
    }
    // Who has an old password calls nobody, and is called by nobody.
    let people = (0..).zip(street.phones()).filter(|(_, phone)| street.is_registered(*phone));
    let people: Vec<(u16, Node)> = people.collect();
    for ((_, phone), (called, _)) in people.iter().zip(people.iter().cycle().skip(1)) {
        street.call(*phone, &(201 + called).to_string(), 9 * MINUTE);
    }
    street.advance(10 * MINUTE);
}

/// The box is told to ring dear numbers by itself, as it rings whoever must know something.
fn order_of_the_box(street: &mut Street) {
    for (id, number) in (0..).zip(["+37160001234", "+2392212345", "09001234", "+12125551234", "1888"]) {
        let voice = Voice::new(vec![0x55; 8_000]);
        street.command(Command::Alert(AlertCall { id, number: number.to_owned(), voice }));
        street.advance(2 * MINUTE);
    }
}
