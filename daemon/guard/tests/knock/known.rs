//! Who is known sends at a pace of its own: no phone and no provider ever meets it, and nobody is blocked for it.

use std::time::Duration;

use centrale_guard::knock::{Knocker, Reason, Side, Standing, Verdict, thresholds};

use crate::door::{Door, knocker};

const DROPPED: Verdict = Verdict::Silence(Reason::Flood);

fn phone(flow: &str) -> Knocker {
    knocker(flow, Side::Office, Standing::Phone)
}

fn provider() -> Knocker {
    knocker("203.0.113.5:5060", Side::Internet, Standing::Trusted)
}

/// How many of so many packets come in, sent evenly within a time.
fn taken(door: &mut Door, who: &Knocker, packets: u32, within: Duration) -> u32 {
    let apart = within / packets.max(1);
    let mut taken = 0;
    for _ in 0..packets {
        let verdict = door.packet(who);
        assert!(matches!(verdict, Verdict::Pass) || verdict == DROPPED, "{verdict:?}");
        taken += u32::from(verdict == Verdict::Pass);
        door.wait(apart);
    }
    taken
}

#[test]
fn b_32_a_phone_that_floods_loses_what_is_too_much_and_its_neighbours_nothing() {
    let (mut door, sick) = (Door::new(), phone("192.168.1.101:5060"));
    let (rate, burst) = thresholds::RATE_OF_PHONE;
    let well = [phone("192.168.1.102:5060"), phone("192.168.1.101:5062")];
    let mut came = 0;
    for _ in 0..10 {
        came += taken(&mut door, &sick, 50_000, Duration::from_secs(1));
        assert!(well.iter().all(|well| door.packet(well) == Verdict::Pass));
    }
    assert!(came <= burst + 10 * rate, "{came}");
    assert!(door.keeper.tally(door.now).attempts > 400_000, "what was dropped is counted");
    door.wait(Duration::from_secs(1));
    assert_eq!(door.packet(&sick), Verdict::Pass, "and it is heard again as soon as it is quiet");
}

#[test]
fn b_32_a_flood_in_a_providers_name_costs_as_much_as_a_busy_provider() {
    let mut door = Door::new();
    let (rate, burst) = thresholds::RATE_OF_PROVIDER;
    let came = taken(&mut door, &provider(), 500_000, Duration::from_secs(10));
    assert!(came <= burst + 10 * rate, "{came}");
    door.wait(Duration::from_secs(1));
    assert_eq!(taken(&mut door, &provider(), 300, Duration::from_millis(100)), 300, "thirty calls at once");
}

#[test]
fn b_36_no_password_of_a_phone_fills_its_bucket_anew() {
    let (mut door, phone) = (Door::new(), phone("192.168.1.101:5060"));
    let (rate, burst) = thresholds::RATE_OF_PHONE;
    let proofs = (0..50_000).filter(|proof| door.prove(&phone, "201", *proof)).count();
    assert!(proofs <= (burst + rate) as usize, "{proofs}");
}

#[test]
fn what_honest_phones_and_providers_send_at_most_comes_in_whole() {
    let second = Duration::from_secs(1);
    // After a power cut: each of sixty phones behind one address registers, watches sixty lines, and is told of each.
    let mut door = Door::new();
    for number in 0..60 {
        let flow = format!("198.51.100.7:{}", 10_000 + number);
        let stranger = knocker(&flow, Side::Internet, Standing::Stranger);
        assert!(door.prove(&stranger, &(200 + number).to_string(), 1));
        let phone = Knocker { standing: Standing::Phone, ..stranger };
        assert_eq!(taken(&mut door, &phone, 2 + 60 * 4, second / 12), 242, "{number}");
    }
    // A receptionist's three side panels: 180 lamps, all at once, and then all of them every two seconds for an hour.
    let (mut door, reception) = (Door::new(), phone("192.168.1.101:5060"));
    assert_eq!(taken(&mut door, &reception, 180 * 4, second), 720);
    for _ in 0..1_800 {
        assert_eq!(taken(&mut door, &reception, 180, 2 * second), 180);
    }
    // A base station with twenty handsets, each with ten lamps, speaks over one flow for all of them.
    let (mut door, base) = (Door::new(), phone("192.168.1.110:5060"));
    for handset in 0..20 {
        assert!(door.prove(&base, &(201 + handset).to_string(), 1));
    }
    assert_eq!(taken(&mut door, &base, 20 * (2 + 10 * 4), second), 840);
    // A hundred calls of a provider that begin in one second, each with everything that belongs to it sent twice.
    let mut door = Door::new();
    assert_eq!(taken(&mut door, &provider(), 100 * 20, second), 2_000);
}

#[test]
fn a_flow_that_many_accounts_share_sends_as_much_as_all_of_them() {
    let (mut door, gateway) = (Door::new(), phone("192.168.1.110:5060"));
    let (rate, burst) = thresholds::RATE_OF_PHONE;
    for account in 0..10_u32 {
        assert!(door.prove(&gateway, &(201 + account).to_string(), 1));
    }
    door.wait(Duration::from_secs(60));
    let came = taken(&mut door, &gateway, 100_000, Duration::from_secs(1));
    assert!(came > 10 * burst && came <= 10 * (burst + rate), "{came}");
}

#[test]
fn b_36_packets_from_other_ports_do_not_fill_the_bucket_of_a_phone_anew() {
    let (mut door, phone) = (Door::new(), phone("192.168.1.101:5060"));
    let (rate, burst) = thresholds::RATE_OF_PHONE;
    assert!(door.prove(&phone, "201", 1));
    let mut came = 0;
    for round in 0..100_u16 {
        for port in 0..100 {
            door.packet(&knocker(
                &format!("192.168.1.101:{}", 10_000 + 100 * round + port),
                Side::Office,
                Standing::Neighbour,
            ));
        }
        came += taken(&mut door, &phone, 4_000, Duration::from_millis(10));
    }
    assert!(came <= burst + rate, "{came}");
}
