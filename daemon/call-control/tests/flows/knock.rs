//! Who knocks: attackers get nothing and are told nothing, and nobody of the office is locked out by it.

use std::fmt::Write as _;
use std::time::Duration;

use centrale_call_control::view::{LineState, TrunkState};
use centrale_call_control::{Command, Input, Interfaces, LocalAddress};
use centrale_sip::auth::{Challenge, Credentials};
use centrale_sip::flow::{Target, Transport};
use centrale_sip::message::{HeaderName, Method, Response};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};

use crate::bench::{BOX, Bench, Draft, Leg, OFFICE, OfficeText, PORTS, Provider, Ua};

pub(crate) const ATTACKERS: [&str; 2] = ["203.0.113.66:5060", "192.168.1.66:5060"];

pub(crate) fn attacker(at: &str, user: &str) -> Ua {
    Ua { password: "guess".into(), ..Ua::new(user, Transport::Udp, at) }
}

/// A REGISTER as a desk phone's.
pub(crate) fn register_of(ua: &Ua, bench: &mut Bench) -> Draft {
    ua.register_draft(bench, 600).with("User-Agent", "Yealink SIP-T54W 96.86.0.70")
}

/// Sends it, and takes the final answer if there is one.
pub(crate) fn try_ask(ua: &Ua, bench: &mut Bench, draft: &Draft) -> Option<Response> {
    ua.send(bench, draft);
    let call_id = draft.field("Call-ID").to_owned();
    bench.take_response(ua.at, |response| response.headers.call_id() == Ok(&call_id) && response.status.is_final())
}

/// One REGISTER with a password, challenge and all. The status of its last answer.
pub(crate) fn try_password(ua: &Ua, bench: &mut Bench, password: &str) -> Option<u16> {
    let ua = Ua { password: password.into(), ..ua.clone() };
    let draft = register_of(&ua, bench);
    let challenge = try_ask(&ua, bench, &draft)?;
    let proven = ua.proven(bench, &draft, &challenge);
    try_ask(&ua, bench, &proven).map(|response| response.status.code())
}

/// Somebody says that the phone which registered from there outside is the office's.
pub(crate) fn recognise(bench: &mut Bench, account: &str, address: &str) {
    bench.command(Command::Recognise { account: account.into(), shown: format!("yealink, {address}") });
}

#[test]
fn a_032_guessing_at_full_speed_has_three_secrets_judged_and_ends_in_a_block_also_in_the_office() {
    for at in ATTACKERS {
        let mut bench = Bench::new();
        let (guesser, anna) = (attacker(at, "201"), bench.phone("201"));
        let answered =
            (0..50).filter(|guess| try_password(&guesser, &mut bench, &format!("guess {guess}")).is_some()).count();
        assert_eq!(bench.counted("wrong_secret"), 3, "{at}");
        assert!(answered < 10, "{answered}");
        assert_eq!(try_password(&guesser, &mut bench, "anna-secret-201"), None, "also the right one comes too late");
        let block = bench.blocks[0];
        assert_eq!((block.source, block.port), (guesser.at.ip(), None));
        assert!(anna.register(&mut bench).status.is_success(), "anna goes on");
        assert!(bench.has_problem("attempts-stopped", ""));
        assert!(!bench.has_problem("phone-password-stale", "201"), "a guesser is no phone to mend");
    }
}

#[test]
fn a_011_known_and_unknown_users_are_answered_alike_to_the_byte() {
    for at in ATTACKERS {
        let texts = ["201", "299"].map(|user| {
            let mut bench = Bench::new();
            let ua = attacker(at, user);
            let draft = register_of(&ua, &mut bench);
            let first = try_ask(&ua, &mut bench, &draft).unwrap();
            let again = ua.proven(&mut bench, &draft, &first);
            let second = try_ask(&ua, &mut bench, &again).unwrap();
            // The same seed gives the same nonce for the same history; what differs is the name itself.
            [first, second]
                .map(|response| String::from_utf8(response.to_bytes().to_vec()).unwrap().replace(user, "###"))
        });
        let shape = |text: &String| {
            let length = text.lines().map(|line| (line.split(':').next().unwrap_or_default().to_owned(), line.len()));
            length.collect::<Vec<_>>()
        };
        for (known, unknown) in texts[0].iter().zip(&texts[1]) {
            assert_eq!(shape(known), shape(unknown));
            assert!(!known.contains("Server:") && !known.contains("User-Agent:"));
        }
    }
}

#[test]
fn a_035_asking_for_one_number_after_the_other_gives_no_number_away() {
    let mut bench = Bench::new();
    let mut answers = Vec::new();
    for number in 195..260 {
        let ua = attacker(ATTACKERS[0], &number.to_string());
        let draft = register_of(&ua, &mut bench);
        answers.push(try_ask(&ua, &mut bench, &draft).map(|response| response.status.code()));
    }
    // 195 and 196 can be nobody's: the second of them blocks.
    assert_eq!(answers[0], Some(401));
    assert!(answers[1..].iter().all(Option::is_none), "{answers:?}");
}

#[test]
fn t01_whoever_is_unknown_outside_hears_nothing_to_what_is_neither_register_nor_invite() {
    let mut bench = Bench::new();
    let _anna = bench.phone("201");
    for (host, method) in
        ["OPTIONS", "SUBSCRIBE", "MESSAGE", "NOTIFY", "BYE", "PUBLISH", "REFER", "CANCEL", "FROB"].iter().enumerate()
    {
        let ua = attacker(&format!("203.0.114.{host}:5060"), "201");
        let uri = format!("sip:201@{BOX}");
        for to in [format!("<{uri}>"), format!("<{uri}>;tag=1")] {
            let draft = ua.draft(&mut bench, method, &uri, &to);
            assert!(try_ask(&ua, &mut bench, &draft).is_none(), "{method} to {to}");
        }
    }
    let malformed = "OPTIONS sip:201@192.168.1.10 SIP/2.0\r\nVia: SIP/2.0/UDP 203.0.113.99;branch=z9hG4bK1\r\n\r\n";
    bench.packet(Transport::Udp, "203.0.113.99:5060".parse().unwrap(), malformed);
    bench.quiet();
}

