//! The decision rules (reference, 5.2): from what the probes found to a diagnosis.

use std::net::IpAddr;
use std::time::Instant;

use centrale_sip::flow::Transport;

use super::judge::shows;
use super::probe::{Finding, Findings, Outcome, Probe, Trigger};
use super::target::Target;
use crate::diagnosis::{Advice, Confidence, Deeds, Diagnosis, Direction, Interference, Path};
use crate::evidence::{Evidence, KEPT, Source};
use crate::ladder::Step;

/// Header-echo probes: a server that is odd on TLS too explains them.
const ECHOES: [Probe; 4] = [Probe::V0, Probe::V1, Probe::V2, Probe::V12];

impl Findings {
    /// The hits that count, those left out that the server itself explains (5.2, quirk). `own`: our private address.
    fn counted(&self, own: Option<IpAddr>) -> Vec<(Probe, &Finding)> {
        let quirk = self.of(Probe::V9Tls).is_hit();
        let explained = |probe: Probe, finding: &Finding| {
            let echo = ECHOES.contains(&probe) && !own.is_some_and(|own| shows(finding, own));
            quirk && (probe == Probe::V9Tcp || probe == Probe::V9Tls || echo)
        };
        self.hits().filter(|(probe, finding)| *probe != Probe::V9Tls && !explained(*probe, finding)).collect()
    }

    /// Whether one probe alone decided, so that it is asked again in a minute before anybody is told.
    pub fn wants_repeat(&self, own: Option<IpAddr>) -> bool {
        let hits = self.counted(own);
        let suspect = self.suspects().next().is_some();
        !is_certain(&hits) && (suspect || hits.iter().any(|(probe, _)| probe.is_hard() || *probe == Probe::V5))
    }

    /// The diagnosis. `own` is our address on the private side; `repeated` says that the same was found a minute ago.
    pub fn diagnosis(&self, target: &Target, own: Option<IpAddr>, repeated: bool, now: Instant) -> Diagnosis {
        let hits = self.counted(own);
        let mut diagnosis = Diagnosis::unknown(target.path, Transport::Udp, target.udp.port());
        let (interference, confidence) = self.rule(&hits, repeated);
        (diagnosis.interference, diagnosis.confidence) = (interference, confidence);
        diagnosis.deeds = hits.iter().fold(Deeds::NONE, |deeds, (_, finding)| deeds.and(finding.deeds));
        if hits.is_empty() {
            // What is suspected is said with what it is suspected of.
            diagnosis.deeds = self.suspects().fold(Deeds::NONE, |deeds, (_, finding)| deeds.and(finding.deeds));
        }
        diagnosis.direction = direction(&hits);
        diagnosis.hop = self.hop;
        diagnosis.evidence = self.evidence(&hits, now);
        if hits.iter().any(|(probe, _)| *probe == Probe::V9Tcp) && !hits.iter().any(|(probe, _)| probe.is_hard()) {
            diagnosis.transport = Transport::Tcp;
        }
        diagnosis.advice = self.advice(target, &hits, interference, confidence);
        diagnosis.step = self.step(target, &diagnosis);
        diagnosis
    }

    fn rule(&self, hits: &[(Probe, &Finding)], repeated: bool) -> (Interference, Confidence) {
        let has = |wanted: Probe| hits.iter().any(|(probe, _)| *probe == wanted);
        let suspect = self.suspects().next().is_some();
        if is_certain(hits) {
            return (Interference::Proven, Confidence::Certain);
        }
        if hits.iter().any(|(probe, _)| probe.is_hard()) || has(Probe::V5) {
            let (proven, strong) = (Interference::Proven, Interference::Suspected);
            return if repeated { (proven, Confidence::Certain) } else { (strong, Confidence::Strong) };
        }
        if suspect {
            return (Interference::Suspected, Confidence::Weak);
        }
        let clean = Probe::ALL.iter().filter(|probe| probe.clears() && *self.of(**probe) == Outcome::Clean).count();
        let confidence = match clean {
            _ if !self.answered && !self.quoted => Confidence::Unknown,
            0 => Confidence::Weak,
            1 | 2 => Confidence::Moderate,
            _ => Confidence::Strong,
        };
        (Interference::None, confidence)
    }

    fn suspects(&self) -> impl Iterator<Item = (Probe, &Finding)> {
        Probe::ALL.iter().filter_map(|probe| match self.of(*probe) {
            Outcome::Suspect(finding) => Some((*probe, finding)),
            _ => None,
        })
    }

    fn evidence(&self, hits: &[(Probe, &Finding)], now: Instant) -> Vec<Evidence> {
        let all = hits.iter().copied().chain(self.suspects()).take(KEPT);
        let piece = |(probe, finding): (Probe, &Finding)| Evidence {
            source: Source::Probe(probe),
            expected: finding.expected.clone(),
            came: finding.came.clone(),
            at: now,
        };
        all.map(piece).collect()
    }

    fn advice(
        &self,
        target: &Target,
        hits: &[(Probe, &Finding)],
        interference: Interference,
        confidence: Confidence,
    ) -> Advice {
        let has = |wanted: Probe| hits.iter().any(|(probe, _)| *probe == wanted);
        let clean = |probe: Probe| *self.of(probe) == Outcome::Clean;
        match interference {
            Interference::None if has(Probe::V8) => Advice::KeepShort,
            Interference::None if confidence == Confidence::Unknown => Advice::AskReflector,
            Interference::None => Advice::NoSign,
            Interference::Suspected => Advice::TestAgain,
            Interference::Proven if target.path == Path::PhoneBox => Advice::MendPhonePath,
            Interference::Proven if self.trigger == Some(Trigger::OurPort) => Advice::TakeNewPort,
            Interference::Proven if has(Probe::V11) => Advice::ProxyInRouter,
            Interference::Proven if has(Probe::V5) && !hits.iter().any(|(probe, _)| probe.is_hard()) => {
                Advice::FirewallDrops
            }
            // Behind our own router: it does not know our private address, so that only what comes back betrays it.
            Interference::Proven if has(Probe::V3) && clean(Probe::V1) && clean(Probe::V2) && clean(Probe::V4) => {
                Advice::AskInternetProvider
            }
            Interference::Proven => Advice::SwitchOffInRouter,
        }
    }

    /// The best step that this target has: the ladder tries them in its own order.
    fn step(&self, target: &Target, diagnosis: &Diagnosis) -> Option<Step> {
        let step = Step::avoiding(diagnosis).filter(|_| diagnosis.advice != Advice::TakeNewPort)?;
        if target.tls.is_some() || target.path == Path::PhoneBox {
            return Some(step);
        }
        match self.other_ports.first() {
            Some(other) if self.trigger == Some(Trigger::FarPort) => Some(Step::OtherPort(*other)),
            _ => Some(Step::HideAddresses),
        }
    }
}

fn is_certain(hits: &[(Probe, &Finding)]) -> bool {
    let has = |wanted: Probe| hits.iter().any(|(probe, _)| *probe == wanted);
    let hard = hits.iter().filter(|(probe, _)| probe.is_hard()).count();
    hard >= 2 || has(Probe::V3) || has(Probe::V7) || has(Probe::V11) || has(Probe::V9Tcp)
}

fn direction(hits: &[(Probe, &Finding)]) -> Direction {
    let mut directions = hits.iter().map(|(_, finding)| finding.direction);
    let first = directions.next().unwrap_or_default();
    if directions.all(|it| it == first) { first } else { Direction::Both }
}
