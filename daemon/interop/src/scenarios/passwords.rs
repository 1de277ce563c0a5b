//! Who may not come in, and who still may.

use super::{Stage, connect, hang_up};
use crate::{Account, Baresip, Linphone, Microphone, Office, Phone, Result, Tone};

/// Two phones with a wrong password, one of each make; beside them, from the same address, two that work.
pub(super) fn wrong_password(stage: &Stage) -> Result<()> {
    let office = Office::open(stage.middle, &stage.inside, &["201", "202"])?;
    let wrong = |number: &str| -> Result<Account> {
        Ok(Account { password: "not-the-password".to_owned(), ..office.account(number)? })
    };
    let mut refused = Linphone::start(&stage.phones, wrong("202")?, Tone::CALLEE)?;
    refused.wait_registration_refused()?;
    let mut refused = Baresip::start(&stage.phones, wrong("201")?, Microphone::Off)?;
    refused.wait_registration_refused()?;

    let mut caller = Baresip::start(&stage.phones, office.account("201")?, Microphone::Off)?;
    let mut callee = Linphone::start(&stage.phones, office.account("202")?, Tone::CALLEE)?;
    caller.wait_registered()?;
    callee.wait_registered()?;
    connect(&mut caller, "202", &mut callee)?;
    hang_up(&mut callee, &mut caller)
}
