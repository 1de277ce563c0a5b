use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::*;
use crate::money::Money;
use crate::tariff::Step;

fn terms(country: Country) -> Terms {
    Terms { country, vat: Vat::Included, valid_from: Date::from_days(20_000) }
}

fn read(file: &str) -> Result<Deck, Refused> {
    Deck::read(file.as_bytes(), &terms(Country::Netherlands))
}

fn deck(file: &str) -> Deck {
    read(file).unwrap_or_else(|refused| panic!("{refused}"))
}

/// The price of a minute in hundredths of a cent.
fn minute(deck: &Deck, dialled: &str) -> Option<u64> {
    tariff(deck, &Plan::of(deck.country, "020").normalise(dialled)).map(|tariff| tariff.minute.ten_thousandths())
}

/// What the deck says on its first day.
fn tariff(deck: &Deck, number: &Dialled) -> Option<Tariff> {
    deck.tariff_on(deck.valid_from(), number)
}

fn wrongs(file: &str) -> Vec<(u32, Wrong)> {
    read(file).unwrap_err().faults.into_iter().map(|fault| (fault.line, fault.wrong)).collect()
}

#[test]
fn the_same_deck_is_read_from_every_way_of_writing_it() {
    let expected = deck(
        "prefix,destination,price per minute,set-up,step\n31,Netherlands,0.0121,0.05,minute\n49,Germany,0.02,0,second\n",
    );
    for file in [
        "\u{feff}prefix;bestemming;prijs per minuut;starttarief;afrekening\r\n+31;Netherlands;0,0121;0,05;minuut\r\n0049;Germany;0,02;;seconde\r\n",
        "sep=;\nPréfixe;Destination;Prix par minute;Frais de connexion;Facturation\n0031;Netherlands;€ 0,0121;0,05;par minute\n49;Germany;0,02;0;1/1",
        "price per minute,prefix,destination,set-up,step\n\"0,0121\",\"31\",\"Netherlands\",\"0,05\",60/60\n\n0.02,49,Germany,,1",
        "prefix\tdestination\tprice per minute (cent)\tset-up (cent)\tstep\n49\tGermany\t2\t0\ts\n31\tNetherlands\t1,21\t5\tmin\n",
        "prefix;valid from;destination;price per minute;set-up;step\n31;2026-01-01;Netherlands;0.0121;0.05;60\n49;;Germany;0.02;0;sec\n",
    ] {
        assert_eq!(deck(file).rows(), expected.rows(), "{file}");
    }
    let old_sheet = b"pr\xe9fixe;prix par minute (\x80)\n31;\x80 0,01\n";
    assert_eq!(Deck::read(old_sheet, &terms(Country::Belgium)).unwrap().rows().len(), 1);
    assert_eq!(deck("prefix;price;valid from\n31;1;x").unread(), ["valid from"]);
}

#[test]
fn what_the_file_does_not_say_is_nothing_for_the_set_up_and_the_countrys_own_step() {
    for (country, step) in [(Country::Netherlands, Step::Minute), (Country::Belgium, Step::Second)] {
        let deck = Deck::read(b"prefix,rate\n49,0.02\n", &terms(country)).unwrap();
        assert_eq!(deck.rows()[0].tariff, Tariff { setup: Money::ZERO, minute: Money::from_cents(2), step });
    }
    let odd = deck("prefix;price;step\n49;0.02;60/1\n33;0.02;30/6\n");
    assert!(odd.rows().iter().all(|row| row.tariff.step == Step::Minute));
}

#[test]
fn vat_that_is_not_in_the_prices_is_added_to_both_of_them() {
    let without = Terms { vat: Vat::Excluded { per_mille: 210 }, ..terms(Country::Netherlands) };
    let deck = Deck::read(b"prefix;price;set-up\n49;0,01;0,10\n", &without).unwrap();
    assert_eq!(deck.rows()[0].tariff.minute.ten_thousandths(), 121);
    assert_eq!(deck.rows()[0].tariff.setup.ten_thousandths(), 1_210);
}

