//! A large office's phones, set up by the box and booted all at once: Yealinks, Snoms, and DECT bases.
//!
//! Each does what its maker's phones do, in their order and over TLS, with a client of our own: hundreds of programs
//! would measure the machine and not the box. It reads what it was given as the phone would and registers with that.

mod line;
mod settings;
mod web;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::net::SocketAddr;
use std::sync::{Arc, Barrier};
use std::thread;

use rustls::ClientConfig;

use crate::lan::with_colons;
use crate::street::{Plug, Street};
use crate::{Failure, Installed, Result, Subscriber, Trunk, on_core, other_core};

pub(crate) use line::KEY;
pub use line::Line;
use settings::{Authority, Settings};
pub use web::phone_tls;

/// The number of the first person.
const FIRST_NUMBER: usize = 201;
/// Handsets of a base.
const HANDSETS: usize = 8;

/// Which phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Model {
    /// Yealink T54W.
    T54W,
    /// Snom D785.
    D785,
    /// Yealink W60B with eight handsets.
    W60B,
}

impl Model {
    const fn name(self) -> &'static str {
        match self {
            Model::T54W => "T54W",
            Model::D785 => "D785",
            Model::W60B => "W60B",
        }
    }

    const fn people(self) -> usize {
        match self {
            Model::T54W | Model::D785 => 1,
            Model::W60B => HANDSETS,
        }
    }

    /// A MAC address of its maker.
    fn mac(self, number: usize) -> String {
        let maker = if self == Model::D785 { "000413" } else { "805ec0" };
        format!("{maker}01{number:04x}")
    }

    fn user_agent(self, mac: &str) -> String {
        match self {
            Model::T54W => format!("Yealink SIP-T54W 96.86.0.70 {}", with_colons(mac)),
            Model::W60B => format!("Yealink W60B 77.85.0.160 {}", with_colons(mac)),
            Model::D785 => format!(
                "Mozilla/4.0 (compatible; snomD785-SIP 10.1.198.19 2010.12-00001-gd311851f1 (Feb 25 2019 - 14:19:43) {} \
                 SXM:0 UXM:0 UXMC:0)",
                mac.to_ascii_uppercase()
            ),
        }
    }
}

/// A phone, and what it knows.
#[derive(Debug)]
pub struct CrowdPhone {
    model: Model,
    mac: String,
    user_agent: String,
    plug: Plug,
    /// The last file of its own, which it keeps without power.
    settings: Option<Settings>,
    tls: Option<Arc<ClientConfig>>,
    /// Where it was told to find an authority, and did.
    fetched: BTreeSet<String>,
    lines: Vec<Line>,
    /// Files with a secret in them that it was given since it was last plugged in.
    given: Vec<BTreeSet<String>>,
    /// Every address that it was told to ask at.
    told: BTreeSet<String>,
    /// Connections that came to nothing since then, and were tried once more.
    again: usize,
}

impl CrowdPhone {
    fn new(model: Model, number: usize) -> CrowdPhone {
        let mac = model.mac(number);
        CrowdPhone {
            model,
            user_agent: model.user_agent(&mac),
            mac,
            plug: Street::plug(number),
            settings: None,
            tls: None,
            fetched: BTreeSet::new(),
            lines: Vec::new(),
            given: Vec::new(),
            told: BTreeSet::new(),
            again: 0,
        }
    }

    /// Is set up, out of its box: it was told by the router to ask at `bootstrap`, a folder over HTTP.
    ///
    /// # Errors
    /// When it is not given an account.
    pub fn set_up(&mut self, bootstrap: &str) -> Result<()> {
        let own = match self.model {
            Model::T54W | Model::W60B => bootstrap.to_owned(),
            Model::D785 => {
                self.ask_in_vain(&format!("{bootstrap}snomD785.htm"))?;
                format!("{bootstrap}snomD785-{}.htm", self.mac.to_ascii_uppercase())
            }
        };
        self.read_at(&own)?;
        self.read_settings()
    }

    /// Reads its settings where it was last told to, as on every boot.
    ///
    /// # Errors
    /// When it is not given a file.
    pub fn read_settings(&mut self) -> Result<()> {
        let next = self.known()?.next()?.to_owned();
        self.read_at(&next)
    }

    /// Registers every account of its settings.
    ///
    /// # Errors
    /// When one is refused, or cannot connect twice in a row.
    pub fn register(&mut self) -> Result<()> {
        let mut lines = self.all_lines()?;
        for line in &mut lines {
            if let Err(failure) = line.register() {
                self.again(failure)?;
                line.register()?;
            }
        }
        self.lines = lines;
        Ok(())
    }

    /// Its first line, not connected.
    ///
    /// # Errors
    /// When it has no account.
    pub fn first_line(&self) -> Result<Line> {
        self.all_lines()?.into_iter().next().ok_or_else(|| Failure::Unexpected(format!("{} has no account", self.mac)))
    }

