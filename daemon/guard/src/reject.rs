//! A refusal as one value, made where it is known, so that the answer on the wire and the sentence on the page agree.

use std::fmt;

/// Why a call is not made, or not made longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Reject {
    /// The SIP status that says it.
    pub status: u16,
    /// Stable word that the page translates and the record keeps.
    pub code: &'static str,
    /// What a phone's display shows: a few plain English words.
    pub words: &'static str,
}

impl Reject {
    /// The number is in no plan, or nobody knows what it costs. Unknown is never cheap.
    pub const UNKNOWN_NUMBER: Self = Self::new(403, "number-unknown", "Number Not Known");
    /// Beyond what this person may call.
    pub const OUT_OF_REACH: Self = Self::new(403, "out-of-reach", "Not Allowed For You");
    /// Costs extra, and this person may not.
    pub const PREMIUM: Self = Self::new(403, "premium-barred", "Costs Extra, Not Allowed");
    /// Blocked for everybody until it is opened for somebody.
    pub const BLOCKED: Self = Self::new(403, "destination-blocked", "Destination Blocked");
    /// The account at the provider carries no more calls at once.
    pub const ACCOUNT_FULL: Self = Self::new(486, "account-full", "All Lines Busy");
    /// The office's number carries no more calls at once.
    pub const NUMBER_FULL: Self = Self::new(486, "number-full", "All Lines Busy");
    /// The line to the internet carries no more calls at once.
    pub const LINE_FULL: Self = Self::new(503, "line-full", "Internet Line Full");
    /// The day's amount for numbers that are paid by the call is spent.
    pub const PER_CALL_SPENT: Self = Self::new(403, "spent-per-call", "Limit For Paid Numbers");
    /// Three calls a day to directory enquiries are enough.
    pub const ENQUIRIES_SPENT: Self = Self::new(403, "spent-enquiries", "Three Enquiries A Day");
    /// Too many very short calls in a minute.
    pub const FLASHES: Self = Self::new(403, "flash-calls", "Too Many Short Calls");
    /// One number was called too often.
    pub const TOO_OFTEN: Self = Self::new(403, "called-too-often", "Called Too Often");
    /// Brief calls to very many numbers.
    pub const LIKE_A_MACHINE: Self = Self::new(403, "machine-dialling", "Too Many Brief Calls");
    /// Callers from outside were sent out again to too many numbers.
    pub const TRANSIT: Self = Self::new(403, "transit", "Too Many Sent Outside");
    /// The line of a lift or an alarm calls its own numbers and help alone.
    pub const ALARM_LINE: Self = Self::new(403, "alarm-line", "Alarm Line Only");
    /// Nobody said what it costs over a gateway with SIM cards.
    pub const PRICE_UNKNOWN: Self = Self::new(403, "price-unknown", "Price Not Known");
    /// The day's amount of somebody of whom a new device was taken in.
    pub const NEW_DEVICE_SPENT: Self = Self::new(403, "spent-new-device", "Limit For New Phone");
    /// Countries that the office does not call regularly are called one at a time.
    pub const ONE_AT_A_TIME: Self = Self::new(403, "abroad-at-once", "One Call Abroad At Once");
    /// Numbers in a row, in a country that the office does not call regularly.
    pub const IN_A_ROW: Self = Self::new(403, "numbers-in-a-row", "Numbers In A Row");
    /// Whoever it is called from a new country and hung up at once: calling back may be dear. Told once; who calls again means it.
    pub const RANG_ONCE: Self = Self::new(403, "rang-once", "Rang Once: Call Again If Meant");
    /// The same, at several numbers of the office: nobody means that.
    pub const BAIT: Self = Self::new(403, "bait", "Rang To Be Called Back");
    /// Calls of this person that cost more than an ordinary one inside the country are held.
    pub const HELD: Self = Self::new(403, "paid-held", "Dear Calls Are Held");
    /// What is spent cannot be written down, so nothing may be spent that a cap holds.
    pub const UNWRITTEN: Self = Self::new(503, "spent-unwritten", "Costs Cannot Be Noted");
    /// The password is right, and nobody said yet that the device is one of the office's.
    pub const UNKNOWN_DEVICE: Self = Self::new(403, "device-unknown", "Device Not Confirmed");
    /// A person stopped every call to outside.
    pub const STOPPED: Self = Self::new(403, "calls-stopped", "Calls Out Are Stopped");
    /// A person stopped calls abroad.
    pub const STOPPED_ABROAD: Self = Self::new(403, "abroad-stopped", "Calls Abroad Are Stopped");
    /// Somebody left this person colleagues and help alone.
    pub const ISOLATED: Self = Self::new(403, "person-isolated", "Only Colleagues For Now");
    /// The longest time for such a call is over.
    pub const LONGEST: Self = Self::new(403, "longest-call", "Longest Call Is Over");

    /// The conference room has no seat left.
    pub const ROOM_FULL: Self = Self::new(486, "room-full", "Room Is Full");
    /// Who calls from outside is not let into that conference room.
    pub const ROOM_CLOSED: Self = Self::new(403, "room-closed", "Only Colleagues In This Room");
    /// Too many wrong PINs of a conference room.
    pub const PINS_TRIED: Self = Self::new(403, "room-pin", "Too Many Wrong PINs");

    /// An own number that costs the caller extra, of which nobody heard yet that its price is said first.
    pub const NUMBER_INACTIVE: Self = Self::new(480, "number-inactive", "Number Not In Service");

    /// Whether whoever is refused wanted what is not allowed. The others are everyday things: no room, a number that does not
    /// exist, a stop that somebody pressed.
    pub fn is_attempt(self) -> bool {
        let everyday = [
            Self::UNKNOWN_NUMBER,
            Self::ACCOUNT_FULL,
            Self::NUMBER_FULL,
            Self::LINE_FULL,
            Self::UNWRITTEN,
            Self::STOPPED,
            Self::STOPPED_ABROAD,
            Self::ISOLATED,
            Self::HELD,
            Self::RANG_ONCE,
            Self::BAIT,
            Self::LONGEST,
            Self::ROOM_FULL,
            Self::ROOM_CLOSED,
            Self::NUMBER_INACTIVE,
        ];
        !everyday.iter().any(|one| one.code == self.code)
    }

    /// Whether it is what this person may call that refuses, and nothing else: neither what was spent nor what somebody stopped.
    pub fn is_of_permit(self) -> bool {
        [Self::OUT_OF_REACH, Self::BLOCKED].iter().any(|one| one.code == self.code)
    }

    pub(crate) const fn new(status: u16, code: &'static str, words: &'static str) -> Self {
        Self { status, code, words }
    }
}

/// As the value of a Reason header (RFC 3326).
impl fmt::Display for Reject {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "SIP;cause={};text=\"{}\"", self.status, self.words)
    }
}
