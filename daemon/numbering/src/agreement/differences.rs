//! The differences, each with its reason.

use crate::Country;

/// A difference between this plan and libphonenumber.
#[derive(Debug)]
pub(super) struct Difference {
    pub(super) country: Country,
    /// The range here.
    pub(super) ours: &'static str,
    /// libphonenumber's type; `nothing` when it knows no such number.
    pub(super) theirs: &'static str,
    pub(super) reason: &'static str,
}

const fn dutch(ours: &'static str, theirs: &'static str, reason: &'static str) -> Difference {
    Difference { country: Country::Netherlands, ours, theirs, reason }
}

const fn belgian(ours: &'static str, theirs: &'static str, reason: &'static str) -> Difference {
    Difference { country: Country::Belgium, ours, theirs, reason }
}

/// Every difference there is. A row that is none any more fails a test.
pub(super) const DIFFERENCES: &[Difference] = &[
    dutch("nl.066", "pager", "a pager costs its caller about what a premium number does, and is refused"),
    dutch("nl.0676", "nothing", "internet by modem: in the plan, refused, never guessed to be something cheaper"),
    dutch("nl.082", "nothing", "closed networks of companies: in the plan, refused, price unknown"),
    dutch("nl.084", "uan", "as a company number there, but it costs more than 088 and connects through to anywhere"),
    dutch("nl.087", "uan", "as a company number there, but it costs more than 088 and connects through to anywhere"),
    dutch("nl.0900-8844", "premiumRate", "the police without hurry, inside a premium range: never refused"),
    dutch("nl.097", "mobile", "machines, also where a mobile network carries them: no office calls one, refused"),
    dutch(
        "nl.097",
        "nothing",
        "libphonenumber knows the part that is handed out; the plan gives all of 097 to machines",
    ),
    dutch("nl.112", "nothing", "an emergency behind a 0, 8, 9 or 00 that habit puts there is one all the same"),
    dutch(
        "nl.113",
        "nothing",
        "suicide prevention: libphonenumber has never heard of it, a filter made of it would refuse it",
    ),
    dutch("nl.12xx", "carrierSpecific", "a mobile carrier's own service: no trunk is given it"),
    dutch("nl.12xx", "shortCode", "a mobile carrier's own service: no trunk is given it"),
    dutch(
        "nl.144",
        "nothing",
        "animals in need: libphonenumber has never heard of it, a filter made of it would refuse it",
    ),
    dutch("nl.14xyz", "nothing", "14 and an area code that no town hall has yet: costs what a fixed number does"),
    dutch("nl.18xy", "nothing", "two codes there are left out; all of 18xy is directory enquiries, and premium"),
    dutch(
        "nl.18xy",
        "shortCode",
        "of unknown cost there: directory enquiries are premium, and connect through to anywhere",
    ),
    dutch(
        "nl.geo",
        "nothing",
        "an area code that is not handed out: such a call is never answered, and new areas come without an update",
    ),
    dutch(
        "no range",
        "emergency",
        "911 is what American phones call; here it is no number, and it may be a colleague's",
    ),
    dutch("no range", "premiumRate", "0900 is followed by four or seven digits; with five or six nobody has it"),
    dutch("no range", "shortCode", "codes for text messages and of networks: a colleague's number, or none"),
    dutch("no range", "tollFree", "0800 is followed by four or seven digits; with five or six nobody has it"),
    dutch("no range", "uan", "the town hall is 14 and its area code, without a zero in front"),
    belgian("be.070", "nothing", "libphonenumber knows some blocks of 070; all of it is premium"),
    belgian("be.077", "nothing", "machines, or nobody: in the plan, refused, price unknown"),
    belgian("be.078", "nothing", "libphonenumber knows the blocks that are handed out; all of 078 has one price"),
    belgian("be.078", "sharedCost", "7879 too costs no more than the 10 cents that all of 078 is planned with"),
    belgian("be.0800", "nothing", "0800 0 is not handed out yet: free like its neighbours when it is"),
    belgian("be.100", "nothing", "an emergency behind a 0, 9 or 00 that habit puts there is one all the same"),
    belgian("be.100", "smsServices", "behind an 8 for an outside line; nobody speaks to a code for text messages"),
    belgian("be.101", "nothing", "an emergency behind a 0, 9 or 00 that habit puts there is one all the same"),
    belgian("be.101", "smsServices", "behind an 8 for an outside line; nobody speaks to a code for text messages"),
    belgian("be.10x", "nothing", "behind the country's own code without a plus: sent as the help number that it is"),
    belgian("be.110", "nothing", "behind the country's own code without a plus: sent as the help number that it is"),
    belgian("be.112", "nothing", "an emergency behind a 0, 9 or 00 that habit puts there is one all the same"),
    belgian("be.112", "smsServices", "behind an 8 for an outside line; nobody speaks to a code for text messages"),
    belgian(
        "be.12-14",
        "nothing",
        "libphonenumber knows some enquiry services; the rest of the range is as dear as the dearest",
    ),
    belgian("be.12-14", "shortCode", "of unknown cost there: enquiries and carriers' services, as dear as the dearest"),
    belgian("be.1722", "nothing", "behind the country's own code without a plus: sent as the help number that it is"),
    belgian("be.1722", "shortCode", "of unknown cost there: the fire brigade without hurry, never refused"),
    belgian("be.1733", "nothing", "behind the country's own code without a plus: sent as the help number that it is"),
    belgian("be.1733", "shortCode", "of unknown cost there: the doctor on duty, never refused"),
    belgian("be.antigif", "premiumRate", "the poison centre, inside a premium range: never refused"),
    belgian("no range", "shortCode", "codes of carriers, of unknown cost: a colleague's number, or none"),
    belgian("no range", "tollFree", "free codes of carriers: a colleague's number, or none"),
];