#[test]
fn every_faulty_line_is_told_by_its_number_with_what_to_do() {
    let file = "prefix;destination;price;step\n\
        31;Netherlands;0.01;minute\n\
        abc;Nowhere;0.01;minute\n\
        49;Germany;cheap;minute\n\
        33;France;121;minute\n\
        34;Spain;0.01;hour\n\
        39;Italy;0.01\n\
        +31;Netherlands again;0.02;minute\n\
        44;\"United\" Kingdom;0.01;minute\n\
        45;Denmark;-1;minute\n";
    let prefix = Prefix::read("31", Country::Netherlands).unwrap();
    assert_eq!(
        wrongs(file),
        [
            (3, Wrong::Prefix("abc".to_owned())),
            (4, Wrong::Amount("cheap".to_owned())),
            (5, Wrong::TooDear("121".to_owned())),
            (6, Wrong::Step("hour".to_owned())),
            (7, Wrong::Fields { found: 3, expected: 4 }),
            (8, Wrong::Twice { prefix, first: 2 }),
            (9, Wrong::Quote),
            (10, Wrong::Amount("-1".to_owned())),
        ]
    );
    let refused = read(file).unwrap_err();
    assert_eq!(refused.count, 8);
    assert_eq!(
        refused.faults[0].to_string(),
        "line 3: \"abc\" is no prefix; write +31, 0031 or 31, or 0900 for a number of this country (as text, not as a sum)"
    );
    assert_eq!(refused.faults[5].to_string(), "line 8: +31 was in line 2 already; leave one of them out");
}

#[test]
fn a_file_that_is_no_deck_is_refused_as_a_whole() {
    assert_eq!(wrongs(""), [(1, Wrong::Empty)]);
    assert_eq!(wrongs("\n\n  \n"), [(1, Wrong::Empty)]);
    assert_eq!(wrongs("prefix;price\n"), [(1, Wrong::Empty)]);
    assert_eq!(wrongs("Rates of 2026\nprefix;price\n31;1\n"), [(1, Wrong::NoColumn(Column::Prefix))]);
    assert_eq!(wrongs("p\0r\0e\0f\0i\0x\0"), [(1, Wrong::NotText)]);
    let large = vec![b'1'; MOST_BYTES + 1];
    assert_eq!(Deck::read(&large, &terms(Country::Belgium)).unwrap_err().faults[0].wrong, Wrong::TooLarge);
}

#[test]
fn of_very_many_faults_the_first_are_listed_and_all_are_counted() {
    let file = format!("prefix;price\n{}", "x;y\n".repeat(MOST_ROWS + 10));
    let refused = read(&file).unwrap_err();
    assert_eq!((refused.faults.len(), refused.count), (50, MOST_ROWS + 1));
}

#[test]
fn a_112_a_deck_counts_for_forty_five_days() {
    let terms = Terms { valid_from: "2026-11-01".parse().unwrap(), ..terms(Country::Netherlands) };
    let deck = Deck::read(b"prefix;price\n31;0,02", &terms).unwrap();
    let number = Plan::of(Country::Netherlands, "").normalise("030 2345678");
    for (today, freshness) in [
        ("2026-10-31", Freshness::NotYet),
        ("2026-11-01", Freshness::Fresh { days_left: 45 }),
        ("2026-12-15", Freshness::Fresh { days_left: 1 }),
        ("2026-12-16", Freshness::Expired),
        ("2030-01-01", Freshness::Expired),
    ] {
        let today = today.parse().unwrap();
        assert_eq!(deck.freshness(today), freshness, "{today}");
        let counts = matches!(freshness, Freshness::Fresh { .. });
        assert_eq!(deck.tariff_on(today, &number).is_some(), counts, "{today}");
    }
}

#[test]
fn the_longest_prefix_that_fits_has_the_price() {
    let deck = deck("prefix;price\n49;0,01\n4915;0,10\n49151;0,12\n1;0,005\n316;0,05\n31;0,02\n32;0,03\n3247;0,2\n");
    for (dialled, price) in [
        ("+49 30 1234567", Some(100)),
        ("+49 152 1234567", Some(1_000)),
        ("+49 151 1234567", Some(1_200)),
        ("+1 212 5551234", Some(50)),
        ("030 2345678", Some(200)),
        ("088 1234567", Some(200)),
        ("020 2345678", Some(200)),
        ("06 12345678", Some(500)),
        ("+32 2 212 34 56", Some(300)),
        ("+32 470 123456", Some(2_000)),
        ("+33 1 23456789", None),
    ] {
        assert_eq!(minute(&deck, dialled), price, "{dialled}");
    }
}