#[test]
fn b_33_no_answer_to_an_unknown_address_is_longer_than_its_question_wherever_that_is_and_a_terse_phone_is_heard_when_it_repeats_itself()
 {
    for (network, number) in [("203.0.114", "201"), ("192.168.1", "201"), ("203.0.114", "112")] {
        let mut bench = Bench::new();
        for (host, (padding, algorithms)) in [(1, (0, 0)), (2, (130, 1)), (3, (400, 2))] {
            let ua = attacker(&format!("{network}.{host}:5060"), "201");
            let draft = match number {
                "112" => ua.draft(&mut bench, "INVITE", &format!("sip:112@{BOX}"), &format!("<sip:112@{BOX}>")),
                _ => ua.short_register_draft(&mut bench, 600),
            };
            let draft = draft.with("X-Padding", "x".repeat(padding));
            let mut answer = try_ask(&ua, &mut bench, &draft);
            let offered = |answer: &Response| answer.headers.all(&HeaderName::WwwAuthenticate).count();
            assert_eq!(answer.as_ref().map_or(0, offered), algorithms, "{network} {number} {padding}");
            let mut sent = draft.to_text().len();
            if answer.is_none() {
                answer = try_ask(&ua, &mut bench, &draft);
                sent *= 2;
            }
            let answer = answer.unwrap_or_else(|| bench.fail("a phone that repeats itself is heard"));
            assert!(answer.to_bytes().len() <= sent, "{network} {number}: {} for {sent}", answer.to_bytes().len());
        }
        bench.seconds(40);
        assert_eq!(bench.resent, 0);
        bench.quiet();
    }
}

#[test]
fn b_33_what_a_stranger_in_the_office_asks_beside_registering_is_answered_with_no_more_bytes_either() {
    let mut bench = Bench::new();
    for (host, method) in
        ["OPTIONS", "SUBSCRIBE", "MESSAGE", "NOTIFY", "BYE", "PUBLISH", "REFER", "FROB"].iter().enumerate()
    {
        let ua = attacker(&format!("192.168.1.{}:5060", 210 + host), "201");
        let uri = format!("sip:201@{BOX}");
        for to in [format!("<{uri}>"), format!("<{uri}>;tag=1")] {
            let draft = ua.draft(&mut bench, method, &uri, &to);
            let answered = try_ask(&ua, &mut bench, &draft).map_or(0, |answer| answer.to_bytes().len());
            assert!(answered <= draft.to_text().len(), "{method} to {to}: {answered} for {}", draft.to_text().len());
        }
    }
    bench.seconds(40);
    bench.quiet();
}

#[test]
fn b_16_calls_without_proof_end_after_the_first() {
    let mut bench = Bench::new();
    let ua = attacker(ATTACKERS[0], "1000");
    let answered: Vec<bool> = ["00442071838750", "900442071838750", "9011442071838750"]
        .iter()
        .map(|dialled| {
            let draft = ua.invite_draft(&mut bench, dialled);
            try_ask(&ua, &mut bench, &draft).is_some()
        })
        .collect();
    assert_eq!(answered, [true, false, false]);
    assert_eq!(bench.counted("knock-toll-fraud"), 1);
}

#[test]
fn a_phone_with_the_password_of_before_is_mended_and_not_counted() {
    let mut bench = Bench::new();
    let anna = bench.phone("201");
    bench.settle(&OFFICE.replace("anna-secret-201", "another-secret-201"));
    for _ in 0..30 {
        assert_eq!(try_password(&anna, &mut bench, "anna-secret-201"), Some(401));
        bench.seconds(5);
    }
    assert_eq!((bench.counted("old_secret"), bench.counted("wrong_secret")), (30, 0));
    assert!(bench.has_problem("phone-password-stale", "201") && !bench.has_problem("attempts-stopped", ""));
    assert_eq!(try_password(&anna, &mut bench, "another-secret-201"), Some(200));
    assert!(bench.blocks.is_empty());
}

/// The same of a phone that answers once more when its nonce was too old, as phones do.
fn register_with(ua: &Ua, bench: &mut Bench, password: &str) -> Option<u16> {
    let ua = Ua { password: password.into(), ..ua.clone() };
    let draft = register_of(&ua, bench);
    let challenge = try_ask(&ua, bench, &draft)?;
    let proven = ua.proven(bench, &draft, &challenge);
    let answer = try_ask(&ua, bench, &proven)?;
    if !answer.headers.items(&HeaderName::WwwAuthenticate).join(" ").contains("stale=true") {
        return Some(answer.status.code());
    }
    let again = ua.proven(bench, &draft, &answer);
    try_ask(&ua, bench, &again).map(|response| response.status.code())
}

#[test]
fn a_phone_that_tries_each_new_password_before_the_box_goes_by_it_is_not_taken_for_a_guesser() {
    for at in ["192.168.1.101:5060", "198.51.100.7:5060"] {
        let (mut bench, anna) = (Bench::new(), Ua::new("201", Transport::Udp, at));
        for round in 0..12 {
            let password = format!("anna-secret-{round}");
            assert_eq!(register_with(&anna, &mut bench, &password), Some(401), "{at} {round}");
            bench.settle(&OFFICE.replace("anna-secret-201", &password));
            assert_eq!(register_with(&anna, &mut bench, &password), Some(200), "{at} {round}");
            assert!(!bench.has_problem("phone-password-stale", "201"), "{at} {round}");
            bench.seconds(60);
        }
        assert!(bench.blocks.is_empty(), "{at}");
        assert!(!bench.has_problem("attempts-stopped", "") && !bench.has_problem("account-under-attack", "201"));
    }
}

