//! The task that owns the exchange: one input, drained fully, next input.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::mpsc as blocking;
use std::time::{Duration, Instant};

use bytes::Bytes;
use centrale_call_control::{
    AlertEnd, Bound, Command, Decks, Exchange, Firewall, Input, Interfaces, KeptBlock, KeptServers, KeptWay,
    LocalAddress, MailboxNews, Ordered, Output, Resolve, Told, Tried,
};
use centrale_config::{Office, Settled};
use centrale_guard::Kept;
use centrale_media::Media;
use centrale_net::{Arrivals, Block, FoundAddress, Net, NetEvent, Resolver, ServerQuestion};
use centrale_rtp::relay;
use centrale_sip::flow::{Flow, Target};
use tokio::sync::{mpsc, watch};

use crate::alarm::Alarm;
use crate::block_log::BlockLog;
use crate::blocks::BlockBook;
use crate::incidents::IncidentBook;
use crate::mailboxes::Work;
use crate::paper::{Note, Paper, Progress};
use crate::probing;

/// How often the exchange is told what the wall clock says.
const CLOCK: Duration = Duration::from_secs(60);
/// How often it is told who answers for which address in the office: who poses as another says so every second or two.
const LAN: Duration = Duration::from_secs(3);
/// How long phones and providers have to answer that calls are ended and the box signs off, when it is stopped.
const FAREWELL: Duration = Duration::from_secs(2);

/// Wishes from the rest of the house.
#[derive(Debug)]
pub(crate) enum Wish {
    /// A new revision, or new credentials, and their number in the order in which they were told.
    Settled(Arc<Settled>, u64),
    /// What each provider asks.
    Decks(Decks),
    /// Something asked on the page.
    Command(Command),
    /// Something was tried there, or at phones' settings.
    Tried(Tried),
    /// Send this as it is, from the SIP port (answers to PnP).
    Datagram {
        /// Where to.
        to: SocketAddr,
        /// Our address on the network that the phone was heard on.
        local: IpAddr,
        /// What.
        bytes: Bytes,
    },
    /// The page is to be found from everywhere, for so long.
    ServePageToAll(Duration),
    /// A resolver's answer.
    Resolved {
        /// The trunk it was asked for.
        trunk: String,
        /// Where its servers are.
        targets: Vec<Target>,
    },
    /// What is kept in mailboxes.
    Mailbox(MailboxNews),
    /// How far what must survive has been written.
    Written(Progress),
    /// Stop: end the calls, sign off at the providers, then end.
    Stop,
}

/// What the loop tells and hands on.
pub(crate) struct Ears {
    /// Changes for the page.
    pub(crate) told: Box<dyn Fn(Told) + Send>,
    /// What was ordered from a phone.
    pub(crate) ordered: Box<dyn Fn(Ordered) + Send>,
    /// Whose dear calls are to be held, by number.
    pub(crate) held: Box<dyn Fn(String) + Send>,
    /// How a call ended that the box made to tell somebody something, by its id.
    pub(crate) alerted: Box<dyn Fn(u64, AlertEnd) + Send>,
    /// A PnP packet of a phone.
    pub(crate) pnp: Box<dyn Fn(Flow, Bytes) + Send>,
    /// The box's addresses changed.
    pub(crate) addresses: Box<AddressEar>,
    /// What must survive.
    pub(crate) notes: blocking::Sender<Note>,
    /// What is asked of whoever keeps messages.
    pub(crate) mailboxes: blocking::Sender<Work>,
    /// What becomes of the devices of accounts.
    pub(crate) bonds: blocking::Sender<Bound>,
    /// How trunks go round a router.
    pub(crate) ways: blocking::Sender<KeptWay>,
    /// Where providers' servers worked.
    pub(crate) servers: blocking::Sender<KeptServers>,
    /// The number of the last office and credentials that it goes by.
    pub(crate) in_force: watch::Sender<u64>,
    /// What was counted, after every batch in which it changed.
    pub(crate) counted: watch::Sender<Counted>,
}

/// Who wants to know the box's addresses.
pub(crate) type AddressEar = dyn Fn(&[FoundAddress]) + Send;

/// The exchange's counters, as they are shown.
pub(crate) type Counted = Vec<(&'static str, u64, &'static str)>;

/// From which networks on the internet the office is administered, each with the bits that are shared in it.
pub(crate) fn administration_of(office: &Office) -> Vec<(IpAddr, u8)> {
    office.administration.iter().map(|network| (network.first(), network.prefix())).collect()
}

