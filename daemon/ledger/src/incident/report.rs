//! The report of an incident as a provider's abuse desk asks for it: the service, dates and times with their offset from UTC,
//! the evidence, the measures taken; and the lines of the log that prove it.

use serde::Serialize;

use super::words::{Language, Said, Words, said};
use super::{Count, Duty, Sample, Story};
use crate::civil::Zone;
use crate::pdf::Pdf;

/// What the box says of itself and of the office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Service {
    /// The office.
    pub office: String,
    /// What was attacked.
    pub kind: &'static str,
    /// The program, and its version.
    pub program: String,
    /// The UDP and TCP port of SIP.
    pub port: u16,
    /// The provider's names, as the office wrote them.
    pub providers: Vec<String>,
    /// Their abuse desks, as far as the office knows them.
    pub abuse_desks: Vec<AbuseDesk>,
}

/// Who at a provider is told, and when an answer is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AbuseDesk {
    /// The provider, as the office wrote it.
    pub provider: String,
    /// What it is called.
    pub name: String,
    /// Its mail address.
    pub address: String,
    /// Within how many days it answers.
    pub answer_days: u16,
}

/// A line of the log of incidents, as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// Its number.
    pub sequence: u64,
    /// When it was written, in milliseconds since 1970 UTC.
    pub at: u64,
    /// By whom.
    pub who: String,
    /// `story`, or the word of a [`Duty`] that somebody did.
    pub kind: String,
    /// Its hash, 64 hexadecimal digits.
    pub hash: String,
}

/// The end of the log, as it was when the report was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogHead {
    /// The number of the last line.
    pub sequence: i64,
    /// Its hash.
    pub hash: String,
}

/// Why attempts and their evidence are kept (GDPR 5.1.b): to protect the office and its lines.
const PURPOSE: &str = "protection";

/// A report. Times are ISO 8601 with the office's offset from UTC at that moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Names the incident.
    pub id: String,
    /// What all of this was written down for, and nothing else.
    pub purpose: &'static str,
    /// What was attacked.
    pub service: Service,
    /// The office's time zone.
    pub time_zone: String,
    /// When this was written.
    pub written: String,
    /// The first attempt.
    pub first: String,
    /// The last one.
    pub last: String,
    /// How many attempts.
    pub attempts: u64,
    /// Whom it is about: `address`, `network`, `account`, `provider` or `many`.
    pub about: String,
    /// Which.
    pub subject: String,
    /// What was tried.
    pub tried: Vec<Count>,
    /// The measures taken.
    pub measures: Vec<Count>,
    /// Until when the last block lasts.
    pub blocked_until: Option<String>,
    /// Whether anything got in.
    pub result: String,
    /// The first that got in: when, as whom, from where, and what the box did.
    pub got_in: Option<Evidence>,
    /// Addresses it came from; whether there were others says `sources_more`.
    pub sources: Vec<String>,
    /// See `sources`.
    pub sources_more: bool,
    /// Accounts that were named.
    pub accounts: Vec<String>,
    /// Numbers that were called or asked for.
    pub targets: Vec<String>,
    /// What the devices call themselves.
    pub devices: Vec<String>,
    /// Single attempts in full.
    pub evidence: Vec<Evidence>,
    /// What is due, to whom, and whether it was done.
    pub deadlines: Vec<Due>,
    /// The lines of the log about it.
    pub log: Vec<Logged>,
    /// The end of the log.
    pub chain: LogHead,
}

/// One attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// When.
    pub time: String,
    /// Address and port.
    pub from: String,
    /// What was tried.
    pub what: String,
    /// For which account.
    pub account: String,
    /// What was called or asked for.
    pub target: String,
    /// What the box did.
    pub measure: String,
}

/// Something that is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Due {
    /// What.
    pub duty: &'static str,
    /// Until when.
    pub until: String,
    /// When it was done.
    pub done: Option<String>,
    /// By whom.
    pub by: Option<String>,
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Logged {
    /// Its number.
    pub sequence: u64,
    /// When it was written.
    pub time: String,
    /// By whom.
    pub who: String,
    /// What it says.
    pub kind: String,
    /// Its hash, over it and all lines before it.
    pub hash: String,
}

impl Report {
    /// The report of a story, written at `now` (milliseconds since 1970 UTC).
    pub fn new(
        story: &Story,
        service: Service,
        (zone, time_zone): (&Zone, &str),
        now: u64,
        log: &[LogLine],
        chain: LogHead,
    ) -> Self {
        let at = |ms: u64| zone.written(ms);
        Self {
            id: story.id.clone(),
            purpose: PURPOSE,
            service,
            time_zone: time_zone.to_owned(),
            written: at(now),
            first: at(story.first),
            last: at(story.last),
            attempts: story.attempts,
            about: story.about.clone(),
            subject: story.subject.clone(),
            tried: story.tried.clone(),
            measures: story.done.clone(),
            blocked_until: story.blocked_until.map(at),
            result: story.reached.clone(),
            got_in: story.got_in.as_ref().map(|first| one_of(first, zone)),
            sources: story.sources.some.clone(),
            sources_more: story.sources.more,
            accounts: story.accounts.some.clone(),
            targets: story.targets.some.clone(),
            devices: story.devices.some.clone(),
            evidence: evidence(story, zone),
            deadlines: deadlines(story, zone, log),
            log: logged(zone, log),
            chain,
        }
    }

