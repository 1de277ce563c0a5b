//! A phone's HTTP request: which door it knocks on, whether it may, and what it gets.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use centrale_config::Mac;
use rand::CryptoRng;

use super::budget::Reach;
use super::device::{Binding, Pairing, Proof};
use super::sheets::{HEADERS, file};
use super::token::{DeviceSecret, Token};
use super::{
    Alarm, AlarmKind, Answer, Door, DoorKind, Effect, Enrolment, HttpRequest, Moment, Neighbour, Refusal, Said, Scheme,
};
use crate::catalogue::Stage;
use crate::recognise::{Dialect, FileName, UserAgentHint};

/// Wrong addresses from one source within a minute before its answers are slowed.
const FREE_GUESSES: u32 = 5;
/// How much they are slowed.
const GUESSER_DELAY: Duration = Duration::from_secs(1);
/// How much what comes to nothing is slowed for a source that asked in vain too often, when it shows a token.
const ASKS_IN_VAIN_DELAY: Duration = Duration::from_secs(1);
/// How many guessing sources are kept in mind.
const MAX_GUESSERS: usize = 1024;

/// The wrong addresses of one source in one minute.
#[derive(Debug, Clone)]
pub(super) struct Guesses {
    since: Instant,
    count: u32,
}

/// The folders of the two doors.
pub(super) enum Knock<'a> {
    Bootstrap { nonce: Option<&'a str>, file: &'a str },
    Steady { token: &'a str, file: &'a str },
    Link { token: &'a str },
}

impl<'a> Knock<'a> {
    pub(super) fn read(scheme: Scheme, path: &'a str) -> Option<Self> {
        let parts: Vec<&str> = path.strip_prefix('/')?.splitn(4, '/').collect();
        match *parts.as_slice() {
            ["b", nonce, file] => Some(Self::Bootstrap { nonce: Some(nonce), file }),
            ["p", token, file] => Some(Self::Steady { token, file }),
            ["l", token] => Some(Self::Link { token }),
            [file] if scheme == Scheme::Http => Some(Self::Bootstrap { nonce: None, file }),
            _ => None,
        }
    }
}

impl Enrolment {
    /// A request on the bootstrap port (any path), or on the TLS port under `/p/` or `/l/`. The answer goes out as it
    /// is, after its delay; effects are carried out first.
    pub fn handle_request(
        &mut self,
        moment: Moment,
        request: &HttpRequest<'_>,
        rng: &mut impl CryptoRng,
    ) -> (Answer, Vec<Effect>) {
        self.expire(moment);
        let canonical = HttpRequest { source: request.source.to_canonical(), ..*request };
        let reach = canonical.neighbour.reach();
        let flooded = self.is_flood(moment.now, canonical.source, reach, canonical.path);
        let slowed = !flooded && self.vain.is_spent(moment.now, canonical.source, reach);
        let looked = if flooded { Err(Refusal::AsksTooOften) } else { self.route(moment, &canonical, rng) };
        let answer = looked.unwrap_or_else(|refusal| {
            self.note_unanswered(moment, &canonical, refusal, rng);
            self.note_vain(moment.now, &canonical);
            let answer = self.turn_away(moment, &canonical, refusal);
            if slowed { Answer { delay: ASKS_IN_VAIN_DELAY, ..answer } } else { answer }
        });
        (answer, std::mem::take(&mut self.effects))
    }

    /// Whether a request will be turned away unseen, because its source asked in vain too often; then nothing need be
    /// found out about it. Who shows a token is heard all the same, since a phone is not silenced by its neighbour behind
    /// the same router; when that comes to nothing too, the answer is slowed.
    pub fn is_flood(&self, now: Instant, source: IpAddr, reach: Reach, path: &str) -> bool {
        self.vain.is_spent(now, source, reach) && !shows_token(path)
    }