/// The exchange with all that it is joined to.
pub(crate) struct ExchangeLoop {
    pub(crate) exchange: Exchange,
    pub(crate) net: Net,
    pub(crate) media: Media,
    pub(crate) resolver: Resolver,
    pub(crate) ears: Ears,
    pub(crate) wishes: mpsc::Sender<Wish>,
    /// The office's time zone.
    pub(crate) zone: String,
    /// What had been spent before this start.
    pub(crate) kept: Vec<Kept>,
    /// What each provider asks at this start.
    pub(crate) decks: Decks,
    /// Blocks of before this start.
    pub(crate) kept_blocks: Vec<KeptBlock>,
    /// What had been stopped before it.
    pub(crate) stops: Vec<Command>,
    /// The devices that each account had before it.
    pub(crate) bonds: Vec<Bound>,
    /// How trunks went round a router before it.
    pub(crate) ways: Vec<KeptWay>,
    /// Where providers' servers worked before it.
    pub(crate) servers: Vec<KeptServers>,
    /// Which blocks the log speaks of.
    pub(crate) block_log: BlockLog,
    /// Those of now, for the next start and for the page.
    pub(crate) blocks: BlockBook,
    /// What was tried against the office.
    pub(crate) incidents: IncidentBook,
    /// Whether what must survive gets onto the disk.
    pub(crate) paper: Paper,
    /// What the exchange was told of that.
    pub(crate) written: bool,
}

impl ExchangeLoop {
    /// Runs until it is told to stop, or until nobody can tell it anything any more.
    pub(crate) async fn run(
        mut self,
        mut arrivals: Arrivals,
        mut media: mpsc::UnboundedReceiver<relay::Event>,
        mut wishes: mpsc::Receiver<Wish>,
    ) {
        let mut counted = tokio::time::interval(Duration::from_secs(1));
        let mut clock = tokio::time::interval(CLOCK);
        let mut lan = tokio::time::interval(LAN);
        let kept = std::mem::take(&mut self.kept);
        self.handle(Input::Kept(kept));
        let decks = std::mem::take(&mut self.decks);
        self.handle(Input::Decks(decks));
        let bonds = std::mem::take(&mut self.bonds);
        self.handle(Input::Bonds(bonds));
        let ways = std::mem::take(&mut self.ways);
        self.handle(Input::Ways(ways));
        let servers = std::mem::take(&mut self.servers);
        self.handle(Input::Servers(servers));
        for stop in std::mem::take(&mut self.stops) {
            self.handle(Input::Command(stop));
        }
        let mut alarm = Alarm::new();
        loop {
            alarm.set(Instant::now(), self.exchange.poll_timeout());
            // Whoever comes is served, in no order: nobody's flood keeps the others waiting.
            tokio::select! {
                event = arrivals.next() => self.handle_arrived(event, &mut arrivals),
                Some(event) = media.recv() => self.handle(Input::Media(event)),
                wish = wishes.recv() => match wish {
                    None | Some(Wish::Stop) => return self.sign_off(arrivals, media).await,
                    Some(wish) => self.handle_wish(wish),
                },
                () = alarm.wait() => self.handle(Input::Timeout),
                _ = counted.tick() => {
                    self.count();
                    self.tell_of_paper();
                }
                _ = clock.tick() => {
                    self.tell_time();
                    self.handle(Input::WayOut(probing::way_out()));
                }
                _ = lan.tick() => self.handle(Input::Lan(probing::lan())),
            }
        }
    }

    /// What arrived, with all that was found together with it. Under load more is let gather before the next look: meanwhile the
    /// whole thread rests, as whatever else it does may wait those milliseconds too.
    fn handle_arrived(&mut self, first: NetEvent, arrivals: &mut Arrivals) {
        self.handle_net(first);
        while let Some(event) = arrivals.take() {
            self.handle_net(event);
        }
        if let Some(rest) = arrivals.rest() {
            std::thread::sleep(rest);
        }
    }

    fn handle_net(&mut self, event: NetEvent) {
        match event {
            NetEvent::Packet { flow, bytes } if is_pnp(&bytes) => (self.ears.pnp)(flow, bytes),
            NetEvent::Packet { flow, bytes } => self.handle(Input::Packet { flow, bytes }),
            NetEvent::FlowClosed(flow) => self.handle(Input::FlowClosed(flow)),
            NetEvent::TargetFailed(target) => self.handle(Input::TargetFailed(target)),
            NetEvent::Addresses(found) => {
                (self.ears.addresses)(&found);
                self.handle(Input::Interfaces(interfaces(&found)));
                let kept = std::mem::take(&mut self.kept_blocks);
                self.handle(Input::Blocked(kept));
            }
            NetEvent::Probe { key, news } => {
                if let Some(input) = probing::news(key, news) {
                    self.handle(input);
                }
            }
        }
    }