#[test]
fn a_phone_with_a_password_that_nobody_remembers_repeats_itself_and_is_known_by_that() {
    let mut bench = Bench::new();
    let (sick, bram) = (Ua::usual("201"), bench.phone("202"));
    let mut nonces = Vec::new();
    for _ in 0..50 {
        let draft = register_of(&sick, &mut bench);
        let challenge = try_ask(&sick, &mut bench, &draft).expect("it is heard");
        let value = challenge.headers.text(&HeaderName::WwwAuthenticate).unwrap().into_owned();
        nonces.push(Challenge::parse(&value).unwrap());
        let wrong = Ua { password: "of last year".into(), ..sick.clone() };
        let proven = wrong.proven(&mut bench, &draft, &challenge);
        assert!(Credentials::parse(proven.field("Authorization")).is_some());
        assert_eq!(try_ask(&wrong, &mut bench, &proven).expect("it is answered").status.code(), 401);
        bench.seconds(40);
    }
    assert!(nonces[0].qop_auth && nonces[1..].iter().all(|one| !one.qop_auth && one.nonce == nonces[1].nonce));
    assert!(bench.has_problem("phone-password-stale", "201"));
    assert_eq!(try_password(&sick, &mut bench, "anna-secret-201"), Some(200), "mended");
    assert!(bram.register(&mut bench).status.is_success());
    assert!(bench.blocks.is_empty());
}

#[test]
fn a_phone_with_the_password_of_before_is_one_to_mend_also_after_the_box_has_started_anew_three_times_a_day() {
    let office = OFFICE.replace("anna-secret-201", "another-secret-201");
    let sick = Ua::usual("201");
    let mut before = Bench::of(&office);
    let draft = register_of(&sick, &mut before);
    let challenge = try_ask(&sick, &mut before, &draft).unwrap();
    for start in 0..3 {
        let mut bench = Bench::of(&office);
        let bram = bench.phone("202");
        // It begins with an answer to what the box asked before its power failed.
        let draft = register_of(&sick, &mut bench);
        let proven = sick.proven(&mut bench, &draft, &challenge);
        assert_eq!(try_ask(&sick, &mut bench, &proven).map(|response| response.status.code()), Some(401));
        for _ in 0..60 {
            assert_eq!(try_password(&sick, &mut bench, "anna-secret-201"), Some(401), "start {start}");
            bench.seconds(30);
        }
        assert!(bench.has_problem("phone-password-stale", "201"));
        assert!(!bench.has_problem("attempts-stopped", "") && !bench.has_problem("account-under-attack", "201"));
        assert!(bench.blocks.is_empty() && bram.register(&mut bench).status.is_success());
        assert_eq!(try_password(&sick, &mut bench, "another-secret-201"), Some(200), "mended");
    }
}

#[test]
fn two_phones_of_one_person_at_one_address_of_which_one_is_sick_do_not_disturb_each_other() {
    let mut bench = Bench::new();
    let at = |port: u16| Ua { at: format!("198.51.100.7:{port}").parse().unwrap(), ..Ua::usual("201") };
    let (good, sick) = (at(5_060), at(5_070));
    assert_eq!(try_password(&good, &mut bench, "anna-secret-201"), Some(200));
    recognise(&mut bench, "201", "198.51.100.7");
    for _ in 0..20 {
        assert_eq!(try_password(&sick, &mut bench, "of last year"), Some(401));
        let draft = register_of(&good, &mut bench);
        let mut answer = try_ask(&good, &mut bench, &draft).unwrap();
        for _ in 0..2 {
            if answer.status.code() == 401 {
                let again = good.proven(&mut bench, &draft, &answer);
                answer = try_ask(&good, &mut bench, &again).unwrap();
            }
        }
        assert_eq!(answer.status.code(), 200);
        bench.seconds(40);
    }
    assert!(bench.blocks.is_empty());
}

/// An office of many, each with a password of their own.
fn office_of(people: usize) -> String {
    let (head, rest) = OFFICE.split_once("[[person]]").unwrap();
    let (_, tail) = rest.split_once("[[trunk]]").unwrap();
    let tail = tail.split("[[inbound]]").next().unwrap();
    let mut text = head.to_owned();
    for number in 201..201 + people {
        write!(
            text,
            "[[person]]\nnumber = \"{number}\"\nname = \"P{number}\"\nsip_password = \"secret-of-{number}\"\n"
        )
        .unwrap();
    }
    format!("{text}[[trunk]]{tail}")
}

#[test]
fn b2_after_a_power_cut_sixty_phones_behind_one_address_are_back_while_six_have_old_passwords() {
    let mut bench = Bench::of(&office_of(60));
    for number in 0..60_u16 {
        let at = format!("198.51.100.7:{}", 10_000 + number).parse().unwrap();
        let ua = Ua { at, ..Ua::usual(&(201 + number).to_string()) };
        let password = if number % 10 == 3 { "of last year".to_owned() } else { format!("secret-of-{}", 201 + number) };
        let expected = if number % 10 == 3 { 401 } else { 200 };
        assert_eq!(try_password(&ua, &mut bench, &password), Some(expected), "{number}");
        bench.advance(Duration::from_millis(80));
    }
    assert!(bench.blocks.is_empty());
    assert_eq!(bench.lamp("260"), LineState::Idle);
}

#[test]
fn t37_packets_in_the_name_of_a_phone_or_the_provider_block_neither() {
    let mut bench = Bench::new();
    let anna = bench.phone("201");
    let provider = crate::bench::Provider::ADDRESS.parse().unwrap();
    let scan = "OPTIONS sip:100@192.168.1.10 SIP/2.0\r\nVia: SIP/2.0/UDP 1.1.1.1;branch=z9hG4bK-1\r\nFrom: <sip:100@1.1.1.1>;tag=1\r\n\
        To: <sip:100@1.1.1.1>\r\nCall-ID: 123456789\r\nCSeq: 1 OPTIONS\r\nUser-Agent: friendly-scanner\r\n\r\n";
    let other_port = "192.168.1.101:9999".parse().unwrap();
    for from in [anna.at, provider, other_port] {
        for _ in 0..50 {
            bench.packet(Transport::Udp, from, scan);
        }
    }
    assert!(
        bench.blocks.iter().all(|block| block.source == anna.at.ip() && block.port == Some(9_999)),
        "{:?}",
        bench.blocks
    );
    assert!(anna.register(&mut bench).status.is_success());
    assert!(bench.trunk("provider").state == centrale_call_control::view::TrunkState::Connected);
}

