//! Refusals of a provider that are about the office or the provider itself: said on the page by what they mean, and never
//! answered with a storm.

use centrale_call_control::view::{Severity, TrunkState};

use crate::bench::{Bench, OFFICE, OfficeText, Provider};

/// The problems about a trunk: code, severity and the provider's words.
fn about(bench: &Bench, trunk: &str) -> Vec<(String, Severity, String)> {
    let about = bench.problems().into_iter().filter(|problem| problem.subject == trunk);
    about.map(|problem| (problem.code, problem.severity, problem.detail)).collect()
}

#[test]
fn a_043_a_suspended_account_is_said_to_be_suspended_asked_about_hourly_and_back_by_itself() {
    for (status, code) in [
        ((403, "Reason: SIP;cause=403;text=\"Account suspended\"\r\n"), "provider-suspended"),
        ((503, "Warning: 399 provider \"Abonnee geblokkeerd\"\r\n"), "provider-suspended"),
        ((403, "Warning: 399 provider \"Saldo ontoereikend\"\r\n"), "provider-no-credit"),
        ((402, ""), "provider-no-credit"),
    ] {
        let mut bench = Bench::switched_off(OFFICE, (10_000, 10_199));
        let provider = Provider::new(&mut bench);
        provider.registrar.borrow_mut().verdict = Some((status.0, status.1.into()));
        bench.find_interfaces();
        let problems = about(&bench, "provider");
        assert_eq!((problems.len(), problems[0].0.as_str(), problems[0].1), (1, code, Severity::CallsFail));
        assert!(problems[0].2.starts_with(&status.0.to_string()), "{problems:?}");
        let (anna, bram) = (bench.phone("201"), bench.phone("202"));
        let (mut call, mut ring) = bench.connect(&anna, "202", &bram);
        call.hang_up(&mut bench);
        ring.expect_bye(&mut bench);
        bench.seconds(24 * 3600);
        let asked = provider.registers() / 2;
        assert!((20..=25).contains(&asked), "asked {asked} times in a day");
        provider.registrar.borrow_mut().verdict = None;
        bench.seconds(3_601);
        assert_eq!(bench.trunk("provider").state, TrunkState::Connected);
        assert!(about(&bench, "provider").is_empty());
        bench.over();
    }
}

#[test]
fn what_a_provider_says_of_the_office_or_itself_is_on_the_page_and_what_it_says_of_the_called_is_not() {
    let table = [
        (403, "Warning: 399 x \"Caller ID not allowed\"\r\n", Some("provider-refuses-number")),
        (403, "Warning: 399 x \"Destination not allowed\"\r\n", Some("provider-refuses-destination")),
        (503, "Reason: Q.850;cause=34\r\n", Some("provider-full")),
        (488, "", Some("provider-refuses-sound")),
        (503, "Retry-After: 5\r\n", Some("provider-fault")),
        (404, "", None),
        (480, "Reason: Q.850;cause=18\r\n", None),
        (484, "", None),
        (486, "Reason: Q.850;cause=17\r\n", None),
    ];
    for (status, more, code) in table {
        let mut bench = Bench::new();
        let provider = Provider::new(&mut bench);
        let anna = bench.phone("201");
        let mut call = anna.call(&mut bench, "0612345678");
        let ring = provider.ua.rung(&mut bench);
        ring.respond_with(&mut bench, status, more, None);
        ring.expect_ack(&mut bench);
        call.expect(&mut bench, status);
        let problems = about(&bench, "provider");
        assert_eq!(problems.first().map(|problem| problem.0.as_str()), code, "{status} {more}");
        assert!(problems.iter().all(|problem| problem.1 == Severity::Warning));
        assert_eq!(bench.trunk("provider").reason, code.unwrap_or_default());
        // Gone with the next call that is answered, or by itself.
        if status == 503 {
            bench.seconds(601);
        } else {
            let (mut call, mut ring) = bench.connect(&anna, "0612345679", &provider.ua);
            call.hang_up(&mut bench);
            ring.expect_bye(&mut bench);
        }
        assert!(about(&bench, "provider").is_empty(), "{status} {more}");
        bench.over();
    }
}

#[test]
fn a_provider_that_suspended_the_office_comes_after_the_other_and_help_is_asked_of_both() {
    let mut bench = Bench::switched_off(&OfficeText::with_second_trunk(), (10_000, 10_199));
    let (first, second) = Provider::two(&mut bench);
    bench.find_interfaces();
    let anna = bench.phone("201");
    let mut call = anna.call(&mut bench, "0612345678");
    let suspended = first.ua.rung(&mut bench);
    suspended.respond_with(&mut bench, 403, "Warning: 399 x \"Account suspended\"\r\n", None);
    suspended.expect_ack(&mut bench);
    second.ua.rung(&mut bench).refuse(&mut bench, 486);
    call.expect(&mut bench, 486);
    assert_eq!(about(&bench, "provider")[0].0, "provider-suspended");
    let mut again = anna.call(&mut bench, "0612345678");
    second.ua.rung(&mut bench).refuse(&mut bench, 486);
    again.expect(&mut bench, 486);
    let draft = anna.invite_draft(&mut bench, "112");
    let mut help = crate::bench::Leg::calling(&anna, &mut bench, &draft);
    second.ua.rung(&mut bench).refuse(&mut bench, 503);
    let mut ring = first.ua.rung(&mut bench);
    ring.pick_up(&mut bench);
    help.expect(&mut bench, 200);
    help.ack(&mut bench);
    help.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert!(about(&bench, "provider").is_empty(), "a call was answered there");
    bench.over();
}

#[test]
fn what_a_provider_says_of_itself_with_a_status_of_the_called_has_the_next_provider_asked() {
    for (status, more) in [
        (486, "Warning: 399 x \"Too many concurrent calls\"\r\n"),
        (480, "Warning: 399 x \"Account suspended\"\r\n"),
        (603, "Warning: 399 x \"Insufficient credit\"\r\n"),
        (600, "Reason: Q.850;cause=34\r\n"),
        (404, "Reason: Q.850;cause=42\r\n"),
        (480, "Reason: Q.850;cause=38\r\n"),
    ] {
        for (second_says, heard) in [(404, 404), (503, 503), (486, 486)] {
            let mut bench = Bench::switched_off(&OfficeText::with_second_trunk(), (10_000, 10_199));
            let (first, second) = Provider::two(&mut bench);
            bench.find_interfaces();
            let anna = bench.phone("201");
            let mut call = anna.call(&mut bench, "0612345678");
            let ring = first.ua.rung(&mut bench);
            ring.respond_with(&mut bench, status, more, None);
            ring.expect_ack(&mut bench);
            second.ua.rung(&mut bench).refuse(&mut bench, second_says);
            call.expect(&mut bench, heard);
            bench.over();
        }
    }
}

#[test]
fn what_is_said_of_the_called_is_asked_of_no_other_provider() {
    for (status, more) in
        [(486, ""), (480, "Reason: Q.850;cause=18\r\n"), (603, ""), (404, ""), (486, "Reason: Q.850;cause=17\r\n")]
    {
        let mut bench = Bench::switched_off(&OfficeText::with_second_trunk(), (10_000, 10_199));
        let (first, _second) = Provider::two(&mut bench);
        bench.find_interfaces();
        let anna = bench.phone("201");
        let mut call = anna.call(&mut bench, "0612345678");
        let ring = first.ua.rung(&mut bench);
        ring.respond_with(&mut bench, status, more, None);
        ring.expect_ack(&mut bench);
        call.expect(&mut bench, status);
        bench.over();
    }
}