    /// What the wall clock says where the office is.
    fn tell_time(&mut self) {
        self.handle(Input::Clock(crate::time::civil_now(&self.zone)));
    }

    fn handle_wish(&mut self, wish: Wish) {
        match wish {
            Wish::Settled(settled, number) => {
                self.zone.clone_from(&settled.office.identity.time_zone);
                self.ask_mailboxes(Work::people_of(&settled));
                self.net.serve_page(administration_of(&settled.office));
                self.handle(Input::Settled(settled));
                self.ears.in_force.send_replace(number);
                self.tell_time();
            }
            Wish::Decks(decks) => self.handle(Input::Decks(decks)),
            Wish::Mailbox(news) => self.handle(Input::Mailbox(news)),
            Wish::Command(command) => self.handle(Input::Command(command)),
            Wish::Tried(tried) => self.handle(Input::Tried(tried)),
            Wish::Datagram { to, local, bytes } => self.net.transmit_on(local, to, &bytes),
            Wish::ServePageToAll(lasts) => self.net.serve_page_to_all(lasts),
            Wish::Resolved { trunk, targets } => self.handle(Input::Resolved { trunk, targets }),
            Wish::Written(progress) => {
                self.paper.hear(Instant::now(), progress);
                self.tell_of_paper();
            }
            Wish::Stop => {}
        }
    }

    fn handle(&mut self, input: Input) {
        // Ports that it asks for meanwhile, of which it is told next; an empty queue takes no memory.
        let (mut next, mut opened) = (Some(input), VecDeque::new());
        while let Some(input) = next {
            self.exchange.handle_input(Instant::now(), input);
            self.carry_out(&mut opened);
            next = opened.pop_front();
        }
    }

    fn carry_out(&mut self, opened: &mut VecDeque<Input>) {
        while let Some(output) = self.exchange.poll_output() {
            match output {
                Output::Transmit(transmit) => self.net.transmit(&transmit),
                Output::Media(command) => self.media.send(command),
                Output::Resolve(question) => self.resolve(question),
                Output::Probe { round, host, order } => probing::carry_out(&self.net, round, &host, order),
                Output::Record(record) => self.note(Note::Record(record)),
                Output::InProgress(calls) => self.note(Note::InProgress(calls)),
                Output::Spent(lines) => self.note(Note::Spent(lines)),
                Output::Mailbox(order) => self.ask_mailboxes(Work::Order(order)),
                Output::Way(way) => drop(self.ears.ways.send(way)),
                Output::Servers(servers) => drop(self.ears.servers.send(servers)),
                Output::OpenPort { trunk, servers } => {
                    let flow = self.net.open_port(servers);
                    opened.push_back(Input::PortOpened { trunk, flow });
                }
                Output::PortHears { port, servers } => self.net.hear_at(port, servers),
                Output::ClosePort(port) => self.net.close_port(port),
                Output::Reach { remote, host } => self.net.name(remote, &host),
                Output::Ordered(ordered) => (self.ears.ordered)(ordered),
                Output::Hold(person) => (self.ears.held)(person),
                Output::Alerted { id, end } => (self.ears.alerted)(id, end),
                Output::Bound(bound) => drop(self.ears.bonds.send(bound)),
                Output::Incident(incident) => self.incidents.note(&incident),
                Output::Told(told) => (self.ears.told)(told),
                Output::Firewall(block) => self.block(block),
                Output::Lift(source) => self.lift(source),
                Output::Known(source) => self.net.know(source),
                Output::Unknown(source) => self.net.forget(source),
                Output::Stir(neighbour) => centrale_net::stir(neighbour),
                Output::Needed(flow) => self.net.keep(flow),
            }
        }
    }

    fn ask_mailboxes(&self, work: Work) {
        // Their thread ends only with the daemon.
        let _ = self.ears.mailboxes.send(work);
    }

    fn note(&mut self, note: Note) {
        self.paper.note(Instant::now());
        // Its thread ends only with the daemon.
        let _ = self.ears.notes.send(note);
    }

    fn tell_of_paper(&mut self) {
        let written = self.paper.is_written(Instant::now());
        if std::mem::replace(&mut self.written, written) != written {
            self.handle(Input::Written(written));
        }
    }

    fn block(&mut self, block: Firewall) {
        self.blocks.note(crate::time::unix_ms(), &block);
        let Firewall { source, port, lasts, trickles, page, reason } = block;
        if self.block_log.note(Instant::now()) {
            tracing::info!(%source, port, seconds = lasts.as_secs(), reason, "takes no more packets from there");
        }
        self.net.block(&Block { source, port, lasts, trickles, page });
    }

