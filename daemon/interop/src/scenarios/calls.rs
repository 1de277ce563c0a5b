//! Calls between two people of the office.

use std::net::{Ipv6Addr, SocketAddr};
use std::thread;
use std::time::{Duration, Instant};

use super::{Stage, connect, hang_up, hear_each_other, hears_since, says};
use crate::{Account, Baresip, Failure, Linphone, Microphone, Middle, Office, Phone, Result, Tone, Transport};

pub(super) fn baresip_calls_linphone(stage: &Stage) -> Result<()> {
    let office = Office::open(stage.middle, &stage.inside, &["201", "202"])?;
    let mut caller = Baresip::start(&stage.phones, office.account("201")?, Microphone::Tone(Tone::CALLER))?;
    let mut callee = Linphone::start(&stage.phones, office.account("202")?, Tone::CALLEE)?;
    whole_call(&mut caller, &mut callee)
}

pub(super) fn linphone_calls_baresip(stage: &Stage) -> Result<()> {
    let office = Office::open(stage.middle, &stage.inside, &["201", "202"])?;
    let mut caller = Linphone::start(&stage.phones, office.account("201")?, Tone::CALLER)?;
    let mut callee = Baresip::start(&stage.phones, office.account("202")?, Microphone::Tone(Tone::CALLEE))?;
    whole_call(&mut caller, &mut callee)
}

fn whole_call(caller: &mut dyn Phone, callee: &mut dyn Phone) -> Result<()> {
    talk(caller, callee)?;
    hang_up(caller, callee)
}

pub(super) fn linphone_holds_baresip(stage: &Stage) -> Result<()> {
    let office = Office::open(stage.middle, &stage.inside, &["201", "202"])?;
    let mut holder = Linphone::start(&stage.phones, office.account("201")?, Tone::CALLER)?;
    let mut held = Baresip::start(&stage.phones, office.account("202")?, Microphone::Tone(Tone::CALLEE))?;
    whole_call(&mut holder, &mut held)?;
    // What baresip hears around a hold it writes down in a call of its own.
    held.stop_recording()?;
    connect(&mut holder, "202", &mut held)?;
    held.record_anew()?;
    hold_and_resume(&mut holder, &mut held, |holder, held| {
        // Linphone plays its file as music, also from peer to peer.
        hears_again(held, Tone::CALLER)?;
        is_not_heard(&[(holder, Tone::CALLEE)])
    })?;
    hears_again(&mut held, Tone::CALLER)?;
    hears_again(&mut holder, Tone::CALLEE)?;
    hang_up(&mut holder, &mut held)
}

pub(super) fn baresip_holds_linphone(stage: &Stage) -> Result<()> {
    let office = Office::open(stage.middle, &stage.inside, &["201", "202"])?;
    let mut holder = Baresip::start(&stage.phones, office.account("201")?, Microphone::Tone(Tone::CALLER))?;
    let mut held = Linphone::start(&stage.phones, office.account("202")?, Tone::CALLEE)?;
    whole_call(&mut holder, &mut held)?;
    holder.stop_recording()?;
    connect(&mut holder, "202", &mut held)?;
    holder.record_anew()?;
    // Neither hears anything of the other: baresip has no music.
    hold_and_resume(&mut holder, &mut held, |holder, held| {
        is_not_heard(&[(holder, Tone::CALLEE), (held, Tone::CALLER)])
    })?;
    hears_again(&mut held, Tone::CALLER)?;
    hears_again(&mut holder, Tone::CALLEE)?;
    hang_up(&mut held, &mut holder)
}

/// Two of one make, in their first call.
pub(super) fn linphone_holds_linphone(stage: &Stage) -> Result<()> {
    let office = Office::open(stage.middle, &stage.inside, &["201", "202"])?;
    let mut holder = Linphone::start(&stage.phones, office.account("201")?, Tone::CALLER)?;
    let mut held = Linphone::start(&stage.phones, office.account("202")?, Tone::CALLEE)?;
    talk(&mut holder, &mut held)?;
    hold_and_resume(&mut holder, &mut held, |_, held| hears_again(held, Tone::CALLER))?;
    hears_again(&mut holder, Tone::CALLEE)?;
    hears_again(&mut held, Tone::CALLER)?;
    hang_up(&mut held, &mut holder)
}

