//! One media thread: an epoll loop over the sockets of its relays.

use crate::meetings::Meetings;
use crate::sockets::{LegSockets, PortRefused};
use centrale_rtp::MAX_PACKET_BYTES;
use centrale_rtp::leg::Channel;
use centrale_rtp::leg_pair::LegPair;
use centrale_rtp::relay::{Command, Event, LegMedia, LegQuality, MeetingId, Part, RelayId, Side};
use centrale_rtp::srtp::MAX_OVERHEAD_BYTES;
use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::eventfd::EventFd;
use slab::Slab;
use std::collections::HashMap;
use std::io::ErrorKind;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::{Duration, Instant};

/// How often quality and silence are looked at.
const TICK: Duration = Duration::from_secs(1);
/// While packets come closer together than twice this, the thread rests for this long between two looks at its sockets and
/// finds several ready at once: waking up costs more than relaying (DECISIONS: what a relayed packet costs). It is the most
/// that a packet is delayed, a tenth of the audio it carries; with one or two calls nothing is delayed at all.
const PACE: Duration = Duration::from_millis(2);
/// Sockets served per wake-up.
const EVENTS: usize = 256;
/// Packets taken from one socket before the others get their turn, when it had one at the look before, too: it is behind, or
/// flooded. Otherwise one is taken, because the next follows 10 ms later at the earliest, and asking for it in vain would be
/// every third call into the system.
const PACKETS_PER_TURN: usize = 16;
/// One byte more than is allowed tells a datagram that is too long.
const RECEIVE_BYTES: usize = MAX_PACKET_BYTES + 1;
/// The token of the event counter; relays have small ones.
const WAKE: u64 = u64::MAX;

/// What a thread is told.
#[derive(Debug)]
pub(crate) enum Order {
    Command(Command),
    Stop,
}

struct Relay {
    id: RelayId,
    pair: LegPair,
    caller: Option<LegSockets>,
    callee: Option<LegSockets>,
}

/// A socket's name in epoll: the relay's place, the side and the channel.
#[derive(Debug, Clone, Copy)]
struct Token {
    place: usize,
    side: Side,
    channel: Channel,
}

impl Token {
    fn packed(self) -> u64 {
        (self.place as u64) << 2 | u64::from(self.side == Side::Callee) << 1 | u64::from(self.channel == Channel::Rtcp)
    }

    fn unpacked(packed: u64) -> Self {
        Self {
            place: (packed >> 2) as usize,
            side: if packed & 2 == 0 { Side::Caller } else { Side::Callee },
            channel: if packed & 1 == 0 { Channel::Rtp } else { Channel::Rtcp },
        }
    }
}

/// The state of one thread.
pub(crate) struct RelayThread<F> {
    epoll: Epoll,
    wake: Arc<EventFd>,
    orders: Receiver<Order>,
    on_event: F,
    relays: Slab<Relay>,
    places: HashMap<RelayId, usize>,
    buffer: [u8; RECEIVE_BYTES + MAX_OVERHEAD_BYTES],
    next_tick: Option<Instant>,
    /// Places of relays in which a sound is played, or was until a moment ago.
    playing: Vec<usize>,
    /// When the first of them has a packet to send. `None` while nothing is played, which then costs nothing.
    next_sound: Option<Instant>,
    meetings: Meetings,
    /// Looks at the sockets so far.
    looks: u64,
    /// Packets that the network would not take since the last tick.
    unsent: u64,
}

impl<F: Fn(Event)> RelayThread<F> {
    pub(crate) fn new(wake: Arc<EventFd>, orders: Receiver<Order>, on_event: F) -> Result<Self, Errno> {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        epoll.add(&*wake, EpollEvent::new(EpollFlags::EPOLLIN, WAKE))?;
        Ok(Self {
            epoll,
            wake,
            orders,
            on_event,
            relays: Slab::new(),
            places: HashMap::new(),
            buffer: [0; RECEIVE_BYTES + MAX_OVERHEAD_BYTES],
            next_tick: None,
            playing: Vec::new(),
            next_sound: None,
            meetings: Meetings::default(),
            looks: 0,
            unsent: 0,
        })
    }

