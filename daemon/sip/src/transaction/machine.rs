//! The four state machines of RFC 3261 17 with RFC 6026's Accepted, as one table: state and input give state and action.

use std::time::{Duration, Instant};

use super::timer::{Timer, TimerValues};

/// Which machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// RFC 3261 figure 5, RFC 6026 figure 3.
    InviteClient,
    /// RFC 3261 figure 6.
    NonInviteClient,
    /// RFC 3261 figure 7, RFC 6026 figure 5.
    InviteServer,
    /// RFC 3261 figure 8.
    NonInviteServer,
}

/// The states of all four; each machine uses some.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum State {
    /// Nothing was answered yet (the RFC calls it Calling for the client of an INVITE, and has it for its server not at all:
    /// there it lasts until 100 Trying is due).
    Trying,
    /// A provisional response was sent or came.
    Proceeding,
    /// A final response was sent or came; for INVITE a refusal.
    Completed,
    /// The refusal of an INVITE was acknowledged.
    Confirmed,
    /// An INVITE was answered 2xx.
    Accepted,
    /// Our 2xx was acknowledged.
    Acknowledged,
    /// Over.
    Terminated,
}

/// What can happen to a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Input {
    /// A 1xx: for a client it came, for a server it is to be sent.
    Provisional,
    /// A 2xx, likewise.
    Success,
    /// A 3xx to 6xx, likewise.
    Failure,
    /// The request came again.
    Again,
    /// An ACK came.
    Ack,
    /// The retransmission timer went off.
    Retry,
    /// The timer that ends the state went off.
    End,
    /// The way is gone.
    TransportError,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Action {
    /// Nothing.
    Ignore,
    /// Nothing: it had been seen before.
    Absorb,
    /// Show the response to the transaction user.
    Tell,
    /// Show the response and acknowledge it.
    TellAndAck,
    /// Acknowledge once more.
    AckAgain,
    /// Send the same bytes again.
    Resend,
    /// Send the response.
    Send,
    /// Send 100 Trying.
    SendTrying,
    /// Show the ACK.
    Acknowledge,
    /// Say that no answer came.
    GiveUp,
    /// Say that no ACK came for our 2xx.
    NeverAcknowledged,
    /// No ACK came for our refusal, or nobody answered the request: over, without a word.
    Forget,
    /// Send by UDP what was meant for TCP.
    FallBack,
    /// Say that the request could not be delivered.
    TransportFailed,
}

/// The table.
pub(crate) const fn step(kind: Kind, state: State, input: Input) -> (State, Action) {
    match kind {
        Kind::InviteClient => invite_client(state, input),
        Kind::NonInviteClient => non_invite_client(state, input),
        Kind::InviteServer => invite_server(state, input),
        Kind::NonInviteServer => non_invite_server(state, input),
    }
}

const fn invite_client(state: State, input: Input) -> (State, Action) {
    use State::{Accepted, Completed, Proceeding, Terminated, Trying};
    match (state, input) {
        (Trying | Proceeding, Input::Provisional) => (Proceeding, Action::Tell),
        (Trying | Proceeding | Accepted, Input::Success) => (Accepted, Action::Tell),
        (Trying | Proceeding, Input::Failure) => (Completed, Action::TellAndAck),
        (Trying, Input::Retry) => (Trying, Action::Resend),
        (Trying | Proceeding, Input::End) => (Terminated, Action::GiveUp),
        (Trying | Proceeding, Input::TransportError) => (Terminated, Action::TransportFailed),
        (Completed, Input::Failure) => (Completed, Action::AckAgain),
        (Completed | Accepted, Input::Provisional | Input::Success | Input::Failure) => (state, Action::Absorb),
        (Completed | Accepted, Input::End) => (Terminated, Action::Ignore),
        _ => (state, Action::Ignore),
    }
}

const fn non_invite_client(state: State, input: Input) -> (State, Action) {
    use State::{Completed, Proceeding, Terminated, Trying};
    match (state, input) {
        (Trying | Proceeding, Input::Provisional) => (Proceeding, Action::Tell),
        (Trying | Proceeding, Input::Success | Input::Failure) => (Completed, Action::Tell),
        (Trying | Proceeding, Input::Retry) => (state, Action::Resend),
        (Trying | Proceeding, Input::End) => (Terminated, Action::GiveUp),
        (Trying | Proceeding, Input::TransportError) => (Terminated, Action::TransportFailed),
        (Completed, Input::Provisional | Input::Success | Input::Failure) => (Completed, Action::Absorb),
        (Completed, Input::End) => (Terminated, Action::Ignore),
        _ => (state, Action::Ignore),
    }
}