    /// The power goes: its connections are gone, what it knows stays.
    pub fn unplug(&mut self) {
        (self.lines, self.given, self.again) = (Vec::new(), Vec::new(), 0);
    }

    /// What its own file holds that nobody else may know.
    #[must_use]
    pub fn secrets(&self) -> BTreeSet<String> {
        self.settings.as_ref().map(Settings::secrets).unwrap_or_default()
    }

    /// The secrets in each file with an account that it was given since it was last plugged in.
    #[must_use]
    pub fn given(&self) -> &[BTreeSet<String>] {
        &self.given
    }

    /// Every address that it was ever told to ask at: what is in it opened a file once, or still does.
    #[must_use]
    pub fn told(&self) -> &BTreeSet<String> {
        &self.told
    }

    /// How often it had to try again since then.
    #[must_use]
    pub fn tried_again(&self) -> usize {
        self.again
    }

    /// How many accounts are registered.
    #[must_use]
    pub fn registered(&self) -> usize {
        self.lines.len()
    }

    /// Its MAC address.
    #[must_use]
    pub fn mac(&self) -> &str {
        &self.mac
    }

    /// The path of its own file, and what was in it last.
    ///
    /// # Errors
    /// When it has none.
    pub fn own_file(&self) -> Result<(String, String)> {
        let settings = self.known()?;
        let url = match self.model {
            Model::T54W | Model::W60B => format!("{}{}.cfg", settings.next()?, self.mac),
            Model::D785 => settings.next()?.to_owned(),
        };
        let path = url.splitn(4, '/').nth(3).unwrap_or_default();
        Ok((format!("/{path}"), settings.text().to_owned()))
    }

    /// Asks for a file at another server, which it trusts by `tls`.
    ///
    /// # Errors
    /// When it is not given one.
    pub fn ask_at(&self, server: SocketAddr, path: &str, tls: &Arc<ClientConfig>) -> Result<String> {
        let url = format!("https://{server}{path}");
        match web::get(&self.plug, &url, &self.user_agent, Some(tls))? {
            web::Answer { status: 200, body } => Ok(body),
            web::Answer { status, .. } => Err(Failure::Unexpected(format!("{url} was answered with {status}"))),
        }
    }

    /// Its TLS, once it was given an authority to trust.
    #[must_use]
    pub fn tls(&self) -> Option<&Arc<ClientConfig>> {
        self.tls.as_ref()
    }

    /// Looks again and again from now on where it would sleep: what it costs to wake a sleeper is charged to who sends.
    pub fn poll(&mut self) {
        self.plug.polls = true;
    }

    fn known(&self) -> Result<&Settings> {
        self.settings.as_ref().ok_or_else(|| Failure::Unexpected(format!("{} has no settings yet", self.mac)))
    }

    fn all_lines(&self) -> Result<Vec<Line>> {
        let accounts = self.known()?.accounts()?;
        let tls = self.tls.as_ref().ok_or_else(|| Failure::Unexpected(format!("{} trusts nobody", self.mac)))?;
        // In SIP it does not say its MAC address.
        let agent = match self.model {
            Model::T54W | Model::W60B => self.user_agent.rsplit_once(' ').map_or("", |(agent, _)| agent),
            Model::D785 => "snomD785/10.1.198.19",
        };
        let line = |account| Line::new(self.plug.clone(), account, agent.to_owned(), Arc::clone(tls));
        accounts.into_iter().map(line).collect()
    }

    /// Reads its own file in the way of its maker, and does what it says about whom to trust.
    fn read_at(&mut self, place: &str) -> Result<()> {
        let url = match self.model {
            Model::T54W | Model::W60B => {
                let boot = self.ask(&format!("{place}{}.boot", self.mac))?;
                Settings::read(boot)?.included()?.to_owned()
            }
            Model::D785 => place.to_owned(),
        };
        let settings = Settings::read(self.ask(&url)?)?;
        self.trust(settings.authority()?)?;
        self.told.insert(settings.next()?.to_owned());
        if !settings.accounts()?.is_empty() {
            self.given.push(settings.secrets());
        }
        self.settings = Some(settings);
        Ok(())
    }

    fn trust(&mut self, authority: Authority) -> Result<()> {
        let pem = match authority {
            Authority::Is(pem) => pem,
            Authority::At(url) if self.fetched.contains(&url) => return Ok(()),
            Authority::At(url) => {
                let pem = self.ask(&url)?;
                self.fetched.insert(url);
                pem
            }
        };
        self.tls = Some(phone_tls(&pem)?);
        Ok(())
    }

    /// Asks for a file that is there.
    fn ask(&mut self, url: &str) -> Result<String> {
        let get = |phone: &CrowdPhone| web::get(&phone.plug, url, &phone.user_agent, phone.tls.as_ref());
        let answer = match get(self) {
            Ok(answer) => answer,
            Err(failure) => {
                self.again(failure)?;
                get(self)?
            }
        };
        match answer.status {
            200 => Ok(answer.body),
            status => Err(Failure::Unexpected(format!("{} was answered with {status} at {url}", self.mac))),
        }
    }