/// A gateway of the office's, as which everybody outside is seen whom it lets through.
#[test]
fn b_36_passwords_that_are_tried_from_the_providers_address_are_counted_while_its_calls_come_in_and_help_goes_out() {
    let mut bench = Bench::new();
    let (provider, anna) = (Provider::new(&mut bench), bench.phone("201"));
    let guessers = ["202", "204", "205"].map(|user| attacker("203.0.113.5:40000", user));
    for guess in 0..50 {
        guessers.iter().for_each(|guesser| _ = try_password(guesser, &mut bench, &format!("guess {guess}")));
    }
    assert!(bench.counted("wrong_secret") + bench.counted("unknown_user") <= 7, "{:?}", bench.exchange.counters());
    assert_eq!(bench.blocks, [], "a provider is never blocked");
    assert!(bench.incidents.iter().any(|told| told.sources.some == ["203.0.113.5"]), "and it is told");
    let draft = provider.invite_draft(&mut bench, "+31201234567", "+31612345678");
    provider.ua.send(&mut bench, &draft);
    let ring = bench.take_request(anna.at, &Method::INVITE).expect("a call comes in");
    let busy = anna.response_text(&ring, 486, Some("busy"), "", "");
    bench.packet(anna.transport, anna.at, &busy);
    brings_help(&provider, &mut bench);
}

#[test]
fn a_made_up_packet_of_a_scanner_keeps_a_home_worker_away_for_ten_minutes_and_a_connection_for_a_day() {
    let mut bench = Bench::new();
    for (transport, at) in [(Transport::Udp, "198.51.100.7:5060"), (Transport::Tcp, "198.51.100.9:40000")] {
        misbehave(&Ua { transport, ..attacker(at, "201") }, &mut bench, &Before::Scan);
    }
    let lasts: Vec<_> = bench.blocks.iter().map(|block| block.lasts.as_secs() / 60).collect();
    assert_eq!(lasts, [10, 24 * 60]);
    let pages: Vec<_> = bench.blocks.iter().map(|block| block.page).collect();
    assert_eq!(pages, [false, true], "an administrator there still sees the page when it was made up");
    bench.seconds(601);
    let anna = Ua { at: "198.51.100.7:5060".parse().unwrap(), transport: Transport::Udp, ..Ua::usual("201") };
    assert_eq!(try_password(&anna, &mut bench, "anna-secret-201"), Some(200));
}

#[test]
fn a_phone_with_one_wrong_password_that_dials_on_is_no_guesser() {
    let mut bench = Bench::new();
    let phone = Ua { password: "the wrong one".into(), ..Ua::usual("201") };
    let place = attacker("192.168.1.77:5060", "201");
    let phone = Ua { at: place.at, ..phone };
    for round in 0..20 {
        assert_eq!(try_password(&phone, &mut bench, "the wrong one"), Some(401), "round {round}");
        let draft = phone.invite_draft(&mut bench, &format!("{}", 202 + round));
        let challenge = try_ask(&phone, &mut bench, &draft).unwrap();
        let proven = phone.proven(&mut bench, &draft, &challenge);
        assert_eq!(try_ask(&phone, &mut bench, &proven).map(|response| response.status.code()), Some(401));
        bench.seconds(20);
    }
    assert!(bench.blocks.is_empty(), "{:?}", bench.blocks);
    assert_eq!(try_password(&phone, &mut bench, "anna-secret-201"), Some(200), "the right one is in at once");
}

#[test]
fn t38_wrong_passwords_from_a_hundred_addresses_do_not_stop_the_user_b_37() {
    let mut bench = Bench::new();
    let anna = bench.phone("201");
    for host in 0..100 {
        let ua = attacker(&format!("203.0.{host}.9:5060"), "201");
        assert_eq!(try_password(&ua, &mut bench, "guess"), Some(401));
        bench.seconds(20);
    }
    assert_eq!(bench.counted("wrong_secret"), 5);
    assert!(bench.has_problem("account-under-attack", "201"));
    assert!(anna.register(&mut bench).status.is_success());
    let moved = Ua { at: "192.168.1.140:5060".parse().unwrap(), ..anna };
    assert!(moved.register(&mut bench).status.is_success(), "nor the user's phone on another desk");
}

/// One call for help from outside with a password, challenge and all. The status of its last answer; `None` once it is under way.
fn calls_help(ua: &Ua, bench: &mut Bench, password: &str) -> Option<u16> {
    let ua = Ua { password: password.into(), ..ua.clone() };
    let draft = ua.invite_draft(bench, "112").with("User-Agent", "Yealink SIP-T54W 96.86.0.100");
    let challenge = try_ask(&ua, bench, &draft).expect("who calls for help is heard");
    let proven = ua.proven(bench, &draft, &challenge);
    try_ask(&ua, bench, &proven).map(|response| response.status.code())
}

