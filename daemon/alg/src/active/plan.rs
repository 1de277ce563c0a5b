//! Which questions a run asks, in which order, from which socket.

use std::collections::VecDeque;
use std::time::Duration;

use super::run::Socket;
use super::target::{Set, Target};
use crate::diagnosis::Path;

/// One question. The probes are made of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Question {
    /// V0: a foreign private address in Via.
    Canary,
    /// V1: our own.
    Own,
    /// V0 again, so that a mapping that moved is seen.
    CanaryAgain,
    /// V2: our own address in From, with zeros in front of its numbers.
    PaddedOwn,
    /// Its control.
    PaddedCanary,
    /// V3: our public address, and no private one anywhere.
    Reverse,
    /// V4: our own address and a port that is not the source's.
    WrongPort,
    /// V5.
    Odd(Odd),
    /// V12: as V0, V1, V0, V3, with INVITE.
    InviteCanary,
    InviteOwn,
    InviteCanaryAgain,
    InviteReverse,
    /// V6: a foreign Contact for a minute, then our own in the same way; what the registrar has then; and neither any more.
    BindCanary,
    BindOwn,
    ReadBack,
    Unbind,
    /// V14: a call to our own number that describes a foreign address, and one that describes ours.
    LoopCanary,
    LoopOwn,
    /// V7: with that TTL.
    QuoteInvite(u8),
    QuoteRegister(u8),
    /// V8: round, and size.
    Size(u8, u16),
    /// V11: TTL 1.
    Near,
    /// V15: the phone's public address in From, with zeros in front of its numbers.
    FarPadded,
    /// Its control.
    FarControl,
}

/// The INVITEs of V5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Odd {
    Before,
    Port9,
    Port1023,
    OtherFamily,
    HostName,
    After,
}

impl Odd {
    /// Those that a SIP-reading firewall drops.
    pub(super) const CANARIES: [Self; 4] = [Self::Port9, Self::Port1023, Self::OtherFamily, Self::HostName];
}

/// One question from one socket.
pub(super) type Ask = (Socket, Question);

/// TTLs of V7.
pub(super) const TTLS: std::ops::RangeInclusive<u8> = 1..=4;
/// Sizes of V8. The first is the control.
pub(super) const SIZES: [u16; 5] = [600, 900, 1_400, 2_000, 3_000];
/// Rounds of V8: one lost packet is no finding.
pub(super) const ROUNDS: u8 = 3;

impl Question {
    /// How long each try waits for its answer.
    pub(super) fn waits(self) -> &'static [Duration] {
        const THREE: &[Duration] =
            &[Duration::from_millis(350), Duration::from_millis(700), Duration::from_millis(1_050)];
        const TWO: &[Duration] = &[Duration::from_millis(400), Duration::from_millis(700)];
        // Once a provider has heard of a call, it is given as long as it takes to bring it back.
        const LOOPS: &[Duration] =
            &[Duration::from_millis(500), Duration::from_millis(1_000), Duration::from_millis(1_500)];
        match self {
            Self::LoopCanary | Self::LoopOwn => LOOPS,
            Self::QuoteInvite(_) | Self::QuoteRegister(_) | Self::Near => TWO,
            _ => THREE,
        }
    }

    /// Whether it may be asked with any method that is answered.
    pub(super) const fn is_echo(self) -> bool {
        matches!(
            self,
            Self::Canary
                | Self::Own
                | Self::CanaryAgain
                | Self::PaddedOwn
                | Self::PaddedCanary
                | Self::Reverse
                | Self::WrongPort
                | Self::FarPadded
                | Self::FarControl
        )
    }

    /// Whether it is an INVITE.
    pub(super) const fn is_invite(self) -> bool {
        matches!(
            self,
            Self::Odd(_)
                | Self::InviteCanary
                | Self::InviteOwn
                | Self::InviteCanaryAgain
                | Self::InviteReverse
                | Self::QuoteInvite(_)
                | Self::LoopCanary
                | Self::LoopOwn
        )
    }

    /// Whether it is a call to ourselves, which is not over with the first word.
    pub(super) const fn is_loop(self) -> bool {
        matches!(self, Self::LoopCanary | Self::LoopOwn)
    }

    /// Whether a challenge to it is answered with the account.
    pub(super) const fn is_of_account(self) -> bool {
        matches!(self, Self::BindCanary | Self::BindOwn | Self::ReadBack | Self::Unbind) || self.is_loop()
    }

    /// The IP TTL, where it is not the machine's own.
    pub(super) const fn ttl(self) -> Option<u8> {
        match self {
            Self::QuoteInvite(ttl) | Self::QuoteRegister(ttl) => Some(ttl),
            Self::Near => Some(1),
            _ => None,
        }
    }
}