    fn ask_in_vain(&mut self, url: &str) -> Result<()> {
        match web::get(&self.plug, url, &self.user_agent, None)?.status {
            404 => Ok(()),
            status => Err(Failure::Unexpected(format!("{url} is nobody's file and was answered with {status}"))),
        }
    }

    /// A connection that came to nothing is tried once more; an answer that says no is final.
    fn again(&mut self, failure: Failure) -> Result<()> {
        match failure {
            Failure::Machine { .. } => {
                self.again += 1;
                Ok(())
            }
            refused => Err(refused),
        }
    }
}

/// A street full of phones.
#[derive(Debug)]
pub struct Crowd {
    /// Their network.
    pub street: Street,
    /// The phones, in the order in which they were asked for.
    pub phones: Vec<CrowdPhone>,
}

impl Crowd {
    /// So many Yealinks, Snoms and bases, all new.
    ///
    /// # Errors
    /// When namespaces are not allowed here.
    pub fn move_in(yealinks: usize, snoms: usize, bases: usize) -> Result<Crowd> {
        let kinds = [(Model::T54W, yealinks), (Model::D785, snoms), (Model::W60B, bases)];
        let models = kinds.into_iter().flat_map(|(model, count)| std::iter::repeat_n(model, count));
        let phones: Vec<_> = models.enumerate().map(|(number, model)| CrowdPhone::new(model, number)).collect();
        let macs: Vec<String> = phones.iter().map(|phone| phone.mac.clone()).collect();
        Ok(Crowd { street: Street::make(&macs)?, phones })
    }

    /// Accounts that there are to register.
    #[must_use]
    pub fn accounts(&self) -> usize {
        self.phones.iter().map(|phone| phone.model.people()).sum()
    }

    /// A box at the street's host whose office has a person for each account, and names each phone.
    ///
    /// # Errors
    /// As [`Installed::new`].
    pub fn install(&self, trunk: Option<&Trunk>, log: &str) -> Result<Installed> {
        let numbers = FIRST_NUMBER..FIRST_NUMBER + self.accounts();
        let people: Vec<Subscriber> = numbers.map(|number| Subscriber::new(&number.to_string())).collect();
        Installed::with_phones(&self.street.host(), &people, &self.office_text(), trunk, log)
    }

    /// The phones as they stand in an office file.
    fn office_text(&self) -> String {
        let (mut text, mut numbers) = (String::new(), FIRST_NUMBER..);
        for CrowdPhone { model, mac, .. } in &self.phones {
            let own: Vec<usize> = numbers.by_ref().take(model.people()).collect();
            let users = match (model, own.as_slice()) {
                (Model::T54W | Model::D785, [number]) => format!("person = \"{number}\""),
                _ => {
                    let handset = |number: &usize| format!("{{ person = \"{number}\", model = \"W56H\" }}");
                    format!("handsets = [{}]", own.iter().map(handset).collect::<Vec<_>>().join(", "))
                }
            };
            // Writing to a String cannot fail.
            let _ = write!(text, "\n[[phone]]\nmac = \"{mac}\"\nmodel = \"{}\"\n{users}\n", model.name());
        }
        text
    }

    /// Does `work` with every phone at the same time, in the phones' network and beside the box's core, and `meanwhile`
    /// with one more pair of hands.
    ///
    /// # Errors
    /// The first phone's that failed, or those of `meanwhile`.
    pub fn all_at_once<T: Send>(
        &mut self,
        work: impl Fn(&mut CrowdPhone) -> Result<()> + Sync,
        meanwhile: impl FnOnce() -> Result<T> + Send,
    ) -> Result<T> {
        let Crowd { street, phones } = self;
        let starting = Barrier::new(phones.len() + 1);
        let (work, starting) = (&work, &starting);
        let at_once = || {
            thread::scope(|scope| {
                let begin = |phone| {
                    scope.spawn(move || {
                        starting.wait();
                        work(phone)
                    })
                };
                let working: Vec<_> = phones.iter_mut().map(begin).collect();
                starting.wait();
                let done = meanwhile();
                let all = working.into_iter().map(|phone| phone.join().expect("a phone does not panic"));
                all.collect::<Result<Vec<()>>>()?;
                done
            })
        };
        street.phones().inside(|| on_core(other_core(), at_once))
    }

    /// Does `work` with every `step`-th phone, one after the other, in the same places.
    ///
    /// # Errors
    /// The first phone's that failed.
    pub fn one_by_one(&mut self, step: usize, work: impl Fn(&mut CrowdPhone) -> Result<()> + Send) -> Result<()> {
        let Crowd { street, phones } = self;
        let in_turn = || phones.iter_mut().step_by(step).try_for_each(work);
        street.phones().inside(|| on_core(other_core(), in_turn))
    }

    /// The power goes at every desk.
    pub fn unplug(&mut self) {
        self.phones.iter_mut().for_each(CrowdPhone::unplug);
    }
}
