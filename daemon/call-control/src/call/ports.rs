//! The media ports of calls: taken in pairs, given back to cool down, replaced when another program holds one.

use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use centrale_guard::Order;
use centrale_rtp::relay::{Command, LegMedia};
use centrale_rtp::sound::Encoding;

use super::sound::at;
use super::{Call, CallKey, Leg, Side};
use crate::exchange::Exchange;
use crate::io::Output;
use crate::media::open_media;
use crate::record::{Cause, Outcome};

/// Ports that are kept for calls for help: two of them. Only where there are ports to spare.
const RESERVE: usize = 4;
/// A range with fewer ports keeps none back: a call for help takes another call's ports there.
const ENOUGH_FOR_RESERVE: usize = 32;
/// Ports in a row that may be held by another program before an ordinary call is given up.
const MOST_REFUSED: u8 = 8;

impl Exchange {
    /// The ports of a new call, the caller's and the called side's. A call for help takes those of another call rather than
    /// none (invariant 1).
    pub(crate) fn allocate_ports(&mut self, now: Instant, emergency: bool) -> Option<[u16; 2]> {
        self.try_ports(now, emergency).or_else(|| {
            let made_room = emergency && self.give_up_a_call(now);
            if made_room { self.try_ports(now, emergency) } else { None }
        })
    }

    fn try_ports(&mut self, now: Instant, emergency: bool) -> Option<[u16; 2]> {
        let caller = self.allocate_port(now, emergency)?;
        match self.allocate_port(now, emergency) {
            Some(callee) => Some([caller, callee]),
            None => {
                self.ports.release(caller, now);
                None
            }
        }
    }

    pub(super) fn allocate_port(&mut self, now: Instant, emergency: bool) -> Option<u16> {
        if emergency {
            return self.ports.allocate_for_emergency(now).ok();
        }
        let reserve = if self.ports.pairs() >= ENOUGH_FOR_RESERVE { RESERVE } else { 0 };
        if self.ports.free(now) > reserve { self.ports.allocate(now).ok() } else { None }
    }

    pub(crate) fn release_ports(&mut self, now: Instant, ports: [u16; 2]) {
        ports.into_iter().for_each(|port| self.ports.release(port, now));
    }

    /// The ordinary call that loses least when it ends: one that is over but for a tone, then one that only rings, then one
    /// that has somebody in it, the youngest first. One to a helpline, or of a lift or an alarm, is ended last.
    pub(crate) fn loses_least(&self, may: impl Fn(&Call) -> bool) -> Option<CallKey> {
        let ordinary = self.calls.values().filter(|call| !call.emergency && may(call));
        let is_urgent = |call: &Call| {
            let of_legs = [Side::Caller, Side::Callee].into_iter().filter_map(|side| call.leg(side)?.order.as_ref());
            of_legs.chain(&call.bill.order).any(Order::is_urgent)
        };
        let loss = |call: &&Call| (!is_urgent(call), call.dismissed.is_some(), call.only_rings(), call.key);
        ordinary.max_by_key(loss).map(|call| call.key)
    }

    /// Ends an ordinary call. Its ports are free at once. False when there is none.
    fn give_up_a_call(&mut self, now: Instant) -> bool {
        let Some(key) = self.loses_least(|_| true) else { return false };
        let mut relay = None;
        self.with_call(now, key, |exchange, call| {
            relay = Some(call.relay);
            let outcome = if call.answered.is_some() { Outcome::Lost } else { Outcome::Blocked };
            call.cause = Some(Cause::NeededForHelp);
            exchange.end(now, call, None, outcome, 503);
        });
        self.counters.calls_given_up += 1;
        relay.into_iter().for_each(|relay| self.end_media(now, relay, None));
        true
    }

    /// Another program holds a port of this call: the call gets another one, and who was told of the old one is told anew.
    pub(crate) fn replace_port(&mut self, now: Instant, call: &mut Call, side: Side, refused: u16) {
        let place = at(side);
        if call.ports[place] != refused & !1 {
            return;
        }
        // It is not ours to give back any more.
        call.ports[place] = 0;
        call.ports_refused += 1;
        let another = if call.ports_refused <= MOST_REFUSED { self.allocate_port(now, call.emergency) } else { None };
        let Some(port) = another else {
            if !call.emergency {
                self.end(now, call, None, Outcome::Unreachable, 503);
            }
            return;
        };
        call.ports[place] = port;
        if let Some(leg) = call.leg_mut(side) {
            leg.description.move_to(port);
        }
        self.open_side(call, side);
        match call.leg(side) {
            Some(_) => self.tell_of_move(now, call, side),
            None => self.ring_again(now, call),
        }
    }