    /// As PDF, in a language.
    pub fn pdf(&self, language: Language) -> Vec<u8> {
        let words = Words::of(language);
        let mut pdf = Pdf::new(&format!("{} {}", words.title, self.id));
        pdf.text(&words.line(words.written, &self.written));
        pdf.heading(words.service);
        let Service { office, program, port, providers, .. } = &self.service;
        pdf.text(&words.line(words.office, office));
        pdf.text(&words.line(words.kind, &format!("{}, SIP {port} ({program})", words.exchange)));
        if !providers.is_empty() {
            pdf.text(&words.line(words.provider, &providers.join(", ")));
        }
        for AbuseDesk { provider, name, address, answer_days } in &self.service.abuse_desks {
            let term = words.answer.replace("{}", &answer_days.to_string());
            pdf.text(&words.line(words.abuse_desk, &format!("{name} ({provider}), {address}, {term}")));
        }
        pdf.heading(words.when);
        pdf.text(&words.line(words.first, &self.first));
        pdf.text(&words.line(words.last, &self.last));
        pdf.text(&words.line(words.zone, &self.time_zone));
        pdf.heading(words.happened);
        pdf.text(&words.line(words.who, &self.who(words)));
        pdf.text(&words.line(words.attempts, &self.attempts.to_string()));
        self.counts(&mut pdf, language, &self.tried);
        pdf.text(&words.line(words.result, said(&self.result, language)));
        if let Some(first) = &self.got_in {
            pdf.text(&words.line(words.got_in, &first.line(words, language)));
        }
        for (name, named) in
            [(words.accounts, &self.accounts), (words.targets, &self.targets), (words.devices, &self.devices)]
        {
            if !named.is_empty() {
                pdf.text(&words.line(name, &named.join(", ")));
            }
        }
        pdf.heading(words.measures);
        self.counts(&mut pdf, language, &self.measures);
        if let Some(until) = &self.blocked_until {
            pdf.text(&words.line(words.blocked_until, until));
        }
        pdf.heading(words.evidence);
        for one in &self.evidence {
            pdf.text(&one.line(words, language));
        }
        self.proof(&mut pdf, words, language);
        pdf.finish()
    }

    fn counts(&self, pdf: &mut Pdf, language: Language, counts: &[Count]) {
        for Count { what, count } in counts {
            pdf.text(&format!("{count} × {}", said(what, language)));
        }
    }

    fn who(&self, words: &Words) -> String {
        let mut who = if self.subject.is_empty() { words.many.to_owned() } else { self.subject.clone() };
        if !self.sources.is_empty() && self.sources != [self.subject.as_str()] {
            who = format!("{who} ({}{})", self.sources.join(", "), if self.sources_more { ", …" } else { "" });
        }
        who
    }

    /// What is due and what was done about it, and the lines of the log.
    fn proof(&self, pdf: &mut Pdf, words: &Words, language: Language) {
        if !self.deadlines.is_empty() {
            pdf.heading(words.deadlines);
        }
        for due in &self.deadlines {
            let done = due.done.as_deref().map(|done| format!(" ({} {done})", words.done)).unwrap_or_default();
            pdf.text(&words.line(said(due.duty, language), &format!("{}{done}", due.until)));
        }
        pdf.heading(words.log);
        pdf.text(words.log_sentence);
        for Logged { sequence, time, who, kind, hash } in &self.log {
            pdf.text(&format!("{sequence} · {time} · {who} · {} · {hash}", said(kind, language)));
        }
        pdf.text(&words.line(words.head, &format!("{} · {}", self.chain.sequence, self.chain.hash)));
    }
}

impl Evidence {
    fn line(&self, words: &Words, language: Language) -> String {
        let mut line = format!("{} · {}", self.time, said(&self.what, language));
        for (name, value) in [(words.from, &self.from), (words.account, &self.account), (words.target, &self.target)] {
            if !value.is_empty() {
                line = format!("{line} · {name} {value}");
            }
        }
        format!("{line} · {}", said(&self.measure, language))
    }
}

impl Words {
    /// A name and what it is.
    fn line(&self, name: Said, value: &str) -> String {
        format!("{name}{}{value}", self.colon)
    }
}

fn evidence(story: &Story, zone: &Zone) -> Vec<Evidence> {
    story.samples.iter().map(|sample| one_of(sample, zone)).collect()
}

fn one_of(sample: &Sample, zone: &Zone) -> Evidence {
    Evidence {
        time: zone.written(sample.at),
        from: sample.from.clone(),
        what: sample.what.clone(),
        account: sample.account.clone(),
        target: sample.target.clone(),
        measure: sample.done.clone(),
    }
}