#[test]
fn b_38_by_calls_for_help_no_password_is_guessed_at_more_often_and_who_is_at_home_reaches_help_all_the_same() {
    let mut bench = Bench::new();
    let away = |at: &str| Ua { at: at.parse().unwrap(), ..Ua::usual("201") };
    let (home, provider) = (away("198.51.100.7:5060"), Provider::new(&mut bench));
    assert_eq!(try_password(&home, &mut bench, "anna-secret-201"), Some(200));
    recognise(&mut bench, "201", "198.51.100.7");
    for host in 0..60 {
        assert_eq!(calls_help(&away(&format!("203.0.{host}.9:5060")), &mut bench, &format!("guess {host}")), Some(401));
        bench.seconds(60);
    }
    assert!(bench.counted("wrong_secret") <= 5, "{}", bench.counted("wrong_secret"));
    // In the network of her phone, and as her phone calls itself: five, and then nobody looks at what they say.
    for host in 20..25 {
        assert_eq!(calls_help(&away(&format!("198.51.100.{host}:5060")), &mut bench, &format!("{host}")), Some(401));
        bench.seconds(60);
    }
    assert_eq!(bench.counted("emergency_calls"), 0);
    let judged = bench.counted("wrong_secret");
    assert_eq!(calls_help(&away("198.51.100.30:5060"), &mut bench, "anna-secret-201"), None);
    assert_eq!((bench.counted("emergency_calls"), bench.counted("wrong_secret")), (1, judged));
    let invite = bench.take_request(provider.ua.at, &Method::INVITE).expect("help is asked of the provider");
    let busy = provider.ua.response_text(&invite, 486, Some("busy"), "", "");
    bench.packet(provider.ua.transport, provider.ua.at, &busy);
    assert!(bench.incidents.iter().any(|story| story.tried.iter().any(|(what, _)| *what == "distributed")));
    assert!(judged <= 20, "{judged}");
}

#[test]
fn b_07_while_many_networks_guess_only_devices_that_are_known_log_in_from_outside_until_it_has_ended() {
    let mut bench = Bench::new();
    let away = |at: &str, user| Ua { at: at.parse().unwrap(), ..Ua::usual(user) };
    let (home, new) = (away("198.51.100.7:5060", "201"), away("192.0.2.8:5060", "202"));
    assert_eq!(try_password(&home, &mut bench, "anna-secret-201"), Some(200));
    recognise(&mut bench, "201", "198.51.100.7");
    for host in 0..40 {
        let ua = attacker(&format!("203.0.{host}.9:5060"), &format!("{}", 300 + host));
        assert_eq!(try_password(&ua, &mut bench, "guess"), Some(401));
        bench.seconds(20);
    }
    assert!(bench.has_problem("office-under-attack", ""));
    assert_eq!(try_password(&new, &mut bench, "bram-secret-202"), Some(401), "answered as every guess is");
    assert_eq!(try_password(&home, &mut bench, "anna-secret-201"), Some(200));
    let neighbour = away("198.51.100.8:5060", "201");
    assert_eq!(try_password(&neighbour, &mut bench, "anna-secret-201"), Some(200), "home, under another address");
    assert!(bench.phone("203").register(&mut bench).status.is_success(), "nothing changes in the office");
    let (mut help, provider) = (new.invite_draft(&mut bench, "112"), Provider::new(&mut bench));
    let challenge = try_ask(&new, &mut bench, &help).expect("who calls for help is heard");
    help = new.proven(&mut bench, &help, &challenge);
    new.send(&mut bench, &help);
    assert_eq!(bench.counted("emergency_calls"), 1);
    let invite = bench.take_request(provider.ua.at, &Method::INVITE).expect("help is asked of the provider");
    let busy = provider.ua.response_text(&invite, 486, Some("busy"), "", "");
    bench.packet(provider.ua.transport, provider.ua.at, &busy);
    bench.seconds(2 * 3_600);
    assert!(!bench.has_problem("office-under-attack", ""));
    assert_eq!(try_password(&new, &mut bench, "bram-secret-202"), Some(200));
}

/// The answer to a challenge as sippts' rcrack gives it, under the number of the question, and as svcrack does, each guess under the second.
#[test]
fn b_05_who_does_not_raise_the_number_of_a_request_is_a_tool_at_its_first_wrong_guess_and_a_phone_with_the_right_password_is_none()
 {
    for (at, blocked) in [(ATTACKERS[0], true), (ATTACKERS[1], false)] {
        let mut bench = Bench::new();
        let ua = attacker(at, "201");
        let draft = register_of(&ua, &mut bench);
        let challenge = try_ask(&ua, &mut bench, &draft).unwrap();
        let guess = ua.proven(&mut bench, &draft, &challenge).set("CSeq", "1 REGISTER");
        assert_eq!(try_ask(&ua, &mut bench, &guess).is_none(), blocked, "{at}");
        assert_eq!(bench.counted("wrong_secret"), 1);
        let told: Vec<&str> = bench.blocks.iter().map(|block| block.reason).collect();
        assert_eq!(told, if blocked { vec!["scanner"] } else { Vec::new() }, "{at}");
    }
    let mut bench = Bench::new();
    let (ua, mut answers) = (attacker(ATTACKERS[0], "201"), Vec::new());
    let draft = register_of(&ua, &mut bench);
    for guess in ["one", "two", "three"] {
        let ua = Ua { password: guess.into(), ..ua.clone() };
        let again = ua.again(&mut bench, &draft);
        let Some(challenge) = try_ask(&ua, &mut bench, &again) else { break };
        let guess = ua.proven(&mut bench, &draft, &challenge).set("CSeq", "3 REGISTER");
        answers.push(try_ask(&ua, &mut bench, &guess).is_some());
    }
    assert_eq!((answers, bench.counted("wrong_secret")), (vec![true, false], 2));
    // An odd phone, and one whose messages something doubles on the way.
    let mut bench = Bench::new();
    let anna = Ua { at: ATTACKERS[0].parse().unwrap(), ..Ua::usual("201") };
    let draft = register_of(&anna, &mut bench);
    try_ask(&anna, &mut bench, &draft).unwrap();
    let challenge = try_ask(&anna, &mut bench, &draft).unwrap();
    let proven = anna.proven(&mut bench, &draft, &challenge).set("CSeq", "1 REGISTER");
    assert_eq!(try_ask(&anna, &mut bench, &proven).map(|response| response.status.code()), Some(200));
    assert!(bench.blocks.is_empty());
}

#[test]
fn b_16_what_one_spray_from_the_internet_called_is_known_from_the_next_address_there_on() {
    let mut bench = Bench::new();
    let tries = |bench: &mut Bench, at: &str, dialled: &str| {
        let ua = attacker(at, "1000");
        let draft = ua.invite_draft(bench, dialled);
        try_ask(&ua, bench, &draft).is_some()
    };
    assert!(tries(&mut bench, ATTACKERS[0], "00442071838750"));
    assert!(!tries(&mut bench, ATTACKERS[0], "900442071838750"));
    assert!(!tries(&mut bench, "198.51.100.9:5060", "9011442071838750"), "the first call from another address");
    assert!(tries(&mut bench, "198.51.100.10:5060", "00442071838759"), "another number");
    // A phone of the office that is not registered yet calls that number by right.
    assert!(tries(&mut bench, "192.168.1.77:5060", "00442071838750"));
}

