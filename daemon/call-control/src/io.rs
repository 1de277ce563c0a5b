//! What goes into the exchange and what comes out. All of it values; the daemon and the simulation carry them out alike.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use centrale_alg::active;
use centrale_alg::ladder::Step;
use centrale_config::{Mac, Settled, is_private};
use centrale_guard::incident::Incident;
use centrale_guard::knock::Reason;
use centrale_guard::{Cap, Civil, Kept, MacAddress, Pressed, Proof, Sighting, Stop};
use centrale_rtp::relay;
use centrale_rtp::sound::Voice;
use centrale_sip::endpoint::Transmit;
use centrale_sip::flow::{Flow, FlowId, Target, Transport};

use crate::cost::Decks;
use crate::interfaces::Interfaces;
use crate::mailbox::{MailboxNews, MailboxOrder};
use crate::record::CallRecord;
use crate::tried::Tried;
use crate::view::{CallView, CostsView, DoctorView, PersonView, ProblemView, StopView, TrunkView};

/// Something that happened. Handed in one at a time; the outputs are drained after each.
#[derive(Debug)]
pub enum Input {
    /// A datagram, or one whole message of a stream.
    Packet {
        /// How it came.
        flow: Flow,
        /// The bytes as received.
        bytes: Bytes,
    },
    /// A connection is gone.
    FlowClosed(FlowId),
    /// An address cannot be reached: the connection was refused, or the network said so.
    TargetFailed(Target),
    /// The box's own addresses, at the start and whenever they change.
    Interfaces(Interfaces),
    /// A new revision of the office.
    Settled(Arc<Settled>),
    /// What the clock on the wall of the office says. At the start, and at least once an hour: summer time begins and ends.
    Clock(Civil),
    /// What each provider asks, in place of what was said before; at the start, and whenever a tariff deck is taken in or
    /// taken away. A trunk without one is reckoned at the worst case.
    Decks(Decks),
    /// What had been spent before a restart, out of earlier [`Output::Spent`]. Before the first call.
    Kept(Vec<Kept>),
    /// Blocks of whole addresses that were in force before a restart, out of earlier [`Output::Firewall`]s. After the first
    /// [`Input::Interfaces`].
    Blocked(Vec<KeptBlock>),
    /// Whether what is spent, and what was called, can be written down at present. Until it is said, it can.
    Written(bool),
    /// The box is being stopped: every call ends, also one for help, since it would end without a word otherwise.
    Stopping,
    /// The devices that each account (a digest user) had before a restart, out of earlier [`Output::Bound`]. Before the first
    /// packet.
    Bonds(Vec<Bound>),
    /// The ways round a router that trunks went before a restart, out of earlier [`Output::Way`]s. Before the first
    /// [`Input::Interfaces`].
    Ways(Vec<KeptWay>),
    /// Where the servers of trunks worked before this start.
    Servers(Vec<KeptServers>),
    /// The answer to an [`Output::OpenPort`].
    PortOpened {
        /// The trunk's name.
        trunk: String,
        /// The new socket, wherever it sends; `None` when there is none, and the SIP port serves.
        flow: Option<Flow>,
    },
    /// News of the media thread.
    Media(relay::Event),
    /// The answer to an [`Output::Resolve`]: where a trunk's server is, in the order in which to try (RFC 3263); empty
    /// when the name could not be resolved.
    Resolved {
        /// The trunk's name.
        trunk: String,
        /// Addresses in order of preference.
        targets: Vec<Target>,
    },
    /// What stands between the box and the internet. Before the first, no way to a provider is examined.
    WayOut(WayOut),
    /// Who answers for which address on the office's wires, every few seconds.
    Lan(LanTable),
    /// What became of an [`Output::Probe`].
    Probed {
        /// As in the order.
        round: u64,
        /// What happened.
        news: active::Input,
    },
    /// What is kept in mailboxes.
    Mailbox(MailboxNews),
    /// Something was tried at the page or at phones' settings.
    Tried(Tried),
    /// A person's wish from the page.
    Command(Command),
    /// The time of [`crate::Exchange::poll_timeout`] has come.
    Timeout,
}

/// The kernel's neighbour table for IPv4.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LanTable {
    /// The gateway of the default route.
    pub router: Option<Ipv4Addr>,
    /// Each address that somebody has, with that machine, and whether it answered when it was asked lately.
    pub entries: Vec<(Ipv4Addr, MacAddress, bool)>,
}