    /// A request came to nothing: it is taken from what its source may ask in vain. When that was the last, the card of
    /// the phone at that place says so.
    fn note_vain(&mut self, now: Instant, request: &HttpRequest<'_>) {
        if self.vain.spend(now, request.source, request.neighbour.reach()) {
            self.note_flood(request.source, request.neighbour);
        }
    }

    /// Somebody asks far too often: where a phone can be told by its place, its card says so.
    fn note_flood(&mut self, source: IpAddr, neighbour: Neighbour) {
        if let Some(mac) = self.at_place(source, neighbour) {
            self.note_reason(mac, Some(Refusal::AsksTooOften));
            self.show(mac);
        }
    }

    /// PnP packets come so fast that those of this source are no longer taken.
    pub fn handle_pnp_flood(&mut self, source: IpAddr, neighbour: Neighbour) -> Vec<Effect> {
        self.count(Refusal::AsksTooOften);
        self.note_flood(source.to_canonical(), neighbour);
        std::mem::take(&mut self.effects)
    }

    fn route(
        &mut self,
        moment: Moment,
        request: &HttpRequest<'_>,
        rng: &mut impl CryptoRng,
    ) -> Result<Answer, Refusal> {
        if request.method != "GET" {
            return Err(Refusal::MethodRefused);
        }
        match Knock::read(request.scheme, request.path).ok_or(Refusal::NoSuchFile)? {
            Knock::Link { token } => self.open_link(moment, request, token, rng),
            Knock::Bootstrap { nonce, file } => {
                if request.scheme == Scheme::Https {
                    return Err(Refusal::NoSuchFile);
                }
                self.bootstrap(moment, request, nonce, file, rng)
            }
            Knock::Steady { token, file } => self.steady(moment, request, token, file, rng),
        }
    }

    /// The bootstrap folder: in clear, only while a window is open, and without a secret.
    fn bootstrap(
        &mut self,
        moment: Moment,
        request: &HttpRequest<'_>,
        nonce: Option<&str>,
        name: &str,
        rng: &mut impl CryptoRng,
    ) -> Result<Answer, Refusal> {
        let wanted = FileName::read(name).ok_or(Refusal::NoSuchFile)?;
        let (mac, nonce) = match nonce {
            Some(text) => self.mac_behind(text, DoorKind::Bootstrap)?,
            None => self.without_nonce(moment, request, &wanted, rng)?,
        };
        if wanted == FileName::CaCertificate {
            return Ok(self.certificate());
        }
        let outcome = self.bootstrap_file(moment, request, mac, &nonce, &wanted, rng);
        // Its maker's phones ask for files that nobody has; that is no reason to be stuck.
        if !matches!(outcome, Err(Refusal::NoSuchFile)) {
            self.note_reason(mac, outcome.as_ref().err().copied());
        }
        self.show(mac);
        outcome
    }

    fn bootstrap_file(
        &mut self,
        moment: Moment,
        request: &HttpRequest<'_>,
        mac: Mac,
        nonce: &Token,
        wanted: &FileName,
        rng: &mut impl CryptoRng,
    ) -> Result<Answer, Refusal> {
        // A phone that has its first file may still fetch the certificate when the window closes; no more than that.
        self.window.as_ref().ok_or(Refusal::WindowClosed)?;
        if wanted.mac() != Some(mac) {
            return Err(Refusal::NoSuchFile);
        }
        self.check_place(mac, request.source, request.neighbour, true)?;
        self.check_user_agent(mac, request)?;
        self.own_pairing(mac, request.source)?.model = UserAgentHint::read(request.user_agent).map(|hint| hint.model);
        let stage = self.stage(mac, wanted, Stage::Bootstrap)?;
        let pairing = self.own_pairing(mac, request.source)?;
        if stage == Stage::Bootstrap && pairing.first.is_none() {
            pairing.first = Some(Token::mint(rng));
            pairing.expires_at = moment.now + super::PAIRING_LIFE;
        }
        let first = pairing.first.clone();
        self.index(mac);
        let here = self.bootstrap_folder(request.local, nonce);
        let scheme = self.steady_scheme(mac);
        let next = first.map(|token| self.steady_folder(scheme, request.local, &token)).unwrap_or_default();
        self.write(mac, stage, &here, &next, request.local)
    }

