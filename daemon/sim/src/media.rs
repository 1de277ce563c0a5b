//! The media thread's stand-in: relays without sockets, around the same [`LegPair`] that the real one uses, so source locks,
//! SRTP, sounds and totals are real. It checks what the real thread would suffer from: a port opened twice, a change to what is not
//! open, an opening outside of the range.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use centrale_rtp::MAX_PACKET_BYTES;
use centrale_rtp::leg::Channel;
use centrale_rtp::leg_pair::LegPair;
use centrale_rtp::mixer::MOST_SEATS;
use centrale_rtp::relay::{Command, Event, MeetingId, RelayId, Side};
use centrale_rtp::sound::Speech;
use centrale_rtp::srtp::MAX_OVERHEAD_BYTES;

/// One open relay.
#[derive(Debug, Default)]
struct Relay {
    legs: LegPair,
    ports: BTreeMap<Side, u16>,
}

/// Every open relay.
#[derive(Debug)]
pub struct Relays {
    ports: RangeInclusive<u16>,
    open: BTreeMap<RelayId, Relay>,
    /// Every source that a sound came from.
    sources: BTreeSet<u32>,
    /// Who takes part in which meeting.
    meetings: BTreeMap<RelayId, MeetingId>,
    /// When recordings are looked at next, once there was one.
    next_look: Option<Instant>,
}

/// How often recordings are looked at.
const LOOK: Duration = Duration::from_secs(1);

impl Relays {
    /// With the range the exchange was told.
    pub const fn new(ports: RangeInclusive<u16>) -> Self {
        Self { ports, open: BTreeMap::new(), sources: BTreeSet::new(), meetings: BTreeMap::new(), next_look: None }
    }

    /// Number of relays that are open.
    pub fn len(&self) -> usize {
        self.open.len()
    }

    /// Whether none is open.
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// Carries a command out.
    ///
    /// # Errors
    /// What is wrong with it, in a sentence.
    pub fn handle(&mut self, now: Instant, command: Command) -> Result<Vec<Event>, String> {
        match command {
            Command::Open { relay, side, media } => {
                let port = media.local.port();
                self.check_port(port).map_err(|wrong| format!("{relay:?} {side:?} opens {port}, which is {wrong}"))?;
                let open = self.open.entry(relay).or_default();
                open.legs.open(now, side, media);
                match open.ports.insert(side, port) {
                    None => Ok(Vec::new()),
                    Some(_) => Err(format!("{relay:?} {side:?} is opened twice")),
                }
            }
            Command::Change { relay, side, media } => {
                let open = self.open.get_mut(&relay).filter(|open| open.ports.contains_key(&side));
                let open = open.ok_or_else(|| format!("{relay:?} {side:?} is changed but not open"))?;
                if open.ports.get(&side) != Some(&media.local.port()) {
                    return Err(format!("{relay:?} {side:?} changes its port"));
                }
                open.legs.change(now, side, media);
                Ok(Vec::new())
            }
            Command::Play { relay, side, sound, speech } => {
                self.hearer(relay, side, speech)?.play(now, side, sound, speech);
                Ok(Vec::new())
            }
            Command::PlayBack { relay, side, voice, speech } => {
                self.hearer(relay, side, speech)?.play_back(now, side, voice, speech);
                Ok(Vec::new())
            }
            Command::Record { relay, side, recording } => {
                self.side(relay, side)?.record(now, side, recording);
                self.next_look.get_or_insert(now + LOOK);
                Ok(Vec::new())
            }
            Command::TakeKeys { relay, side, payload_type } => {
                self.side(relay, side)?.take_keys(side, payload_type);
                Ok(Vec::new())
            }
            Command::LeaveKeys { relay, side } => {
                self.side(relay, side)?.leave_keys(side);
                Ok(Vec::new())
            }
            Command::Meet { relay, side, meeting, part } => {
                self.check_meeting(relay, meeting)?;
                self.side(relay, side)?.meet(side, part);
                self.meetings.insert(relay, meeting);
                Ok(Vec::new())
            }
            Command::LeaveMeeting { relay, side } => {
                self.meetings.remove(&relay).ok_or_else(|| format!("{relay:?} leaves a meeting that it is not in"))?;
                self.side(relay, side)?.leave_meeting(side);
                Ok(Vec::new())
            }
            Command::Press { relay, side, press } => {
                self.side(relay, side)?.press(now, side, &press);
                Ok(Vec::new())
            }
            Command::Stop { relay, side } => {
                let open = self.open.get_mut(&relay).ok_or_else(|| format!("{relay:?} plays but is not open"))?;
                open.legs.stop(side);
                Ok(Vec::new())
            }
            Command::CloseSide { relay, side } => {
                if side == Side::Caller {
                    self.meetings.remove(&relay);
                }
                let Some(open) = self.open.get_mut(&relay) else { return Ok(Vec::new()) };
                let voice = open.legs.take_recorded(now, side);
                open.legs.close_side(now, side);
                open.ports.remove(&side);
                Ok(voice.map(|voice| Event::Recorded { relay, side, voice }).into_iter().collect())
            }
            Command::Close { relay } => {
                self.meetings.remove(&relay);
                let mut closed = self.open.remove(&relay).ok_or_else(|| format!("{relay:?} is closed but not open"))?;
                let recorded = std::iter::from_fn(|| closed.legs.poll_recorded(now, true));
                let mut events: Vec<Event> =
                    recorded.map(|(side, voice)| Event::Recorded { relay, side, voice }).collect();
                let [caller, callee] = closed.legs.totals(now);
                events.push(Event::Closed { relay, caller, callee });
                Ok(events)
            }
        }
    }

