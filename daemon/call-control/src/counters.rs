//! What the exchange counts: each refusal by its reason.

/// Totals since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// REGISTERs that were taken.
    pub registrations: u64,
    /// Requests that were asked for proof and had none.
    pub challenged: u64,
    /// Answers with another secret than the user's.
    pub wrong_secret: u64,
    /// Answers with a secret that the user had before.
    pub old_secret: u64,
    /// Answers in the name of nobody we know.
    pub unknown_user: u64,
    /// Answers that had been used before.
    pub replayed: u64,
    /// Requests whose proof could not be read.
    pub malformed_proof: u64,
    /// Proven users who asked for what is not theirs (another's number).
    pub not_theirs: u64,
    /// Devices with the right password that the office was asked about.
    pub devices_unknown: u64,
    /// SUBSCRIBEs that began a subscription.
    pub subscriptions: u64,
    /// Subscriptions that were refused to who had proven themselves.
    pub subscriptions_refused: u64,
    /// NOTIFYs that nobody answered: the subscription ended with it.
    pub notifies_unanswered: u64,
    /// Ringing calls that a colleague took.
    pub pickups: u64,
    /// Pickups for which nothing rang, or that could not be connected.
    pub pickups_refused: u64,
    /// Calls that one end was handed on to somebody else in.
    pub transfers: u64,
    /// Calls that a phone sent on to somebody else.
    pub forwards: u64,
    /// Calls that a phone sent on in vain: its person may not call there, or nobody is there.
    pub forwards_refused: u64,
    /// Calls that were parked.
    pub parked: u64,
    /// REFERs that were refused.
    pub transfers_refused: u64,
    /// Calls begun.
    pub calls: u64,
    /// Emergency calls begun.
    pub emergency_calls: u64,
    /// Calls refused because no media port was free.
    pub ports_exhausted: u64,
    /// Ordinary calls that were ended to make room for a call for help.
    pub calls_given_up: u64,
    /// Sounds that an end did not hear, because they cannot be made in its codec.
    pub sounds_not_made: u64,
    /// Calls that the guard refused: not allowed, or a limit.
    pub calls_blocked: u64,
    /// Calls whose people were told that they end soon.
    pub calls_warned: u64,
    /// Calls that were ended because no more may be spent on them.
    pub fuses_burnt: u64,
    /// Calls that were ended because neither end was heard for a minute.
    pub calls_silent: u64,
    /// Session descriptions that could not be used.
    pub bad_descriptions: u64,
    /// Of those: SRTP keys that came over signalling in clear.
    pub keys_in_clear: u64,
    /// Calls from outside under a number of the office.
    pub spoofed_callers: u64,
    /// Calls from outside that the office does not want: from a blocked number, or from who does not show one.
    pub callers_refused: u64,
    /// INFO bodies that say they are a key and are none.
    pub bad_keys: u64,
    /// Wishes of phones (INFO with Record) that a call be recorded: none is.
    pub recordings_refused: u64,
    /// Calls that reached a mailbox.
    pub mailboxes_reached: u64,
    /// Calls that did not, because it was full, or too many messages were spoken at once.
    pub mailboxes_full: u64,
    /// Messages that were kept.
    pub messages_taken: u64,
    /// Calls that reached a mailbox and said nothing.
    pub messages_empty: u64,
    /// Phones that wanted to listen and are not registered.
    pub mailboxes_refused: u64,
    /// Orders of phones that were obeyed: the PIN was right.
    pub codes_obeyed: u64,
    /// Codes that were dialled where no phone is known, or without a PIN in the office.
    pub codes_refused: u64,
    /// PINs that were looked at and wrong.
    pub pins_wrong: u64,
    /// Calls that were not let into a conference room.
    pub rooms_refused: u64,
    /// Wrong PINs of conference rooms.
    pub room_pins_wrong: u64,
    /// Calls that a person marked as malicious.
    pub calls_marked: u64,
    /// Calls from outside for a number that is not the office's.
    pub numbers_not_ours: u64,
    /// Signs that somebody changes or drops messages on the way to a provider. Never counted as an attempt to get in.
    pub signs_of_rewriting: u64,
    /// The same of the way between a phone and the box.
    pub signs_of_rewriting_to_phones: u64,
    /// Messages of phones that were damaged on the way and are taken as they were meant.
    pub messages_healed: u64,
}

