//! What a provider means by a refusal: whether it speaks of who was called, of the office's account, or of itself.
//!
//! The statuses are mapped as RFC 3261 21 says them, the causes of Q.850 in a Reason header as RFC 3398 7.2.4.1 pairs them.
//! The words are what texts of providers may contain, in the three languages of the two countries and written without case;
//! a word decides where it stands whole, with a status that fits, since providers say many things with 403 and 503. Of those that
//! publish theirs, the tests name the texts: Telnyx (support.telnyx.com, article 4409457, and its caller ID policy).

use centrale_sip::message::{HeaderName, Response};

/// What a refusal is about, when it is not about who was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The account is suspended or blocked.
    Suspended,
    /// There is no money on it.
    NoCredit,
    /// The number shown as caller is not the account's.
    Identity,
    /// The provider does not connect to where was called.
    Destination,
    /// All channels of the account are taken.
    Full,
    /// No codec or encryption in common.
    Media,
    /// The provider itself does not work.
    Fault,
}

impl Verdict {
    /// The code of the problem on the page.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Suspended => "provider-suspended",
            Self::NoCredit => "provider-no-credit",
            Self::Identity => "provider-refuses-number",
            Self::Destination => "provider-refuses-destination",
            Self::Full => "provider-full",
            Self::Media => "provider-refuses-sound",
            Self::Fault => "provider-fault",
        }
    }

    /// Whether it will be the same for the next call, whatever is dialled.
    pub(crate) const fn lasts(self) -> bool {
        matches!(self, Self::Suspended | Self::NoCredit)
    }

    /// Whether it says nothing of who was called, whatever status it came with: another provider may reach them.
    pub(crate) const fn is_its_own(self) -> bool {
        matches!(self, Self::Suspended | Self::NoCredit | Self::Full | Self::Fault)
    }
}

/// One row: the words by which it is known, each whole, those of a phrase one after the other.
struct Row {
    verdict: Verdict,
    words: &'static [&'static str],
}

/// Statuses with which providers refuse an account or what it does.
const REFUSALS: &[u16] = &[401, 402, 403, 405, 407, 480, 486, 500, 503, 600, 603];

/// The first row that fits counts.
const ROWS: &[Row] = &[
    Row {
        verdict: Verdict::NoCredit,
        words: &[
            "credit",
            "credits",
            "balance",
            "prepaid",
            "payment",
            "payments",
            "saldo",
            "tegoed",
            "beltegoed",
            "betaling",
            "betalingen",
            "betalingsachterstand",
            "solde",
            "crédit",
            "crédits",
            "paiement",
            "paiements",
        ],
    },
    Row {
        verdict: Verdict::Suspended,
        words: &[
            "suspend",
            "suspended",
            "suspension",
            "account disabled",
            "account blocked",
            "account locked",
            "fraud",
            "fraudulent",
            "fraude",
            "geblokkeerd",
            "opgeschort",
            "afgesloten",
            "bloqué",
            "suspendu",
        ],
    },
    Row {
        verdict: Verdict::Full,
        words: &[
            "channel",
            "channels",
            "concurrent",
            "simultaneous",
            "call limit",
            "max calls",
            "too many calls",
            "capacity",
            "kanalen",
            "gelijktijdig",
            "gelijktijdige",
            "canaux",
            "simultané",
            "simultanés",
        ],
    },
    Row {
        verdict: Verdict::Identity,
        words: &[
            "caller id",
            "callerid",
            "clip",
            "cli",
            "calling number",
            "origination number",
            "from header",
            "identity",
            "nummerweergave",
            "numéro appelant",
        ],
    },
    Row {
        verdict: Verdict::Destination,
        words: &[
            "destination",
            "destinations",
            "international",
            "premium",
            "barred",
            "no route",
            "bestemming",
            "bestemmingen",
            "buitenland",
            "étranger",
        ],
    },
];

/// Words of the rows that mean something else beside these.
const OTHERWISE: &[&str] = &["load balance", "incompatible destination"];