    /// Serves until told to stop.
    pub(crate) fn run(mut self) {
        let mut events = [EpollEvent::empty(); EVENTS];
        let mut woken_before = Instant::now();
        loop {
            let ready = match self.epoll.wait(&mut events, self.patience()) {
                Ok(ready) => &events[..ready],
                Err(Errno::EINTR) => continue,
                Err(error) => return tracing::error!(%error, "epoll has failed; this thread's calls have no audio"),
            };
            // One reading of the clock per wake-up: a batch is served within microseconds, jitter is told in milliseconds.
            let now = Instant::now();
            self.looks += 1;
            let mut emptied = ready.len() < EVENTS;
            for token in ready.iter().map(EpollEvent::data).filter(|token| *token != WAKE) {
                emptied &= self.serve(now, Token::unpacked(token));
            }
            // Orders come after the packets of the batch, so that no packet meets a relay that took a closed one's place.
            if ready.iter().any(|event| event.data() == WAKE) && self.obey(now).is_break() {
                return self.close_all(now);
            }
            self.tick(now);
            self.sound(now);
            self.meet(now);
            if emptied && now.saturating_duration_since(woken_before) < PACE * 2 {
                std::thread::sleep(PACE.saturating_sub(now.elapsed()));
            }
            woken_before = now;
        }
    }

    fn patience(&self) -> EpollTimeout {
        let Some(next) = [self.next_tick, self.next_sound, self.meetings.due()].into_iter().flatten().min() else {
            return EpollTimeout::NONE;
        };
        let left = next.saturating_duration_since(Instant::now()) + Duration::from_micros(999);
        EpollTimeout::try_from(left).unwrap_or(EpollTimeout::ZERO)
    }

    /// Relays what waits on one socket, up to a limit. Returns whether that was all, as far as it is known; what is left
    /// wakes epoll again.
    fn serve(&mut self, now: Instant, token: Token) -> bool {
        let Some(relay) = self.relays.get_mut(token.place) else { return true };
        let (receiving, sending) = match token.side {
            Side::Caller => (&relay.caller, &relay.callee),
            Side::Callee => (&relay.callee, &relay.caller),
        };
        let Some(socket) = receiving.as_ref().map(|sockets| sockets.of(token.channel)) else { return true };
        let most = if socket.had_one_before(self.looks) { PACKETS_PER_TURN } else { 1 };
        for _ in 0..most {
            let (len, from) = match socket.recv_from(&mut self.buffer[..RECEIVE_BYTES]) {
                Ok(received) => received,
                // An ICMP error about an earlier packet is reported here, once, and means nothing for this one.
                Err(error) if error.kind() == ErrorKind::ConnectionRefused => continue,
                Err(_) => return true,
            };
            // A refusal is counted where it is decided, and shows in the quality of the leg.
            let relayed = relay.pair.relay(now, token.side, token.channel, from, &mut self.buffer, len);
            if let Some((side, key)) = relay.pair.poll_key() {
                (self.on_event)(Event::Key { relay: relay.id, side, key });
            }
            let Ok(out) = relayed else { continue };
            let Some(sockets) = sending else { continue };
            if sockets.of(out.channel).send_to(&self.buffer[..out.len], out.to).is_err() {
                self.unsent += 1;
            }
        }
        most == 1
    }

    /// Carries out the orders that were announced. One that came later has announced itself again, and waits until the
    /// packets that came before it are relayed.
    fn obey(&mut self, now: Instant) -> ControlFlow<()> {
        for _ in 0..self.wake.read().unwrap_or(0) {
            match self.orders.try_recv() {
                Ok(Order::Command(command)) => self.carry_out(now, command),
                Ok(Order::Stop) | Err(TryRecvError::Disconnected) => return ControlFlow::Break(()),
                Err(TryRecvError::Empty) => break,
            }
        }
        ControlFlow::Continue(())
    }