fn deadlines(story: &Story, zone: &Zone, log: &[LogLine]) -> Vec<Due> {
    let due = |duty: Duty, until: u64| {
        let done = log.iter().find(|line| line.kind == duty.code());
        Due {
            duty: duty.code(),
            until: zone.written(until),
            done: done.map(|line| zone.written(line.at)),
            by: done.map(|line| line.who.clone()),
        }
    };
    story.deadlines().into_iter().map(|deadline| due(deadline.duty, deadline.until)).collect()
}

fn logged(zone: &Zone, log: &[LogLine]) -> Vec<Logged> {
    let line = |line: &LogLine| Logged {
        sequence: line.sequence,
        time: zone.written(line.at),
        who: line.who.clone(),
        kind: line.kind.clone(),
        hash: line.hash.clone(),
    };
    log.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::story;
    use super::*;

    fn report(story: &Story) -> Report {
        let service = Service {
            office: "Bakkerij Élan".into(),
            kind: "sip",
            program: "Centrale 1.2".into(),
            port: 5060,
            providers: vec!["voip".into()],
            abuse_desks: Vec::new(),
        };
        let line = |sequence, kind: &str| LogLine {
            sequence,
            at: story.last,
            who: "admin".into(),
            kind: kind.into(),
            hash: "ab".repeat(32),
        };
        let zone = Zone::named("Europe/Amsterdam").unwrap();
        let head = LogHead { sequence: 9, hash: "cd".repeat(32) };
        let log = [line(7, "story"), line(8, "provider")];
        Report::new(story, service, (&zone, "Europe/Amsterdam"), story.last, &log, head)
    }

    #[test]
    fn a_041_a_report_names_the_service_the_time_with_its_offset_also_when_the_clock_changes_the_evidence_and_the_measures()
     {
        let report = report(&story());
        assert_eq!(report.first, "2026-10-25T02:30:00.000+02:00");
        assert_eq!(report.last, "2026-10-25T02:30:00.000+01:00", "an hour later, after the change");
        assert_eq!(report.evidence[0].from, "203.0.113.66:5060");
        assert_eq!(report.measures[1], Count { what: "blocked".into(), count: 211 });
        assert_eq!(report.service.office, "Bakkerij Élan");
        assert!(report.deadlines.is_empty());
    }

    #[test]
    fn a_107_the_lines_of_the_log_and_its_end_are_in_it_so_that_nobody_can_say_that_it_was_made_up() {
        let got_in = Story { reached: "apart".into(), ..story() };
        let report = report(&got_in);
        assert_eq!((report.log.len(), report.chain.sequence), (2, 9));
        assert_eq!(report.deadlines[0].by.as_deref(), Some("admin"), "the provider was told");
        assert_eq!((report.deadlines[1].duty, report.deadlines[1].done.as_ref()), ("authority", None));
    }

    #[test]
    fn who_got_in_is_told_with_the_time_as_whom_from_where_and_what_the_box_did() {
        let entry = Sample {
            at: story().last,
            from: "203.0.113.67:40000".into(),
            what: "page-entered".into(),
            account: "admin".into(),
            target: String::new(),
            done: "let-in".into(),
        };
        let without = report(&Story { reached: "page".into(), ..story() });
        let report = report(&Story { reached: "page".into(), got_in: Some(entry), ..story() });
        let line = report.got_in.as_ref().unwrap().line(Words::of(Language::English), Language::English);
        assert_eq!(
            line,
            "2026-10-25T02:30:00.000+01:00 · had a right password for the page after wrong ones · \
             from 203.0.113.67:40000 · account admin · let in"
        );
        assert!(report.pdf(Language::English).len() > without.pdf(Language::English).len());
    }

    #[test]
    fn a_142_the_abuse_desk_stands_in_the_report_with_its_address_and_its_term() {
        let plain = report(&story());
        let mut report = plain.clone();
        report.service.abuse_desks.push(AbuseDesk {
            provider: "voip".into(),
            name: "Abuse desk".into(),
            address: "abuse@voip.example.net".into(),
            answer_days: 30,
        });
        for language in Language::ALL {
            let says = |report: &Report, words: &str| {
                String::from_utf8_lossy(&report.pdf(language)).contains(&crate::pdf::hexadecimal(words))
            };
            assert!(says(&report, "abuse@voip.example.net") && says(&report, "30 "), "{language:?}");
            assert!(!says(&plain, "abuse@"));
        }
    }

    #[test]
    fn every_language_writes_every_part_of_it() {
        let first = story().samples.remove(0);
        let report = report(&Story { reached: "apart".into(), got_in: Some(first), ..story() });
        let sizes: Vec<usize> = Language::ALL.iter().map(|language| report.pdf(*language).len()).collect();
        assert!(sizes.iter().all(|size| *size > 3_000), "{sizes:?}");
        assert_eq!(report.pdf(Language::Dutch), report.pdf(Language::Dutch), "the same report is the same file");
    }
}
