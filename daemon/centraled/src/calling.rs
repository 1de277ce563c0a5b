//! Calls that the box makes to tell somebody something: what `alerts` orders, said in recorded sentences by the exchange.

use centrale_alerts::{Rang, Ring, Spoken};
use centrale_call_control::{AlertCall, AlertEnd, Command};
use centrale_post::Line;
use centrale_rtp::sound::{Sentence, Tongue, Voice};
use tokio::sync::mpsc;

use crate::exchange_loop::Wish;

/// Calls that may wait: there is one at a time.
const QUEUE: usize = 4;

/// What makes calls of orders.
pub(crate) struct Orders(mpsc::Receiver<Ring>);

/// Tells how a call ended, by its id.
pub(crate) type Ended = mpsc::Sender<(u64, Rang)>;

/// What orders calls, what makes them, and what tells how they ended.
pub(crate) fn line() -> (Line, Orders, Ended) {
    let (orders, ordered) = mpsc::channel(QUEUE);
    let (ending, ended) = mpsc::channel(QUEUE);
    (Line { orders, ended }, Orders(ordered), ending)
}

impl Orders {
    /// Has the exchange make each, until nobody orders any more.
    pub(crate) async fn carry_out(mut self, wishes: mpsc::Sender<Wish>) {
        while let Some(Ring { id, number, language, spoken }) = self.0.recv().await {
            let alert = AlertCall { id, number, voice: voice(spoken, language) };
            // Nobody listens only when the daemon stops.
            let _ = wishes.send(Wish::Command(Command::Alert(alert))).await;
        }
    }
}

/// Hands on how a call ended. When nobody takes it, the call counts as not made once it is old.
pub(crate) fn tell(ended: &Ended, id: u64, end: AlertEnd) {
    let rang = match end {
        AlertEnd::Heard => Rang::Heard,
        AlertEnd::NotConfirmed => Rang::NotConfirmed,
        AlertEnd::NoAnswer => Rang::NoAnswer,
        AlertEnd::NotMade => Rang::NotMade,
    };
    let _ = ended.try_send((id, rang));
}

fn voice(spoken: Spoken, language: &str) -> Voice {
    let tongue = match language {
        "nl" => Tongue::Dutch,
        "fr" => Tongue::French,
        "de" => Tongue::German,
        _ => Tongue::English,
    };
    let news = match spoken {
        Spoken::Inside => Sentence::Inside,
        Spoken::Money => Sentence::Money,
        Spoken::Page => Sentence::Page,
        Spoken::Provider => Sentence::Provider,
        Spoken::NoHelp => Sentence::NoHelp,
        Spoken::Other => Sentence::Other,
        Spoken::Accept => return Sentence::say(&[Sentence::Greeting, Sentence::PressToAccept], tongue),
    };
    Sentence::say(&[Sentence::Greeting, news, Sentence::PressWhenHeard], tongue)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_thing_is_said_differently_and_in_each_language() {
        let all = Spoken::ALL.iter().flat_map(|spoken| ["nl", "fr", "en", "de"].map(|code| voice(*spoken, code)));
        let voices: std::collections::BTreeSet<Vec<u8>> = all.map(|voice| voice.codes().to_vec()).collect();
        assert_eq!(voices.len(), Spoken::ALL.len() * 4);
    }
}
