//! Sentences that the box says by telephone, recorded once: A-law at 8 kHz, without a header. Nothing is synthesised while it runs.

use super::g711::SILENT_CODE;
use super::voice::{VOICE_BYTES_A_SECOND, Voice};

/// Between two sentences.
const PAUSE: usize = VOICE_BYTES_A_SECOND / 4;

/// A sentence by the name of its files.
macro_rules! recorded {
    ($tongue:expr, $name:literal) => {
        match $tongue {
            Tongue::Dutch => include_bytes!(concat!("said/nl/", $name, ".al")) as &'static [u8],
            Tongue::French => include_bytes!(concat!("said/fr/", $name, ".al")),
            Tongue::English => include_bytes!(concat!("said/en/", $name, ".al")),
            Tongue::German => include_bytes!(concat!("said/de/", $name, ".al")),
        }
    };
}

/// In which language it is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tongue {
    /// Dutch.
    Dutch,
    /// French.
    French,
    /// English.
    English,
    /// German.
    German,
}

/// What can be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sentence {
    /// This is your telephone exchange.
    Greeting,
    /// Somebody has a password of the telephones.
    Inside,
    /// Calls were stopped that cost too much.
    Money,
    /// Somebody got into the page.
    Page,
    /// Somebody else has the password at the provider.
    Provider,
    /// Nobody can call 112.
    NoHelp,
    /// Something else is badly wrong: look at the page.
    Other,
    /// Press 1 when you have heard it.
    PressWhenHeard,
    /// Press 1 to receive such calls.
    PressToAccept,
}

impl Tongue {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Dutch, Self::French, Self::English, Self::German];
}

impl Sentence {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Greeting,
        Self::Inside,
        Self::Money,
        Self::Page,
        Self::Provider,
        Self::NoHelp,
        Self::Other,
        Self::PressWhenHeard,
        Self::PressToAccept,
    ];

    /// Sentences one after the other, with a pause between.
    #[must_use]
    pub fn say(sentences: &[Self], tongue: Tongue) -> Voice {
        let said = sentences.iter().map(|sentence| sentence.recorded(tongue)).collect::<Vec<_>>();
        Voice::new(said.join(&[SILENT_CODE; PAUSE][..]))
    }

    const fn recorded(self, tongue: Tongue) -> &'static [u8] {
        match self {
            Self::Greeting => recorded!(tongue, "greeting"),
            Self::Inside => recorded!(tongue, "inside"),
            Self::Money => recorded!(tongue, "money"),
            Self::Page => recorded!(tongue, "page"),
            Self::Provider => recorded!(tongue, "provider"),
            Self::NoHelp => recorded!(tongue, "help"),
            Self::Other => recorded!(tongue, "other"),
            Self::PressWhenHeard => recorded!(tongue, "heard"),
            Self::PressToAccept => recorded!(tongue, "accept"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::g711::from_a_law;
    use super::*;
    use std::collections::BTreeSet;
    use std::time::Duration;

    /// How loud a piece is, of 32,767.
    fn loudness(codes: &[u8]) -> f64 {
        let squares: f64 = codes.iter().map(|code| f64::from(from_a_law(*code)).powi(2)).sum();
        (squares / codes.len() as f64).sqrt()
    }

    #[test]
    fn every_sentence_is_said_in_every_language_short_loud_and_each_another() {
        let mut all = BTreeSet::new();
        let mut bytes = 0;
        for tongue in Tongue::ALL {
            for sentence in Sentence::ALL {
                let codes = sentence.recorded(tongue);
                let seconds = Voice::new(codes.to_vec()).lasts().as_secs_f64();
                assert!((1.0..=4.0).contains(&seconds), "{tongue:?} {sentence:?}: {seconds} s");
                let loud = loudness(codes);
                assert!((1500.0..=12_000.0).contains(&loud), "{tongue:?} {sentence:?}: {loud}");
                assert!(all.insert(codes), "{tongue:?} {sentence:?} is another one's");
                bytes += codes.len();
            }
        }
        assert!(bytes < 600_000, "{bytes}");
    }

    #[test]
    fn sentences_follow_each_other_after_a_pause() {
        let voice = Sentence::say(&[Sentence::Greeting, Sentence::NoHelp], Tongue::Dutch);
        let [one, two] = [Sentence::Greeting, Sentence::NoHelp].map(|sentence| sentence.recorded(Tongue::Dutch));
        assert!(voice.codes().starts_with(one) && voice.codes().ends_with(two));
        assert_eq!(voice.codes().len(), one.len() + PAUSE + two.len());
        assert!(voice.lasts() < Duration::from_secs(8));
        assert!(Sentence::say(&[], Tongue::Dutch).codes().is_empty());
    }
}
