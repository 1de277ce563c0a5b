//! What one seed means: an office, its phones and providers, how good their networks are, and what people do.

use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use centrale_config::{Country, Office, Secret, Settled, parse_office};
use centrale_numbering::Plan;
use centrale_sip::flow::Transport;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use crate::agent::Character;
use crate::network::{Host, Link, Node};

/// The box in the office's network.
pub const BOX_V4: &str = "192.168.1.10";
/// The box in the office's IPv6 network.
pub const BOX_V6: &str = "fd00:1::10";
/// The box as the world sees it.
pub const BOX_OUTSIDE: &str = "198.51.100.1";
/// People do things for this long; after that every call comes to its end.
pub const BUSY: Duration = Duration::from_secs(600);
/// When the run ends: no call lasts longer than 2,000 s, none rings longer than 300 s.
pub const END: Duration = Duration::from_secs(3_000);

/// Something that happens from outside.
#[derive(Debug, Clone)]
pub enum Act {
    /// Somebody dials.
    Call {
        /// Who.
        who: Node,
        /// What.
        dialled: String,
        /// For how long it may ring.
        patience: Duration,
    },
    /// The power of a host fails for a while.
    Reboot(Node, Duration),
    /// A host cannot be reached for a while.
    Outage(Node, Duration),
    /// A host is there again.
    Back(Node),
    /// Its router gives a host another port.
    Rebind(Node),
    /// A host's connections break.
    Break(Node),
    /// Somebody ends a call from the page.
    HangUpFromPage,
    /// A new revision of the office.
    Settle(Arc<Settled>),
}

/// One host.
#[derive(Debug, Clone)]
pub struct Party {
    /// How it behaves.
    pub character: Character,
    /// Where it is.
    pub host: Host,
    /// Whether its password is the office's.
    pub trusted: bool,
}

/// Everything drawn from one seed.
#[derive(Debug)]
pub struct Scenario {
    /// The office at the start.
    pub settled: Arc<Settled>,
    /// Hosts, for the nodes from 1.
    pub parties: Vec<Party>,
    /// What happens when.
    pub acts: Vec<(Duration, Act)>,
    /// Ports for media; few in some runs.
    pub rtp_ports: (u16, u16),
    /// What the country's help is called.
    pub emergency: &'static [&'static str],
    /// How the office reads numbers.
    pub plan: Plan,
    /// Every secret, which must never be seen in clear.
    pub secrets: Vec<String>,
    /// Numbers of people that leave the office on the way.
    pub leaving: Vec<String>,
    /// For what happens on the way.
    pub rng: StdRng,
}

impl Scenario {
    /// Draws one.
    pub fn new(seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let draw = Draw::new(&mut rng);
        let settled = Arc::new(Settled::new(1, Arc::new(draw.office(&draw.people)), Vec::new()));
        let mut parties = draw.phones(&mut rng);
        parties.extend(draw.providers(&mut rng));
        let mut acts = draw.acts(&mut rng, &parties);
        let mut leaving = Vec::new();
        if rng.random_ratio(1, 6) && draw.people.len() > 2 {
            let (gone, staying) = draw
                .people
                .split_first()
                .map_or((Vec::new(), Vec::new()), |(gone, staying)| (vec![gone.clone()], staying.to_vec()));
            let later = Arc::new(Settled::new(2, Arc::new(draw.office(&staying)), Vec::new()));
            acts.push((Duration::from_millis(rng.random_range(100_000..500_000)), Act::Settle(later)));
            leaving = gone;
        }
        let few = rng.random_ratio(1, 5);
        Self {
            settled,
            rtp_ports: (10_000, if few { 10_023 } else { 10_999 }),
            emergency: draw.emergency(),
            plan: draw.plan(),
            secrets: draw.secrets(),
            parties,
            acts,
            leaving,
            rng,
        }
    }
}

/// What is decided first, and everything else is drawn from.
struct Draw {
    belgian: bool,
    people: Vec<String>,
    /// Name, transport, whether it is registered at, whether it is found by name, and the office's number on it.
    trunks: Vec<(String, Transport, bool, bool, String)>,
}

impl Draw {
    fn new(rng: &mut StdRng) -> Self {
        let belgian = rng.random_ratio(1, 3);
        let people = (0..rng.random_range(2..6)).map(|index| (201 + index).to_string()).collect();
        let number = |index: u32| {
            if belgian { format!("+3225550{index:03}") } else { format!("+312055501{index:02}") }
        };
        let trunks = (0..rng.random_range(1..3u32)).map(|index| {
            let transport = transport(rng);
            let name = ["alpha", "beta"][index as usize % 2].to_owned();
            (name, transport, rng.random_ratio(3, 4), rng.random_ratio(1, 2), number(index))
        });
        let trunks = trunks.collect();
        Self { belgian, people, trunks }
    }

    fn plan(&self) -> Plan {
        if self.belgian { Plan::of(Country::Belgium, "02") } else { Plan::of(Country::Netherlands, "020") }
    }

