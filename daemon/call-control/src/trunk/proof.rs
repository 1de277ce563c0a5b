//! The daily proof that a call for help would find its way out: over each trunk a call to the office's test number, taken
//! back as soon as it rings. It is nobody's call: it holds no port, is in no record and yields to everything else.

use std::time::{Duration, Instant};

use centrale_guard::Kept;
use centrale_sip::flow::Path;
use centrale_sip::message::{HeaderName, Method, NameAddr, Request, Status};
use centrale_sip::sdp::{CONTENT_TYPE, Session};
use rand::RngExt as _;

use super::Trunk;
use crate::call::Ours;
use crate::exchange::{Due, Exchange, Reply, allow};
use crate::io::Output;
use crate::media::LegDescription;
use crate::sent::Purpose;
use crate::view::{HelpTest, HelpView};

/// After a trunk came, before its first test: the office has other things to do when it starts.
const FIRST: Duration = Duration::from_secs(300);
/// Between two tests that went well.
const DAY: Duration = Duration::from_secs(24 * 3600);
/// Most that is added to a wait, seconds, so that offices do not all call at once.
const JITTER: u64 = 600;
/// Before a test is tried that had to yield, or that failed.
const LATER: Duration = Duration::from_secs(900);
/// Between two tests that somebody asks for, or before one that follows the daily one.
const PAUSE: Duration = Duration::from_secs(300);
/// How long a test waits for a sign that it rings.
const PATIENCE: Duration = Duration::from_secs(20);
/// Failures in a row from which the route is said not to be proven.
const FAILURES: u8 = 2;

/// How the names of lines begin that are kept of tests; the trunk's name follows.
const KEPT: &str = "help-proven/";

/// What the tests of a trunk came to.
#[derive(Debug, Default)]
pub(super) struct Proof {
    /// One is under way.
    under_way: bool,
    /// Failures in a row.
    failures: u8,
    /// When one was made or asked for last.
    asked: Option<Instant>,
    /// When one rang last, in minutes of the office's civil time.
    proven: Option<u64>,
    /// Whether one rang since the start, or since the trunk's settings changed.
    rang: bool,
}

impl Proof {
    pub(super) const fn is_under_way(&self) -> bool {
        self.under_way
    }
}

impl Exchange {
    /// Plans the tests of trunks that have none planned, or forgets them where the office has no test number.
    pub(crate) fn settle_proofs(&mut self, now: Instant) {
        let wanted = self.test_number().is_some();
        let names: Vec<String> = self.trunks.iter().map(|trunk| trunk.name().to_owned()).collect();
        for name in names {
            let due = Due::HelpTest(name.clone());
            self.live.trunk_changed(&name);
            if !wanted {
                self.agenda.cancel(&due);
                self.solve_proof(&name);
            } else if !self.agenda.has(&due) {
                self.plan_test(now, &name, FIRST);
            }
        }
    }

    /// Somebody wants to know now. A test costs the provider a call, so it is not made again and again.
    pub(crate) fn test_help_now(&mut self, now: Instant, name: &str) {
        if self.test_number().is_none() {
            return;
        }
        let Some(trunk) = self.trunk_mut(name) else { return };
        if trunk.proof.asked.is_none_or(|asked| now.saturating_duration_since(asked) >= PAUSE) {
            trunk.proof.asked = Some(now);
            self.agenda.set(Due::HelpTest(name.to_owned()), now);
        }
    }

    /// What the page shows of a trunk's tests.
    pub(crate) fn help_view(&self, trunk: &Trunk) -> HelpView {
        let proof = &trunk.proof;
        let state = match (self.test_number(), proof.failures) {
            (None, _) => HelpTest::None,
            _ if proof.under_way => HelpTest::UnderWay,
            (_, 1..) => HelpTest::Failed,
            _ if proof.rang => HelpTest::Proven,
            _ => HelpTest::Planned,
        };
        HelpView { state, proven: proof.proven }
    }

    /// When the way to help was proven before a restart.
    pub(crate) fn restore_proofs(&mut self, kept: &[Kept]) {
        for line in kept {
            let Some(name) = line.name.strip_prefix(KEPT) else { continue };
            if let Some(trunk) = self.trunk_mut(name) {
                trunk.proof.proven = Some(line.window);
                self.live.trunk_changed(name);
            }
        }
    }

    /// Its time has come. A test yields to help, to a full trunk and to one that does not work, which is told elsewhere.
    pub(crate) fn test_help(&mut self, now: Instant, name: &str) {
        let helps = self.calls.values().any(|call| call.emergency);
        let carried = self.calls_over(name);
        let Some(trunk) = self.trunk(name) else { return };
        let full = carried >= u32::from(trunk.settings.channels.account);
        let yields = helps || full || !trunk.is_usable() || trunk.proof.under_way;
        let request = if yields { None } else { self.test_call(name) };
        self.plan_test(now, name, if request.is_some() { DAY } else { LATER });
        let Some((request, path, ours)) = request else { return };
        let account = self.account_of(name);
        if let Some(trunk) = self.trunk_mut(name) {
            (trunk.proof.under_way, trunk.proof.asked) = (true, Some(now));
        }
        self.live.trunk_changed(name);
        self.agenda.set(Due::HelpTestSilent(name.to_owned()), now + PATIENCE);
        self.send(now, request, path, ours.local, Purpose::HelpTest { trunk: name.to_owned() }, account);
    }