pub(super) fn baresip_hands_linphone_on(stage: &Stage) -> Result<()> {
    let office = Office::open(stage.middle, &stage.inside, &["201", "202", "203"])?;
    let mut transferor = Baresip::start(&stage.phones, office.account("201")?, Microphone::Tone(Tone::CALLER))?;
    hand_on(stage, &office, &mut transferor)
}

pub(super) fn linphone_hands_linphone_on(stage: &Stage) -> Result<()> {
    let office = Office::open(stage.middle, &stage.inside, &["201", "202", "203"])?;
    let mut transferor = Linphone::start(&stage.phones, office.account("201")?, Tone::CALLER)?;
    hand_on(stage, &office, &mut transferor)
}

/// Whom 201 talks to is handed on to 203: those two hear each other, and 201 is free. At the box alone: from peer to peer whoever is
/// handed on makes the new call by itself, which linphonec does not with one line, and with two not every time.
fn hand_on(stage: &Stage, office: &Office, transferor: &mut dyn Phone) -> Result<()> {
    let of_target = Tone { hertz: 880 };
    let mut transferee = Linphone::start(&stage.phones, office.account("202")?, Tone::CALLEE)?;
    let mut target = Linphone::start(&stage.phones, office.account("203")?, of_target)?;
    target.wait_registered()?;
    talk(transferor, &mut transferee)?;
    transferor.transfer("203")?;
    let seen = target.wait_incoming()?;
    says(&seen, &["sip:202@"])?;
    target.answer()?;
    target.wait_established()?;
    transferor.wait_ended()?;
    hears_since(&mut transferee, of_target, 0)?;
    hears_since(&mut target, Tone::CALLEE, 0)?;
    hang_up(&mut target, &mut transferee)
}

/// Both over TCP: what they are called on is the connection that they made.
pub(super) fn over_tcp(stage: &Stage) -> Result<()> {
    let office = Office::open(stage.middle, &stage.inside, &["201", "202"])?;
    let [baresip, linphone] =
        [office.account("201")?, office.account("202")?].map(|account| account.over(Transport::Tcp));
    let mut baresip = Baresip::start(&stage.phones, baresip, Microphone::Tone(Tone::CALLER))?;
    let mut linphone = Linphone::start(&stage.phones, linphone, Tone::CALLEE)?;
    whole_call(&mut baresip, &mut linphone)?;
    connect(&mut linphone, "201", &mut baresip)?;
    hang_up(&mut baresip, &mut linphone)
}

/// Peer to peer, SRTP from end to end. Through the box, one end with TLS and SRTP and the other in clear: each leg is a
/// matter of its own.
pub(super) fn encrypted(stage: &Stage) -> Result<()> {
    let office = Office::open(stage.middle, &stage.inside, &["201", "202"])?;
    let (account, mut linphone) = match stage.middle {
        Middle::Peers => {
            let linphone = Linphone::start_encrypted(&stage.phones, office.account("202")?, Tone::CALLEE)?;
            (office.account("201")?, linphone)
        }
        Middle::Box => {
            let linphone = Linphone::start(&stage.phones, office.account("202")?, Tone::CALLEE)?;
            (office.account_over_tls("201")?, linphone)
        }
    };
    let mut baresip = Baresip::start_encrypted(&stage.phones, account, Microphone::Tone(Tone::CALLER))?;
    whole_call(&mut baresip, &mut linphone)?;
    connect(&mut linphone, "201", &mut baresip)?;
    hang_up(&mut linphone, &mut baresip)
}

