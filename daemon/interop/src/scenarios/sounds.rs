//! What the box itself lets a phone hear, as the phone wrote it down.

use std::time::Duration;

use serde_json::Value;

use super::{Stage, connect, hang_up, hear_each_other, hears_for, hears_since};
use crate::centraled::Installed;
use crate::{Account, Baresip, Failure, Linphone, Microphone, Office, Phone, Result, Subscriber, Tone, Transport};

/// Ring-back as in the Netherlands (ITU-T E.180 supplement 2).
const RING_BACK: Tone = Tone { hertz: 425 };
/// The longest of the notes that are heard at a park place.
const NOTE: Tone = Tone { hertz: 587 };
/// Of whoever is third.
const THIRD: Tone = Tone { hertz: 880 };

pub(super) fn linphone_hears_it_ring(stage: &Stage) -> Result<()> {
    let office = Office::open(stage.middle, &stage.inside, &["201", "202", "203"])?;
    let mut transferee = Linphone::start(&stage.phones, office.account("202")?, Tone::CALLEE)?;
    let transferor = Baresip::start(&stage.phones, office.account("201")?, Microphone::Tone(Tone::CALLER))?;
    let (_transferor, mut target) = hands_on(stage, &office, transferor, &mut transferee)?;
    hears_since(&mut transferee, RING_BACK, 0)?;
    target.answer()?;
    target.wait_established()?;
    hears_since(&mut transferee, THIRD, 0)?;
    hears_since(&mut target, Tone::CALLEE, 0)?;
    hang_up(&mut target, &mut transferee)
}

/// baresip stops writing down what it hears at the first re-INVITE; until then it is a witness for SRTP.
pub(super) fn baresip_hears_it_ring_with_srtp(stage: &Stage) -> Result<()> {
    let office = Office::open(stage.middle, &stage.inside, &["201", "202", "203"])?;
    let account = office.account_over_tls("202")?;
    let mut transferee = Baresip::start_encrypted(&stage.phones, account, Microphone::Tone(Tone::CALLEE))?;
    let transferor = Baresip::start(&stage.phones, office.account("201")?, Microphone::Tone(Tone::CALLER))?;
    let (_transferor, mut target) = hands_on(stage, &office, transferor, &mut transferee)?;
    hears_since(&mut transferee, RING_BACK, 0)?;
    target.answer()?;
    target.wait_established()?;
    hears_since(&mut target, Tone::CALLEE, 0)?;
    hang_up(&mut target, &mut transferee)
}

/// Both speak G.722 alone: the tone is decoded by an implementation that is not ours.
pub(super) fn baresip_hears_it_ring_in_wideband(stage: &Stage) -> Result<()> {
    let office = Office::open(stage.middle, &stage.inside, &["201", "202", "203"])?;
    let start =
        |number: &str, tone| Baresip::start_wideband(&stage.phones, office.account(number)?, Microphone::Tone(tone));
    let (transferor, mut transferee) = (start("201", Tone::CALLER)?, start("202", Tone::CALLEE)?);
    let (mut transferor, mut target) = hands_on(stage, &office, transferor, &mut transferee)?;
    hears_since(&mut transferee, RING_BACK, 0)?;
    hang_up(&mut transferee, &mut transferor)?;
    target.wait_ended().map(drop)
}

/// 201 talks to 202 and hands it on to 203, which rings. 201 stays until somebody answers.
fn hands_on(
    stage: &Stage,
    office: &Office,
    mut transferor: Baresip,
    transferee: &mut dyn Phone,
) -> Result<(Baresip, Linphone)> {
    let mut target = Linphone::start(&stage.phones, office.account("203")?, THIRD)?;
    talk(&mut transferor, transferee)?;
    target.wait_registered()?;
    transferor.transfer("203")?;
    target.wait_incoming()?;
    Ok((transferor, target))
}

pub(super) fn parked(stage: &Stage) -> Result<()> {
    let office = Office::open(stage.middle, &stage.inside, &["201", "202", "203"])?;
    let mut parker = Baresip::start(&stage.phones, office.account("201")?, Microphone::Tone(Tone::CALLER))?;
    let mut waiting = Linphone::start(&stage.phones, office.account("202")?, Tone::CALLEE)?;
    let mut taking = Linphone::start(&stage.phones, office.account("203")?, THIRD)?;
    talk(&mut parker, &mut waiting)?;
    taking.wait_registered()?;
    parker.transfer("701")?;
    parker.wait_ended()?;
    hears_since(&mut waiting, NOTE, 0)?;
    taking.dial("701")?;
    taking.wait_established()?;
    hears_since(&mut waiting, THIRD, 0)?;
    hears_since(&mut taking, Tone::CALLEE, 0)?;
    hang_up(&mut taking, &mut waiting)
}

fn talk(caller: &mut dyn Phone, callee: &mut dyn Phone) -> Result<()> {
    caller.wait_registered()?;
    callee.wait_registered()?;
    connect(caller, "202", callee)?;
    hear_each_other(caller, callee)
}

/// After which to speak to a mailbox.
const BEEP: Tone = Tone { hertz: 1000 };
/// The person with a mailbox, as an office file says it.
const MAILBOX: &str =
    "\n[[person]]\nnumber = \"210\"\nname = \"Kees\"\nsip_password = \"secret-of-210\"\nvoicemail = {}\n";
/// How long the caller speaks.
const SPEAKS: Duration = Duration::from_secs(4);

/// Nobody is there; a tone is left as a message, and the person it is for hears that tone from the own phone.
pub(super) fn message_left_and_heard(stage: &Stage) -> Result<()> {
    let people = [Subscriber::new("201")];
    let mut boxed = Installed::with_phones(&stage.inside, &people, MAILBOX, None, "info")?.start()?;
    let account = |subscriber: &Subscriber| Account::new(subscriber, boxed.address(), Transport::Udp);
    let (caller, owner) = (account(&people[0]), account(&Subscriber::new("210")));
    let mut caller = Baresip::start(&stage.phones, caller, Microphone::Tone(Tone::CALLER))?;
    caller.wait_registered()?;
    caller.dial("210")?;
    caller.wait_established()?;
    hears_for(&mut caller, BEEP, 0, 300)?;
    if caller.wait_ended_within(SPEAKS).is_ok() {
        return Err(Failure::Unexpected("the box hung up on who spoke".to_owned()));
    }
    caller.hang_up()?;
    caller.wait_ended()?;
    let page = boxed.set_up()?;
    let new = |count: u64| {
        move |live: &Value| {
            let people = live["people"].as_array().map(Vec::as_slice).unwrap_or_default();
            people.iter().any(|person| person["number"] == "210" && person["new_messages"] == count)
        }
    };
    page.wait_to_see("a new message for 210", new(1))?;
    let mut owner = Baresip::start(&stage.phones, owner, Microphone::Off)?;
    owner.wait_registered()?;
    owner.dial("*97")?;
    owner.wait_established()?;
    hears_since(&mut owner, Tone::CALLER, 0)?;
    owner.wait_ended()?;
    page.wait_to_see("that 210 has heard it", new(0))?;
    let message = &page.read("people/210/mailbox")?["messages"][0];
    if message["heard"] == true && message["from"] == "201" {
        return Ok(());
    }
    Err(Failure::Unexpected(format!("the message is {message}")))
}