/// What a refusal of a call or of a registration is about; `None` when it is about who was called, or says nothing. A cause
/// that names one thing counts before the words that came with it, and those before one that stands for many.
pub(crate) fn verdict(response: &Response) -> Option<Verdict> {
    let (status, cause) = (response.status.code(), cause(response));
    if let Some(verdict) = cause.and_then(of_cause) {
        return verdict;
    }
    let worded = REFUSALS.contains(&status).then(|| of_words(&wording(response))).flatten();
    worded.or(match (status, cause) {
        (402, _) => Some(Verdict::NoCredit),
        (428 | 436..=438, _) => Some(Verdict::Identity),
        (415 | 488 | 606, _) | (_, Some(63 | 79)) => Some(Verdict::Media),
        (500 | 502..=504, _) | (_, Some(38 | 41 | 47)) => Some(Verdict::Fault),
        _ => None,
    })
}

/// What a cause of Q.850 names, or that it is about who was called; `None` where it may stand for anything.
const fn of_cause(cause: u8) -> Option<Option<Verdict>> {
    match cause {
        34 | 42 | 44 => Some(Some(Verdict::Full)),
        50 | 52 | 55 | 57 => Some(Some(Verdict::Destination)),
        58 | 65 | 70 | 88 => Some(Some(Verdict::Media)),
        1 | 17..=20 | 22 | 27 | 28 => Some(None),
        _ => None,
    }
}

