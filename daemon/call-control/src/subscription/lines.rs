//! What each number does, as its colleagues may see it. Kept by counting: a call that changes costs the numbers in it.

use std::collections::{BTreeMap, BTreeSet};

use centrale_sip::event_package::{DialogElement, DialogNames, DialogState, Initiative, Participant};
use centrale_sip::message::{Host, SipUri};

use crate::call::{Call, CallKey, Party, Route, dialable};
use crate::view::Direction;

/// Most dialogs in one document; a number that rings for more calls at once shows the oldest.
const MOST_DIALOGS: usize = 8;
/// The caller's end, in a Replaces header.
const CALLER: &str = "caller";

/// One call of a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    key: CallKey,
    call: String,
    initiative: Initiative,
    state: DialogState,
    /// Who calls, while it rings: whoever may pick up may know. Whom a colleague talks to is nobody's business.
    caller: Option<Party>,
}

/// The lines of every number that is in a call.
#[derive(Debug, Default)]
pub(super) struct Lines {
    of_call: BTreeMap<CallKey, Vec<(String, Line)>>,
    of_number: BTreeMap<String, Vec<Line>>,
}

impl Lines {
    /// A call changed, or is gone. Gives the numbers that show something else now.
    pub(super) fn update(&mut self, key: CallKey, call: Option<&Call>) -> BTreeSet<String> {
        let lines = call.map(lines_of).unwrap_or_default();
        let before = self.of_call.remove(&key).unwrap_or_default();
        let mut changed = BTreeSet::new();
        if before != lines {
            for (number, _) in before {
                if let Some(theirs) = self.of_number.get_mut(&number) {
                    theirs.retain(|line| line.key != key);
                    if theirs.is_empty() {
                        self.of_number.remove(&number);
                    }
                }
                changed.insert(number);
            }
            for (number, line) in &lines {
                let theirs = self.of_number.entry(number.clone()).or_default();
                let at = theirs.partition_point(|other| other.key <= line.key);
                theirs.insert(at, line.clone());
                changed.insert(number.clone());
            }
        }
        if !lines.is_empty() {
            self.of_call.insert(key, lines);
        }
        changed
    }

    /// What a number does, oldest first.
    pub(super) fn of(&self, number: &str) -> Vec<Line> {
        self.of_number.get(number).map(|lines| lines.iter().take(MOST_DIALOGS).cloned().collect()).unwrap_or_default()
    }
}

impl Line {
    /// Its name in a document.
    fn id(&self) -> String {
        let end = if self.initiative == Initiative::Initiator { "out" } else { "in" };
        format!("{}-{end}", self.call)
    }

    fn element(&self, number: &str, host: &Host) -> DialogElement {
        let participant = |number: &str, name: &str| Participant {
            name: name.to_owned(),
            uri: SipUri::new(Some(&dialable(number)), host.clone(), None),
        };
        let names = self.caller.as_ref().map(|_| DialogNames {
            call_id: self.call.clone(),
            local_tag: number.to_owned(),
            remote_tag: CALLER.to_owned(),
        });
        DialogElement {
            id: self.id(),
            names,
            initiative: Some(self.initiative),
            state: self.state,
            local: Some(participant(number, "")),
            remote: self.caller.as_ref().map(|caller| participant(&caller.number, &caller.name)),
        }
    }
}

/// The dialogs of a document. What was told last and is not there any more is told once as over; a number that does nothing
/// is told as one dialog that is over, because some phones leave a key lit when the document is empty.
pub(super) fn elements(number: &str, lines: &[Line], told: &[Line], host: &Host) -> Vec<DialogElement> {
    let over = |id: String| DialogElement {
        id,
        names: None,
        initiative: None,
        state: DialogState::Terminated,
        local: None,
        remote: None,
    };
    let gone = told.iter().map(Line::id).filter(|id| !lines.iter().any(|line| line.id() == *id));
    let mut elements: Vec<_> = lines.iter().map(|line| line.element(number, host)).chain(gone.map(over)).collect();
    if elements.is_empty() {
        elements.push(over(number.to_owned()));
    }
    elements
}

/// Who is in a call and how: the caller, and who answered it or whom it rings, also as a group.
fn lines_of(call: &Call) -> Vec<(String, Line)> {
    let line = |initiative, state, caller: Option<&Party>| Line {
        key: call.key,
        call: call.id.clone(),
        initiative,
        state,
        caller: caller.cloned(),
    };
    let mut lines = Vec::new();
    if call.direction != Direction::Incoming {
        let state = match call.invite {
            // Answered, or handed on by somebody else.
            None => DialogState::Confirmed,
            Some(_) if call.forks.iter().any(|fork| fork.spoke) => DialogState::Early,
            Some(_) => DialogState::Trying,
        };
        lines.push((call.from.number.clone(), line(Initiative::Initiator, state, None)));
    }
    if call.answered.is_some() {
        let answerer = call.answered_by.iter().cloned();
        lines.extend(answerer.map(|number| (number, line(Initiative::Recipient, DialogState::Confirmed, None))));
        return lines;
    }
    if let Some(parked) = &call.parked {
        lines.push((parked.place.clone(), line(Initiative::Recipient, DialogState::Confirmed, None)));
    }
    let ringing: BTreeSet<&str> = call
        .forks
        .iter()
        .filter_map(|fork| match &fork.route {
            Route::Phone { person, .. } => Some(person.as_str()),
            Route::Trunk { .. } => None,
        })
        .collect();
    let group = Some(call.to.number.as_str())
        .filter(|number| call.parked.is_none() && !ringing.is_empty() && !ringing.contains(number));
    for number in ringing.iter().copied().chain(group) {
        lines.push((number.to_owned(), line(Initiative::Recipient, DialogState::Early, Some(&call.from))));
    }
    lines
}
