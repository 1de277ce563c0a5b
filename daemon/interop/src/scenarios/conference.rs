//! Three real phones in a conference room: each hears both others and not itself, as it wrote it down.

use std::thread;
use std::time::{Duration, Instant};

use super::{LISTENING, Stage, hears_since};
use crate::centraled::Installed;
use crate::{Account, Baresip, Failure, Linphone, Microphone, Phone, Result, Subscriber, Tone, Transport};

/// Of whoever comes third.
const THIRD: Tone = Tone { hertz: 880 };
/// The longest of the notes that one who is alone hears.
const NOTE: Tone = Tone { hertz: 587 };
/// A room, as an office file says it.
const ROOM: &str = "\n[[conference]]\nnumber = \"600\"\nname = \"Board\"\n";
/// How long both tones must have been heard.
const CONVERSATION_MS: u64 = 1500;

pub(super) fn three_phones(stage: &Stage) -> Result<()> {
    let people = ["201", "202", "203"].map(Subscriber::new);
    let boxed = Installed::with_phones(&stage.inside, &people, ROOM, None, "info")?.start()?;
    let account = |at: usize| Account::new(&people[at], boxed.address(), Transport::Udp);
    let mut first = Baresip::start(&stage.phones, account(0), Microphone::Tone(Tone::CALLER))?;
    let mut second = Linphone::start(&stage.phones, account(1), Tone::CALLEE)?;
    let mut third = Linphone::start(&stage.phones, account(2), THIRD)?;
    enters(&mut first)?;
    hears_since(&mut first, NOTE, 0)?;
    enters(&mut second)?;
    hears_since(&mut first, Tone::CALLEE, 0)?;
    hears_since(&mut second, Tone::CALLER, 0)?;
    enters(&mut third)?;
    hears_both(&mut first, Tone::CALLEE, THIRD)?;
    hears_both(&mut second, Tone::CALLER, THIRD)?;
    hears_both(&mut third, Tone::CALLER, Tone::CALLEE)?;
    third.hold()?;
    hears_from_now(&mut second, Tone::CALLER)?;
    third.resume()?;
    hears_both(&mut second, Tone::CALLER, THIRD)?;
    hears_both(&mut third, Tone::CALLER, Tone::CALLEE)?;
    for leaves in [&mut first as &mut dyn Phone, &mut third] {
        leaves.hang_up()?;
        leaves.wait_ended()?;
    }
    hears_from_now(&mut second, NOTE)?;
    second.hang_up()?;
    second.wait_ended().map(drop)
}

fn enters(phone: &mut dyn Phone) -> Result<()> {
    phone.wait_registered()?;
    phone.dial("600")?;
    phone.wait_established()
}

fn hears_from_now(phone: &mut dyn Phone, tone: Tone) -> Result<()> {
    let now = phone.heard()?.milliseconds();
    hears_since(phone, tone, now)
}

/// From now on it hears these two and nothing else, itself least of all.
fn hears_both(phone: &mut dyn Phone, one: Tone, other: Tone) -> Result<()> {
    let since = phone.heard()?.milliseconds();
    let deadline = Instant::now() + LISTENING;
    let mut heard = 0;
    while Instant::now() < deadline {
        heard = phone.heard()?.since(since).milliseconds_of_both(one, other);
        if heard >= CONVERSATION_MS {
            return Ok(());
        }
        // The file grows as the phone hears. The deadline ends the test, this does not.
        thread::park_timeout(Duration::from_millis(100));
    }
    Err(Failure::Unexpected(format!("{} and {} Hz were heard together for {heard} ms", one.hertz, other.hertz)))
}
