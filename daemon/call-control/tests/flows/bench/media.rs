//! The media thread, as far as the exchange sees them: it binds, refuses and closes.

use std::collections::{BTreeMap, BTreeSet};

use centrale_rtp::relay::{Command, Event, LegMedia, LegQuality, MeetingId, Part, Press, Recording, RelayId, Side};
use centrale_rtp::sound::{Sound, Speech, Voice};

pub(crate) struct MediaThread {
    ports: (u16, u16),
    relays: BTreeMap<RelayId, BTreeMap<Side, LegMedia>>,
    /// What is heard of ours, and in what.
    playing: BTreeMap<(RelayId, Side), (Sound, Speech)>,
    /// Sounds that are over by themselves.
    pub(crate) beeps: Vec<Side>,
    /// What is recorded, and what was said so far.
    recordings: BTreeMap<RelayId, (Recording, Voice)>,
    /// What was played back.
    pub(crate) played: Vec<(Voice, Speech)>,
    /// Whose keys are told, and under which number they come.
    pub(crate) keys: BTreeMap<(RelayId, Side), u8>,
    /// Who takes part in a meeting, and how.
    pub(crate) meeting: BTreeMap<RelayId, (MeetingId, Part)>,
    /// Keys that somebody was sent, in their order.
    pub(crate) presses: Vec<(Side, Press)>,
    /// Ports that another program holds.
    pub(crate) refused: BTreeSet<u16>,
    /// Whether a closed relay says its last word.
    pub(crate) says_last_word: bool,
    /// What it says then of each side.
    pub(crate) last_word: LegQuality,
    /// How often a side was changed or opened.
    pub(crate) commands: usize,
}

impl MediaThread {
    pub(crate) fn new(ports: (u16, u16)) -> Self {
        Self {
            ports,
            relays: BTreeMap::new(),
            playing: BTreeMap::new(),
            beeps: Vec::new(),
            recordings: BTreeMap::new(),
            played: Vec::new(),
            keys: BTreeMap::new(),
            meeting: BTreeMap::new(),
            presses: Vec::new(),
            refused: BTreeSet::new(),
            says_last_word: true,
            last_word: LegQuality { packets: 50, ..LegQuality::default() },
            commands: 0,
        }
    }

    pub(crate) fn carry_out(&mut self, command: &Command) -> Vec<Event> {
        self.commands += 1;
        let event = match command {
            Command::Open { relay, side, media } => self.open(*relay, *side, media),
            Command::Change { relay, side, media } => {
                let legs = self.relays.get_mut(relay).expect("only an open relay is changed");
                let before = legs.get(side).expect("only an open side is changed");
                assert_eq!(before.local, media.local, "the ports stay");
                legs.insert(*side, media.clone());
                None
            }
            Command::Play { relay, side, sound, speech } => {
                assert!(self.relays.get(relay).is_some_and(|legs| legs.contains_key(side)), "only who is there hears");
                if *sound == Sound::Warning {
                    self.beeps.push(*side);
                } else {
                    self.playing.insert((*relay, *side), (*sound, *speech));
                }
                None
            }
            Command::Stop { relay, side } => {
                assert!(self.playing.remove(&(*relay, *side)).is_some(), "only what is played is stopped");
                None
            }
            Command::CloseSide { relay, side } => {
                self.playing.remove(&(*relay, *side));
                self.keys.remove(&(*relay, *side));
                if *side == Side::Caller {
                    self.meeting.remove(relay);
                }
                self.relays.get_mut(relay).and_then(|legs| legs.remove(side));
                None
            }
            Command::Close { relay } => {
                self.relays.remove(relay);
                self.meeting.remove(relay);
                self.keys.retain(|(told, _), _| told != relay);
                self.playing.retain(|(playing, _), _| playing != relay);
                let quality = self.last_word;
                let closed = Event::Closed { relay: *relay, caller: quality, callee: quality };
                let recorded = self.recorded(*relay);
                return recorded.into_iter().chain(self.says_last_word.then_some(closed)).collect();
            }
            Command::PlayBack { relay, side, voice, speech } => {
                assert!(self.relays.get(relay).is_some_and(|legs| legs.contains_key(side)), "only who is there hears");
                self.playing.remove(&(*relay, *side));
                self.played.push((voice.clone(), *speech));
                None
            }
            Command::Record { relay, side, recording } => {
                assert_eq!(*side, Side::Caller, "nobody else leaves a message");
                self.recordings.insert(*relay, (*recording, Voice::new(Vec::new())));
                None
            }
            Command::TakeKeys { relay, side, payload_type } => {
                self.keys.insert((*relay, *side), *payload_type);
                None
            }
            Command::LeaveKeys { relay, side } => {
                assert!(self.keys.remove(&(*relay, *side)).is_some(), "only keys that are told are left");
                None
            }
            Command::Meet { relay, side, meeting, part } => {
                assert_eq!(*side, Side::Caller, "nobody is called by a room");
                assert!(self.relays.get(relay).is_some_and(|legs| legs.contains_key(side)), "only who is there meets");
                self.meeting.insert(*relay, (*meeting, *part));
                None
            }
            Command::LeaveMeeting { relay, .. } => {
                assert!(self.meeting.remove(relay).is_some(), "only who is in a meeting leaves it");
                None
            }
            Command::Press { relay, side, press } => {
                assert!(self.relays.get(relay).is_some_and(|legs| legs.contains_key(side)), "only who is there hears");
                self.presses.push((*side, *press));
                None
            }
        };
        event.into_iter().collect()
    }

