//! Calls through the media thread, over real sockets.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod office;

use centrale_rtp::relay::{Command, Event, LegMedia, Side};
use nix::sys::socket::sockopt::{IpRecvTos, Ipv6RecvTClass};
use nix::sys::socket::{ControlMessageOwned, MsgFlags, recvmsg, setsockopt};
use office::*;
use std::io::IoSliceMut;
use std::net::{IpAddr, Ipv6Addr, SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;

const V6: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);

#[test]
fn two_phones_hear_each_other_and_the_totals_say_so() {
    let call = Call::plain();
    for sequence in 0..100 {
        call.is_heard_by_callee(&rtp(1, sequence));
        call.is_heard_by_caller(&rtp(2, 65_500u16.wrapping_add(sequence)));
    }
    let [caller, callee] = call.exchange.closes();
    assert_eq!((caller.packets, caller.lost, callee.packets, callee.lost), (100, 0, 100, 0));
    assert_eq!((caller.intruders, caller.malformed, caller.unauthentic), (0, 0, 0));
}

#[test]
fn a_packet_lost_on_the_way_shows_in_the_quality_while_the_call_runs() {
    let call = Call::plain();
    for sequence in [1, 2, 5] {
        call.is_heard_by_callee(&rtp(1, sequence));
    }
    let told = call.exchange.waits_for(|event| match event {
        Event::Quality { relay: RELAY, caller, .. } if caller.packets == 3 => Some(*caller),
        _ => None,
    });
    assert_eq!(told.lost, 2);
}

#[test]
fn rtcp_crosses_on_the_ports_above() {
    let call = Call::plain();
    call.caller.sends_rtcp(&BYE, call.caller_port);
    assert_eq!(call.callee.hears_rtcp(), (BYE.to_vec(), above(call.callee_port)));
}

#[test]
fn a_call_crosses_between_ipv4_and_ipv6() {
    let call = Call::between([PHONE, V6], [box_ip(), V6], |_, media| media);
    call.is_heard_by_callee(&rtp(1, 1));
    call.is_heard_by_caller(&rtp(2, 1));
    let call = Call::between([V6, V6], [V6, V6], |_, media| media);
    call.is_heard_by_callee(&rtp(1, 1));
}

#[test]
fn a_port_on_every_address_serves_whichever_family_the_phone_that_picks_up_is_of() {
    for phone in [PHONE, V6] {
        let call = Call::between([PHONE, phone], [box_ip(), IpAddr::V6(Ipv6Addr::UNSPECIFIED)], |_, media| media);
        let seen = SocketAddr::new(phone, call.callee_port.port());
        call.caller.sends(&rtp(1, 1), call.caller_port);
        assert_eq!(call.callee.hears(), (rtp(1, 1), seen));
        call.callee.sends(&rtp(2, 1), seen);
        assert_eq!(call.caller.hears(), (rtp(2, 1), call.caller_port));
        call.callee.sends_rtcp(&BYE, seen);
        assert_eq!(call.caller.hears_rtcp().0, BYE);
        let [_, callee] = call.exchange.closes();
        assert_eq!((callee.packets, callee.intruders), (1, 0), "{phone} is known as whom its SDP names");
    }
}

#[test]
fn a_128_packets_leave_marked_for_expedited_forwarding() {
    let call = Call::between([PHONE, V6], [box_ip(), V6], |_, media| media);
    setsockopt(&call.caller.rtp, IpRecvTos, &true).unwrap();
    setsockopt(&call.callee.rtp, Ipv6RecvTClass, &true).unwrap();
    call.caller.sends(&rtp(1, 1), call.caller_port);
    call.callee.sends(&rtp(2, 1), call.callee_port);
    assert_eq!(traffic_class(&call.caller.rtp), 46 << 2);
    assert_eq!(traffic_class(&call.callee.rtp), 46 << 2);
    let mixed = Call::between([PHONE, PHONE], [box_ip(), IpAddr::V6(Ipv6Addr::UNSPECIFIED)], |_, media| media);
    setsockopt(&mixed.callee.rtp, IpRecvTos, &true).unwrap();
    mixed.caller.sends(&rtp(1, 1), mixed.caller_port);
    assert_eq!(traffic_class(&mixed.callee.rtp), 46 << 2, "from a socket of both families");
}

/// The traffic class octet of the next packet.
fn traffic_class(socket: &UdpSocket) -> i32 {
    let mut buffer = [0; 2048];
    let mut space = nix::cmsg_space!(i32);
    let mut parts = [IoSliceMut::new(&mut buffer)];
    let message = recvmsg::<()>(socket.as_raw_fd(), &mut parts, Some(&mut space), MsgFlags::empty()).unwrap();
    let class = message.cmsgs().unwrap().find_map(|control| match control {
        ControlMessageOwned::Ipv4Tos(class) => Some(i32::from(class)),
        ControlMessageOwned::Ipv6TClass(class) => Some(class),
        _ => None,
    });
    class.expect("the kernel tells the traffic class")
}