const fn invite_server(state: State, input: Input) -> (State, Action) {
    use State::{Accepted, Acknowledged, Completed, Confirmed, Proceeding, Terminated, Trying};
    match (state, input) {
        (Trying, Input::Retry) => (Proceeding, Action::SendTrying),
        (Trying, Input::Again) => (Trying, Action::Absorb),
        (Trying | Proceeding, Input::Provisional) => (Proceeding, Action::Send),
        (Trying | Proceeding, Input::Success) => (Accepted, Action::Send),
        (Trying | Proceeding, Input::Failure) => (Completed, Action::Send),
        (Proceeding | Completed, Input::Again) => (state, Action::Resend),
        (Completed, Input::Retry) => (Completed, Action::Resend),
        (Completed, Input::Ack) => (Confirmed, Action::Absorb),
        (Completed, Input::End) => (Terminated, Action::Forget),
        (Accepted, Input::Retry) => (Accepted, Action::Resend),
        (Accepted, Input::Ack) => (Acknowledged, Action::Acknowledge),
        (Accepted, Input::End) => (Terminated, Action::NeverAcknowledged),
        (Confirmed | Accepted | Acknowledged, Input::Again | Input::Ack) => (state, Action::Absorb),
        (Confirmed | Acknowledged, Input::End) => (Terminated, Action::Ignore),
        _ => (state, Action::Ignore),
    }
}

const fn non_invite_server(state: State, input: Input) -> (State, Action) {
    use State::{Completed, Proceeding, Terminated, Trying};
    match (state, input) {
        (Trying, Input::Again) => (Trying, Action::Absorb),
        (Trying | Proceeding, Input::Provisional) => (Proceeding, Action::Send),
        (Trying | Proceeding, Input::Success | Input::Failure) => (Completed, Action::Send),
        (Trying | Proceeding, Input::End) => (Terminated, Action::Forget),
        (Proceeding | Completed, Input::Again) => (state, Action::Resend),
        (Completed, Input::End) => (Terminated, Action::Ignore),
        _ => (state, Action::Ignore),
    }
}

/// The timer that repeats something in a state.
const fn retry_timer(kind: Kind, state: State, way: Way) -> Option<Timer> {
    match (kind, state, way) {
        (Kind::InviteClient, State::Trying, Way::Unreliable) => Some(Timer::A),
        (Kind::NonInviteClient, State::Trying | State::Proceeding, Way::Unreliable) => Some(Timer::E),
        (Kind::InviteClient | Kind::NonInviteClient, State::Trying, Way::ReliableFirst) => Some(Timer::FallBack),
        (Kind::InviteServer, State::Trying, _) => Some(Timer::Trying),
        (Kind::InviteServer, State::Completed, Way::Unreliable) => Some(Timer::G),
        (Kind::InviteServer, State::Accepted, _) => Some(Timer::Success),
        _ => None,
    }
}

/// The timer that ends a state.
const fn end_timer(kind: Kind, state: State) -> Option<Timer> {
    match (kind, state) {
        (Kind::InviteClient, State::Trying) => Some(Timer::B),
        (Kind::InviteClient, State::Completed) => Some(Timer::D),
        (Kind::InviteClient, State::Accepted) => Some(Timer::M),
        (Kind::NonInviteClient, State::Trying | State::Proceeding) => Some(Timer::F),
        (Kind::NonInviteClient, State::Completed) => Some(Timer::K),
        (Kind::InviteServer, State::Completed) => Some(Timer::H),
        (Kind::InviteServer, State::Confirmed) => Some(Timer::I),
        (Kind::InviteServer, State::Accepted | State::Acknowledged) => Some(Timer::L),
        (Kind::NonInviteServer, State::Trying | State::Proceeding) => Some(Timer::Unanswered),
        (Kind::NonInviteServer, State::Completed) => Some(Timer::J),
        _ => None,
    }
}