/// The way out, as far as the edge knows it, and what it can do to examine it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WayOut {
    /// MAC address of the default route's gateway; `None` while nobody knows it.
    pub gateway: Option<[u8; 6]>,
    /// Whether throw-away sockets can set an IP TTL and read what routers quote in ICMP errors.
    pub quotes: bool,
}

/// The networks in which servers of a trunk worked, as they are kept over a restart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptServers {
    /// The trunk's name.
    pub trunk: String,
    /// What it is worth something for: server, port and transport of the trunk's settings.
    pub server: String,
    /// An address of each, the latest last.
    pub networks: Vec<IpAddr>,
}

/// How a trunk goes round a router. It is worth something for the same server alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptWay {
    /// The trunk's name.
    pub trunk: String,
    /// Its server, as the office wrote it down: host, port and transport.
    pub server: String,
    /// By what it goes; [`Step::Plain`] when it goes round nothing.
    pub step: Step,
    /// Where the provider saw the office, for a way that hides it.
    pub public: Option<SocketAddr>,
}

/// A block of before a restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptBlock {
    /// Whose packets.
    pub source: IpAddr,
    /// Why.
    pub reason: Reason,
    /// As in [`Firewall::page`].
    pub page: bool,
    /// For how long still.
    pub lasts: Duration,
}

/// What the page can ask of the exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Ends a call by its id.
    HangUp {
        /// As in [`CallView::id`].
        call: String,
    },
    /// Raises a cap for a time. What is too much, or too long, changes nothing.
    Raise {
        /// Which.
        cap: Cap,
        /// The amount meanwhile, in cents.
        to_cents: u32,
        /// For how long.
        hours: u16,
        /// That who asks has proven to be allowed to.
        proof: Proof,
    },
    /// Examines the way to a provider, as soon as that is not too often.
    Examine {
        /// The trunk's name.
        trunk: String,
    },
    /// Ends every block of an address.
    Lift(IpAddr),
    /// Tests now whether a call for help would find its way out, unless one was made, or asked for, in the last minutes.
    TestHelp {
        /// Over which trunk.
        trunk: String,
    },
    /// Goes round whatever changes calls on the way to a provider, if a way is found that is better.
    GoRound {
        /// The trunk's name.
        trunk: String,
    },
    /// Somebody stops calls until somebody takes that back; those that are going on, too. After a restart once more, with who
    /// pressed it then.
    Stop {
        /// Which.
        stop: Stop,
        /// Who, and when.
        pressed: Pressed,
    },
    /// Somebody says of a device that was asked about that it is the office's. Another one than was shown changes nothing.
    Recognise {
        /// The digest user.
        account: String,
        /// The detail of the problem, as it was shown.
        shown: String,
    },
    /// Somebody takes a stop back.
    Release {
        /// Which.
        stop: Stop,
    },
    /// A call of that person to exactly that number may be made once beyond what the person may call. Whatever else would refuse it does still.
    AllowOnce {
        /// Who, by number.
        person: String,
        /// Whom, as the office's plan writes it.
        number: String,
        /// Until when; [`crate::ALLOWED_ONCE_FOR`] from now at the most.
        until: Instant,
    },
    /// Rings somebody outside who is to know something at once; answered by one [`Output::Alerted`].
    Alert(AlertCall),
    /// Tells a provisioned phone to fetch its settings again, inside its registration (`check-sync;reboot=false`).
    Resync {
        /// Which device.
        device: Mac,
    },
}