impl Counters {
    /// Each with its name and a sentence.
    pub fn list(&self) -> impl Iterator<Item = (&'static str, u64, &'static str)> + use<> {
        [
            ("registrations", self.registrations, "registrations taken"),
            ("challenged", self.challenged, "requests asked for proof"),
            ("wrong_secret", self.wrong_secret, "answers with a wrong secret"),
            ("old_secret", self.old_secret, "answers with an old secret"),
            ("unknown_user", self.unknown_user, "answers for an unknown user"),
            ("replayed", self.replayed, "answers used before"),
            ("malformed_proof", self.malformed_proof, "unreadable proofs"),
            ("not_theirs", self.not_theirs, "requests for another's number"),
            ("devices_unknown", self.devices_unknown, "devices that the office was asked about"),
            ("subscriptions", self.subscriptions, "subscriptions begun"),
            ("subscriptions_refused", self.subscriptions_refused, "subscriptions refused"),
            ("notifies_unanswered", self.notifies_unanswered, "notifications that nobody answered"),
            ("pickups", self.pickups, "ringing calls taken by a colleague"),
            ("pickups_refused", self.pickups_refused, "pickups of nothing"),
            ("transfers", self.transfers, "calls handed on to somebody else"),
            ("forwards", self.forwards, "calls that a phone sent on"),
            ("forwards_refused", self.forwards_refused, "calls that a phone sent on in vain"),
            ("parked", self.parked, "calls parked"),
            ("transfers_refused", self.transfers_refused, "transfers refused"),
            ("calls", self.calls, "calls begun"),
            ("emergency_calls", self.emergency_calls, "emergency calls begun"),
            ("ports_exhausted", self.ports_exhausted, "calls refused for want of a media port"),
            ("calls_given_up", self.calls_given_up, "calls ended to make room for a call for help"),
            ("sounds_not_made", self.sounds_not_made, "sounds for a phone whose codec the box cannot make"),
            ("calls_blocked", self.calls_blocked, "calls refused by who may call or by a limit"),
            ("calls_warned", self.calls_warned, "calls told that they end soon"),
            ("fuses_burnt", self.fuses_burnt, "calls ended because no more may be spent on them"),
            ("calls_silent", self.calls_silent, "calls ended because neither end was heard for a minute"),
            ("bad_descriptions", self.bad_descriptions, "session descriptions that could not be used"),
            ("keys_in_clear", self.keys_in_clear, "encryption keys that came over signalling in clear"),
            ("spoofed_callers", self.spoofed_callers, "calls from outside under a number of the office"),
            ("callers_refused", self.callers_refused, "calls from callers whom the office does not want"),
            ("bad_keys", self.bad_keys, "keys in messages (INFO) that are none"),
            ("recordings_refused", self.recordings_refused, "wishes that a call be recorded, which none is"),
            ("mailboxes_reached", self.mailboxes_reached, "calls that reached a mailbox"),
            ("mailboxes_full", self.mailboxes_full, "calls that did not reach a mailbox because it was full"),
            ("messages_taken", self.messages_taken, "messages left in mailboxes"),
            ("messages_empty", self.messages_empty, "calls that reached a mailbox and said nothing"),
            ("rooms_refused", self.rooms_refused, "calls that were not let into a conference room"),
            ("room_pins_wrong", self.room_pins_wrong, "wrong PINs of conference rooms"),
            ("mailboxes_refused", self.mailboxes_refused, "phones that may not open a mailbox"),
            ("codes_obeyed", self.codes_obeyed, "orders of phones with the right PIN"),
            ("codes_refused", self.codes_refused, "phones that may order nothing"),
            ("pins_wrong", self.pins_wrong, "wrong PINs of phones"),
            ("calls_marked", self.calls_marked, "calls that a person marked as malicious"),
            ("numbers_not_ours", self.numbers_not_ours, "calls for numbers that are not the office's"),
            (
                "signs_of_rewriting",
                self.signs_of_rewriting,
                "signs that messages are changed or dropped on the way to a provider",
            ),
            (
                "signs_of_rewriting_to_phones",
                self.signs_of_rewriting_to_phones,
                "signs that messages are changed or dropped between a phone and the box",
            ),
            ("messages_healed", self.messages_healed, "damaged messages of phones taken as they were meant"),
        ]
        .into_iter()
    }
}