    fn lift(&mut self, source: IpAddr) {
        if self.net.lift(source) {
            tracing::info!(%source, "takes packets from there again");
            self.blocks.lifted(source);
        }
    }

    fn resolve(&self, question: Resolve) {
        let (resolver, net, wishes) = (self.resolver.clone(), self.net.clone(), self.wishes.clone());
        tokio::spawn(async move {
            let Resolve { trunk, host, port, transport } = question;
            let targets = resolver.servers(&ServerQuestion { host: host.clone(), port, transport }).await;
            targets.iter().for_each(|target| net.name(target.remote, &host));
            // Nobody listens only when the daemon stops.
            let _ = wishes.send(Wish::Resolved { trunk, targets }).await;
        });
    }

    fn count(&mut self) {
        if let Some(blocks) = self.block_log.take(Instant::now()) {
            tracing::info!(blocks, "took no more packets from others either");
        }
        self.blocks.hand_over();
        let mut counted: Counted = self.exchange.counted().collect();
        counted.extend(self.net.counters().list());
        self.ears.counted.send_replace(counted);
    }

    /// Calls are ended, and with an empty office as the last revision providers are signed off. Then their answers are waited for,
    /// and what the media thread has counted, but not for long.
    async fn sign_off(mut self, mut arrivals: Arrivals, mut media: mpsc::UnboundedReceiver<relay::Event>) {
        self.handle(Input::Stopping);
        self.handle(Input::Settled(Arc::new(crate::run::nobody())));
        self.blocks.hand_over();
        let mut alarm = Alarm::new();
        let farewell = tokio::time::sleep(FAREWELL);
        tokio::pin!(farewell);
        while self.exchange.calls_in_hand() + self.exchange.requests_in_hand() > 0 {
            alarm.set(Instant::now(), self.exchange.poll_timeout());
            tokio::select! {
                () = &mut farewell => return,
                event = arrivals.next() => self.handle_arrived(event, &mut arrivals),
                Some(event) = media.recv() => self.handle(Input::Media(event)),
                () = alarm.wait() => self.handle(Input::Timeout),
            }
        }
    }
}

/// Whether a packet is a phone asking where its settings are, or its answer to what it was told. Read before parsing, because
/// it goes to another room.
fn is_pnp(bytes: &[u8]) -> bool {
    let has = |sign: &[u8]| bytes.windows(sign.len()).any(|window| window == sign);
    bytes.starts_with(b"SUBSCRIBE ") && has(b"ua-profile")
        || bytes.starts_with(b"SIP/2.0 ") && has(b"branch=z9hG4bKpnp")
}

fn interfaces(found: &[FoundAddress]) -> Interfaces {
    let local =
        |found: &FoundAddress| LocalAddress { ip: found.ip, prefix: found.prefix, default_route: found.default_route };
    Interfaces::new(found.iter().map(local).collect())
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use centrale_config::{Network, is_private};
    use centrale_net::PRIVATE_NETWORKS;

    use super::*;

    #[test]
    fn what_the_kernel_takes_for_private_is_what_everybody_does() {
        let networks = PRIVATE_NETWORKS.map(|(ip, prefix)| Network::around(ip, prefix));
        let v4 = (0..=u16::MAX).map(|half| IpAddr::from(Ipv4Addr::from_bits(u32::from(half) << 16 | 0x0102)));
        let v6 = (0..=u16::MAX).map(|half| IpAddr::from(Ipv6Addr::from_bits(u128::from(half) << 112 | 1)));
        for ip in v4.chain(v6).filter(|ip| ip.is_ipv4() || !ip.to_canonical().is_ipv4()) {
            assert_eq!(networks.iter().any(|network| network.contains(ip)), is_private(ip), "{ip}");
        }
    }

    #[test]
    fn only_a_subscription_to_a_profile_and_its_aftermath_is_pnp() {
        assert!(is_pnp(b"SUBSCRIBE sip:MAC%3a000413@224.0.1.75 SIP/2.0\r\nEvent: ua-profile;vendor=\"snom\"\r\n\r\n"));
        assert!(is_pnp(b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKpnp1\r\n\r\n"));
        assert!(!is_pnp(b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK1\r\n\r\n"));
        assert!(!is_pnp(b"SUBSCRIBE sip:201@box SIP/2.0\r\nEvent: dialog\r\n\r\n"));
        assert!(!is_pnp(b"NOTIFY sip:201@box SIP/2.0\r\nEvent: ua-profile\r\n\r\n"));
    }
}
