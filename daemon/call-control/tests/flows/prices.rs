//! Prices: each call is reckoned by the tariff deck of the provider that it leaves by.

use std::sync::Arc;
use std::time::Duration;

use centrale_call_control::{Decks, Input, Outcome, Told};
use centrale_guard::{Cap, Civil};
use centrale_numbering::deck::{Deck, Terms, Vat};
use centrale_numbering::{Country, Date, Money};
use centrale_sip::message::Method;

use crate::bench::{Bench, Leg, OFFICE, OfficeText, Provider, TUESDAY, Ua};

/// The first of that month.
const FIRST: u32 = 20_758;

/// An office with two providers, each with its deck of the first of November, in which Anna may call everything.
struct Office {
    bench: Bench,
    first: Provider,
    second: Provider,
    anna: Ua,
}

impl Office {
    fn new(decks: [&str; 2]) -> Self {
        Self::with(decks, "")
    }

    /// `dialect` are lines of the first provider in the office file.
    fn with(decks: [&str; 2], dialect: &str) -> Self {
        let text = OfficeText::with_second_trunk()
            .replace("name = \"Anna\"\n", "name = \"Anna\"\npremium = true\ncalls = \"world\"\n")
            .replace("name = \"provider\"\n", &format!("name = \"provider\"\n{dialect}"));
        let mut bench = Bench::switched_off(&text, (10_000, 10_199));
        let (first, second) = Provider::two(&mut bench);
        bench.find_interfaces();
        bench.input(Input::Clock(TUESDAY));
        bench.input(Input::Decks(read(decks)));
        let anna = bench.phone("201");
        Self { bench, first, second, anna }
    }

    /// What is held back or spent of Anna's day.
    fn held(&self) -> Money {
        self.bench.kept.get("person/201").map_or(Money::ZERO, |kept| Money::from_ten_thousandths(kept.amount))
    }

    /// Who is asked first for a call to that number.
    fn asked_first(&mut self, dialled: &str) -> &'static str {
        let mut call = self.anna.call(&mut self.bench, dialled);
        let at_first = self.bench.take_request(self.first.ua.at, &Method::INVITE).is_some();
        let name = if at_first { "first" } else { "second" };
        if !at_first {
            self.second.ua.rung(&mut self.bench).refuse(&mut self.bench, 486);
            call.expect(&mut self.bench, 486);
        }
        name
    }

    fn told_old(&self) -> bool {
        let is_old = |told: &Told| matches!(told, Told::Problem(problem) if problem.code == "deck-old");
        self.bench.told.iter().any(is_old)
    }
}

fn read(decks: [&str; 2]) -> Decks {
    let terms = Terms { country: Country::Netherlands, vat: Vat::Included, valid_from: Date::from_days(FIRST) };
    let deck = |rows: &str| Arc::new(Deck::read(format!("prefix;price\n{rows}").as_bytes(), &terms).unwrap());
    let named = ["provider", "second"].into_iter().zip(decks);
    named.filter(|(_, rows)| !rows.is_empty()).map(|(name, rows)| (name.to_owned(), deck(rows))).collect()
}

/// Talks for so many seconds over the first provider, and gives what the record says that it cost.
fn price_of(office: &mut Office, dialled: &str, seconds: u64) -> Option<Money> {
    let Office { bench, first, anna, .. } = office;
    let mut call = anna.call(bench, dialled);
    let mut ring = first.ua.rung(bench);
    ring.pick_up(bench);
    call.expect(bench, 200);
    call.ack(bench);
    bench.seconds(seconds);
    call.hang_up(bench);
    ring.expect_bye(bench);
    bench.seconds(1);
    bench.records.last().unwrap().price
}

#[test]
fn a_110_a_call_is_held_back_and_written_down_at_the_price_of_its_provider() {
    let mut office = Office::new(["31900;0,40", "31900;0,60"]);
    let mut call = office.anna.call(&mut office.bench, "09001234");
    let mut ring = office.first.ua.rung(&mut office.bench);
    assert_eq!(office.held(), Money::from_cents(50), "a minute and a quarter more");
    ring.pick_up(&mut office.bench);
    call.expect(&mut office.bench, 200);
    call.ack(&mut office.bench);
    office.bench.seconds(61);
    // A deck that is taken away meanwhile changes nothing for it.
    office.bench.input(Input::Decks(Decks::new()));
    call.hang_up(&mut office.bench);
    ring.expect_bye(&mut office.bench);
    assert_eq!(office.held(), Money::from_cents(80));
    assert_eq!(price_of(&mut office, "09001234", 1), Some(Money::from_cents(100)), "the next one has no deck");
    let records = office.bench.over();
    assert_eq!(records[0].price, Some(Money::from_cents(80)), "two started minutes");
}

