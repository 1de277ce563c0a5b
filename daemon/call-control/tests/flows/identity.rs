//! Who calls, as providers are told, and who calls the office, as its phones are told: never what a caller merely claims.

use centrale_call_control::Outcome;
use centrale_sip::message::{HeaderName, Method, Request};

use crate::bench::{Bench, Draft, Leg, OFFICE, OfficeText, Provider, Sdp};

/// The headers that can name who calls.
const NAMING: [HeaderName; 8] = [
    HeaderName::From,
    HeaderName::PAssertedIdentity,
    HeaderName::PPreferredIdentity,
    HeaderName::RemotePartyId,
    HeaderName::Privacy,
    HeaderName::Diversion,
    HeaderName::HistoryInfo,
    HeaderName::ReferredBy,
];

/// The office with more keys for its provider.
fn office_with(keys: &str) -> String {
    OFFICE.replace("register = true\n", &format!("register = true\n{keys}\n"))
}

/// What of an INVITE says who calls, without tags.
fn naming(request: &Request) -> Vec<String> {
    let text = |name: &HeaderName| {
        let value = request.headers.text(name)?;
        let value = value.split(";tag=").next().unwrap_or_default().to_owned();
        Some(format!("{}: {value}", String::from_utf8_lossy(name.as_bytes())))
    };
    NAMING.iter().filter_map(text).collect()
}

/// The INVITE that a provider of this office gets when Bram dials.
fn invite_of(office: &str, dialled: &str) -> Request {
    let mut bench = Bench::of(office);
    let provider = Provider::new(&mut bench);
    let bram = bench.phone("202");
    let mut call = bram.call(&mut bench, dialled);
    let ring = provider.ua.rung(&mut bench);
    let invite = ring.asked().clone();
    ring.refuse(&mut bench, 486);
    call.expect(&mut bench, 486);
    bench.over();
    invite
}

#[test]
fn each_provider_is_told_who_calls_in_the_header_that_it_wants() {
    let us = "<sip:+31201234568@sip.provider.example>";
    let from = format!("From: {us}");
    let nobody = "From: \"Anonymous\" <sip:anonymous@anonymous.invalid>".to_owned();
    let privacy = "Privacy: id".to_owned();
    let table = [
        ("from", vec![], vec![]),
        ("p-asserted", vec![format!("P-Asserted-Identity: {us}")], vec![format!("P-Asserted-Identity: {us}")]),
        ("p-preferred", vec![format!("P-Preferred-Identity: {us}")], vec![format!("P-Preferred-Identity: {us}")]),
        (
            "remote-party-id",
            vec![format!("Remote-Party-ID: {us};party=calling;screen=yes;privacy=off")],
            vec![format!("Remote-Party-ID: {us};party=calling;screen=yes;privacy=full")],
        ),
    ];
    for (identity, beside, beside_nobody) in table {
        let office = office_with(&format!("identity = \"{identity}\""));
        let shown = naming(&invite_of(&office, "0612345678"));
        assert_eq!(shown, [vec![from.clone()], beside].concat(), "{identity}");
        let hidden = naming(&invite_of(&office, "%2331%230612345678"));
        assert_eq!(
            hidden,
            [vec![nobody.clone()], beside_nobody, vec![privacy.clone()]].concat(),
            "{identity}, withheld"
        );
    }
}

