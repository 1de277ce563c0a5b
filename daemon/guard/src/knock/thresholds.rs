//! Every number of this room, in one place. "Measured" is a measurement with the real tools (sipvicious 0.3.3, sippts, fail2ban,
//! kamailio's pike); the rest is judgement, and says what it protects.

use std::time::Duration;

const fn minutes(number: u64) -> Duration {
    Duration::from_secs(60 * number)
}

const fn hours(number: u64) -> Duration {
    minutes(60 * number)
}

/// In which distinct things are counted, unless said otherwise.
pub const WINDOW: Duration = minutes(10);
/// Distinct wrong secrets of one source for one account that are judged before it has to wait. Measured: fail2ban let 455 to
/// 1,244 pass. A phone with an old password needs two at most: one to a fresh nonce, one to the repeated one.
pub const SECRETS_BEFORE_WAIT: usize = 3;
/// How long its further answers are not looked at.
pub const WAIT: Duration = Duration::from_secs(30);
/// Distinct wrong secrets, judged, or as many more that came while it had to wait, after which its flow is blocked.
pub const SECRETS_BEFORE_BLOCK: usize = 5;
/// Distinct wrong secrets of one source over all accounts, after which it sprays as long as nobody proved themselves there today. Where
/// somebody did, it may have as many accounts with an old password as it may have bad ones.
pub const SECRETS_OF_SOURCE: usize = 6;
/// What a phone with an old password looks like: one to a fresh nonce, and one to the repeated one.
pub const SECRETS_OF_STALE: usize = 2;
/// Distinct wrong secrets for one account over all sources of one side within a day, after which only devices that are at home
/// there are judged: five from the internet, five from the office, [`SECRETS_AT_HOME`] and [`SECRETS_AT_OTHER_HOMES`] make twenty a day.
/// Calls for help are counted alike; who is at home there reaches help without being judged.
pub const SECRETS_OF_ACCOUNT: usize = 5;
/// The same of all who are at home at the account: at an address where it proved itself, or a device like its own. After them only
/// an address is judged where it proved itself and no secret was wrong. More than somebody mistypes who is in at the fifth; what was wrong over
/// the flow that then proves the account is forgotten.
pub const SECRETS_AT_HOME: usize = 5;
/// So many such addresses have one more each. After that none: whoever is at six homes of one account guesses.
pub const SECRETS_AT_OTHER_HOMES: usize = 5;
/// In which those are counted.
pub const ACCOUNT_WINDOW: Duration = hours(24);
/// Networks (/24, /48: what one tunnel of IPv6 is given) on the internet from which secrets are tried within [`SIEGE`], after which no device is judged from there that is not
/// known. More than an office has home workers who mistype within an hour; those with an old password are not counted.
pub const BESIEGED_BY: usize = 12;
/// In which those are counted, and how long it goes on after they have become fewer.
pub const SIEGE: Duration = hours(1);
/// Accounts that failed from one source on the internet, after which it sprays.
pub const SPRAYED_FROM_INTERNET: usize = 4;
/// The same for a source in the office, and for any source from which somebody proved themselves today: behind one router
/// 5 to 10 % of sixty phones may have an old password.
pub const SPRAYED_FROM_OFFICE: usize = 8;
/// How often a source is merely not answered for [`WAIT`] because it sprays: an office whose phones with old passwords all come
/// first after a power cut gets through.
pub const SPRAYS_BEFORE_BLOCK: u32 = 3;
/// The longest that a provider's address is not judged for it. It is never blocked, and a phone behind a gateway that has it must get in.
pub const LONGEST_WAIT: Duration = hours(1);
/// A source with many good accounts may have one bad account in so many.
pub const GOOD_PER_BAD: usize = 4;
/// Users asked for that no office can have (decoys among them), from a source on the internet. The second one blocks:
/// svwar sends a random one of ten digits first, and then begins at 100.
pub const STRANGE_FROM_INTERNET: usize = 2;
/// The same in the office; a typing error is one user, repeated.
pub const STRANGE_FROM_OFFICE: usize = 5;
/// Decoys asked for in the office.
pub const DECOYS_FROM_OFFICE: usize = 2;
/// Possible users asked for from the internet, each left unproven for [`PATIENCE`], while nobody there proved anything.
pub const UNPROVEN_FROM_INTERNET: usize = 8;
/// The same in the office.
pub const UNPROVEN_FROM_OFFICE: usize = 16;
/// How long a user who was asked for may take to answer the challenge: twice the longest round trip.
pub const PATIENCE: Duration = Duration::from_secs(4);
/// Users that may wait for their challenge's answer at once; beyond it silence, and a retransmission finds a place.
pub const ASKED_AT_ONCE: usize = 64;
/// Numbers that somebody on the internet may call without proof, each challenged.
pub const CALLED_FROM_INTERNET: usize = 1;
/// The same in the office, and where somebody proved themselves today.
pub const CALLED_FROM_OFFICE: usize = 2;
/// Ends of numbers that were called so from the internet, and for how long one such call from there is enough, from whoever it comes.
pub const PROBED: usize = 256;
/// See [`PROBED`].
pub const PROBED_FOR: Duration = hours(24 * 7);
/// Methods without dialog and proof within [`METHODS_WITHIN`], after which it is an inventory. Measured: sippts 14 in 10 ms.
pub const METHODS: usize = 4;
/// See [`METHODS`].
pub const METHODS_WITHIN: Duration = Duration::from_secs(2);