#[test]
fn a_038_an_old_deck_and_a_number_without_a_row_are_reckoned_at_the_worst_price() {
    let mut office = Office::new(["31900;0,40", ""]);
    assert_eq!(price_of(&mut office, "004930123456", 1), Some(Money::from_cents(100)), "there is no row for Germany");
    assert_eq!(price_of(&mut office, "09001234", 1), Some(Money::from_cents(40)));
    office.bench.input(Input::Clock(Civil { day: FIRST + 45, ..TUESDAY }));
    assert_eq!(price_of(&mut office, "09001234", 1), Some(Money::from_cents(100)));
    office.bench.over();
}

#[test]
fn a_112_the_page_says_that_a_deck_is_too_old_until_a_new_one_is_there() {
    let mut office = Office::new(["31900;0,40", ""]);
    office.bench.input(Input::Clock(Civil { day: FIRST + 44, ..TUESDAY }));
    assert!(!office.told_old());
    office.bench.input(Input::Clock(Civil { day: FIRST + 45, ..TUESDAY }));
    assert!(office.told_old());
    office.bench.told.clear();
    office.bench.input(Input::Decks(Decks::new()));
    let gone = |told: &Told| matches!(told, Told::ProblemGone { code, subject } if code == "deck-old" && subject == "provider");
    assert!(office.bench.told.iter().any(gone));
    office.bench.over();
}

#[test]
fn a_call_that_goes_on_to_a_dearer_provider_is_held_back_anew_at_its_price() {
    let mut office = Office::new(["31900;0,40", "31900;0,80"]);
    let mut call = office.anna.call(&mut office.bench, "09001234");
    let ring = office.first.ua.rung(&mut office.bench);
    assert_eq!(office.held(), Money::from_cents(50));
    ring.refuse(&mut office.bench, 503);
    let mut ring = office.second.ua.rung(&mut office.bench);
    assert_eq!(office.held(), Money::from_cents(100), "what the first would have cost is given back");
    ring.pick_up(&mut office.bench);
    call.expect(&mut office.bench, 200);
    call.ack(&mut office.bench);
    office.bench.seconds(1);
    call.hang_up(&mut office.bench);
    ring.expect_bye(&mut office.bench);
    let records = office.bench.over();
    assert_eq!((records[0].price, records[0].trunk.as_deref()), (Some(Money::from_cents(80)), Some("second")));
}

#[test]
fn a_provider_that_is_silent_is_held_back_for_beside_the_dearer_one_that_is_asked_instead() {
    let mut office = Office::new(["31900;0,40", "31900;0,80"]);
    let mut call = office.anna.call(&mut office.bench, "09001234");
    office.first.ua.rung(&mut office.bench);
    office.bench.advance(Duration::from_millis(3_001));
    let ring = office.second.ua.rung(&mut office.bench);
    assert_eq!(office.held(), Money::from_cents(150));
    ring.refuse(&mut office.bench, 486);
    call.expect(&mut office.bench, 486);
    while office.bench.take_request(office.first.ua.at, &Method::INVITE).is_some() {}
    office.bench.seconds(60);
    assert_eq!(office.held(), Money::ZERO);
    office.bench.over();
}

#[test]
fn a_provider_that_is_too_dear_for_what_is_left_is_not_asked() {
    // A minute of the first fits under the cap of one call, a minute of the second does not.
    let mut office = Office::new(["31900;7", "31900;9"]);
    let mut call = office.anna.call(&mut office.bench, "09001234");
    let ring = office.first.ua.rung(&mut office.bench);
    ring.refuse(&mut office.bench, 503);
    call.expect(&mut office.bench, 503);
    assert!(office.bench.take_request(office.second.ua.at, &Method::INVITE).is_none());
    assert_eq!(office.held(), Money::ZERO);
    // Where the first is preferred and too dear, the second is asked.
    let mut office = Office::with(["31900;9", "31900;7"], "preferred_for = [\"premium\"]\n");
    let mut call = office.anna.call(&mut office.bench, "09001234");
    let ring = office.second.ua.rung(&mut office.bench);
    ring.refuse(&mut office.bench, 486);
    call.expect(&mut office.bench, 486);
    // Where both are, the caller is told why.
    office.bench.input(Input::Decks(read(["31900;9", "31900;9"])));
    let mut call = office.anna.call(&mut office.bench, "09001234");
    assert_eq!(call.expect(&mut office.bench, 403).reason, "Call Costs Too Much");
    let records = office.bench.over();
    assert_eq!(records.last().map(|record| record.outcome), Some(Outcome::Blocked));
    assert!(Cap::Call.amount() < Money::from_cents(1_125));
}