#[test]
fn a_provider_is_given_numbers_as_it_writes_them_and_the_account_as_it_is() {
    let table = [
        ("+e164", "+31612345678", "+3222345678", "+31201234568"),
        ("e164", "31612345678", "3222345678", "31201234568"),
        ("00", "0031612345678", "003222345678", "0031201234568"),
        ("national", "0612345678", "003222345678", "0201234568"),
    ];
    for (format, mobile, belgian, own) in table {
        let office = office_with(&format!("numbers_as = \"{format}\""));
        let office = office.replace("name = \"Bram\"\n", "name = \"Bram\"\ncalls = \"europe\"\n");
        for (dialled, written) in [("0612345678", mobile), ("003222345678", belgian), ("14020", "14020")] {
            let invite = invite_of(&office, dialled);
            assert_eq!(invite.uri.to_string(), format!("sip:{written}@sip.provider.example"), "{format}");
            assert_eq!(invite.headers.to().unwrap().uri, invite.uri);
            assert_eq!(invite.headers.from().unwrap().uri.to_string(), format!("sip:{own}@sip.provider.example"));
        }
    }
    let named = OFFICE.replace("username = \"office\"", "username = \"+31201234567\"\nnumbers_as = \"national\"");
    let mut bench = Bench::switched_off(&named, (10_000, 10_199));
    let provider = Provider::new(&mut bench);
    bench.find_interfaces();
    let register = provider.registrar.borrow().seen[0].clone();
    assert_eq!(register.headers.to().unwrap().uri.to_string(), "sip:+31201234567@sip.provider.example");
    bench.over();
}

#[test]
fn a_009_of_seven_forged_identities_none_leaves() {
    const FORGED: &str = "+31880001234";
    let forged = |draft: Draft| {
        draft
            .set("From", format!("\"Bank\" <sip:{FORGED}@192.168.1.10>;tag=f"))
            .with("P-Asserted-Identity", format!("\"Bank\" <sip:{FORGED}@bank.example>"))
            .with("P-Preferred-Identity", format!("<sip:{FORGED}@bank.example>"))
            .with("Remote-Party-ID", format!("<sip:{FORGED}@bank.example>;party=calling;screen=yes"))
            .with("Diversion", format!("<sip:{FORGED}@bank.example>;reason=unconditional"))
            .with("History-Info", format!("<sip:{FORGED}@bank.example>;index=1"))
            .with("Identity", format!("{FORGED};info=<https://bank.example/c.pem>"))
            .with("Privacy", "none")
    };
    for identity in ["from", "p-asserted", "p-preferred", "remote-party-id"] {
        let mut bench = Bench::of(&office_with(&format!("identity = \"{identity}\"")));
        let provider = Provider::new(&mut bench);
        let bram = bench.phone("202");
        let draft = forged(bram.invite_draft(&mut bench, "0612345678"));
        let mut call = bram.call_with(&mut bench, &draft);
        let mut ring = provider.ua.rung(&mut bench);
        let mut sent = vec![ring.asked().clone()];
        ring.pick_up(&mut bench);
        call.expect(&mut bench, 200);
        call.ack(&mut bench);
        // Nor with anything that is said later in the call.
        let hold: Sdp = call.sdp.then("sendonly");
        let again = call.draft(&mut bench, "INVITE").with("P-Asserted-Identity", format!("<sip:{FORGED}@x>"));
        call.reinvite_with(&mut bench, again.with("Diversion", format!("<sip:{FORGED}@x>")).sdp(&hold));
        sent.push(ring.expect_request(&mut bench, &Method::INVITE));
        ring.respond(&mut bench, 200, Some(&ring.sdp.then("recvonly")));
        ring.expect_ack(&mut bench);
        call.expect(&mut bench, 200);
        call.ack(&mut bench);
        call.hang_up(&mut bench);
        sent.push(ring.expect_request(&mut bench, &Method::BYE));
        ring.respond(&mut bench, 200, None);
        for request in &sent {
            let text = String::from_utf8_lossy(&request.to_bytes()).into_owned();
            assert!(!text.contains("88000") && !text.contains("bank.example"), "{identity}: {text}");
            assert!(request.headers.first(&HeaderName::other("Identity")).is_none());
        }
        assert_eq!(sent[0].headers.from().unwrap().uri.dialled().as_deref(), Some("+31201234568"));
        bench.over();
    }
}

