//! Numbers that cost extra: ten minutes, and fifty euro.

use centrale_config::Reach;
use centrale_guard::{Cap, Civil, Order, Quote, Reject, Turn};
use centrale_numbering::{Class, Country, Money};

use crate::office::Office;

#[test]
fn a_085_premium_call_is_warned_half_a_minute_before_and_ends_a_second_before_ten_minutes() {
    let mut office = Office::new(Country::Belgium);
    let call = office.dial("201", "090012345").unwrap();
    // It rang for a while: time begins with the answer.
    office.pass(25);
    assert_eq!(office.talk_to_the_end(call), (Some(569), 599, Reject::LONGEST));
    assert_eq!(office.close(call), Money::from_ten_thousandths(49_917), "599 seconds at 50 cents");
}

#[test]
fn a_085_a_call_whose_inside_end_has_left_it_ends_no_later_for_that() {
    let mut office = Office::new(Country::Netherlands);
    office.raise(&[Cap::Call, Cap::Person]);
    let call = office.dial("201", "09001234").unwrap();
    office.answer(call);
    office.pass(300);
    office.ledger.shorten(office.now, call, std::time::Duration::from_secs(1_800));
    assert_eq!(office.talk_to_the_end(call).1, 299, "ten minutes from the answer, five of them gone");
}

#[test]
fn a_086_twenty_five_calls_to_0905_pass_and_the_26th_is_refused_also_after_a_reboot() {
    let mut office = Office::new(Country::Belgium);
    office.raise(&[Cap::Person, Cap::Hour, Cap::Day]);
    let mut kept = Vec::new();
    for call in 1..=25 {
        let key = office.dial("201", "090512345").unwrap_or_else(|reject| panic!("call {call}: {reject}"));
        assert_eq!(office.answer(key), Turn::Settled, "a call that is paid at once may last");
        office.pass(5);
        assert_eq!(office.close(key), Money::from_cents(200));
        kept.extend(office.ledger.take_changed());
    }
    assert_eq!(office.dial("201", "090512345"), Err(Reject::PER_CALL_SPENT));
    office.reboot(&kept);
    assert_eq!(office.dial("201", "090512345"), Err(Reject::PER_CALL_SPENT));
    assert!(office.dial("202", "090512345").is_ok(), "each caller has an amount of their own");
    office.pass(24 * 3_600);
    assert!(office.dial("201", "090512345").is_ok(), "the next day");
}

#[test]
fn a_086_what_is_paid_by_the_call_is_counted_in_cents_with_vat_and_never_passes_fifty_euro() {
    let mut office = Office::new(Country::Belgium);
    office.raise(&[Cap::Person, Cap::Hour, Cap::Day, Cap::Call]);
    let spent = |office: &mut Office| {
        let mut spent = Money::ZERO;
        for _ in 0..200 {
            let Ok(key) = office.dial("201", if spent < Money::from_cents(4_000) { "090512345" } else { "090112345" })
            else {
                break;
            };
            office.answer(key);
            office.pass(1);
            spent += office.close(key);
        }
        spent
    };
    assert_eq!(spent(&mut office), Money::from_cents(5_000));
}

#[test]
fn a_call_that_nobody_answers_costs_nothing_and_leaves_nothing_held_back() {
    let mut office = Office::new(Country::Belgium);
    office.raise(&[Cap::Person, Cap::Hour, Cap::Day]);
    for _ in 0..1_000 {
        let key = office.dial("201", "090512345").unwrap();
        assert_eq!(office.close(key), Money::ZERO);
    }
    assert_eq!(office.used(Cap::Day), Money::ZERO);
}

#[test]
fn a_025_a_call_abroad_ends_after_an_hour() {
    let mut office = Office::new(Country::Netherlands);
    let meant = office.meant("004930123456");
    let cheap = centrale_numbering::Tariff { minute: Money::from_cents(1), ..centrale_numbering::Tariff::FREE };
    let order = Order::new(&office.plan, &meant, "201", Quote { price: cheap, reserve: cheap });
    assert!(matches!(order.class, Class::International(_)));
    let call = office.order(order).unwrap();
    assert_eq!(office.talk_to_the_end(call), (Some(3_569), 3_599, Reject::LONGEST));
}

#[test]
fn what_is_free_needs_no_ledger() {
    let office = Office::new(Country::Netherlands);
    for (dialled, free) in [("08001234", true), ("113", true), ("0201234567", false), ("004930123456", false)] {
        let meant = office.meant(dialled);
        let order = Order::new(&office.plan, &meant, "201", Quote::worst(&office.plan, &meant));
        assert_eq!(order.is_free(), free, "{dialled}");
    }
    assert!(Reach::ALL.is_sorted());
    assert_eq!(Civil::default().minutes(), 0);
}