    /// The legs of a relay of which that side is open.
    fn side(&mut self, relay: RelayId, side: Side) -> Result<&mut LegPair, String> {
        let open = self.open.get_mut(&relay).filter(|open| open.ports.contains_key(&side));
        let open = open.ok_or_else(|| format!("{relay:?} {side:?} is to hear or to be heard but not open"))?;
        Ok(&mut open.legs)
    }

    /// Likewise, when a sound comes from a source that was not there before.
    fn hearer(&mut self, relay: RelayId, side: Side, speech: Speech) -> Result<&mut LegPair, String> {
        if !self.sources.insert(speech.ssrc) {
            return Err(format!("{relay:?} {side:?} hears a source that was there before"));
        }
        self.side(relay, side)
    }

    /// Recordings that are over.
    pub fn poll_events(&mut self, now: Instant) -> Vec<Event> {
        if self.next_look.is_none_or(|next| now < next) {
            return Vec::new();
        }
        self.next_look = (!self.open.is_empty()).then_some(now + LOOK);
        let over = |(relay, open): (&RelayId, &mut Relay)| {
            let (side, voice) = open.legs.poll_recorded(now, false)?;
            Some(Event::Recorded { relay: *relay, side, voice })
        };
        self.open.iter_mut().filter_map(over).collect()
    }

    /// One more comes into a meeting, unless it is in it already.
    fn check_meeting(&self, relay: RelayId, meeting: MeetingId) -> Result<(), String> {
        let others = self.meetings.iter().filter(|(known, of)| **known != relay && **of == meeting).count();
        if others < MOST_SEATS { Ok(()) } else { Err(format!("{relay:?} comes into a full meeting")) }
    }

    fn check_port(&self, port: u16) -> Result<(), &'static str> {
        if !self.ports.contains(&port) || port % 2 == 1 {
            return Err("not an even port of its range");
        }
        let taken = self.open.values().flat_map(|open| open.ports.values()).any(|other| *other == port);
        if taken { Err("open already") } else { Ok(()) }
    }

    /// When the next packet of a sound is due, or a recording is to be looked at. `None` while there is neither.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.open.values().filter_map(|open| open.legs.sound_due()).chain(self.next_look).min()
    }

    /// The next packet of a sound that is due, and to whom it goes.
    pub fn poll_sound(&mut self, now: Instant) -> Option<(SocketAddr, Vec<u8>)> {
        let mut buffer = [0; MAX_PACKET_BYTES];
        let (_, out) = self.open.values_mut().find_map(|open| open.legs.poll_sound(now, &mut buffer))?;
        Some((out.to, buffer[..out.len].to_vec()))
    }

    /// One packet from `source` to a port of the box: what goes on, and to whom, if anything does.
    pub fn forward(
        &mut self,
        now: Instant,
        source: SocketAddr,
        port: u16,
        packet: &[u8],
    ) -> Option<(SocketAddr, Vec<u8>)> {
        let has = |open: &Relay| open.ports.iter().find(|(_, own)| **own == port).map(|(side, _)| *side);
        let (open, side) = self.open.values_mut().find_map(|open| has(open).map(|side| (open, side)))?;
        let mut buffer = packet.to_vec();
        buffer.resize(packet.len() + MAX_OVERHEAD_BYTES, 0);
        let out = open.legs.relay(now, side, Channel::Rtp, source, &mut buffer, packet.len()).ok()?;
        buffer.truncate(out.len);
        Some((out.to, buffer))
    }
}