/// Somebody outside calls Bram, who hands the call on to a mobile phone; the INVITE that goes out for it.
fn sent_on(office: &str, caller: impl FnOnce(Draft) -> Draft) -> Request {
    let mut bench = Bench::of(office);
    let provider = Provider::new(&mut bench);
    let bram = bench.phone("202");
    let draft = caller(provider.invite_draft(&mut bench, "+31201234568", "+31687654321"));
    let mut call = Leg::calling(&provider.ua, &mut bench, &draft);
    let mut ring = bram.rung(&mut bench);
    ring.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    assert_eq!(ring.refer(&mut bench, "<tel:0612345679>").status.code(), 202);
    let mut outside = provider.ua.rung(&mut bench);
    let invite = outside.asked().clone();
    outside.pick_up(&mut bench);
    ring.told(&mut bench);
    ring.told(&mut bench);
    ring.expect_bye(&mut bench);
    call.reconnected(&mut bench);
    call.hang_up(&mut bench);
    outside.expect_bye(&mut bench);
    bench.over();
    invite
}

#[test]
fn a_083_who_is_sent_on_keeps_the_number_and_the_office_says_that_it_sent_the_call() {
    let ours = "<sip:+31201234568@sip.provider.example>";
    let target = "<sip:+31612345679@sip.provider.example>";
    // Nobody diverted it: it was handed on, and there is no word for that.
    let diverted = format!("Diversion: {ours};reason=unknown;counter=1");
    let history = format!("History-Info: {ours};index=1, {target};index=1.1");
    let asserted = format!("P-Asserted-Identity: {ours}");
    let keeps = naming(&sent_on(OFFICE, |draft| draft));
    let caller = "From: <sip:+31687654321@sip.provider.example>".to_owned();
    assert_eq!(keeps, [caller, asserted.clone(), diverted.clone(), history.clone()]);

    let hidden = naming(&sent_on(OFFICE, |draft| draft.with("Privacy", "id")));
    let nobody = "From: \"Anonymous\" <sip:anonymous@anonymous.invalid>".to_owned();
    assert_eq!(hidden, [nobody, asserted, "Privacy: id".to_owned(), diverted.clone(), history.clone()]);

    let own_only = naming(&sent_on(&office_with("identity = \"from\""), |draft| draft));
    assert_eq!(own_only, [format!("From: {ours}"), diverted, history]);
}

#[test]
fn a_076_the_same_number_without_a_call_that_came_in_is_the_offices() {
    let mut bench = Bench::new();
    let provider = Provider::new(&mut bench);
    let bram = bench.phone("202");
    let draft = bram.invite_draft(&mut bench, "0612345679").set("From", "<sip:+31687654321@192.168.1.10>;tag=f");
    let mut call = bram.call_with(&mut bench, &draft.with("Diversion", "<sip:+31201234568@x>"));
    let ring = provider.ua.rung(&mut bench);
    let us = "<sip:+31201234568@sip.provider.example>";
    assert_eq!(naming(ring.asked()), [format!("From: {us}"), format!("P-Asserted-Identity: {us}")]);
    ring.refuse(&mut bench, 486);
    call.expect(&mut bench, 486);
    bench.over();
}

#[test]
fn a_017_a_caller_from_outside_under_a_number_of_the_office_is_flagged_and_shown_to_nobody() {
    for claimed in ["+31201234567", "0201234568", "201", "250", "333", "701"] {
        for header in ["From", "P-Asserted-Identity"] {
            let mut bench = Bench::new();
            let provider = Provider::new(&mut bench);
            let bram = bench.phone("202");
            let draft = provider.invite_draft(&mut bench, "+31201234568", "+31687654321");
            let tag = if header == "From" { ";tag=1" } else { "" };
            let draft = draft.set(header, format!("\"Anna\" <sip:{claimed}@x>{tag}"));
            let mut call = Leg::calling(&provider.ua, &mut bench, &draft);
            let ring = bram.rung(&mut bench);
            let from = ring.asked().headers.from().unwrap();
            assert_eq!((from.uri.dialled().as_deref(), from.name.as_str()), (Some("anonymous"), ""), "{claimed}");
            let seen = bench.exchange.snapshot(bench.now).calls;
            assert!(seen[0].spoofed, "{claimed}");
            assert_eq!(
                (seen[0].from.trim_start_matches("+31").trim_start_matches('0'), seen[0].from_name.as_str()),
                (claimed.trim_start_matches("+31").trim_start_matches('0'), "")
            );
            ring.refuse(&mut bench, 486);
            call.expect(&mut bench, 486);
            assert_eq!(bench.counted("spoofed_callers"), 1);
            let records = bench.over();
            assert!(records[0].spoofed);
            assert_eq!(records[0].from_name, "");
        }
    }
}

