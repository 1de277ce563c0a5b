//! What comes in, in one queue. Datagrams are read by whoever takes them out of it, so that none of them costs a second wake-up;
//! what others read on connections lies in it already.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::net::{IpAddr, SocketAddr};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use centrale_sip::flow::{Flow, FlowId, Transport};
use tokio::sync::mpsc;

use crate::counters::count;
use crate::moderation::{Look, Moderation, is_patient};
use crate::net::{Net, NetEvent};
use crate::udp::{Datagram, Mailbag};

/// Room for a burst from connections while nobody takes anything out; beyond it TCP's window holds back. UDP has the system's.
pub(crate) const QUEUE: usize = 4096;
/// Events of connections that are taken at one look.
const AT_ONE_LOOK: usize = 64;

/// Where events are taken out, one after the other. When it is dropped, everything closes.
#[derive(Debug)]
pub struct Arrivals {
    net: Net,
    told: mpsc::Receiver<NetEvent>,
    /// Port of ours that whoever sends to the PnP group is told.
    sip_port: u16,
    mailbag: Mailbag,
    datagrams: Vec<Datagram>,
    /// What the last look brought.
    found: Vec<NetEvent>,
    ready: VecDeque<NetEvent>,
    looked: Look,
    moderation: Moderation,
}

impl Arrivals {
    pub(crate) fn new(net: Net, told: mpsc::Receiver<NetEvent>, sip_port: u16) -> Self {
        let (mailbag, datagrams, found, ready) = (Mailbag::new(), Vec::new(), Vec::new(), VecDeque::new());
        let moderation = Moderation::new(Instant::now());
        Self { net, told, sip_port, mailbag, datagrams, found, ready, looked: Look::NONE, moderation }
    }

    /// Waits for the next event. Whoever stops waiting loses none.
    pub async fn next(&mut self) -> NetEvent {
        poll_fn(|context| self.poll_next(context)).await
    }

    /// The next one of those that were found together with the one before.
    pub fn take(&mut self) -> Option<NetEvent> {
        self.ready.pop_front()
    }

    /// How long to let more gather, asked once what was found together is handled: 4 ms under load, 20 where only what nobody waits
    /// for came, so that one wake-up serves many packets; `None` where there is no load. Nothing is lost meanwhile.
    pub fn rest(&mut self) -> Option<Duration> {
        self.moderation.rest(Instant::now(), self.looked)
    }

    /// Looks once at everybody, so that no flood of one hides the others.
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<NetEvent> {
        if self.ready.is_empty() {
            let _ = self.told.poll_recv_many(context, &mut self.found, AT_ONE_LOOK);
            self.looked = Look { events: self.found.len(), urgent: false, all: self.found.len() < AT_ONE_LOOK };
            for socket in 0..self.net.datagram_sockets().len() {
                self.poll_datagrams(context, socket);
            }
            self.looked.urgent = !self.found.iter().all(nobody_waits_for);
            self.ready.extend(self.found.drain(..));
        }
        self.take().map_or(Poll::Pending, Poll::Ready)
    }

    /// Reads until something is worth telling or nothing is left.
    fn poll_datagrams(&mut self, context: &mut Context<'_>, index: usize) {
        let before = self.found.len();
        let Self { net, sip_port, mailbag, datagrams, found, looked, .. } = self;
        let Some((id, bound, socket)) = net.datagram_sockets().get(index) else { return };
        let port = if bound.ip().is_multicast() { *sip_port } else { bound.port() };
        while found.len() == before && mailbag.poll_receive(context, socket, datagrams).is_ready() {
            looked.events += datagrams.len();
            looked.all &= mailbag.is_empty();
            found.extend(datagrams.drain(..).filter_map(|datagram| net.packet_of(*id, port, datagram)));
        }
    }
}

fn nobody_waits_for(event: &NetEvent) -> bool {
    matches!(event, NetEvent::Packet { bytes, .. } if is_patient(bytes))
}

impl Net {
    /// Counts a datagram that came by that flow and to that port of ours. What is told of it, when it is to be handled at all.
    pub(crate) fn packet_of(&self, id: FlowId, port: u16, datagram: Datagram) -> Option<NetEvent> {
        let local = SocketAddr::new(self.lets_in(&datagram)?, port);
        let flow = Flow { id, transport: Transport::Udp, local, remote: datagram.remote };
        Some(NetEvent::Packet { flow, bytes: datagram.bytes })
    }

    /// At which of our addresses a datagram arrived, when it is to be handled at all.
    fn lets_in(&self, datagram: &Datagram) -> Option<IpAddr> {
        count(&self.counters().datagrams);
        if self.is_blocked(datagram.remote) {
            return None;
        }
        if datagram.truncated {
            count(&self.counters().truncated_datagrams);
            return None;
        }
        // To a group on a network that we have no address on any more: there is no way back.
        self.address_of(datagram)
    }
}