    /// The pairing of a phone, for who is at the address that it was begun for.
    fn own_pairing(&mut self, mac: Mac, source: IpAddr) -> Result<&mut Pairing, Refusal> {
        let pairing = self.devices.get_mut(&mac).and_then(|device| device.pairing.as_mut());
        let pairing = pairing.ok_or(Refusal::TokenUnknown)?;
        if pairing.source == source { Ok(pairing) } else { Err(Refusal::TokenMisused) }
    }

    /// A phone that was told only the box's address, by the router (DHCP option 66) or by hand, asks by its own name.
    /// In a window it is treated as one that sent a PnP packet.
    fn without_nonce(
        &mut self,
        moment: Moment,
        request: &HttpRequest<'_>,
        wanted: &FileName,
        rng: &mut impl CryptoRng,
    ) -> Result<(Mac, Token), Refusal> {
        let mac = wanted.mac().ok_or(Refusal::NoSuchFile)?;
        let hint = UserAgentHint::read(request.user_agent);
        let (model, firmware) = hint.map(|hint| (hint.model, hint.firmware)).unwrap_or_default();
        let said = Said { vendor: "", model: &model, firmware: &firmware };
        self.remember(moment, mac, request.source, request.neighbour, said, rng)?;
        let live = self.devices.get(&mac).and_then(|device| device.pairing.as_ref());
        if let Some(pairing) = live.filter(|pairing| pairing.source == request.source && self.window.is_some()) {
            return Ok((mac, pairing.nonce.clone()));
        }
        let begun = self.begin(moment, mac, request.source, request.neighbour, true, rng);
        begun.map(|nonce| (mac, nonce)).inspect_err(|refusal| {
            self.note_reason(mac, Some(*refusal));
            self.show(mac);
        })
    }

    /// The steady folder: over TLS, with a token that was made for one phone.
    fn steady(
        &mut self,
        moment: Moment,
        request: &HttpRequest<'_>,
        token: &str,
        name: &str,
        rng: &mut impl CryptoRng,
    ) -> Result<Answer, Refusal> {
        let token = Token::read(token).ok_or(Refusal::TokenUnknown)?;
        let door = *self.doors.get(&token.hash()).ok_or(Refusal::TokenUnknown)?;
        self.check_scheme(door, request)?;
        let wanted = FileName::read(name).ok_or(Refusal::NoSuchFile)?;
        match wanted {
            FileName::CaCertificate => return Ok(self.certificate()),
            FileName::PhoneBook => return self.phone_book(moment, request, door, &token),
            FileName::FirmwareStatus => return self.firmware_status(moment, request, door, &token),
            FileName::Logo(name) => return self.logo_file(moment, request, door, &name),
            FileName::Firmware(name) => return self.firmware_file(moment, request, door, &name),
            _ => {}
        }
        let stage = self.stage(door.mac, &wanted, Stage::Phone)?;
        let outcome = match door.kind {
            DoorKind::Bootstrap => Err(Refusal::TokenUnknown),
            DoorKind::First => self.by_first_token(moment, request, door.mac, &token, stage, rng),
            DoorKind::Waiting | DoorKind::Steady => self.by_steady_token(moment, request, door, &token, stage, rng),
        };
        self.show(door.mac);
        outcome
    }