#[test]
fn a_row_for_a_country_prices_nothing_in_it_that_is_dear_or_dangerous() {
    let wide = deck("prefix;price\n1;0,005\n31;0,02\n32;0,03\n44;0,01\n8;0,01\n3118;0,01\n");
    for dialled in [
        "0900 1234",
        "0900 8844",
        "0906 1234",
        "084 1234567",
        "066 1234567",
        "082 1234567",
        "1888",
        "113",
        "112",
        "201",
        "anna",
        "+1 876 5551234",
        "+1 900 5551234",
        "+44 70 12345678",
        "+44 070 12345678",
        "+44 9 12345678",
        "+32 902 12345",
        "+882 1234567",
        "+86 10 12345678",
    ] {
        assert_eq!(minute(&wide, dialled), None, "{dialled}");
    }
    let narrow = deck(
        "prefix;price\n0900;0,90\n09001234;0,10\n18xx;1,50\n1876;0,40\n+4470;0,60\n0031 84;0,07\n882;3\n14xx;0,02\n",
    );
    for (dialled, price) in [
        ("0900 1235", Some(9_000)),
        ("+31 900 1235", Some(9_000)),
        ("0900 1234", Some(1_000)),
        ("1888", Some(15_000)),
        ("+1 876 5551234", Some(4_000)),
        ("+44 70 12345678", Some(6_000)),
        ("084 1234567", Some(700)),
        ("+882 1234567", Some(30_000)),
        ("14020", None),
        ("0188 812345", None),
    ] {
        assert_eq!(minute(&narrow, dialled), price, "{dialled}");
    }
}

#[test]
fn short_numbers_of_belgium_have_rows_too() {
    let file = b"prefix;prix par minute;frais de connexion\n0902;1,00;\n0905;0;2,00\n070;0,30;\n";
    let deck = Deck::read(file, &terms(Country::Belgium)).unwrap();
    assert_eq!(minute(&deck, "0902 12 345"), Some(10_000));
    assert_eq!(minute(&deck, "070 12 34 56"), Some(3_000));
    let game = Plan::of(Country::Belgium, "").normalise("0905 12 345");
    assert_eq!(tariff(&deck, &game).map(|tariff| tariff.setup), Some(Money::from_cents(200)));
}

#[test]
fn a_hundred_thousand_rows_are_read_and_each_is_found_among_them() {
    let rows: String = (0..MOST_ROWS).map(|row| format!("49{row:05};Place {row};0,{:04}\n", row % 10_000)).collect();
    let deck = deck(&format!("prefix;destination;price\n{rows}"));
    assert_eq!(deck.rows().len(), MOST_ROWS);
    for row in (0..MOST_ROWS).step_by(7) {
        let number =
            Dialled::Outside { e164: format!("+49{row:05}123"), class: Class::International(crate::Risk::Normal) };
        let found = deck.row(&number).unwrap();
        assert_eq!(&*found.destination, format!("Place {row}"));
        assert_eq!(found.tariff.minute.ten_thousandths(), u64::try_from(row % 10_000).unwrap());
    }
}

/// The longest prefix the slow way.
fn slowly<'a>(rows: &'a [(String, u64)], digits: &str) -> Option<&'a (String, u64)> {
    rows.iter().filter(|(prefix, _)| digits.starts_with(prefix.as_str())).max_by_key(|(prefix, _)| prefix.len())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, rng_seed: RngSeed::Fixed(45), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_harm_it(file in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Deck::read(&file, &terms(Country::Belgium));
    }

    #[test]
    fn no_text_that_looks_like_a_deck_harms_it_and_what_is_read_is_found(
        body in "([+0-9x]{0,9}[;,\"]?[0-9.,€ ]{0,6}[;\"]?[a-z\"é]{0,4}\r?\n){0,12}"
    ) {
        let file = format!("prefix;price;destination\n{body}");
        match Deck::read(file.as_bytes(), &terms(Country::Netherlands)) {
            Ok(deck) => prop_assert!(deck.rows().iter().all(|row| deck.exactly(row.prefix) == Some(row))),
            Err(refused) => prop_assert!(!refused.faults.is_empty() && !refused.to_string().is_empty()),
        }
    }

    #[test]
    fn looking_up_quickly_finds_what_looking_at_every_row_does(
        rows in prop::collection::btree_map("49[1-3]{0,6}", 0..10_000u64, 1..30), rest in "[1-3]{6,9}"
    ) {
        let rows: Vec<(String, u64)> = rows.into_iter().collect();
        let body: String = rows.iter().map(|(prefix, price)| format!("{prefix};0,{price:04}\n")).collect();
        let deck = deck(&format!("prefix;price\n{body}"));
        let expected = slowly(&rows, &format!("49{rest}")).map(|(_, price)| *price);
        prop_assert_eq!(minute(&deck, &format!("+49{rest}")), expected);
    }
}