    /// What the provider says to a test. Ringing is proof enough, and so is an answer; nobody is to talk.
    pub(crate) fn handle_help_test(&mut self, now: Instant, name: &str, reply: &Reply<'_>) {
        let status = reply.response.status;
        if status == Status::TRYING {
            return;
        }
        if status.is_success() {
            self.decline_late_answer(now, reply);
        } else if !status.is_final() {
            self.endpoint.cancel(now, reply.client);
        }
        let refused = status.is_final() && !status.is_success();
        let detail = if reply.flow.is_some() { status.code().to_string() } else { super::NO_ANSWER.to_owned() };
        self.end_test(now, name, refused.then_some(detail));
    }

    /// The provider gave no sign that it rings.
    pub(crate) fn give_up_test(&mut self, now: Instant, name: &str) {
        self.take_back_test(now, name);
        self.end_test(now, name, Some(super::NO_ANSWER.to_owned()));
    }

    /// Somebody calls for help: no test takes a channel meanwhile, and no call of the box's own.
    pub(crate) fn yield_to_help(&mut self, now: Instant) {
        self.end_lent(now);
        self.end_alerts(now);
        let running = self
            .trunks
            .iter_mut()
            .filter_map(|trunk| std::mem::take(&mut trunk.proof.under_way).then(|| trunk.name().to_owned()));
        let names: Vec<String> = running.collect();
        if !names.is_empty() {
            self.last_yielded = Some(now);
        }
        for name in names {
            self.agenda.cancel(&Due::HelpTestSilent(name.clone()));
            self.live.trunk_changed(&name);
            self.take_back_test(now, &name);
            self.plan_test(now, &name, LATER);
        }
    }

    fn end_test(&mut self, now: Instant, name: &str, failure: Option<String>) {
        let Some(trunk) = self.trunk_mut(name) else { return };
        if !std::mem::take(&mut trunk.proof.under_way) {
            return;
        }
        trunk.proof.failures = if failure.is_some() { trunk.proof.failures.saturating_add(1) } else { 0 };
        let often = trunk.proof.failures >= FAILURES;
        self.live.trunk_changed(name);
        self.agenda.cancel(&Due::HelpTestSilent(name.to_owned()));
        match failure {
            None => self.note_proof(now, name),
            Some(detail) => {
                self.plan_test(now, name, LATER);
                if often {
                    self.note_unproven(name, detail);
                }
            }
        }
    }

    fn note_proof(&mut self, now: Instant, name: &str) {
        let minute = self.costs.civil(now).minutes();
        self.solve_proof(name);
        if let Some(trunk) = self.trunk_mut(name) {
            (trunk.proof.proven, trunk.proof.rang) = (Some(minute), true);
        }
        let kept = Kept { name: format!("{KEPT}{name}"), window: minute, amount: 1 };
        self.outputs.push_back(Output::Spent(vec![kept]));
    }

    fn take_back_test(&mut self, now: Instant, name: &str) {
        let is_test = |purpose: &Purpose| matches!(purpose, Purpose::HelpTest { trunk } if trunk == name);
        let tests: Vec<_> = self.sent.iter().filter(|(_, sent)| is_test(&sent.purpose)).map(|(key, _)| *key).collect();
        tests.into_iter().for_each(|client| self.endpoint.cancel(now, client));
    }

    fn plan_test(&mut self, now: Instant, name: &str, wait: Duration) {
        let jitter = Duration::from_secs(self.rng.random_range(0..=JITTER));
        self.agenda.set(Due::HelpTest(name.to_owned()), now + wait + jitter);
    }

    /// The test number, unless the plan of now takes it for help.
    fn test_number(&self) -> Option<String> {
        let number = self.directory.office().emergency.test_number.as_ref()?.to_string();
        centrale_numbering::is_emergency(self.directory.country(), &number).is_none().then_some(number)
    }

    /// The INVITE of a test. Its sound would go to a port where nobody listens (discard, RFC 863).
    fn test_call(&mut self, name: &str) -> Option<(Request, Path, Ours)> {
        let (tag, call_id, number) = (self.token(), self.token(), self.test_number()?);
        let target = self.trunk(name)?.target()?;
        let path = Path::Target(target);
        let ours = Ours { transport: target.transport, local: self.local_over(name, &path)? };
        let mut description = LegDescription::new(ours.local.ip(), 9, ours.transport, &mut self.rng);
        self.speak_as(name, &mut description);
        let offer = description.offer(&Session::parse(OFFER).ok()?).ok()?;
        let trunk = self.trunk(name)?;
        let uri = trunk.address_of(&number);
        let mut request = Request::new(Method::INVITE, uri.clone());
        self.present_office(trunk, &tag, &mut request)?;
        let headers = &mut request.headers;
        headers.push(HeaderName::To, NameAddr::new(uri).to_string());
        headers.push(HeaderName::CallId, call_id);
        headers.push(HeaderName::CSeq, "1 INVITE");
        headers.push(HeaderName::Contact, NameAddr::new(ours.contact(trunk.contact_user())).to_string());
        headers.push(HeaderName::Allow, allow());
        trunk.route(&mut request);
        request.set_body(CONTENT_TYPE, offer.to_bytes());
        Some((request, path, ours))
    }
}

/// What a phone would offer.
pub(crate) const OFFER: &[u8] =
    b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 8 0 101\r\n\
    a=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n";