/// Something to be done.
#[derive(Debug)]
pub enum Output {
    /// Send these bytes.
    Transmit(Transmit),
    /// Ask this of the media thread.
    Media(relay::Command),
    /// Find a trunk's server; answered by [`Input::Resolved`].
    Resolve(Resolve),
    /// Do this on throw-away sockets, to examine the way to a provider; answered by [`Input::Probed`]. Never about
    /// [`active::Socket::Live`]: what goes over the SIP port itself is an [`Output::Transmit`].
    Probe {
        /// Names the round that the sockets belong to.
        round: u64,
        /// The name that the provider's certificate is checked against.
        host: String,
        /// What to do.
        order: active::Output,
    },
    /// Keep this of how a trunk goes, in place of what was kept of it.
    Way(KeptWay),
    /// Keep this of a trunk's servers, in place of what was kept before.
    Servers(KeptServers),
    /// Open a new UDP port that the system draws, for a trunk's datagrams alone; answered by [`Input::PortOpened`]. Only what
    /// comes from these addresses is taken in there.
    OpenPort {
        /// The trunk's name.
        trunk: String,
        /// Its servers.
        servers: Vec<IpAddr>,
    },
    /// Take in there what comes from these addresses, in place of those before.
    PortHears {
        /// The port.
        port: FlowId,
        /// The trunk's servers.
        servers: Vec<IpAddr>,
    },
    /// Close such a port.
    ClosePort(FlowId),
    /// How connections to that server are made, from now on.
    Reach {
        /// The server.
        remote: SocketAddr,
        /// The name that its certificate is checked against.
        host: String,
    },
    /// Keep this of what is spent, and of when the way to help was proven; each line in place of the one with its name.
    Spent(Vec<Kept>),
    /// Do this, as if it had been asked on the page: a phone of the office dialled it and proved it with the office's PIN.
    Ordered(Ordered),
    /// The calls of this person, by number, look like a thief's: press the stop of the dear ones ([`Stop::Paid`]), by nobody's order. It
    /// is said again with each such call that is refused, until the stop is on.
    Hold(String),
    /// Keep these calls, which last, each in place of the one with its id and until its record comes: should the box stop without
    /// a word, this is what is known of them.
    InProgress(Vec<CallRecord>),
    /// Keep this of the devices of an account.
    Bound(Bound),
    /// Write this call down.
    Record(Box<CallRecord>),
    /// Write this down of what was tried against the office, after what was written of the same incident.
    Incident(Box<Incident>),
    /// Ask this of whoever keeps the messages of mailboxes.
    Mailbox(MailboxOrder),
    /// What became of a [`Command::Alert`].
    Alerted {
        /// As in [`AlertCall::id`].
        id: u64,
        /// How it ended.
        end: AlertEnd,
    },
    /// Tell the page.
    Told(Told),
    /// Take no more packets from there.
    Firewall(Firewall),
    /// Take packets from there again: every block of that address is over.
    Lift(IpAddr),
    /// A provider or a phone is at that address: it is no stranger for a day.
    Known(IpAddr),
    /// Nobody of these is there any more: it is a stranger's.
    Unknown(IpAddr),
    /// Speak to a neighbour, so that the kernel asks whether it is still there.
    Stir(Ipv4Addr),
    /// A phone is reached over that connection, or a call: it may idle as if who is there were known.
    Needed(FlowId),
}

/// A call of the box's own to somebody outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertCall {
    /// Names it in its answer.
    pub id: u64,
    /// Whom, in E.164: an ordinary number of the office's country that is not its own. Another one is not rung.
    pub number: String,
    /// What is said. It asks for a 1.
    pub voice: Voice,
}

/// How such a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlertEnd {
    /// Who answered pressed 1.
    Heard,
    /// It was answered, perhaps by a mailbox, and nobody pressed 1.
    NotConfirmed,
    /// Nobody answered, or it was busy or declined.
    NoAnswer,
    /// It could not be made: no provider took it, it is no number to ring so, or somebody called for help.
    NotMade,
}

/// What somebody ordered from a phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ordered {
    /// What.
    pub order: PhoneOrder,
    /// Whose phone it was, by number.
    pub person: String,
    /// That person's name.
    pub name: String,
    /// Where the phone is.
    pub from: SocketAddr,
}

/// What can be ordered from a phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PhoneOrder {
    /// Let whoever waits at the page try again at once, and take back every block that is there for what was tried at the page.
    PageAgain,
    /// Press this stop.
    Stop(Stop),
    /// Take the stops back that can be ordered.
    LetGo,
}

/// What becomes of the devices that an account (a digest user, named first) is at home on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bound {
    /// One more.
    To(String, Sighting),
    /// A device's own name is used by another one as well: it is known where somebody said so, and nowhere else.
    Copied(String, String),
    /// None any more.
    Forgotten(String),
}

/// A block, to be carried out as far outside as the edge can. It ends by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Firewall {
    /// Whose packets.
    pub source: IpAddr,
    /// Only those from this port; all when `None`.
    pub port: Option<u16>,
    /// For how long.
    pub lasts: Duration,
    /// It is an address of the office, from which help may be called, or the block is of before a restart: a few packets a second must
    /// pass.
    pub trickles: bool,
    /// The page is not reached from there either. Never for what anybody may have sent in another's name, nor from the office.
    pub page: bool,
    /// Why, as a stable code.
    pub reason: &'static str,
}