#[test]
fn a_017_a_caller_from_outside_has_no_rights_of_the_office_whatever_its_number() {
    let mut bench = Bench::new();
    let provider = Provider::new(&mut bench);
    for (dialled, status) in [("0612345678", 404), ("202", 404), ("*8", 404), ("*8202", 404), ("701", 404)] {
        let draft = provider.invite_draft(&mut bench, dialled, "201");
        Leg::calling(&provider.ua, &mut bench, &draft).expect(&mut bench, status);
    }
    bench.quiet();
    bench.over();
}

#[test]
fn a_138_a_call_for_a_number_that_is_not_the_offices_is_refused_and_goes_nowhere() {
    let mut bench = Bench::switched_off(&OfficeText::with_second_trunk(), (10_000, 10_199));
    let (provider, second) = Provider::two(&mut bench);
    bench.find_interfaces();
    for dialled in ["+31209999999", "+31612345678", "0906-1234", "+18761234567", "1129", "+31301234567"] {
        let draft = provider.invite_draft(&mut bench, dialled, "+31687654321");
        Leg::calling(&provider.ua, &mut bench, &draft).expect(&mut bench, 404);
    }
    assert!(bench.take_request(second.ua.at, &Method::INVITE).is_none());
    assert!(bench.take_request(provider.ua.at, &Method::INVITE).is_none());
    assert_eq!(bench.counted("numbers_not_ours"), 6);
    assert!(bench.over().iter().all(|record| (record.outcome, record.status) == (Outcome::Refused, 404)));
}

/// An office that does not want to be called by everybody.
fn choosy() -> String {
    OFFICE.replace(
        "language = \"nl\"\n",
        "language = \"nl\"\nblocked_callers = [\"06 66 66 66 66\"]\nrefuse_withheld = true\n",
    )
}

#[test]
fn blocked_and_withheld_callers_are_refused_and_ring_nowhere() {
    let mut bench = Bench::of(&choosy());
    let provider = Provider::new(&mut bench);
    let bram = bench.phone("202");
    for (from, more, status) in [
        ("<sip:+31666666666@x>;tag=1", ("X-None", ""), 603),
        ("<sip:0666666666@x>;tag=1", ("X-None", ""), 603),
        ("<sip:anonymous@anonymous.invalid>;tag=1", ("X-None", ""), 433),
        ("<sip:+31687654321@x>;tag=1", ("Privacy", "user;id"), 433),
        ("<sip:+31687654321@x>;tag=1", ("P-Asserted-Identity", "<tel:+31666666666>"), 603),
    ] {
        let draft = provider.invite_draft(&mut bench, "+31201234568", "x").set("From", from).with(more.0, more.1);
        Leg::calling(&provider.ua, &mut bench, &draft).expect(&mut bench, status);
    }
    let draft = provider.invite_draft(&mut bench, "+31201234568", "+31687654321");
    let mut call = Leg::calling(&provider.ua, &mut bench, &draft);
    bram.rung(&mut bench).refuse(&mut bench, 486);
    call.expect(&mut bench, 486);
    assert_eq!(bench.counted("callers_refused"), 5);
    let records = bench.over();
    assert_eq!(records.iter().filter(|record| record.outcome == Outcome::Blocked).count(), 5);
}