#[test]
fn a_062_a_registered_phone_whose_messages_something_mangles_is_never_counted() {
    let mut bench = Bench::new();
    let anna = bench.phone("201");
    for attempt in 0..200 {
        let draft = anna.invite_draft(&mut bench, "202");
        let text = draft.to_text().replace("Content-Length: ", "Content-Length: 9").replace("192.168.1.101", "1.1.1.1");
        bench.packet(Transport::Udp, anna.at, &text.replace("call-", &format!("{attempt}")));
    }
    assert!(bench.blocks.is_empty() && !bench.has_problem("attempts-stopped", ""));
    assert!(anna.register(&mut bench).status.is_success());
}

#[test]
fn the_story_of_a_day_is_one_and_is_over_a_day_later() {
    let mut bench = Bench::new();
    for host in 0..30 {
        let ua = attacker(&format!("203.0.{host}.9:5060"), "admin");
        for user in ["100", "101", "102"] {
            let ua = Ua { user: user.into(), ..ua.clone() };
            let draft = register_of(&ua, &mut bench);
            try_ask(&ua, &mut bench, &draft);
        }
    }
    bench.seconds(11);
    let stories: Vec<_> = bench.problems().into_iter().filter(|problem| problem.code == "attempts-stopped").collect();
    assert_eq!(stories.len(), 1);
    assert_eq!(stories[0].detail, "30");
    bench.seconds(26 * 3_600);
    assert!(!bench.has_problem("attempts-stopped", ""));
}

fn target(at: &str) -> Target {
    Target::new(Transport::Udp, at.parse().unwrap())
}

/// Two calls of two callers from a provider of whom the box does not know that it is one.
fn call_twice(provider: &Provider, bench: &mut Bench) {
    for caller in ["0612345678", "0687654321"] {
        let draft = provider.invite_draft(bench, "+31201234567", caller);
        provider.ua.send(bench, &draft);
    }
    while bench.take_response(provider.ua.at, |_| true).is_some() {}
}

/// It is registered at, and a call for help goes over it.
fn brings_help(provider: &Provider, bench: &mut Bench) {
    assert_eq!(bench.trunk("provider").state, TrunkState::Connected);
    let anna = bench.phone("201");
    let draft = anna.invite_draft(bench, "112");
    anna.send(bench, &draft);
    let invite = bench.take_request(provider.ua.at, &Method::INVITE).expect("help is asked of the provider");
    let busy = provider.ua.response_text(&invite, 486, Some("busy"), "", "");
    bench.packet(provider.ua.transport, provider.ua.at, &busy);
    assert!(bench.take_request(provider.ua.at, &Method::ACK).is_some(), "and its answer is heard");
}

#[test]
fn a_provider_that_calls_before_its_name_is_found_is_not_cut_off() {
    let mut bench = Bench::switched_off(OFFICE, PORTS);
    let provider = Provider::new(&mut bench);
    bench.resolver_answers = false;
    bench.find_interfaces();
    call_twice(&provider, &mut bench);
    assert!(bench.blocks.is_empty(), "{:?}", bench.blocks);
    bench.input(Input::Resolved { trunk: "provider".into(), targets: vec![target(Provider::ADDRESS)] });
    brings_help(&provider, &mut bench);
}

#[test]
fn the_firewall_is_told_where_a_phone_and_a_provider_are_and_of_nobody_else() {
    let mut bench = Bench::new();
    let provider = Provider::new(&mut bench);
    let (anna, bram) = (bench.phone("201"), attacker(ATTACKERS[0], "202"));
    assert_eq!(try_password(&bram, &mut bench, "guess"), Some(401));
    assert_eq!(bench.known, [anna.at.ip(), provider.ua.at.ip()].into());
    bench.known.clear();
    let refreshed = bench.phone("201");
    assert_eq!(bench.known, [refreshed.at.ip()].into(), "and again, as it is forgotten after a day");
}

#[test]
fn while_somebody_in_the_office_calls_for_help_the_firewall_takes_its_packets_and_no_longer() {
    let mut bench = Bench::new();
    let provider = Provider::new(&mut bench);
    let nobody = attacker(ATTACKERS[1], "999");
    let draft = nobody.invite_draft(&mut bench, "112");
    let mut call = Leg::calling(&nobody, &mut bench, &draft);
    let mut ring = provider.ua.rung(&mut bench);
    ring.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    assert_eq!(bench.known, [nobody.at.ip(), provider.ua.at.ip()].into());
    bench.seconds(30);
    assert!(bench.known.contains(&nobody.at.ip()));
    ring.hang_up(&mut bench);
    call.expect_bye(&mut bench);
    bench.seconds(60);
    assert_eq!(bench.known, [provider.ua.at.ip()].into());
}

#[test]
fn where_a_phone_was_and_is_no_more_is_a_strangers_address() {
    let mut bench = Bench::new();
    let provider = Provider::new(&mut bench);
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    assert!(bench.known.contains(&anna.at.ip()) && bench.known.contains(&bram.at.ip()));
    bench.settle(&OFFICE.replace("anna-secret-201", "another-secret-201"));
    assert!(!bench.known.contains(&anna.at.ip()), "whose password was taken back");
    assert!(bench.known.contains(&bram.at.ip()));
    bench.seconds(2 * 3_600);
    assert_eq!(bench.known, [provider.ua.at.ip()].into(), "whose registration ended");
}

