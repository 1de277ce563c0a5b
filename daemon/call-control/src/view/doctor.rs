//! What the page is shown of the SIP ALG doctor.

use std::fmt::Debug;

use centrale_alg::active::{Findings, Probe};
use centrale_alg::diagnosis::Diagnosis;
use centrale_alg::evidence::Evidence;
use centrale_alg::routers::{Gateway, ROUTERS, Router, Switch, recognise};
use serde::Serialize;
use utoipa::ToSchema;

/// What the doctor says of the way to one provider.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct DoctorView {
    /// The trunk's name.
    pub trunk: String,
    /// Whether somebody on the way changes calls: `none` (no sign of it), `suspected` or `proven`.
    pub interference: String,
    /// How sure that is: `unknown`, `weak`, `moderate`, `strong` or `certain`.
    pub confidence: String,
    /// Whether the way is being examined now.
    pub examining: bool,
    /// When it was last, in minutes since 1970 by the clock on the office's wall; `null` when never, or when no clock is right.
    pub examined_at: Option<u64>,
    /// Whether it happens to what leaves (`outbound`), to what comes (`inbound`), or `both`.
    pub direction: String,
    /// On which transport it was seen.
    pub transport: String,
    /// On which port of the provider.
    pub port: u16,
    /// The first router behind which messages are changed, where one told; else empty.
    pub hop: String,
    /// What is done, as stable codes: `rewrites-via`, `drops-in-dialog` and so on.
    pub deeds: Vec<String>,
    /// What to do about it, as a stable code: `switch-off-in-router`, `ask-internet-provider` and so on.
    pub advice: String,
    /// The way round it that is likely to help; empty when there is nothing to avoid.
    pub avoided_by: String,
    /// The way that calls take now: `plain`, or by what they go round the router.
    pub way: String,
    /// What gave it, the weightiest first.
    pub evidence: Vec<EvidenceView>,
    /// What came of each question of the last examination; empty before the first.
    pub probes: Vec<ProbeView>,
    /// MAC address of the office's router, where it is known; else empty.
    pub gateway: String,
    /// Routers of the maker of that address, as named in the table of routers. More than one: nobody knows which.
    pub routers: Vec<String>,
}

/// One piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EvidenceView {
    /// What gave it.
    pub what: String,
    /// What should have come.
    pub expected: String,
    /// What came; empty when nothing did.
    pub came: String,
}

/// One question and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProbeView {
    /// Its name in the study of such routers: `V1`.
    pub name: String,
    /// `hit`, `suspect`, `clean`, or `skipped`: not asked, not answered, or it says nothing here.
    pub outcome: String,
}

/// A router of which is known how its SIP ALG is switched off, or that it is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RouterView {
    /// Its name.
    pub name: String,
    /// `menu`, `commands`, `none-built-in`, `fixed` or `not-known`.
    pub switch: String,
    /// The menu path, the commands one a line, or what to set instead; empty where there is nothing to do.
    pub text: String,
    /// What else is to be known.
    pub note: String,
    /// Where that stands.
    pub source: String,
    /// Whether somebody is named who knows it.
    pub verified: bool,
}

impl DoctorView {
    pub(crate) fn of(trunk: &str, diagnosis: &Diagnosis, gateway: Option<[u8; 6]>) -> Self {
        let likely = recognise(&Gateway { mac: gateway, ..Gateway::default() });
        Self {
            trunk: trunk.to_owned(),
            interference: code(&diagnosis.interference),
            confidence: code(&diagnosis.confidence),
            examining: false,
            examined_at: None,
            direction: code(&diagnosis.direction),
            transport: diagnosis.transport.to_string(),
            port: diagnosis.port,
            hop: diagnosis.hop.map(|hop| hop.to_string()).unwrap_or_default(),
            deeds: diagnosis.deeds.iter().map(|deed| code(&deed)).collect(),
            advice: code(&diagnosis.advice),
            avoided_by: diagnosis.step.map(|step| step.to_string()).unwrap_or_default(),
            way: String::new(),
            evidence: diagnosis.evidence.iter().map(EvidenceView::of).collect(),
            probes: Vec::new(),
            gateway: gateway.map(|mac| mac.map(|byte| format!("{byte:02x}")).join(":")).unwrap_or_default(),
            routers: likely.iter().map(|found| found.router.name.to_owned()).collect(),
        }
    }

    pub(crate) fn add_examination(&mut self, findings: &Findings) {
        let view = |probe: &Probe| ProbeView { name: probe.name().into(), outcome: findings.of(*probe).word().into() };
        self.probes = Probe::ALL.iter().map(view).collect();
    }
}

impl EvidenceView {
    fn of(evidence: &Evidence) -> Self {
        Self {
            what: evidence.source.to_string(),
            expected: evidence.expected.to_string(),
            came: evidence.came.to_string(),
        }
    }
}

impl RouterView {
    fn of(router: &Router) -> Self {
        let (switch, text) = match router.switch {
            Switch::Menu(_) => ("menu", router.switch.to_string()),
            Switch::Commands(_) => ("commands", router.switch.to_string()),
            Switch::NoneBuiltIn(_) => ("none-built-in", router.switch.to_string()),
            Switch::Fixed => ("fixed", String::new()),
            Switch::NotKnown => ("not-known", String::new()),
        };
        Self {
            name: router.name.into(),
            switch: switch.into(),
            text,
            note: router.note.into(),
            source: router.source.into(),
            verified: router.is_verified(),
        }
    }
}

/// Every router of the table, in its order.
pub fn routers() -> Vec<RouterView> {
    ROUTERS.iter().map(RouterView::of).collect()
}

/// The name of a value without fields, as a stable code: `SwitchOffInRouter` is `switch-off-in-router`.
fn code(value: &impl Debug) -> String {
    let name = format!("{value:?}");
    let mut code = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !code.is_empty() {
            code.push('-');
        }
        code.push(letter.to_ascii_lowercase());
    }
    code
}

#[cfg(test)]
mod tests {
    use centrale_alg::diagnosis::{Advice, Deed, Interference};

    use super::*;

    #[test]
    fn what_the_page_has_words_for_has_a_stable_code() {
        assert_eq!(code(&Interference::Proven), "proven");
        assert_eq!(code(&Deed::RewritesCallId), "rewrites-call-id");
        let advice = [
            Advice::AskReflector,
            Advice::NoSign,
            Advice::TestAgain,
            Advice::SwitchOffInRouter,
            Advice::TakeNewPort,
            Advice::AskInternetProvider,
            Advice::FirewallDrops,
            Advice::ProxyInRouter,
            Advice::MendPhonePath,
            Advice::KeepShort,
        ];
        let expected = "ask-reflector no-sign test-again switch-off-in-router take-new-port ask-internet-provider \
                        firewall-drops proxy-in-router mend-phone-path keep-short";
        assert_eq!(advice.map(|it| code(&it)).join(" "), expected);
    }

    #[test]
    fn a_router_without_a_known_switch_is_told_as_one() {
        let routers = routers();
        assert!(routers.iter().all(|router| (router.switch == "not-known") <= router.text.is_empty()));
        assert!(routers.iter().any(|router| router.switch == "commands" && router.verified));
    }
}
