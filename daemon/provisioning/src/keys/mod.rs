//! What the keys of a phone do: laid out by the box, so that nobody programs a phone by hand.
//!
//! In: the office, whose phone it is and how many keys the model and its modules have. Out: every key in its place, the
//! same for the same input. The person's own line comes first, then the colleagues by number, then the ring groups,
//! all with a lamp, then one that takes over what rings at the person's groups, then two places to park a call; where keys
//! are few, the first place and the taking over go before the last lamps. A key that is left calls the voicemail of who has one. No
//! key is set for what the exchange does not do. It may not know how a maker writes a key: templates do.

use std::collections::BTreeSet;

use centrale_config::{ExtensionNumber, Language, Office, PARK_PLACES, PICKUP_CODE, Person, VOICEMAIL_CODE};
use serde::Serialize;

/// Park places that get a key; the others are dialled.
const PLACES_WITH_A_KEY: usize = 2;
/// From so many keys on, the first park place has one whoever goes without.
const KEYS_FOR_A_PLACE: usize = 4;
/// From so many, taking over has one, too.
const KEYS_FOR_PICKUP: usize = 8;

/// What a programmable key does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Key {
    pub(crate) kind: KeyKind,
    /// What it calls or watches; empty for a line.
    pub(crate) number: String,
    /// What to dial to take over a call that rings there; empty for a line.
    pub(crate) pickup: String,
    pub(crate) label: String,
}

/// The kinds of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum KeyKind {
    /// The phone's own account.
    Line,
    /// A colleague, a ring group or a park place: shows whether a call is or rings there, calls it, and takes over what
    /// rings there.
    Lamp,
    /// Takes over what rings at any ring group of the phone's person.
    Pickup,
    /// Calls the person's voicemail.
    Voicemail,
}

/// How many keys a phone has to fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Board {
    /// On the phone, all pages together.
    pub(crate) phone: usize,
    /// Expansion modules that are plugged into it.
    pub(crate) modules: usize,
    /// Keys on each, all pages together.
    pub(crate) module: usize,
}

/// Every key that does something. Keys that are left over are behind the last of each list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Layout {
    /// The phone's keys from the first on.
    pub(crate) phone: Vec<Key>,
    /// The keys of each module from the first on; as many lists as there are modules.
    pub(crate) modules: Vec<Vec<Key>>,
}

impl Layout {
    /// Lays out the keys of a phone of `own`, whose line is labelled `label`.
    pub(crate) fn of(office: &Office, own: &ExtensionNumber, label: &str, board: Board) -> Self {
        let room = board.phone + board.modules * board.module;
        let line = Key { kind: KeyKind::Line, number: String::new(), pickup: String::new(), label: label.to_owned() };
        let others = office.people.iter().filter(|person| person.number != *own).count();
        let doing = doing(office, own, room, others + office.ring_groups.len());
        let left = room.saturating_sub(1 + doing.len());
        let people = colleagues(office, own, left).into_iter().map(|person| lamp(&person.number, &person.name));
        let groups = office.ring_groups.iter().map(|group| lamp(&group.number, &group.name));
        let lamps = people.chain(groups).take(left);
        let mut keys = std::iter::once(line).chain(lamps).chain(doing).chain(voicemail(office, own)).take(room);
        let phone = keys.by_ref().take(board.phone).collect();
        let modules = (0..board.modules).map(|_| keys.by_ref().take(board.module).collect()).collect();
        Self { phone, modules }
    }
}

/// The colleagues that get a key, by number. When there are more than keys, who shares a ring group with the phone's
/// person goes before who does not, and low numbers before high ones.
fn colleagues<'a>(office: &'a Office, own: &ExtensionNumber, room: usize) -> Vec<&'a Person> {
    let ours = office.ring_groups.iter().filter(|group| group.members.contains(own));
    let near: BTreeSet<&ExtensionNumber> = ours.flat_map(|group| &group.members).collect();
    let mut all: Vec<&Person> = office.people.iter().filter(|person| person.number != *own).collect();
    all.sort_by_key(|person| &person.number);
    if all.len() > room {
        let (near, far): (Vec<_>, Vec<_>) = all.into_iter().partition(|person| near.contains(&person.number));
        all = near.into_iter().chain(far).take(room).collect();
        all.sort_by_key(|person| &person.number);
    }
    all
}

/// The keys that do something rather than show somebody: as many as the lamps leave room for, or have a right to it.
fn doing(office: &Office, own: &ExtensionNumber, room: usize, lamps: usize) -> Vec<Key> {
    let pickup = pickup(office, own);
    let rights = usize::from(room >= KEYS_FOR_A_PLACE) + usize::from(room >= KEYS_FOR_PICKUP && pickup.is_some());
    let left = room.saturating_sub(1 + lamps).max(rights);
    // The first place has the first right; all stand in their usual order.
    let with_places = left.saturating_sub(usize::from(pickup.is_some())).max(left.min(1));
    pickup.filter(|_| left > 1).into_iter().chain(places(office).take(with_places)).collect()
}

/// The key for the person's ring groups; who is in none has nothing to take over with it.
fn pickup(office: &Office, own: &ExtensionNumber) -> Option<Key> {
    let label = match office.identity.language {
        Language::Dutch => "Overnemen",
        Language::French => "Intercepter",
        Language::English => "Pick up",
        Language::German => "Übernehmen",
    };
    let code = PICKUP_CODE.to_owned();
    let in_a_group = office.ring_groups.iter().any(|group| group.members.contains(own));
    in_a_group.then(|| Key { kind: KeyKind::Pickup, number: code.clone(), pickup: code, label: label.to_owned() })
}

/// The key to listen to messages, for who may have some. It has no right to a place: the phone has a key of its own for that.
fn voicemail(office: &Office, own: &ExtensionNumber) -> Option<Key> {
    let label = match office.identity.language {
        Language::Dutch | Language::English => "Voicemail",
        Language::French => "Messagerie",
        Language::German => "Mailbox",
    };
    let (number, label) = (VOICEMAIL_CODE.to_owned(), label.to_owned());
    let has_one = office.person(own).is_some_and(|person| person.voicemail.is_some());
    has_one.then(|| Key { kind: KeyKind::Voicemail, number, pickup: String::new(), label })
}

/// Keys of the first park places. Pressed while a call is on hold they put it down there, and otherwise take up what is.
fn places(office: &Office) -> impl Iterator<Item = Key> {
    let label = match office.identity.language {
        Language::Dutch => "Parkeren",
        Language::French => "Parquer",
        Language::English => "Park",
        Language::German => "Parken",
    };
    PARK_PLACES.take(PLACES_WITH_A_KEY).enumerate().map(move |(index, place)| Key {
        kind: KeyKind::Lamp,
        number: place.to_string(),
        pickup: place.to_string(),
        label: format!("{label} {}", index + 1),
    })
}

fn lamp(number: &ExtensionNumber, name: &str) -> Key {
    Key {
        kind: KeyKind::Lamp,
        number: number.to_string(),
        pickup: format!("{PICKUP_CODE}{number}"),
        label: plain_name(name),
    }
}

/// A name without what would end a quoted string or begin an address in SIP (RFC 3261 25.1).
pub(crate) fn plain_name(name: &str) -> String {
    let dangerous = |character: char| matches!(character, '"' | '\\' | '<' | '>');
    name.chars().filter(|character| !character.is_control() && !dangerous(*character)).collect::<String>().trim().into()
}

#[cfg(test)]
mod tests;
