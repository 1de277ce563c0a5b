//! Phones with a password of before.

use centrale_config::Settled;

use crate::bench::{Bench, OFFICE, OfficeText, Ua};
use crate::knock::try_password;

#[test]
fn a_phone_that_was_set_up_anew_is_judged_after_a_power_cut_beside_three_with_the_password_of_before() {
    let office = OFFICE.replace("anna-secret-201", "another-secret-201");
    for remembers in [false, true] {
        let mut bench = Bench::of(&office);
        if remembers {
            let earlier = Settled::new(1, OfficeText::read(OFFICE).office, Vec::new());
            bench.exchange.remember_earlier(&earlier.credentials);
        }
        let at = |host: u8| Ua { at: format!("192.168.1.{host}:5060").parse().unwrap(), ..Ua::usual("201") };
        for host in [31, 32, 33] {
            for _ in 0..3 {
                let answer = try_password(&at(host), &mut bench, "anna-secret-201");
                assert!(!remembers || answer == Some(401), "{answer:?}");
                bench.seconds(40);
            }
        }
        let judged = try_password(&at(40), &mut bench, "another-secret-201") == Some(200);
        assert_eq!((judged, bench.counted("old_secret") == 9), (remembers, remembers));
    }
}