#[test]
fn who_is_blocked_does_not_ring_by_withholding_the_number_and_it_is_told_to_nobody() {
    let mut bench = Bench::of(&choosy().replace("refuse_withheld = true\n", ""));
    let provider = Provider::new(&mut bench);
    let bram = bench.phone("202");
    let hidden = |bench: &mut Bench, asserted: &str, privacy: &str| {
        let draft = provider.invite_draft(bench, "+31201234568", "anonymous");
        let draft = draft.set("From", "<sip:anonymous@anonymous.invalid>;tag=1");
        Leg::calling(&provider.ua, bench, &draft.with("P-Asserted-Identity", asserted).with("Privacy", privacy))
    };
    for (asserted, privacy) in [
        ("<tel:+31666666666>", "id"),
        ("<sip:0666666666@x;user=phone>", "user;id"),
        ("<sip:anonymous@x>, <tel:+31666666666>", "header"),
        ("<sip:+31-6-66666666@x>", "id,critical"),
    ] {
        hidden(&mut bench, asserted, privacy).expect(&mut bench, 603);
        assert!(bench.take_request(bram.at, &Method::INVITE).is_none(), "{asserted}");
    }
    let mut other = hidden(&mut bench, "<tel:+31687654321>", "id");
    bram.rung(&mut bench).refuse(&mut bench, 486);
    other.expect(&mut bench, 486);
    let records = bench.over();
    assert_eq!(records.iter().filter(|record| record.outcome == Outcome::Blocked).count(), 4);
    assert!(records.iter().all(|record| record.withheld && record.from == "anonymous"), "{records:?}");
    assert!(!format!("{records:?}").contains("66666666"));
}

#[test]
fn for_an_hour_after_a_call_for_help_nobody_who_calls_is_refused() {
    let mut bench = Bench::of(&choosy());
    let provider = Provider::new(&mut bench);
    let (bram, anna) = (bench.phone("202"), bench.phone("201"));
    let draft = anna.invite_draft(&mut bench, "112");
    let mut help = Leg::calling(&anna, &mut bench, &draft);
    let mut answered = provider.ua.rung(&mut bench);
    answered.pick_up(&mut bench);
    help.expect(&mut bench, 200);
    help.ack(&mut bench);
    help.hang_up(&mut bench);
    answered.expect_bye(&mut bench);
    for (minutes, rings) in [(0, true), (58, true), (3, false)] {
        bench.seconds(minutes * 60);
        bram.register(&mut bench);
        let draft = provider.invite_draft(&mut bench, "+31201234568", "anonymous");
        let mut call = Leg::calling(&provider.ua, &mut bench, &draft);
        if rings {
            bram.rung(&mut bench).refuse(&mut bench, 486);
            call.expect(&mut bench, 486);
        } else {
            call.expect(&mut bench, 433);
        }
    }
    bench.over();
}

#[test]
fn who_has_no_number_shows_that_of_the_department_and_who_sits_in_two_that_of_the_office() {
    let office = OFFICE
        .replace("\"+31201234568\"]", "\"+31201234568\", \"+31201234569\", \"+31201234560\"]")
        .replace("to = \"202\"", "to = \"203\"")
        + "[[inbound]]\nnumber = \"+31201234569\"\nto = \"251\"\n[[ring_group]]\nnumber = \"251\"\nname = \"Sales\"\n\
           members = [\"202\", \"203\"]\n";
    let shown = |office: &str| naming(&invite_of(office, "0612345678"))[0].clone();
    let from = |number: &str| format!("From: <sip:{number}@sip.provider.example>");
    // Bram sits in the shop, whose number is the office's first, and in sales.
    assert_eq!(shown(&office), from("+31201234567"));
    let sales = office.replace("members = [\"201\", \"202\"]", "members = [\"201\"]");
    assert_eq!(shown(&sales), from("+31201234569"), "sales alone");
    let own = format!("{sales}[[inbound]]\nnumber = \"+31201234560\"\nto = \"202\"\n");
    assert_eq!(shown(&own), from("+31201234560"), "his own comes first");
    let nowhere = sales.replace("members = [\"202\", \"203\"]", "members = [\"203\"]");
    assert_eq!(shown(&nowhere), from("+31201234567"), "else the office's");
}