    fn by_first_token(
        &mut self,
        moment: Moment,
        request: &HttpRequest<'_>,
        mac: Mac,
        token: &Token,
        stage: Stage,
        rng: &mut impl CryptoRng,
    ) -> Result<Answer, Refusal> {
        let proof = match self.check_first_use(mac, request) {
            Ok(proof) => proof,
            Err(refusal) => {
                // The phone itself would not do this. It starts over; whoever did gets nowhere.
                self.note_reason(mac, Some(refusal));
                self.end_pairing(mac);
                return Err(refusal);
            }
        };
        self.check_user_agent(mac, request)?;
        let here = self.steady_folder(request.scheme, request.local, token);
        if stage == Stage::Boot {
            return self.write(mac, stage, &here, &here, request.local);
        }
        let second = self.second_token(mac, request, proof, rng).ok_or(Refusal::TokenUnknown)?;
        self.heard(moment, Door { mac, kind: DoorKind::First }, request);
        let stage = self.enrol_if_allowed(mac, rng);
        self.write_steady(moment, mac, stage, &second, request)
    }

    /// The steady token that goes with this pairing; the same one each time it is asked for.
    fn second_token(
        &mut self,
        mac: Mac,
        request: &HttpRequest<'_>,
        proof: Proof,
        rng: &mut impl CryptoRng,
    ) -> Option<Token> {
        let user_agent_model = UserAgentHint::read(request.user_agent).map(|hint| hint.model);
        let device = self.devices.get_mut(&mac)?;
        let pairing = device.pairing.as_mut()?;
        if let Some(second) = &pairing.second {
            return Some(second.clone());
        }
        let second = Token::mint(rng);
        pairing.second = Some(second.clone());
        device.record.waiting = Some(Binding {
            token: Some(second.hash()),
            address: request.source,
            user_agent_model,
            proof,
            routed: request.neighbour == Neighbour::Routed,
            in_clear: request.scheme == Scheme::Http,
        });
        self.index(mac);
        self.save(mac);
        Some(second)
    }

    /// The checks on a first token: made for one phone at one address.
    fn check_first_use(&mut self, mac: Mac, request: &HttpRequest<'_>) -> Result<Proof, Refusal> {
        let pairing = self.devices.get(&mac).and_then(|device| device.pairing.as_ref());
        if pairing.is_none_or(|pairing| pairing.source != request.source) {
            self.alarm(AlarmKind::TokenMisused, mac, request.source);
            return Err(Refusal::TokenMisused);
        }
        self.check_place(mac, request.source, request.neighbour, false)?;
        Proof::of(request.certificate, mac).ok_or_else(|| {
            self.alarm(AlarmKind::CertificateDiffers, mac, request.source);
            Refusal::CertificateDiffers
        })
    }

    fn by_steady_token(
        &mut self,
        moment: Moment,
        request: &HttpRequest<'_>,
        door: Door,
        token: &Token,
        stage: Stage,
        rng: &mut impl CryptoRng,
    ) -> Result<Answer, Refusal> {
        let mac = door.mac;
        self.judge(request, door).map_err(|misuse| self.punish(door, misuse, request.source))?;
        self.is_itself(moment, request, door);
        let stage = match (stage, door.kind) {
            (Stage::Boot, _) => stage,
            // It has its account, whoever else may be waiting in its name.
            (_, DoorKind::Steady) => Stage::Phone,
            _ => self.enrol_if_allowed(mac, rng),
        };
        self.write_steady(moment, mac, stage, token, request)
    }

    /// Whether who holds a second token is the phone it was made for. Nothing follows from it yet.
    pub(super) fn judge(&self, request: &HttpRequest<'_>, door: Door) -> Result<(), Misuse> {
        let unknown = || Misuse::Unproven(Refusal::TokenUnknown);
        let record = &self.devices.get(&door.mac).ok_or_else(unknown)?.record;
        let binding = if door.kind == DoorKind::Steady { &record.enrolled } else { &record.waiting };
        match check_steady_use(binding.as_ref().ok_or_else(unknown)?, door.mac, request) {
            Err(Misuse::Unproven(Refusal::Moved)) if record.confirmed => Ok(()),
            judged => judged,
        }
    }