/// What the transport promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Way {
    /// Datagrams get lost.
    Unreliable,
    /// Streams deliver or break.
    Reliable,
    /// A stream, and datagrams if that does not work.
    ReliableFirst,
}

/// A timer that is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Alarm {
    pub(crate) timer: Timer,
    pub(crate) at: Instant,
}

/// One transaction's state and timers.
#[derive(Debug)]
pub(crate) struct Machine {
    pub(crate) kind: Kind,
    pub(crate) state: State,
    way: Way,
    retry: Option<Alarm>,
    interval: Duration,
    end: Option<Alarm>,
}

impl Machine {
    pub(crate) fn new(kind: Kind, way: Way, now: Instant, values: &TimerValues) -> Self {
        let mut machine = Self { kind, state: State::Trying, way, retry: None, interval: Duration::ZERO, end: None };
        machine.settle(now, values);
        machine
    }

    /// Takes an input, and sets the timers of the state that follows.
    pub(crate) fn handle(&mut self, now: Instant, values: &TimerValues, input: Input) -> Action {
        if input == Input::TransportError && self.way == Way::ReliableFirst && self.state == State::Trying {
            return self.fall_back(now, values);
        }
        let (state, action) = step(self.kind, self.state, input);
        self.state = state;
        self.settle(now, values);
        action
    }

    /// A timer went off; `None` when it is not set any more.
    pub(crate) fn handle_alarm(&mut self, now: Instant, values: &TimerValues, alarm: Alarm) -> Option<Action> {
        if self.end == Some(alarm) {
            self.end = None;
            return Some(self.handle(now, values, Input::End));
        }
        if self.retry != Some(alarm) {
            return None;
        }
        if alarm.timer == Timer::FallBack {
            return Some(self.fall_back(now, values));
        }
        self.interval = match (self.kind, self.state) {
            (Kind::NonInviteClient, State::Proceeding) => values.t2,
            _ => alarm.timer.next_interval(self.interval, values),
        };
        self.retry = Some(Alarm { timer: alarm.timer, at: now + self.interval });
        Some(self.handle(now, values, Input::Retry))
    }

    /// The CANCEL of this INVITE was sent.
    pub(crate) fn note_cancel(&mut self, now: Instant, values: &TimerValues) {
        let timer = Timer::Cancelled;
        self.end = Some(Alarm { timer, at: now + timer.duration(values, false) });
    }

    /// Whether nothing final happened yet.
    pub(crate) const fn is_waiting(&self) -> bool {
        matches!(self.state, State::Trying | State::Proceeding)
    }

    /// The timers that are set.
    pub(crate) fn alarms(&self) -> impl Iterator<Item = Alarm> + use<> {
        [self.retry, self.end].into_iter().flatten()
    }

    pub(crate) fn has(&self, alarm: Alarm) -> bool {
        self.retry == Some(alarm) || self.end == Some(alarm)
    }

    fn fall_back(&mut self, now: Instant, values: &TimerValues) -> Action {
        self.way = Way::Unreliable;
        self.settle(now, values);
        Action::FallBack
    }

    /// Keeps the timers that the state shares with the one before, drops the others, sets the missing ones.
    fn settle(&mut self, now: Instant, values: &TimerValues) {
        let reliable = self.way != Way::Unreliable;
        let retry = retry_timer(self.kind, self.state, self.way);
        if self.retry.map(|alarm| alarm.timer) != retry {
            self.interval = retry.map_or(Duration::ZERO, |timer| timer.duration(values, reliable));
            self.retry = retry.map(|timer| Alarm { timer, at: now + self.interval });
        }
        let end = end_timer(self.kind, self.state);
        let cancelled = self.is_waiting() && self.end.is_some_and(|alarm| alarm.timer == Timer::Cancelled);
        if cancelled || self.end.map(|alarm| alarm.timer) == end {
            return;
        }
        self.end = end.map(|timer| Alarm { timer, at: now + timer.duration(values, reliable) });
        // A state that lasts no time is left at once (RFC 3261 17: "0 seconds for reliable transports").
        if self.end.is_some_and(|alarm| alarm.at == now) {
            self.state = State::Terminated;
            (self.retry, self.end) = (None, None);
        }
    }
}