#[test]
fn of_providers_that_are_equal_otherwise_the_cheaper_is_asked_first() {
    let germany = "004930123456";
    for (decks, dialect, expected) in [
        (["49;0,05", "49;0,03"], "", "second"),
        (["49;0,03", "49;0,05"], "", "first"),
        (["49;0,03", "49;0,03"], "", "first"),
        // Nobody knows what the other one costs.
        (["", "49;0,03"], "", "first"),
        (["33;0,05", "49;0,03"], "", "first"),
        // What the office says comes before what is cheap.
        (["49;0,05", "49;0,03"], "preferred_for = [\"international\"]\n", "first"),
        (["49;0,03", "49;0,05"], "preferred_for = [\"mobile\"]\n", "second"),
    ] {
        assert_eq!(Office::with(decks, dialect).asked_first(germany), expected, "{decks:?} {dialect}");
    }
    let mut office = Office::new(["49;0,05", "49;0,03"]);
    office.bench.input(Input::Clock(Civil { day: FIRST + 45, ..TUESDAY }));
    assert_eq!(office.asked_first(germany), "first", "old decks say nothing");
}

#[test]
fn help_is_never_ordered_by_price() {
    let mut office = Office::new(["31;0,05\n112;0,05", "31;0,01\n112;0,01"]);
    let draft = office.anna.invite_draft(&mut office.bench, "112");
    Leg::calling(&office.anna, &mut office.bench, &draft);
    assert!(office.bench.take_request(office.first.ua.at, &Method::INVITE).is_some());
    assert!(!office.bench.kept.contains_key("person/201"));
}

#[test]
fn what_is_an_ordinary_number_is_told_by_its_true_price() {
    // With the margin this would be 17.5 cents, and no ordinary call any more.
    let mut office = Office::new(["31;0,14", ""]);
    assert_eq!(price_of(&mut office, "0612345678", 1), Some(Money::from_cents(14)));
    assert_eq!(office.held(), Money::ZERO, "no cap holds it");
    office.bench.input(Input::Decks(read(["31;0,14\n316;0,16", ""])));
    assert_eq!(price_of(&mut office, "0612345678", 1), Some(Money::from_cents(16)));
    assert_eq!(office.held(), Money::from_cents(16), "a dear mobile number is held to the caps");
    office.bench.over();
}

#[test]
fn a_021_over_a_gateway_with_sim_cards_only_what_its_deck_has_a_price_for_is_called() {
    let mut office = Office::with(["316;0,05", ""], "gateway = true\n");
    assert_eq!(office.asked_first("0612345678"), "first");
    assert_eq!(office.asked_first("0207654321"), "second", "nobody said what that costs on a SIM card");
    assert_eq!(office.asked_first("004930123456"), "second");
}

#[test]
fn a_021_where_a_gateway_is_all_there_is_an_unknown_price_is_refused_in_words_and_help_passes() {
    let text = OFFICE.replace("name = \"provider\"\n", "name = \"provider\"\ngateway = true\n");
    let mut bench = Bench::switched_off(&text, (10_000, 10_199));
    let provider = Provider::new(&mut bench);
    bench.find_interfaces();
    let anna = bench.phone("201");
    let mut call = anna.call(&mut bench, "0207654321");
    assert_eq!(call.expect(&mut bench, 403).reason, "Price Not Known");
    assert_eq!(bench.records.last().unwrap().reason, Some("price-unknown"));
    let draft = anna.invite_draft(&mut bench, "112");
    let mut help = Leg::calling(&anna, &mut bench, &draft);
    provider.ua.rung(&mut bench).pick_up(&mut bench);
    help.expect(&mut bench, 200);
    help.ack(&mut bench);
}