/// Both register, 201 calls 202, and each hears the other.
fn talk(caller: &mut dyn Phone, callee: &mut dyn Phone) -> Result<()> {
    caller.wait_registered()?;
    callee.wait_registered()?;
    let seen = connect(caller, "202", callee)?;
    says(&seen, &["sip:201@"])?;
    hear_each_other(caller, callee)
}

/// Holds, looks at both meanwhile, and takes the other back.
fn hold_and_resume(
    holder: &mut dyn Phone,
    held: &mut dyn Phone,
    meanwhile: impl FnOnce(&mut dyn Phone, &mut dyn Phone) -> Result<()>,
) -> Result<()> {
    holder.hold()?;
    held.wait_held()?;
    meanwhile(holder, held)?;
    holder.resume()?;
    held.wait_taken_back()
}

/// How long a hold lasts here.
const HOLD: Duration = Duration::from_secs(3);
/// What a phone may still write down of what it heard before: what is on its way, waits to be played and to be written.
const STILL_WRITTEN_MS: u64 = 1000;

/// Listens for as long as a hold lasts, and no phone hears more of that tone than what came before.
fn is_not_heard(phones: &[(&dyn Phone, Tone)]) -> Result<()> {
    // Of one that began to write in this hold there may be nothing yet.
    let heard = |phone: &dyn Phone, tone: Tone| phone.heard().map_or(0, |heard| heard.milliseconds_of(tone));
    let before: Vec<u64> = phones.iter().map(|(phone, tone)| heard(*phone, *tone)).collect();
    let until = Instant::now() + HOLD;
    while Instant::now() < until {
        for ((phone, tone), before) in phones.iter().zip(&before) {
            let more = heard(*phone, *tone).saturating_sub(*before);
            if more > STILL_WRITTEN_MS {
                return Err(Failure::Unexpected(format!("{} Hz was heard for {more} ms during the hold", tone.hertz)));
            }
        }
        // The file grows as the phone hears: look again when there can be something new.
        thread::park_timeout(Duration::from_millis(100));
    }
    Ok(())
}

/// Hears the tone for a while from now on.
fn hears_again(phone: &mut dyn Phone, tone: Tone) -> Result<()> {
    let now = phone.heard().map_or(0, |heard| heard.milliseconds());
    hears_since(phone, tone, now)
}

pub(super) fn caller_gives_up(stage: &Stage) -> Result<()> {
    let office = Office::open(stage.middle, &stage.inside, &["201", "202"])?;
    let mut baresip = Baresip::start(&stage.phones, office.account("201")?, Microphone::Off)?;
    let mut linphone = Linphone::start(&stage.phones, office.account("202")?, Tone::CALLEE)?;
    baresip.wait_registered()?;
    linphone.wait_registered()?;
    let give_up = |caller: &mut dyn Phone, number: &str, callee: &mut dyn Phone| {
        caller.dial(number)?;
        callee.wait_incoming()?;
        caller.wait_ringback()?;
        hang_up(caller, callee)
    };
    give_up(&mut baresip, "202", &mut linphone)?;
    give_up(&mut linphone, "201", &mut baresip)
}

/// Busy by its user's decision, and busy because it is in another call.
pub(super) fn busy(stage: &Stage) -> Result<()> {
    let office = Office::open(stage.middle, &stage.inside, &["201", "202", "203"])?;
    let mut linphone = Linphone::start(&stage.phones, office.account("201")?, Tone::CALLER)?;
    let mut baresip = Baresip::start(&stage.phones, office.account("202")?, Microphone::Off)?;
    let mut third = Baresip::start(&stage.phones, office.account("203")?, Microphone::Off)?;
    linphone.wait_registered()?;
    baresip.wait_registered()?;
    third.wait_registered()?;

    linphone.dial("202")?;
    baresip.wait_incoming()?;
    baresip.hang_up()?;
    says(&linphone.wait_ended()?, &["486"])?;
    baresip.wait_ended()?;

    connect(&mut linphone, "202", &mut baresip)?;
    third.dial("201")?;
    says(&third.wait_ended()?, &["486"])?;
    hang_up(&mut baresip, &mut linphone)
}