    fn carry_out(&mut self, now: Instant, command: Command) {
        match command {
            Command::Open { relay, side, media } => self.open(now, relay, side, media),
            Command::Change { relay, side, media } => {
                if let Some(relay) = self.relay_mut(relay) {
                    relay.pair.change(now, side, media);
                }
            }
            Command::Play { relay, side, sound, speech } => {
                self.play(now, relay, |pair| pair.play(now, side, sound, speech));
            }
            Command::PlayBack { relay, side, voice, speech } => {
                self.play(now, relay, |pair| pair.play_back(now, side, voice, speech));
            }
            Command::Record { relay, side, recording } => {
                if let Some(relay) = self.relay_mut(relay) {
                    relay.pair.record(now, side, recording);
                }
            }
            Command::TakeKeys { relay, side, payload_type } => {
                if let Some(relay) = self.relay_mut(relay) {
                    relay.pair.take_keys(side, payload_type);
                }
            }
            Command::LeaveKeys { relay, side } => {
                if let Some(relay) = self.relay_mut(relay) {
                    relay.pair.leave_keys(side);
                }
            }
            Command::Press { relay, side, press } => self.play(now, relay, |pair| pair.press(now, side, &press)),
            Command::Meet { relay, side, meeting, part } => self.enter(now, relay, side, meeting, part),
            Command::LeaveMeeting { relay, side } => {
                let Some(place) = self.places.get(&relay).copied() else { return };
                self.relays[place].pair.leave_meeting(side);
                self.meetings.leave((place, side));
            }
            Command::Stop { relay, side } => {
                if let Some(relay) = self.relay_mut(relay) {
                    relay.pair.stop(side);
                }
            }
            Command::CloseSide { relay, side } => {
                let Some(place) = self.places.get(&relay).copied() else { return };
                self.tell_recorded(now, place, side);
                self.meetings.leave((place, side));
                self.relays[place].close_side(now, side);
            }
            Command::Close { relay } => self.close(now, relay),
        }
    }

    fn play(&mut self, now: Instant, relay: RelayId, begin: impl FnOnce(&mut LegPair)) {
        let Some(place) = self.places.get(&relay).copied() else { return };
        begin(&mut self.relays[place].pair);
        if !self.playing.contains(&place) {
            self.playing.push(place);
        }
        self.next_sound = Some(now);
    }

    fn enter(&mut self, now: Instant, relay: RelayId, side: Side, meeting: MeetingId, part: Part) {
        let Some(place) = self.places.get(&relay).copied() else { return };
        // One more than there are seats for is not heard and hears nothing; the exchange lets nobody come that far.
        if self.relays[place].pair.meet(side, part) && !self.meetings.enter(now, meeting, (place, side)) {
            self.relays[place].pair.leave_meeting(side);
        }
    }

    /// A side is about to be closed: what was recorded of it is told.
    fn tell_recorded(&mut self, now: Instant, place: usize, side: Side) {
        let relay = &mut self.relays[place];
        if let Some(voice) = relay.pair.take_recorded(now, side) {
            (self.on_event)(Event::Recorded { relay: relay.id, side, voice });
        }
    }

    fn relay_mut(&mut self, id: RelayId) -> Option<&mut Relay> {
        self.relays.get_mut(*self.places.get(&id)?)
    }

    fn open(&mut self, now: Instant, id: RelayId, side: Side, media: LegMedia) {
        self.next_tick.get_or_insert(now + TICK);
        let place = *self.places.entry(id).or_insert_with(|| self.relays.insert(Relay::new(id)));
        self.tell_recorded(now, place, side);
        self.meetings.leave((place, side));
        let relay = &mut self.relays[place];
        // Before the new ports, in case they are the old ones.
        relay.close_side(now, side);
        let opened = LegSockets::bind(media.local).and_then(|sockets| listen(&self.epoll, sockets, place, side));
        match opened {
            Ok(sockets) => {
                relay.pair.open(now, side, media);
                *relay.sockets_mut(side) = Some(sockets);
            }
            Err(PortRefused { port, error }) => {
                tracing::warn!(port, %error, "an RTP port is not to be had");
                (self.on_event)(Event::PortRefused { relay: id, side, port });
            }
        }
    }

    /// Closes a relay. One that is not known is closed with zero totals, so that every Close has its Closed.
    fn close(&mut self, now: Instant, id: RelayId) {
        let place = self.places.remove(&id);
        for side in [Side::Caller, Side::Callee] {
            place.into_iter().for_each(|place| self.meetings.leave((place, side)));
        }
        let relay = place.and_then(|place| self.relays.try_remove(place));
        let [caller, callee] =
            relay.map_or_else(<[LegQuality; 2]>::default, |relay| relay.last_word(now, &self.on_event));
        (self.on_event)(Event::Closed { relay: id, caller, callee });
        if self.relays.is_empty() {
            self.next_tick = None;
        }
    }