    /// How the only message that is spoken is recorded.
    pub(crate) fn recording(&self) -> Option<Recording> {
        assert!(self.recordings.len() <= 1, "there is one");
        self.recordings.values().next().map(|(recording, _)| *recording)
    }

    /// Who speaks says this.
    pub(crate) fn says(&mut self, voice: &Voice) {
        self.recordings.values_mut().for_each(|(_, said)| *said = voice.clone());
    }

    /// The only message that is spoken is over.
    pub(crate) fn ends_recording(&mut self) -> Event {
        let relay = *self.recordings.keys().next().expect("somebody speaks");
        self.recorded(relay).expect("somebody speaks")
    }

    fn recorded(&mut self, relay: RelayId) -> Option<Event> {
        let (_, voice) = self.recordings.remove(&relay)?;
        Some(Event::Recorded { relay, side: Side::Caller, voice })
    }

    fn open(&mut self, relay: RelayId, side: Side, media: &LegMedia) -> Option<Event> {
        let port = media.local.port();
        assert!((self.ports.0..=self.ports.1).contains(&port) && port.is_multiple_of(2), "{port} is not ours");
        if self.refused.contains(&port) {
            return Some(Event::PortRefused { relay, side, port });
        }
        let mut taken =
            self.relays.iter().flat_map(|(id, legs)| legs.iter().map(move |(side, leg)| ((*id, *side), leg)));
        let taken = taken.any(|(owner, leg)| leg.local.port() == port && owner != (relay, side));
        assert!(!taken, "{port} is in use");
        self.relays.entry(relay).or_default().insert(side, media.clone());
        None
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.relays.is_empty()
    }

    pub(crate) fn ports_in_use(&self) -> BTreeSet<u16> {
        self.relays.values().flat_map(BTreeMap::values).map(|leg| leg.local.port()).collect()
    }

    /// What anybody hears of ours: on which side of its call, and what.
    pub(crate) fn heard(&self) -> Vec<(Side, Sound)> {
        self.playing.iter().map(|((_, side), (sound, _))| (*side, *sound)).collect()
    }

    /// In what it is heard.
    pub(crate) fn speech(&self) -> Vec<Speech> {
        self.playing.values().map(|(_, speech)| *speech).collect()
    }

    /// The relay of the only call there is.
    #[track_caller]
    pub(crate) fn relay(&self) -> RelayId {
        assert_eq!(self.relays.len(), 1, "there is one call");
        *self.relays.keys().next().unwrap()
    }

    /// A leg of the only call there is.
    #[track_caller]
    pub(crate) fn leg(&self, side: Side) -> LegMedia {
        assert_eq!(self.relays.len(), 1, "there is one call");
        self.relays.values().next().unwrap()[&side].clone()
    }
}