fn of_words(text: &str) -> Option<Verdict> {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split(|one: char| !one.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let mut said = format!(" {} ", words.join(" "));
    for phrase in OTHERWISE {
        said = said.replace(&format!(" {phrase} "), " ");
    }
    let says = |word: &&str| said.contains(&format!(" {word} "));
    ROWS.iter().find(|row| row.words.iter().any(says)).map(|row| row.verdict)
}

/// The provider's own words for the installer, on one line, at most 160 characters.
pub(crate) fn wording(response: &Response) -> String {
    let mut line = format!("{} {}", response.status.code(), response.reason);
    for header in [HeaderName::Reason, HeaderName::Warning] {
        if let Some(text) = response.headers.text(&header) {
            line = format!("{line}; {text}");
        }
    }
    line.chars().filter(|one| !one.is_control()).take(160).collect()
}

/// The cause of Q.850 in a Reason header (RFC 3326 2).
fn cause(response: &Response) -> Option<u8> {
    response.headers.items(&HeaderName::Reason).iter().find_map(|reason| {
        let mut parts = reason.split(';').map(str::trim);
        let is_q850 = parts.next().is_some_and(|protocol| protocol.eq_ignore_ascii_case("Q.850"));
        let cause = parts.find_map(|part| part.strip_prefix("cause="))?;
        cause.trim().parse().ok().filter(|_| is_q850)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use centrale_sip::message::{Message, scan_datagram};

    fn refusal(text: &str) -> Response {
        let text = format!("SIP/2.0 {text}\r\nContent-Length: 0\r\n\r\n");
        match scan_datagram(&text.into_bytes().into()).unwrap() {
            Message::Response(response) => response,
            Message::Request(_) => unreachable!(),
        }
    }

    #[test]
    fn what_providers_say_is_understood_as_what_they_mean() {
        let table = [
            ("403 Account suspended", Some(Verdict::Suspended)),
            ("403 Forbidden\r\nWarning: 399 sip \"Abonnee geblokkeerd\"", Some(Verdict::Suspended)),
            ("503 Service Unavailable\r\nReason: SIP;cause=503;text=\"Compte suspendu\"", Some(Verdict::Suspended)),
            ("402 Payment Required", Some(Verdict::NoCredit)),
            ("403 Insufficient Balance", Some(Verdict::NoCredit)),
            ("403 Saldo ontoereikend", Some(Verdict::NoCredit)),
            ("403 Caller ID not allowed", Some(Verdict::Identity)),
            ("438 Invalid Identity Header", Some(Verdict::Identity)),
            ("403 Destination not allowed", Some(Verdict::Destination)),
            ("403 Forbidden\r\nReason: Q.850;cause=52;text=\"Outgoing calls barred\"", Some(Verdict::Destination)),
            ("503 Service Unavailable\r\nReason: Q.850;cause=34", Some(Verdict::Full)),
            ("486 Too many concurrent calls", Some(Verdict::Full)),
            ("488 Not Acceptable Here", Some(Verdict::Media)),
            ("480 Gone\r\nReason: Q.850;cause=88", Some(Verdict::Media)),
            ("503 Service Unavailable", Some(Verdict::Fault)),
            ("480 Gone\r\nReason: Q.850 ;cause=38", Some(Verdict::Fault)),
            // A word that only begins or ends like one of ours, or means something else beside another one, is not it.
            ("503 No load balancer", Some(Verdict::Fault)),
            ("503 Load balance failure", Some(Verdict::Fault)),
            ("403 Not an accredited device", None),
            ("403 Eclipse of the sun", None),
            ("403 Uneclipsed", None),
            ("503 Channelling failed", Some(Verdict::Fault)),
            ("403 Onbetaalde rekening", None),
            ("403 Beltegoed op", Some(Verdict::NoCredit)),
            ("403 Not enough credits", Some(Verdict::NoCredit)),
            ("403 Caller-ID rejected", Some(Verdict::Identity)),
            ("403 Crédit épuisé", Some(Verdict::NoCredit)),
            // A cause says it better than the words that come with it.
            ("480 Gone\r\nReason: Q.850;cause=88;text=\"INCOMPATIBLE_DESTINATION\"", Some(Verdict::Media)),
            ("480 INCOMPATIBLE_DESTINATION", None),
            ("480 Gone\r\nReason: Q.850;cause=34;text=\"No route to destination\"", Some(Verdict::Full)),
            ("486 Busy Here\r\nReason: Q.850;cause=17;text=\"Channel of the subscriber is busy\"", None),
            ("404 Not Found\r\nReason: Q.850;cause=1;text=\"Unallocated destination\"", None),
            ("403 Forbidden\r\nReason: Q.850;cause=21;text=\"Account suspended\"", Some(Verdict::Suspended)),
            ("503 No credit\r\nReason: Q.850;cause=41", Some(Verdict::NoCredit)),
            ("403 Forbidden", None),
            ("404 Destination not found", None),
            ("480 Temporarily Unavailable\r\nReason: Q.850;cause=18", None),
            ("486 Busy Here\r\nReason: Q.850;cause=17", None),
            ("603 Decline\r\nReason: SIP;cause=34", None),
            ("484 Address Incomplete", None),
        ];
        for (text, meant) in table {
            assert_eq!(verdict(&refusal(text)), meant, "{text}");
        }
    }

    /// As support.telnyx.com/en/articles/4409457-telnyx-sip-response-codes and
    /// developers.telnyx.com/docs/voice/sip-trunking/configuration/caller-id-policy have them, read 2026-11-29.
    #[test]
    fn what_telnyx_publishes_is_understood() {
        let table = [
            ("403 User channel limit exceeded D1", Some(Verdict::Full)),
            ("403 Forbidden D10", None),
            ("403 Destination Number +31201234567 is not allowed for service plan nl D12", Some(Verdict::Destination)),
            ("403 Caller Origination Number is Invalid D35", Some(Verdict::Identity)),
        ];
        for (text, meant) in table {
            assert_eq!(verdict(&refusal(text)), meant, "{text}");
        }
    }

    #[test]
    fn a_providers_wording_is_one_short_line() {
        let long = format!("403 No\r\nWarning: 399 x \"{}\"", "\t é".repeat(200));
        let line = wording(&refusal(&long));
        assert!(line.starts_with("403 No; 399 x") && line.chars().count() <= 160, "{line}");
        assert!(!line.contains(char::is_control));
    }
}