/// First block for what anybody could have sent in another's name.
pub const BLOCK_UNPROVEN_PATH: Duration = minutes(10);
/// First block for what was sent by who is really there: it echoed a nonce.
pub const BLOCK: Duration = hours(1);
/// First block of who is on the internet and tries passwords of the page: beside it nobody waits longer than eight seconds.
pub const BLOCK_OF_PAGE: Duration = minutes(15);
/// Different paths of other exchanges that somebody in the office asks for, from which on it is told of. From the internet the
/// first is enough, and blocks.
pub const HONEY_PATHS_FROM_OFFICE: usize = 2;
/// First block for what no phone ever sends, by who is really there: over a connection.
pub const BLOCK_CERTAIN: Duration = hours(24);
/// The longest.
pub const LONGEST_BLOCK: Duration = hours(24 * 7);
/// The longest of one port of an address where a phone is: anybody may send in its name, and next it may be the phone's own.
pub const LONGEST_BLOCK_OF_PORT: Duration = hours(1);
/// Each repeated block is longer by this factor.
pub const BLOCK_FACTOR: u32 = 4;
/// After so long without one, blocks begin anew.
pub const FORGIVEN: Duration = hours(24 * 7);
/// How long a proof speaks for its source.
pub const GOOD_FOR: Duration = hours(24);
/// How long a proof speaks for its source at its own account.
pub const KNOWN_FOR: Duration = hours(24 * 30);

/// Packets a second, and at once, from a stranger on the internet. A phone that boots sends a dozen.
pub const RATE_FROM_INTERNET: (u32, u32) = (20, 60);
/// The same in the office: a base station with twenty handsets boots there.
pub const RATE_FROM_OFFICE: (u32, u32) = (100, 500);
/// Packets from one port of an address where a phone is registered, over another flow: as of a stranger in the office.
pub const RATE_OF_NEIGHBOUR: (u32, u32) = RATE_FROM_OFFICE;
/// Packets of all such ports of an address together. Behind it a whole office may boot.
pub const RATE_OF_NEIGHBOURS: (u32, u32) = (1_000, 5_000);
/// Packets of one account over the flow that it is registered by, as many accounts as have proved themselves over it. Six times
/// what the busiest phone sends (180 lamps that all change every two seconds), as dropping costs it half a second and taking costs the box
/// a few hundredths of a core.
pub const RATE_OF_PHONE: (u32, u32) = (300, 3_000);
/// Accounts that are counted so.
pub const ACCOUNTS_OF_FLOW: usize = 256;
/// Packets of one address of a provider: fifty calls a second, and a hundred that begin at once with everything sent twice.
pub const RATE_OF_PROVIDER: (u32, u32) = (1_000, 5_000);
/// Packets of all strangers on the internet together, so that phones keep the processor.
pub const RATE_OF_BOX: (u32, u32) = (500, 1_000);
/// The same of all in the office together: two hundred phones of two accounts boot at once, and everything is sent twice.
pub const RATE_OF_NEWCOMERS: (u32, u32) = (2_000, 10_000);
/// Packets of all strangers of a network in which many were blocked.
pub const RATE_OF_BAD_SUBNET: (u32, u32) = (2, 20);
/// Blocked sources that make a network such a one.
pub const BLOCKED_IN_SUBNET: usize = 8;
/// Packets beyond its rate after which a source is blocked.
pub const EXCESS: u32 = 1_000;

/// Networks (/24, /56) on the internet of which sources are remembered.
pub const SUBNETS: usize = 1_024;
/// Networks of the office.
pub const OFFICE_SUBNETS: usize = 64;
/// Sources of one network on the internet.
pub const SOURCES_IN_SUBNET: usize = 32;
/// Sources of one network of the office.
pub const SOURCES_IN_OFFICE: usize = 256;
/// Accounts of which something is remembered.
pub const ACCOUNTS: usize = 4_096;
/// Things of one kind that are remembered of one source.
pub const REMEMBERED: usize = 256;
/// Accounts with failures that are remembered of one source.
pub const PAIRS: usize = 64;
/// Sources at which an account is known.
pub const KNOWN_SOURCES: usize = 16;
/// Flows of one source that can be blocked at once.
pub const FLOWS: usize = 64;