#[test]
fn a_third_party_is_neither_heard_nor_sent_to() {
    let call = Call::plain();
    let intruder = Phone::at(ELSEWHERE);
    call.is_heard_by_callee(&rtp(1, 1));
    for sequence in 0..50 {
        intruder.sends(&rtp(1, sequence + 2), call.caller_port);
    }
    // The caller's next packet is the next one the callee hears: none of the fifty came between.
    call.is_heard_by_callee(&rtp(1, 2));
    call.is_heard_by_caller(&rtp(2, 1));
    let [caller, _] = call.exchange.closes();
    assert_eq!((caller.packets, caller.intruders), (2, 50));
    assert!(intruder.has_heard_nothing());
}

#[test]
fn a_phone_behind_a_nat_is_found_although_its_sdp_names_another_address() {
    let call = Call::with(|side, media| match side {
        Side::Caller => LegMedia { remote: Some("192.0.2.55:4000".parse().unwrap()), signalling_peer: PHONE, ..media },
        Side::Callee => media,
    });
    for sequence in 0..3 {
        call.is_heard_by_callee(&rtp(1, sequence));
    }
    call.is_heard_by_caller(&rtp(2, 1));
}

#[test]
fn a_transfer_moves_the_leg_to_the_new_phone_and_the_old_one_is_shut_out() {
    let call = Call::plain();
    call.is_heard_by_callee(&rtp(1, 1));
    let colleague = Phone::at(ELSEWHERE);
    call.exchange.changes(Side::Caller, media(call.caller_port, colleague.address()));
    call.exchange.settles();
    colleague.sends(&rtp(9, 500), call.caller_port);
    assert_eq!(call.callee.hears().0, rtp(9, 500));
    call.caller.sends(&rtp(1, 2), call.caller_port);
    colleague.sends(&rtp(9, 501), call.caller_port);
    assert_eq!(call.callee.hears().0, rtp(9, 501));
    call.callee.sends(&rtp(2, 1), call.callee_port);
    assert_eq!(colleague.hears().0, rtp(2, 1));
    let [caller, _] = call.exchange.closes();
    assert_eq!((caller.packets, caller.intruders, caller.lost), (3, 1, 0));
}

#[test]
fn a_phone_that_holds_by_address_zero_is_not_sent_to_until_it_resumes() {
    let call = Call::plain();
    let held = LegMedia {
        remote: Some("0.0.0.0:4000".parse().unwrap()),
        expects_audio: false,
        ..media(call.caller_port, call.caller.address())
    };
    call.exchange.changes(Side::Caller, held);
    call.exchange.settles();
    call.callee.sends(&rtp(2, 1), call.callee_port);
    call.exchange.changes(Side::Caller, media(call.caller_port, call.caller.address()));
    call.exchange.settles();
    call.is_heard_by_caller(&rtp(2, 2));
    let [_, callee] = call.exchange.closes();
    assert_eq!(callee.packets, 2, "the held packet was measured all the same");
}

#[test]
fn a_port_that_is_taken_is_told_by_its_number() {
    let exchange = Exchange::start();
    let (rtp, rtcp) = socket_pair(box_ip());
    let taken = rtp.local_addr().unwrap();
    let refused = || {
        exchange.opens(Side::Callee, media(taken, taken));
        exchange.waits_for(|event| match event {
            Event::PortRefused { relay: RELAY, side, port } => Some((*side, *port)),
            _ => None,
        })
    };
    assert_eq!(refused(), (Side::Callee, taken.port()));
    drop(rtp);
    assert_eq!(refused(), (Side::Callee, taken.port() + 1), "the one above is still taken");
    drop(rtcp);
    assert_eq!(exchange.closes().map(|quality| quality.packets), [0, 0]);
}

#[test]
fn ports_are_free_again_after_the_close_and_the_lost_leg_of_a_fork_is_shut() {
    let call = Call::plain();
    call.is_heard_by_callee(&rtp(1, 1));
    call.exchange.media.send(Command::CloseSide { relay: RELAY, side: Side::Callee });
    call.exchange.settles();
    UdpSocket::bind(call.callee_port).expect("the closed side has given its port back");
    UdpSocket::bind(call.caller_port).expect_err("the other side still has its own");
    call.exchange.closes();
    UdpSocket::bind(call.caller_port).expect("the closed relay has given its ports back");
    UdpSocket::bind(above(call.caller_port)).expect("and the ones above");
}

#[test]
fn garbage_of_every_size_is_counted_and_the_call_goes_on() {
    let call = Call::plain();
    call.is_heard_by_callee(&rtp(1, 1));
    call.caller.sends(&rtp(1, 2)[..11], call.caller_port);
    call.caller.sends(b"not a media packet at all", call.caller_port);
    call.caller.sends(&[0x80; 1501], call.caller_port);
    call.caller.sends(&[0x80; 65_507], call.caller_port);
    call.caller.sends(&[], call.caller_port);
    call.is_heard_by_callee(&rtp(1, 2));
    let [caller, _] = call.exchange.closes();
    assert_eq!((caller.packets, caller.malformed), (2, 4), "an empty datagram only keeps a NAT open");
}

#[test]
fn calls_still_running_at_the_end_of_the_day_get_their_totals() {
    let call = Call::plain();
    call.is_heard_by_callee(&rtp(1, 1));
    let Call { exchange, .. } = call;
    let totals = exchange.stops();
    assert_eq!(totals.map(|[caller, _]| caller.packets), Some(1));
}