    /// What follows from a second token that came from somebody who is not its phone.
    pub(super) fn punish(&mut self, door: Door, misuse: Misuse, source: IpAddr) -> Refusal {
        let (kind, refusal) = match misuse {
            Misuse::Elsewhere | Misuse::OtherUserAgent => (AlarmKind::TokenMisused, Refusal::TokenMisused),
            Misuse::OtherCertificate => (AlarmKind::CertificateDiffers, Refusal::CertificateDiffers),
            Misuse::Unproven(refusal) => return self.doubt(door.mac, source, refusal),
        };
        self.lock_out(door, kind, source);
        refusal
    }

    /// What follows from a second token that came from its phone.
    pub(super) fn is_itself(&mut self, moment: Moment, request: &HttpRequest<'_>, door: Door) {
        self.first_token_dies(door.mac);
        if door.kind == DoorKind::Steady {
            self.word_is_void(door.mac);
        }
        self.heard(moment, door, request);
    }

    /// Who asks may be the phone or not, and gets nothing; the phone itself goes on with what it has.
    fn doubt(&mut self, mac: Mac, source: IpAddr, refusal: Refusal) -> Refusal {
        if refusal == Refusal::Moved {
            self.alarm(AlarmKind::Moved, mac, source);
        }
        self.note_reason(mac, Some(refusal));
        refusal
    }

    /// One of the files that a phone reads again and again.
    fn write_steady(
        &mut self,
        moment: Moment,
        mac: Mac,
        stage: Stage,
        token: &Token,
        request: &HttpRequest<'_>,
    ) -> Result<Answer, Refusal> {
        if stage == Stage::Phone {
            self.roll_on(moment.now, mac);
        }
        if stage == Stage::Phone && request.scheme == Scheme::Http && self.has_newest(mac) {
            return Err(Refusal::AlreadyDelivered);
        }
        let folder = self.steady_folder(request.scheme, request.local, token);
        let answer = self.write(mac, stage, &folder, &folder, request.local)?;
        if stage == Stage::Phone {
            self.has_read(mac);
        }
        Ok(answer)
    }

    /// The first use of a steady token ends the pairing that led to it.
    fn first_token_dies(&mut self, mac: Mac) {
        if let Some(device) = self.devices.get_mut(&mac)
            && device.pairing.take().is_some()
        {
            self.index(mac);
        }
    }

    /// An enrolled phone that still has its token was not reset: the word that it may be set up again was asked for by
    /// somebody else.
    fn word_is_void(&mut self, mac: Mac) {
        if let Some(device) = self.devices.get_mut(&mac)
            && std::mem::take(&mut device.record.confirmed)
        {
            self.save(mac);
        }
    }

    /// A steady token came from somebody who is not its phone: an enrolled phone loses everything, a waiting one its
    /// place in the queue.
    fn lock_out(&mut self, door: Door, kind: AlarmKind, source: IpAddr) {
        let mac = door.mac;
        self.alarm(kind, mac, source);
        if let Some(device) = self.devices.get_mut(&mac) {
            if door.kind == DoorKind::Steady {
                device.lock_out();
                self.effects.push(Effect::CredentialsChanged);
            } else {
                (device.record.waiting, device.pairing) = (None, None);
            }
        }
        self.index(mac);
        self.save(mac);
    }

    /// Makes a waiting phone an enrolled one, under a fresh secret, when somebody said whose it is. Returns the file it
    /// may have.
    fn enrol_if_allowed(&mut self, mac: Mac, rng: &mut impl CryptoRng) -> Stage {
        let people = self.declared_people(mac).filter(|people| people.iter().all(|one| self.person(one).is_some()));
        let Some(device) = self.devices.get_mut(&mac) else { return Stage::Waiting };
        let first_time = device.first_time();
        let record = &mut device.record;
        let Some(waiting) = record.waiting.take() else {
            return if record.enrolled.is_some() { Stage::Phone } else { Stage::Waiting };
        };
        let allowed = record.confirmed || first_time && !waiting.routed || matches!(waiting.proof, Proof::Hardware(_));
        let (Some(people), true) = (people, allowed) else {
            record.waiting = Some(waiting);
            return Stage::Waiting;
        };
        (record.enrolled, record.people, record.registered) = (Some(waiting), people, false);
        (record.confirmed, record.suspect, record.incomplete) = (false, false, false);
        device.secret = Some(DeviceSecret::mint(rng));
        (device.wanted, device.delivery) = (None, None);
        device.note(None);
        self.index(mac);
        self.save(mac);
        self.effects.push(Effect::CredentialsChanged);
        Stage::Phone
    }