    /// Binds the port of one side. Nothing is heard there yet.
    pub(crate) fn open_side(&mut self, call: &mut Call, side: Side) {
        call.playing[at(side)] = None;
        call.meets = call.meets.filter(|_| side == Side::Callee);
        call.keys_taken[at(side)] = None;
        call.heard[at(side)].start_anew();
        let media = match call.leg(side) {
            Some(leg) => self.media_of(leg, call.bind(side)),
            None => {
                let first = call.forks.first().map_or(call.caller.dialog.path, |fork| fork.path);
                open_media(SocketAddr::new(call.bind(side), call.ports[1]), first.remote().ip())
            }
        };
        self.outputs.push_back(Output::Media(Command::Open { relay: call.relay, side, media }));
    }

    /// A side has another leg than the one its port was bound for at `bound`: bound anew where its peer does not reach it.
    pub(crate) fn rebind(&mut self, call: &mut Call, side: Side, bound: IpAddr) {
        let Some(ip) = call.leg(side).map(|leg| leg.ours.local.ip()) else { return };
        if bound == ip || bound.is_unspecified() && bound.is_ipv4() == ip.is_ipv4() {
            return self.change_own_media(call, side);
        }
        if side == Side::Callee {
            call.callee_bind = ip;
        }
        self.reopen_side(call, side);
    }

    /// Binds the port of one side elsewhere.
    pub(crate) fn reopen_side(&mut self, call: &mut Call, side: Side) {
        self.outputs.push_back(Output::Media(Command::CloseSide { relay: call.relay, side }));
        self.open_side(call, side);
    }

    /// Our media on an answered leg is elsewhere now: a re-INVITE says where.
    fn tell_of_move(&mut self, now: Instant, call: &mut Call, side: Side) {
        // Who talks to the box itself is offered what it can do.
        let from = if call.is_with_box() { side } else { super::other(side) };
        let theirs = call.leg(from).and_then(|leg| leg.description.theirs()).cloned();
        let (Some(theirs), true) = (theirs, call.answered.is_some()) else { return };
        let in_room = call.at_conference.is_some();
        if let Some(leg) = call.leg_mut(side)
            && match in_room {
                true => leg.description.offer_alone(&Encoding::COMPANDED).is_some(),
                false => leg.description.offer(&theirs).is_ok(),
            }
        {
            leg.moved = true;
            self.refresh_session(now, call, side);
        }
    }

    /// Rings every phone once more, with the port that the call has now.
    fn ring_again(&mut self, now: Instant, call: &mut Call) {
        let forks = std::mem::take(&mut call.forks);
        call.early = None;
        let routes: Vec<_> = forks.iter().map(|fork| fork.route.clone()).collect();
        self.cancel_forks(now, call, forks);
        for route in routes {
            self.ring(now, call, route);
        }
        self.settle_if_nobody_rings(now, call);
    }

    /// Tells the media thread what a leg has become.
    pub(crate) fn change_own_media(&mut self, call: &Call, side: Side) {
        let Some(leg) = call.leg(side) else { return };
        let media = self.media_of(leg, call.bind(side));
        self.change_media(call, side, media);
    }

    fn media_of(&self, leg: &Leg, bind: IpAddr) -> LegMedia {
        let remote = leg.dialog.path.remote().ip();
        let neighbours = leg.username.is_none() && self.has_media_servers_beside(remote);
        leg.description.leg_media(bind, remote, neighbours)
    }

    /// Whether a provider that signals from there may send sound from hosts beside it. Beside a gateway in the office are phones.
    pub(super) fn has_media_servers_beside(&self, remote: IpAddr) -> bool {
        !self.interfaces.is_office(remote)
    }

    pub(crate) fn change_media(&mut self, call: &Call, side: Side, media: LegMedia) {
        // A call for help goes on without a port; there is nothing to change then.
        if call.ports[usize::from(side == Side::Callee)] != 0 {
            self.outputs.push_back(Output::Media(Command::Change { relay: call.relay, side, media }));
        }
    }
}