#[test]
fn a_provider_stays_known_for_as_long_as_it_answers() {
    let asking = OFFICE.replace("register = true", "register = false");
    for office in [OFFICE, &asking] {
        let mut bench = Bench::switched_off(office, PORTS);
        let provider = Provider::new(&mut bench);
        bench.find_interfaces();
        bench.seconds(1);
        bench.known.clear();
        bench.seconds(3_600);
        assert_eq!(bench.known, [provider.ua.at.ip()].into());
    }
}

#[test]
fn a_block_that_somebody_lifts_is_over_at_the_firewall_and_at_the_door() {
    let mut bench = Bench::new();
    let ua = attacker(ATTACKERS[0], "201");
    misbehave(&ua, &mut bench, &Before::Scan);
    assert_eq!((bench.blocks.len(), try_password(&ua, &mut bench, "anna-secret-201")), (1, None));
    bench.input(Input::Command(Command::Lift(ua.at.ip())));
    assert_eq!(try_password(&ua, &mut bench, "anna-secret-201"), Some(200));
}

#[test]
fn a_server_of_a_provider_that_was_blocked_while_the_box_knew_another_one_is_let_in_once_it_is_known() {
    let mut bench = Bench::switched_off(OFFICE, PORTS);
    let (first, second) = Provider::two(&mut bench);
    bench.names.insert("sip.provider.example".into(), vec![target(Provider::SECOND)]);
    bench.find_interfaces();
    assert_eq!((first.registers(), second.registers()), (0, 2));
    call_twice(&first, &mut bench);
    assert_eq!(bench.blocks.len(), 1, "so far it is anybody");
    // It moves: the old place is silent, and the name leads to the new one.
    bench.lost.insert(second.ua.at);
    bench.names.insert("sip.provider.example".into(), vec![target(Provider::ADDRESS)]);
    bench.seconds(180);
    brings_help(&first, &mut bench);
}

#[test]
fn a_provider_that_called_before_it_was_entered_is_let_in_when_it_is() {
    let mut bench = Bench::of(&OfficeText::without_trunks());
    let provider = Provider::new(&mut bench);
    call_twice(&provider, &mut bench);
    assert_eq!(bench.blocks.len(), 1);
    bench.settle(&OFFICE.replace("sip.provider.example", "203.0.113.5"));
    brings_help(&provider, &mut bench);
}

/// From now on the provider's name leads elsewhere, and a scanner's packets come in the name of where it led.
fn moves_away_and_is_slandered(provider: &Provider, bench: &mut Bench, port: u16) {
    Provider::at(bench, Transport::Udp, Provider::SECOND);
    bench.input(Input::Resolved { trunk: "provider".into(), targets: vec![target(Provider::SECOND)] });
    let slanderer = attacker(&format!("{}:{port}", provider.ua.at.ip()), "201");
    (0..3).for_each(|_| misbehave(&slanderer, bench, &Before::Scan));
}

#[test]
fn a_call_for_help_is_heard_to_its_end_from_who_answers_it_though_nobody_knows_its_address_any_more() {
    for answers_before in [true, false] {
        let mut bench = Bench::new();
        let (provider, anna) = (Provider::new(&mut bench), bench.phone("201"));
        let draft = anna.invite_draft(&mut bench, "112");
        let mut call = Leg::calling(&anna, &mut bench, &draft);
        let mut ring = provider.ua.rung(&mut bench);
        if answers_before {
            ring.pick_up(&mut bench);
        }
        moves_away_and_is_slandered(&provider, &mut bench, provider.ua.at.port());
        assert!(bench.blocks.is_empty(), "{:?}", bench.blocks);
        if !answers_before {
            ring.pick_up(&mut bench);
        }
        call.expect(&mut bench, 200);
        call.ack(&mut bench);
        ring.hang_up(&mut bench);
        call.expect_bye(&mut bench);
    }
}

#[test]
fn an_address_that_a_call_leads_to_is_never_blocked_as_a_whole() {
    let mut bench = Bench::new();
    let (provider, anna) = (Provider::new(&mut bench), bench.phone("201"));
    let mut call = anna.call(&mut bench, "0612345678");
    let mut ring = provider.ua.rung(&mut bench);
    moves_away_and_is_slandered(&provider, &mut bench, 9_999);
    assert!(bench.blocks.iter().all(|block| block.port == Some(9_999)), "{:?}", bench.blocks);
    ring.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    ring.hang_up(&mut bench);
    call.expect_bye(&mut bench);
}

#[test]
fn an_address_that_is_blocked_is_let_in_when_a_phone_registers_over_a_connection_of_before() {
    let mut bench = Bench::new();
    let scanner = attacker("198.51.100.7:9999", "201");
    misbehave(&scanner, &mut bench, &Before::Scan);
    assert_eq!(bench.blocks.len(), 1);
    // The door remembers few of one network, the firewall all.
    for host in 100..150 {
        let ua = attacker(&format!("198.51.100.{host}:5060"), "201");
        bench.packet(ua.transport, ua.at, "\r\n\r\n");
    }
    let at_home = |transport, at: &str| Ua { transport, at: at.parse().unwrap(), ..Ua::usual("201") };
    let (anna, soft_phone) =
        (at_home(Transport::Tcp, "198.51.100.7:40000"), at_home(Transport::Udp, "198.51.100.7:5070"));
    assert_eq!(try_password(&soft_phone, &mut bench, "anna-secret-201"), None);
    assert_eq!(try_password(&anna, &mut bench, "anna-secret-201"), Some(200));
    recognise(&mut bench, "201", "198.51.100.7");
    assert_eq!(try_password(&soft_phone, &mut bench, "anna-secret-201"), Some(200));
}

