//! Calls to the office's own number that costs the caller extra.

use centrale_call_control::Outcome;
use centrale_sip::message::Method;

use crate::bench::{Bench, Leg, OFFICE};

#[test]
fn a_022_a_call_to_an_own_premium_number_is_refused_until_it_is_active_and_its_record_names_the_line() {
    let profile = |active: &str| {
        format!(
            "{OFFICE}[[premium_number]]\nnumber = \"0900 1234\"\nline = \"+31201234568\"\nowner = \"Jansen\"\n\
             cents_per_minute = 90\n{active}"
        )
    };
    let (mut bench, provider) = Bench::on_tuesday(&profile(""));
    let bram = bench.phone("202");
    let call_in = |bench: &mut Bench| {
        let draft = provider.invite_draft(bench, "+31201234568", "+31612345678");
        Leg::calling(&provider.ua, bench, &draft)
    };
    let mut refused = call_in(&mut bench);
    assert_eq!(refused.expect(&mut bench, 480).reason, "Number Not In Service");
    assert!(bench.take_request(bram.at, &Method::INVITE).is_none());
    let heard = "announced = [{ on = \"2026-11-24\", by = \"Anna\", cents_per_minute = 90 }]\nactive = true\n";
    bench.settle(&profile(heard));
    let mut call = call_in(&mut bench);
    let mut ring = bram.rung(&mut bench);
    ring.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    let records = bench.over();
    let told: Vec<_> = records.iter().map(|record| (record.outcome, record.line.as_deref())).collect();
    let line = Some("+31201234568");
    assert_eq!(told, [(Outcome::Blocked, line), (Outcome::Answered, line)]);
}