    fn close_all(&mut self, now: Instant) {
        for relay in self.relays.drain() {
            let id = relay.id;
            let [caller, callee] = relay.last_word(now, &self.on_event);
            (self.on_event)(Event::Closed { relay: id, caller, callee });
        }
    }

    /// Sends the packets of sounds that are due.
    fn sound(&mut self, now: Instant) {
        if self.next_sound.is_none_or(|next| now < next) {
            return;
        }
        let Self { relays, buffer, unsent, .. } = self;
        self.playing.retain(|place| {
            let Some(relay) = relays.get_mut(*place) else { return false };
            while let Some((side, out)) = relay.pair.poll_sound(now, buffer) {
                let sockets = match side {
                    Side::Caller => &relay.caller,
                    Side::Callee => &relay.callee,
                };
                let Some(sockets) = sockets else { continue };
                if sockets.of(out.channel).send_to(&buffer[..out.len], out.to).is_err() {
                    *unsent += 1;
                }
            }
            relay.pair.sound_due().is_some()
        });
        self.next_sound = self.playing.iter().filter_map(|place| self.relays[*place].pair.sound_due()).min();
    }

    /// Lets everybody who meets hear the others for the next 20 ms, when they are due.
    fn meet(&mut self, now: Instant) {
        let Self { meetings, relays, buffer, unsent, .. } = self;
        for meeting in meetings.tick(now) {
            meeting.mixer.begin();
            for (place, side) in &meeting.seats {
                relays[*place].pair.speak(*side, &mut meeting.mixer);
            }
            for (place, side) in &meeting.seats {
                let Relay { pair, caller, callee, .. } = &mut relays[*place];
                let Some(out) = pair.write_meeting(now, *side, &meeting.mixer, buffer) else { continue };
                let sockets = match side {
                    Side::Caller => &*caller,
                    Side::Callee => &*callee,
                };
                let sent = sockets.as_ref().map(|it| it.of(out.channel).send_to(&buffer[..out.len], out.to));
                *unsent += u64::from(sent.is_some_and(|sent| sent.is_err()));
            }
        }
    }

    fn tick(&mut self, now: Instant) {
        if self.next_tick.is_none_or(|next_tick| now < next_tick) {
            return;
        }
        self.next_tick = Some(now + TICK);
        for (_, relay) in &mut self.relays {
            if let Some([caller, callee]) = relay.pair.poll_quality(now) {
                (self.on_event)(Event::Quality { relay: relay.id, caller, callee });
            }
            while let Some((side, voice)) = relay.pair.poll_recorded(now, false) {
                (self.on_event)(Event::Recorded { relay: relay.id, side, voice });
            }
            while let Some((side, duration)) = relay.pair.poll_silence(now) {
                (self.on_event)(Event::Silent { relay: relay.id, side, duration });
            }
        }
        let unsent = std::mem::take(&mut self.unsent);
        if unsent > 0 {
            tracing::warn!(unsent, "packets that the network would not take");
        }
    }
}

impl Relay {
    fn new(id: RelayId) -> Self {
        Self { id, pair: LegPair::default(), caller: None, callee: None }
    }

    fn sockets_mut(&mut self, side: Side) -> &mut Option<LegSockets> {
        match side {
            Side::Caller => &mut self.caller,
            Side::Callee => &mut self.callee,
        }
    }

    /// Tells what was being recorded, and gives the totals.
    fn last_word(mut self, now: Instant, on_event: &impl Fn(Event)) -> [LegQuality; 2] {
        while let Some((side, voice)) = self.pair.poll_recorded(now, true) {
            on_event(Event::Recorded { relay: self.id, side, voice });
        }
        self.pair.totals(now)
    }

    /// Dropping the sockets takes them out of epoll too.
    fn close_side(&mut self, now: Instant, side: Side) {
        self.pair.close_side(now, side);
        *self.sockets_mut(side) = None;
    }
}

/// Has epoll watch both sockets of a leg.
fn listen(epoll: &Epoll, sockets: LegSockets, place: usize, side: Side) -> Result<LegSockets, PortRefused> {
    for channel in [Channel::Rtp, Channel::Rtcp] {
        let socket = sockets.of(channel);
        let event = EpollEvent::new(EpollFlags::EPOLLIN, Token { place, side, channel }.packed());
        epoll.add(socket, event).map_err(|error| PortRefused { port: socket.number(), error: error.into() })?;
    }
    Ok(sockets)
}