/// The called phone gives up by itself after three seconds (and says 486, as linphonec does too), which the caller must
/// be told.
pub(super) fn no_answer(stage: &Stage) -> Result<()> {
    let office = Office::open(stage.middle, &stage.inside, &["201", "202"])?;
    let mut caller = Linphone::start(&stage.phones, office.account("201")?, Tone::CALLER)?;
    let mut callee = Baresip::start_impatient(&stage.phones, office.account("202")?, 3)?;
    caller.wait_registered()?;
    callee.wait_registered()?;
    caller.dial("202")?;
    callee.wait_incoming()?;
    caller.wait_ringback()?;
    let reason = caller.wait_ended()?;
    callee.wait_ended()?;
    says(&reason, &["486", "480", "408"])
}

/// A phone that would ring for two minutes, this time of the other make. The exchange gives up after one, and tells both.
pub(super) fn nobody_comes(stage: &Stage) -> Result<()> {
    let office = Office::open(stage.middle, &stage.inside, &["201", "202"])?;
    let mut caller = Baresip::start(&stage.phones, office.account("201")?, Microphone::Off)?;
    let mut callee = Linphone::start(&stage.phones, office.account("202")?, Tone::CALLEE)?;
    caller.wait_registered()?;
    callee.wait_registered()?;
    let dialled = Instant::now();
    caller.dial("202")?;
    callee.wait_incoming()?;
    caller.wait_ringback()?;
    let reason = caller.wait_ended_within(Duration::from_secs(90))?;
    callee.wait_ended()?;
    if dialled.elapsed() < Duration::from_secs(55) {
        return Err(Failure::Unexpected(format!("it rang for {:?} only", dialled.elapsed())));
    }
    says(&reason, &["480", "408"])
}

/// Both at an IPv6 address. Everything that an address is written into is in that form: Via, Contact, SDP.
pub(super) fn over_ipv6(stage: &Stage) -> Result<()> {
    let [inside, phones] = [&stage.inside, &stage.phones].map(|place| place.with_address(Ipv6Addr::LOCALHOST));
    let office = Office::open(stage.middle, &inside, &["201", "202"])?;
    let mut caller = Baresip::start(&phones, office.account("201")?, Microphone::Tone(Tone::CALLER))?;
    let mut callee = Linphone::start(&phones, office.account("202")?, Tone::CALLEE)?;
    whole_call(&mut caller, &mut callee)?;
    connect(&mut callee, "201", &mut caller)?;
    hang_up(&mut caller, &mut callee)
}

/// One has IPv4 only and the other IPv6 only: audio gets across at the box alone.
pub(super) fn from_ipv4_to_ipv6(stage: &Stage) -> Result<()> {
    let office = Office::open(stage.middle, &stage.inside, &["201", "202"])?;
    let account = office.account("202")?;
    let server = SocketAddr::new(Ipv6Addr::LOCALHOST.into(), account.server.port());
    let mut four = Baresip::start(&stage.phones, office.account("201")?, Microphone::Tone(Tone::CALLER))?;
    let phones = stage.phones.with_address(Ipv6Addr::LOCALHOST);
    let mut six = Linphone::start(&phones, Account { server, ..account }, Tone::CALLEE)?;
    whole_call(&mut four, &mut six)?;
    connect(&mut six, "201", &mut four)?;
    hang_up(&mut six, &mut four)
}

pub(super) fn unknown_number(stage: &Stage) -> Result<()> {
    let office = Office::open(stage.middle, &stage.inside, &["201"])?;
    let mut caller = Baresip::start(&stage.phones, office.account("201")?, Microphone::Off)?;
    caller.wait_registered()?;
    caller.dial("299")?;
    match caller.wait_ringback() {
        Ok(()) => Err(Failure::Unexpected("a number that nobody has was heard to ring".to_owned())),
        Err(ended) => says(&ended.to_string(), &["404"]),
    }
}