    /// Writes down where and when a phone was heard that showed its token. Who asks to be set up as a phone that is set up
    /// may be somebody else: nothing of what is known of that phone follows from it.
    fn heard(&mut self, moment: Moment, door: Door, request: &HttpRequest<'_>) {
        let Door { mac, kind } = door;
        let hint = UserAgentHint::read(request.user_agent);
        let Some(device) = self.devices.get_mut(&mac) else { return };
        device.note(None);
        device.certificate = request.certificate.code();
        let record = &mut device.record;
        record.last_seen = moment.unix_seconds;
        let certain = kind == DoorKind::Steady;
        let mut changed = false;
        if certain || record.enrolled.is_none() {
            let firmware = hint.map(|hint| hint.firmware).filter(|firmware| !firmware.is_empty());
            changed |= record.address != request.source;
            changed |= firmware.as_ref().is_some_and(|firmware| *firmware != record.firmware);
            record.address = request.source;
            record.firmware = firmware.unwrap_or_else(|| std::mem::take(&mut record.firmware));
        }
        if let Some(binding) = if certain { &mut record.enrolled } else { &mut record.waiting } {
            changed |= binding.address != request.source;
            binding.address = request.source;
            changed |= binding.proof.learn(request.certificate, mac);
        }
        if changed {
            self.save(mac);
        }
    }

    /// Which of a phone's files a name means, in its maker's way of asking. Another phone's name is no file at all.
    fn stage(&self, mac: Mac, wanted: &FileName, own: Stage) -> Result<Stage, Refusal> {
        if wanted.mac() != Some(mac) {
            return Err(Refusal::NoSuchFile);
        }
        let dialect = self.dialect_of(mac).ok_or(Refusal::ModelUnknown)?;
        match (dialect, wanted) {
            (Dialect::Yealink, FileName::Boot(_)) => Ok(Stage::Boot),
            (Dialect::Yealink, FileName::Config(_)) => Ok(own),
            (Dialect::Snom, FileName::Xml(_) | FileName::SnomOwn(..)) => Ok(own),
            _ => Err(Refusal::NoSuchFile),
        }
    }

    /// Refuses a User-Agent that contradicts the phone. One that cannot be read says nothing either way.
    fn check_user_agent(&self, mac: Mac, request: &HttpRequest<'_>) -> Result<(), Refusal> {
        let Some(hint) = UserAgentHint::read(request.user_agent) else { return Ok(()) };
        let other_phone = hint.mac.is_some_and(|said| said != mac);
        let other_maker = self.dialect_of(mac).is_some_and(|dialect| dialect != hint.dialect);
        if other_phone || other_maker { Err(Refusal::UserAgentDiffers) } else { Ok(()) }
    }

    fn mac_behind(&self, token: &str, kind: DoorKind) -> Result<(Mac, Token), Refusal> {
        let token = Token::read(token).ok_or(Refusal::TokenUnknown)?;
        let door = self.doors.get(&token.hash()).filter(|door| door.kind == kind).ok_or(Refusal::TokenUnknown)?;
        Ok((door.mac, token))
    }

    /// The box's own certificate authority. It is no secret, and phones fetch it by other means than their settings,
    /// so only the address is checked.
    fn certificate(&self) -> Answer {
        file("application/x-pem-file", self.addresses.ca_pem.clone())
    }