/// Groups of questions; those of one group are asked at once.
pub(super) fn plan(set: Set, target: &Target) -> VecDeque<Vec<Ask>> {
    use Question as Q;
    let mut groups = VecDeque::new();
    if target.path == Path::PhoneBox {
        groups.extend([vec![(Socket::Live, Q::FarPadded)], vec![(Socket::Live, Q::FarControl)]]);
        return groups;
    }
    let few = [Q::Canary, Q::Own, Q::CanaryAgain, Q::Reverse];
    let echoes = [Q::Canary, Q::Own, Q::CanaryAgain, Q::PaddedOwn, Q::PaddedCanary, Q::Reverse];
    if set == Set::Harmless {
        // What the trunk's own socket sends goes another way: then the plain way is asked beside it.
        let socket = if target.live.is_some() { Socket::Live } else { Socket::Udp };
        groups.extend(few.map(|question| vec![(socket, question)]));
        return groups;
    }
    if target.quotes && !target.near {
        // First: it costs the provider nothing.
        groups.extend(
            TTLS.map(|ttl| {
                vec![(Socket::Quotes, Q::QuoteInvite(ttl)), (Socket::QuotesRegister, Q::QuoteRegister(ttl))]
            }),
        );
    }
    groups.extend(few.map(|question| vec![(Socket::Live, question)]));
    groups.extend(echoes.map(|question| vec![(Socket::Udp, question)]));
    groups.push_back(vec![(Socket::Scratch, Q::WrongPort)]);
    if target.quotes && !target.near {
        groups.push_back(vec![(Socket::Udp, Q::Near)]);
    }
    for (socket, there) in [(Socket::Tcp, target.tcp.is_some()), (Socket::Tls, target.tls.is_some())] {
        groups.extend(echoes.iter().filter(|_| there).map(|question| vec![(socket, *question)]));
    }
    let others = || Socket::OTHERS.into_iter().take(target.others.len());
    groups.extend(few.map(|question| others().map(|socket| (socket, question)).collect()));
    groups.extend((0..ROUNDS).map(|round| SIZES.iter().map(|size| (Socket::Sizes, Q::Size(round, *size))).collect()));
    if set == Set::Full {
        groups.extend(
            [Q::InviteCanary, Q::InviteOwn, Q::InviteCanaryAgain, Q::InviteReverse]
                .map(|it| vec![(Socket::Invites, it)]),
        );
        for socket in [Socket::Odd, Socket::Tls].into_iter().filter(|it| *it == Socket::Odd || target.tls.is_some()) {
            groups.push_back(vec![(socket, Q::Odd(Odd::Before))]);
            groups.push_back(Odd::CANARIES.iter().map(|odd| (socket, Q::Odd(*odd))).collect());
            groups.push_back(vec![(socket, Q::Odd(Odd::After))]);
        }
        if target.account.is_some() && target.number.is_some() {
            groups.extend([Q::LoopCanary, Q::LoopOwn].map(|it| vec![(Socket::Loops, it)]));
        }
        if target.account.is_some() {
            // Last: whoever lent the account registers anew right after it.
            let binds = [Q::BindCanary, Q::BindOwn].map(|it| (Socket::Binds, it));
            let back = [(Socket::Back, Q::ReadBack), (Socket::Binds, Q::Unbind)];
            groups.extend(binds.into_iter().chain(back).map(|it| vec![it]));
        }
    }
    groups
}