    const fn emergency(&self) -> &'static [&'static str] {
        if self.belgian { &["112", "100", "101"] } else { &["112"] }
    }

    fn password(user: &str) -> String {
        format!("Geheim9{user}Kwast7Lamp4")
    }

    fn secrets(&self) -> Vec<String> {
        let names = self.people.iter().chain(self.trunks.iter().map(|trunk| &trunk.0));
        names.map(|name| Self::password(name)).collect()
    }

    fn provider_ip(index: usize) -> IpAddr {
        IpAddr::from([198, 18, 0, 10 + u8::try_from(index).unwrap_or(0)])
    }

    /// Written as a person would write it, and read by the daemon's own reader.
    fn office(&self, people: &[String]) -> Office {
        let (country, area, zone) =
            if self.belgian { ("BE", "02", "Europe/Brussels") } else { ("NL", "020", "Europe/Amsterdam") };
        let mut text = format!(
            "[office]\nname = \"Simulated\"\ncountry = \"{country}\"\narea_code = \"{area}\"\nlanguage = \"nl\"\n\
             time_zone = \"{zone}\"\n"
        );
        for number in people {
            let password = Self::password(number);
            // Every other one has a mailbox.
            let mailbox =
                if number.ends_with(['0', '2', '4', '6', '8']) { "voicemail = { after_seconds = 15 }\n" } else { "" };
            let _ = write!(
                text,
                "[[person]]\nnumber = \"{number}\"\nname = \"Person {number}\"\nsip_password = \"{password}\"\n{mailbox}"
            );
        }
        for (index, (name, transport, register, by_name, number)) in self.trunks.iter().enumerate() {
            let server = if *by_name { format!("{name}.example") } else { Self::provider_ip(index).to_string() };
            let password = Self::password(name);
            let _ = write!(
                text,
                "[[trunk]]\nname = \"{name}\"\nserver = \"{server}:5060\"\ntransport = \"{transport}\"\n\
                 username = \"office-{name}\"\npassword = \"{password}\"\nregister = {register}\nnumbers = [\"{number}\"]\n"
            );
            let to = if index == 0 { "250" } else { people.first().map_or("250", |first| first) };
            let _ = write!(text, "[[inbound]]\nnumber = \"{number}\"\nto = \"{to}\"\n");
        }
        let members: Vec<_> = people.iter().map(|number| format!("\"{number}\"")).collect();
        let members = members.join(", ");
        let _ = write!(text, "[[ring_group]]\nnumber = \"250\"\nname = \"All\"\nmembers = [{members}]\n");
        text.push_str("[[conference]]\nnumber = \"600\"\nname = \"Board\"\n");
        let draft = parse_office(&text, &|_, _| None);
        draft.expect("the simulated office is a valid one").settle(None, &mut || Secret::new("unused"))
    }

    fn phones(&self, rng: &mut StdRng) -> Vec<Party> {
        let mut parties = Vec::new();
        for (index, number) in self.people.iter().enumerate() {
            for device in 0..rng.random_range(1..3) {
                parties.push(self.phone(rng, number, index * 3 + device));
            }
        }
        if rng.random_ratio(1, 2) {
            // Somebody typed a wrong password into a phone, which tries again for ever.
            let mut stubborn = self.phone(rng, &self.people[0], 60);
            stubborn.character.password = "Vergeten1Wachtwoord".into();
            stubborn.character.name = format!("wrong-{}", self.people[0]);
            stubborn.trusted = false;
            parties.push(stubborn);
        }
        parties
    }

    fn phone(&self, rng: &mut StdRng, number: &str, index: usize) -> Party {
        let transport = transport(rng);
        let remote = rng.random_ratio(1, 6);
        let last = 100 + u8::try_from(index).unwrap_or(0);
        let sip_port = transport.default_port();
        let at = |ip: IpAddr, port| SocketAddr::new(ip, port);
        let box_ip = |text: &str| text.parse::<IpAddr>().expect("a constant address");
        let (inside, seen, box_seen, box_inside) = if remote {
            let inside = at(IpAddr::from([10, 7, last, 2]), 5060);
            let seen = at(IpAddr::from([203, 0, 113, last]), 30_000);
            (inside, seen, at(box_ip(BOX_OUTSIDE), sip_port), at(box_ip(BOX_V4), sip_port))
        } else if rng.random_ratio(1, 6) {
            let own = at(format!("fd00:1::{last:x}").parse().expect("an address"), 5060);
            (own, own, at(box_ip(BOX_V6), sip_port), at(box_ip(BOX_V6), sip_port))
        } else {
            let own = at(IpAddr::from([192, 168, 1, last]), 5060);
            (own, own, at(box_ip(BOX_V4), sip_port), at(box_ip(BOX_V4), sip_port))
        };
        let character = Character {
            name: format!("{number}-{index}"),
            user_agent: format!("Simulated {number}-{index}"),
            number: number.to_owned(),
            username: number.to_owned(),
            password: Self::password(number),
            transport,
            expires: if remote { 120 } else { rng.random_range(60..600) },
            late_offer: rng.random_ratio(1, 8),
            old_hold: rng.random_ratio(1, 6),
            srtp: rng.random_ratio(1, 2),
            long_offer: rng.random_ratio(1, 6),
            update: rng.random_ratio(1, 2),
            provider: false,
            challenges_calls: false,
            emergency: &[],
        };
        let listens = !remote && rng.random_ratio(1, 2);
        Party {
            character,
            host: Host { inside, seen, box_seen, box_inside, link: link(rng), listens, up: true },
            trusted: true,
        }
    }

    fn providers(&self, rng: &mut StdRng) -> Vec<Party> {
        let provider = |(index, trunk): (usize, &(String, Transport, bool, bool, String))| {
            let (name, transport, _, _, number) = trunk;
            let own = SocketAddr::new(Self::provider_ip(index), 5060);
            let port = transport.default_port();
            let box_at = |text: &str| SocketAddr::new(text.parse().expect("a constant address"), port);
            let character = Character {
                name: name.clone(),
                user_agent: format!("Simulated {name}"),
                number: number.clone(),
                username: format!("office-{name}"),
                password: Self::password(name),
                transport: *transport,
                expires: 0,
                late_offer: false,
                old_hold: false,
                // One that has TLS and no SRTP refuses to be offered keys.
                srtp: *transport == Transport::Tls && rng.random_ratio(3, 4),
                long_offer: false,
                update: rng.random_ratio(1, 2),
                provider: true,
                challenges_calls: rng.random_ratio(1, 2),
                emergency: self.emergency(),
            };
            let host = Host {
                inside: own,
                seen: own,
                box_seen: box_at(BOX_OUTSIDE),
                box_inside: box_at(BOX_V4),
                link: link(rng),
                listens: true,
                up: true,
            };
            Party { character, host, trusted: true }
        };
        self.trunks.iter().enumerate().map(provider).collect()
    }

    fn acts(&self, rng: &mut StdRng, parties: &[Party]) -> Vec<(Duration, Act)> {
        let busy = u64::try_from(BUSY.as_millis()).unwrap_or(u64::MAX);
        let count = rng.random_range(5..50);
        let acts = (0..count).map(|_| {
            let at = Duration::from_millis(rng.random_range(5_000..busy));
            let who = Node(1 + rng.random_range(0..parties.len()));
            let pause = Duration::from_millis(rng.random_range(1_000..60_000));
            let party = &parties[who.0 - 1];
            let act = match rng.random_range(0..100) {
                0..84 => Act::Call { who, dialled: self.dialled(rng, &party.character), patience: patience(rng) },
                84..88 => Act::Reboot(who, pause),
                88..91 => Act::Outage(who, pause),
                91..95 if !party.character.provider => Act::Rebind(who),
                95..98 => Act::Break(who),
                _ => Act::HangUpFromPage,
            };
            (at, act)
        });
        acts.collect()
    }

    fn dialled(&self, rng: &mut StdRng, who: &Character) -> String {
        if who.provider {
            return who.number.clone();
        }
        let colleague = || self.people.len();
        match rng.random_range(0..100) {
            0..45 => self.people[rng.random_range(0..colleague())].clone(),
            45..60 => "250".into(),
            60..80 => {
                let numbers: &[&str] = if self.belgian {
                    &["0475123456", "025551234", "+32475123456", "0031201234567", "090912345"]
                } else {
                    &["0612345678", "5551234", "+31612345678", "0032475123456", "1850", "0018765551234"]
                };
                numbers[rng.random_range(0..numbers.len())].into()
            }
            80..90 => self.emergency()[rng.random_range(0..self.emergency().len())].into(),
            90..95 => ["701", "702", "600", "600"][rng.random_range(0..4)].into(),
            _ => ["999", "1129", "0", "299", "*97"][rng.random_range(0..5)].into(),
        }
    }
}

fn transport(rng: &mut StdRng) -> Transport {
    [Transport::Udp, Transport::Udp, Transport::Tcp, Transport::Tls][rng.random_range(0..4)]
}

fn patience(rng: &mut StdRng) -> Duration {
    // Most people let it ring; some hang up within the second.
    let most = if rng.random_ratio(1, 4) { 3_000 } else { 90_000 };
    Duration::from_millis(rng.random_range(50..most))
}

fn link(rng: &mut StdRng) -> Link {
    let good = rng.random_ratio(1, 2);
    let milliseconds = |rng: &mut StdRng, most: u64| Duration::from_micros(rng.random_range(100..most * 1_000));
    Link {
        latency: milliseconds(rng, if good { 5 } else { 80 }),
        jitter: milliseconds(rng, if good { 2 } else { 200 }),
        loss: if good { 0 } else { rng.random_range(0..25) },
        doubled: if good { 0 } else { rng.random_range(0..15) },
    }
}