/// A question for the resolver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolve {
    /// The trunk it is for.
    pub trunk: String,
    /// Host name; address literals are never asked for.
    pub host: String,
    /// The written port; without one SRV decides.
    pub port: Option<u16>,
    /// The transport to look for.
    pub transport: Transport,
}

/// A change of what a person may see.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// A person's lamp or registrations changed.
    Person(PersonView),
    /// A person is no longer in the office.
    PersonGone(String),
    /// A call began or changed.
    Call(CallView),
    /// A call is over.
    CallGone(String),
    /// A trunk's state changed.
    Trunk(TrunkView),
    /// A trunk is no longer in the office.
    TrunkGone(String),
    /// The doctor began to examine the way to a provider, or says something else of it.
    Doctor(Box<DoctorView>),
    /// More or less is spent, or a cap was raised.
    Costs(CostsView),
    /// Every stop that is on, when one was pressed or taken back.
    Stops(Vec<StopView>),
    /// Something is wrong.
    Problem(ProblemView),
    /// It is mended.
    ProblemGone {
        /// The code.
        code: String,
        /// What it was about.
        subject: String,
    },
    /// A call was refused for what its person may call and for nothing else, by its id. Its record follows.
    OutOfReach(String),
    /// What became of a [`Command::Resync`]. [`ResyncOutcome::Deferred`] is followed by another one when the call is over.
    Resynced {
        /// Which device.
        device: Mac,
        /// How far it came.
        outcome: ResyncOutcome,
    },
}

/// What a device said when it was told to fetch its settings. Whether it then did is not known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResyncOutcome {
    /// It is in a call, or rings: it is told as soon as that is over.
    Deferred,
    /// It will.
    Accepted,
    /// It will not, with this status. 401 and 407: it asks for proof that the box does not have (Snom `challenge_checksync`).
    Refused(u16),
    /// It is not registered, or said nothing.
    Unreachable,
}

/// What the exchange is told once, when it is built.
#[derive(Debug, Clone)]
pub struct ExchangeSettings {
    /// Port on which SIP is listened for over UDP and TCP.
    pub sip_port: u16,
    /// Port for SIP over TLS.
    pub sip_tls_port: u16,
    /// First and last UDP port for media.
    pub rtp_ports: (u16, u16),
    /// Realm of the digest challenges.
    pub realm: String,
    /// Addresses that somebody named to be listened on. At an address of the box on the internet that nobody named, strangers
    /// hear nothing.
    pub named: Vec<IpAddr>,
}

impl ExchangeSettings {
    /// Whether strangers on the internet are heard at one of the box's addresses: at one that somebody named, and at a private one, to which
    /// only a router brings them that somebody told to.
    pub fn opens(&self, at: IpAddr) -> bool {
        let at = at.to_canonical();
        is_private(at) || self.named.iter().any(|named| named.to_canonical() == at)
    }

    /// The port on which a transport is listened for.
    pub const fn port(&self, transport: Transport) -> u16 {
        match transport {
            Transport::Udp | Transport::Tcp => self.sip_port,
            Transport::Tls => self.sip_tls_port,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The doctor has its own word for it, as its room knows no office.
    #[test]
    fn the_doctor_means_the_same_by_a_private_address() {
        let ips = [
            "10.0.0.1",
            "169.254.1.1",
            "127.0.0.1",
            "fd00::1",
            "fe80::1",
            "::1",
            "100.64.0.1",
            "100.128.0.0",
            "203.0.113.1",
        ];
        for ip in ips.map(|ip| ip.parse().unwrap()) {
            assert_eq!(is_private(ip), centrale_alg::view::is_private(ip), "{ip}");
        }
    }

    #[test]
    fn a_031_an_address_on_the_internet_is_opened_by_its_name_alone() {
        let named = vec!["203.0.113.10".parse().unwrap(), "0.0.0.0".parse().unwrap()];
        let settings =
            ExchangeSettings { sip_port: 5060, sip_tls_port: 5061, rtp_ports: (1, 2), realm: String::new(), named };
        let opened =
            ["192.168.1.10", "10.0.0.1", "127.0.0.1", "fd00::1", "100.64.3.1", "203.0.113.10", "::ffff:203.0.113.10"];
        assert!(opened.iter().all(|at| settings.opens(at.parse().unwrap())));
        assert!(!["203.0.113.11", "2001:db8::1"].iter().any(|at| settings.opens(at.parse().unwrap())));
    }
}