#[test]
fn a_phone_of_an_office_with_global_addresses_reaches_help_whatever_came_from_there_before() {
    let mut bench = Bench::new();
    let address = |ip: &str, prefix| LocalAddress { ip: ip.parse().unwrap(), prefix, default_route: true };
    // The box's own address as DHCPv6 gives it: the network's prefix is known to the routes alone.
    let all = vec![address(BOX, 24), address("2001:db8:7:1::10", 128)];
    bench.input(Input::Interfaces(Interfaces::new(all)));
    let ua = attacker("[2001:db8:7:1::66]:5060", "201");
    misbehave(&ua, &mut bench, &Before::Scan);
    assert!(bench.blocks.len() == 1 && bench.blocks[0].trickles && !bench.blocks[0].page, "{:?}", bench.blocks);
    let draft = ua.invite_draft(&mut bench, "112");
    ua.send(&mut bench, &draft);
    assert_eq!(bench.counted("emergency_calls"), 1);
    let stranger = attacker("[2001:db8:7:2::66]:5060", "201");
    misbehave(&stranger, &mut bench, &Before::Scan);
    assert!(!bench.blocks[1].trickles, "the next network is none of the office's");
}

#[derive(Debug, Clone)]
enum Before {
    Scan,
    Guess(u8),
    Calls(u8),
    Asks(u8),
    Flood,
}

proptest! {
    #![proptest_config(Config { cases: 48, rng_seed: RngSeed::Fixed(11), ..Config::default() })]
    #[test]
    fn b12_a_call_for_help_from_the_office_passes_whatever_came_before_from_there(
        before in prop::collection::vec(prop_oneof![
            Just(Before::Scan), (1_u8..12).prop_map(Before::Guess), (1_u8..6).prop_map(Before::Calls),
            (1_u8..40).prop_map(Before::Asks), Just(Before::Flood),
        ], 1..4),
        proves in any::<bool>(),
    ) {
        let mut bench = Bench::new();
        let ua = attacker(ATTACKERS[1], "201");
        for what in before {
            misbehave(&ua, &mut bench, &what);
        }
        while bench.take_response(ua.at, |_| true).is_some() {}
        let calls = bench.counted("emergency_calls");
        let draft = ua.invite_draft(&mut bench, "112");
        let draft = if proves { draft.with("Authorization", "Digest username=\"201\", realm=\"office\", nonce=\"x\", uri=\"sip:x\", response=\"y\"") } else { draft };
        ua.send(&mut bench, &draft);
        prop_assert_eq!(bench.counted("emergency_calls"), calls + 1);
        prop_assert!(bench.take_response(ua.at, |response| response.status.code() == 401).is_none());
        // And it can be ended from there, block or no block.
        let cancel = draft.to_text().replace("INVITE sip", "CANCEL sip").replace("1 INVITE", "1 CANCEL");
        let (head, _) = cancel.split_once("Content-Type").unwrap();
        bench.packet(ua.transport, ua.at, &format!("{head}Content-Length: 0\r\n\r\n"));
        prop_assert!(bench.take_response(ua.at, |response| response.status.code() == 487).is_some());
    }
}

fn misbehave(ua: &Ua, bench: &mut Bench, what: &Before) {
    match what {
        Before::Scan => {
            let draft = ua
                .draft(bench, "OPTIONS", "sip:100@1.1.1.1", "<sip:100@1.1.1.1>")
                .with("User-Agent", "friendly-scanner");
            ua.send(bench, &draft);
        }
        Before::Guess(times) => (0..*times).for_each(|guess| {
            try_password(ua, bench, &format!("guess {guess}"));
        }),
        Before::Calls(times) => (0..*times).for_each(|number| {
            let draft = ua.invite_draft(bench, &format!("0046850780{number:03}"));
            ua.send(bench, &draft);
        }),
        Before::Asks(times) => (0..*times).for_each(|number| {
            let other = Ua { user: (100 + u32::from(number) * 7).to_string(), ..ua.clone() };
            let draft = register_of(&other, bench);
            other.send(bench, &draft);
        }),
        Before::Flood => (0..1_700).for_each(|_| {
            bench.packet(ua.transport, ua.at, "\0\0\0\0 nothing \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
        }),
    }
}

/// So many packets of it that say nothing, at one moment.
fn floods(ua: &Ua, bench: &mut Bench, packets: u32) {
    let text = format!("SIP/2.0 200 OK\r\nVia: {}\r\nContent-Length: 0\r\n\r\n", ua.via("z9hG4bK-none"));
    (0..packets).for_each(|_| bench.packet(ua.transport, ua.at, &text));
}

#[test]
fn b_32_a_phone_and_a_provider_that_flood_are_dropped_above_their_rate_blocked_never_and_heard_for_help() {
    let mut bench = Bench::new();
    let provider = Provider::new(&mut bench);
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    for ua in [&anna, &provider.ua] {
        let before = bench.counted("knock-flood");
        floods(ua, &mut bench, 20_000);
        assert!(bench.counted("knock-flood") - before >= 10_000, "{}", ua.user);
    }
    assert!(bench.blocks.is_empty(), "{:?}", bench.blocks);
    // What is left of it is for help, at the same moment and over the same provider.
    let draft = anna.invite_draft(&mut bench, "112");
    anna.send(&mut bench, &draft);
    let invite = bench.take_request(provider.ua.at, &Method::INVITE).expect("help is asked of the provider");
    let busy = provider.ua.response_text(&invite, 486, Some("busy"), "", "");
    bench.packet(provider.ua.transport, provider.ua.at, &busy);
    assert!(bench.take_request(provider.ua.at, &Method::ACK).is_some(), "and its answer is heard");
    // Nobody else notices anything, and the phone is itself again a moment later.
    assert!(bram.register(&mut bench).status.is_success());
    bench.seconds(5);
    assert!(anna.register(&mut bench).status.is_success());
}

#[test]
fn b_32_help_is_reached_by_a_home_workers_phone_that_floods() {
    let mut bench = Bench::new();
    let provider = Provider::new(&mut bench);
    let anna = Ua { at: "198.51.100.7:5060".parse().unwrap(), transport: Transport::Udp, ..Ua::usual("201") };
    assert_eq!(try_password(&anna, &mut bench, &anna.password), Some(200));
    recognise(&mut bench, "201", "198.51.100.7");
    floods(&anna, &mut bench, 10_000);
    let draft = anna.invite_draft(&mut bench, "112");
    anna.call_with(&mut bench, &draft);
    assert!(bench.take_request(provider.ua.at, &Method::INVITE).is_some());
}