    /// One answer to everything that is refused, whatever the reason; a soft phone's link alone says more to who holds
    /// it. The reason is counted.
    fn turn_away(&mut self, moment: Moment, request: &HttpRequest<'_>, refusal: Refusal) -> Answer {
        self.count(refusal);
        self.refused.note(moment.unix_seconds, request.source, refusal, request.path);
        self.effects.extend(self.seekers.note(moment.now, request, refusal).map(Effect::Guessed));
        let guess = matches!(refusal, Refusal::TokenUnknown | Refusal::WindowClosed);
        let delay = if guess { self.slow_down(moment, request.source) } else { Duration::ZERO };
        let status = match refusal {
            Refusal::LinkUsed => 410,
            Refusal::NotTheApp => 400,
            _ => 404,
        };
        let body = Bytes::from_static(b"Not here.\n");
        let content_type = "text/plain; charset=utf-8";
        Answer { status, content_type, headers: HEADERS, body, firmware: None, delay }
    }

    fn slow_down(&mut self, moment: Moment, source: IpAddr) -> Duration {
        const MINUTE: Duration = Duration::from_secs(60);
        self.guesses.retain(|_, guesses| moment.now.saturating_duration_since(guesses.since) < MINUTE);
        if self.guesses.len() >= MAX_GUESSERS && !self.guesses.contains_key(&source) {
            return GUESSER_DELAY;
        }
        let guesses = self.guesses.entry(source).or_insert(Guesses { since: moment.now, count: 0 });
        guesses.count += 1;
        if guesses.count == FREE_GUESSES + 1 {
            self.effects.push(Effect::Alarm(Alarm { kind: AlarmKind::Guessing, mac: None, source }));
        }
        if guesses.count > FREE_GUESSES { GUESSER_DELAY } else { Duration::ZERO }
    }
}

/// Whether a path has what may be a token where one stands.
fn shows_token(path: &str) -> bool {
    let mut parts = path.split('/').skip(1);
    let at_a_door = matches!(parts.next(), Some("b" | "p" | "l"));
    at_a_door && parts.next().and_then(Token::read).is_some()
}

/// What speaks against who shows a steady token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Misuse {
    /// It is not where the phone is.
    Elsewhere,
    /// It does not show the certificate that the phone showed.
    OtherCertificate,
    /// It says that it is another phone.
    OtherUserAgent,
    /// It may be the phone: its address changed, and there is nothing to tell by.
    Unproven(Refusal),
}

/// The checks on a steady token. A new address is fine where the neighbour table or a certificate vouches for the
/// phone: addresses change when the router hands them out anew.
fn check_steady_use(binding: &Binding, mac: Mac, request: &HttpRequest<'_>) -> Result<(), Misuse> {
    let proof = Proof::of(request.certificate, mac).filter(|proof| binding.proof.is_upheld_by(proof));
    let vouched = match request.neighbour {
        Neighbour::Is(found) if found != mac => return Err(Misuse::Elsewhere),
        Neighbour::Is(_) => true,
        Neighbour::Routed | Neighbour::Loopback | Neighbour::NoEntry => proof.is_some() && binding.proof != Proof::Lan,
    };
    let place = match request.neighbour {
        _ if vouched || binding.address == request.source => Ok(()),
        // The table has forgotten it, or names two for it: a thief of this network would be in it.
        Neighbour::NoEntry => Err(Misuse::Unproven(Refusal::NeighbourUnknown)),
        Neighbour::Routed if binding.routed => Err(Misuse::Unproven(Refusal::Moved)),
        Neighbour::Routed | Neighbour::Loopback | Neighbour::Is(_) => Err(Misuse::Elsewhere),
    };
    let hint = UserAgentHint::read(request.user_agent);
    let other_phone = hint.as_ref().and_then(|hint| hint.mac).is_some_and(|said| said != mac);
    let other_model = binding.user_agent_model.is_some() && hint.map(|hint| hint.model) != binding.user_agent_model;
    match place {
        Err(Misuse::Elsewhere) => Err(Misuse::Elsewhere),
        _ if proof.is_none() => Err(Misuse::OtherCertificate),
        _ if other_phone || other_model => Err(Misuse::OtherUserAgent),
        place => place,
    }
}
