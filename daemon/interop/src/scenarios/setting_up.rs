//! How a phone comes by its account, and what proves that it is the one it says.

use std::path::Path;

use crate::failure::Tried;
use serde_json::{Value, json};

use super::secrets::Secrets;
use super::{connect, hang_up, hear_each_other};
use crate::{
    Account, Administrator, Baresip, Centraled, Certificate, Curl, DeskPhone, Failure, Linphone, Microphone, OfficeLan,
    Phone, Place, Result, Subscriber, Tone, Transport,
};

/// Anna's phone and Bram's, with a maker's own numbers.
pub(super) const ANNA: &str = "805ec0000015";
pub(super) const BRAM: &str = "805ec0000016";

/// A running box with two people, its page, and nobody on its network yet.
pub(super) struct Shop {
    pub(super) centraled: Centraled,
    pub(super) page: Administrator,
}

impl Shop {
    pub(super) fn open(lan: &OfficeLan) -> Result<Shop> {
        Self::prepared(lan, |_| Ok(()))
    }

    /// The same, after `prepare` laid something into its state folder.
    pub(super) fn prepared(lan: &OfficeLan, prepare: impl FnOnce(&Path) -> Result<()>) -> Result<Shop> {
        let people = ["201", "202"].map(Subscriber::new);
        let mut centraled = Centraled::start_prepared(&lan.host(), &people, None, prepare)?;
        let page = centraled.set_up()?;
        Ok(Shop { centraled, page })
    }

    /// Anna's phone and Bram's at desks of their own, the first of them named too, registered.
    pub(super) fn two_phones(&self, lan: &mut OfficeLan) -> Result<(Place, Baresip, Baresip)> {
        let (desk, other) = (lan.add_desk(ANNA, 21)?, lan.add_desk(BRAM, 22)?);
        let account = |number: &str| Account::new(&Subscriber::new(number), self.centraled.address(), Transport::Udp);
        let mut anna = Baresip::start(&desk, account("201"), Microphone::Off)?;
        let mut bram = Baresip::start(&other, account("202"), Microphone::Off)?;
        anna.wait_registered()?;
        bram.wait_registered()?;
        Ok((desk, anna, bram))
    }

    /// Where a phone asks that knows the box's address and nothing else.
    pub(super) fn bootstrap(&self) -> String {
        format!("http://{}/", self.centraled.http_address())
    }

    /// Sets up a phone as the page does it: a window, the phone's first two requests, somebody's word, the third.
    pub(super) fn set_up(&self, phone: &mut DeskPhone, mac: &str, person: &str) -> Result<()> {
        self.page.open_window()?;
        phone.boot(&self.bootstrap())?;
        self.page.adopt(mac, person)?;
        phone.read_own(&phone.next_folder()?)?;
        self.page.wait_for_device(mac, "ready", None)?;
        self.page.close_window()
    }
}

/// Found by multicast, set up, registered and called with what it read; and then nothing of it lies around.
pub(super) fn by_itself(lan: &mut OfficeLan) -> Result<()> {
    let mut shop = Shop::open(lan)?;
    let desk = lan.add_desk(ANNA, 21)?;
    let mut phone = DeskPhone::new(&desk, ANNA)?;
    shop.page.open_window()?;
    let told = phone.call_for_settings()?;
    let told = told.ok_or_else(|| Failure::Unexpected("nobody told the phone where its settings are".to_owned()))?;
    phone.boot(&told)?;
    if let Ok(account) = phone.account() {
        return Err(Failure::Unexpected(format!("{} was given an account before anybody's word", account.user)));
    }
    shop.page.adopt(ANNA, "201")?;
    phone.read_own(&phone.next_folder()?)?;
    let account = phone.account()?;
    let mut baresip = Baresip::start_encrypted(&desk, account, Microphone::Off)?;
    baresip.wait_registered()?;

    let mut secrets = Secrets::default();
    let people = ["secret-of-201", "secret-of-202"].map(str::to_owned);
    phone.passwords().iter().chain(&people).chain([&phone.next_folder()?]).for_each(|value| secrets.add("a", value));
    secrets.found_nowhere(&mut shop.centraled, &shop.page)
}

/// Linphone as it comes from the shop is shown the code of the page: it reads its settings, registers with them over TLS,
/// and calls with SRTP, though nobody gave it the box's certificate. It would not take the safe code. Each is used up by
/// the first who opens it.
pub(super) fn soft_phone(lan: &mut OfficeLan) -> Result<()> {
    let shop = Shop::open(lan)?;
    let (own, colleague) = (lan.add_desk("3c970e000041", 41)?, lan.add_desk(BRAM, 42)?);
    let colleague = colleague_at(&colleague, &shop)?;
    let safe = link(&shop, false)?;
    let refused = Linphone::start_from_link(&own, &safe, None, shop.centraled.tls_address(), Tone::CALLER);
    if refused.is_ok() {
        return Err(Failure::Unexpected("an app took settings from a box that it does not know".to_owned()));
    }
    counted(&shop, "tls-not-trusted", 1)?;
    let in_clear = link(&shop, true)?;
    calls_from_a_link(&shop, &own, &in_clear, None, colleague)?;
    used_up(&shop, &Curl::get(&own, &in_clear))
}

/// Linphone on a device that trusts the box's authority reads its settings over HTTPS and checks who answers its calls.
pub(super) fn soft_phone_that_trusts_the_box(lan: &mut OfficeLan) -> Result<()> {
    let shop = Shop::open(lan)?;
    let (own, other, desk) = (lan.add_desk("3c970e000041", 41)?, lan.add_desk(BRAM, 42)?, lan.add_desk(ANNA, 21)?);
    let colleague = colleague_at(&other, &shop)?;
    // A desk phone is shown the authority that soft phones are to trust.
    let mut desk_phone = DeskPhone::new(&desk, ANNA)?;
    shop.page.open_window()?;
    desk_phone.read_own(&shop.bootstrap())?;
    let authority = desk_phone.authority();
    let safe = link(&shop, false)?;
    calls_from_a_link(&shop, &own, &safe, Some(&authority), colleague)?;
    used_up(&shop, &Curl::get(&own, &safe).trusting(&authority))
}

fn colleague_at(place: &Place, shop: &Shop) -> Result<Baresip> {
    let account = Account::new(&Subscriber::new("202"), shop.centraled.address(), Transport::Udp);
    let mut colleague = Baresip::start(place, account, Microphone::Tone(Tone::CALLEE))?;
    colleague.wait_registered()?;
    Ok(colleague)
}

/// A code for an app of 201's, as an address.
fn link(shop: &Shop, in_clear: bool) -> Result<String> {
    let link = shop.page.write("POST", "people/201/softphone", &json!({ "in_clear": in_clear }))?;
    Ok(link["url"].as_str().unwrap_or_default().to_owned())
}

fn calls_from_a_link(
    shop: &Shop,
    own: &Place,
    link: &str,
    authority: Option<&Path>,
    mut colleague: Baresip,
) -> Result<()> {
    let mut linphone = Linphone::start_from_link(own, link, authority, shop.centraled.tls_address(), Tone::CALLER)?;
    linphone.wait_registered()?;
    shop.page.wait_to_see("201 registered over TLS", |live| {
        let people = live["people"].as_array().into_iter().flatten();
        let registrations = people.flat_map(|person| person["registrations"].as_array().into_iter().flatten());
        registrations.filter(|registration| registration["transport"] == "tls").count() == 1
    })?;
    connect(&mut linphone, "202", &mut colleague)?;
    hear_each_other(&mut linphone, &mut colleague)?;
    hang_up(&mut linphone, &mut colleague)
}

/// Fails unless who opens a link again is told that it was used.
fn used_up(shop: &Shop, link: &Curl) -> Result<()> {
    let again = link.clone().header("X-Linphone-Provisioning", "1").send()?;
    if again.status == 410 {
        return counted(shop, "link-used", 1);
    }
    Err(Failure::Unexpected(format!("the link was answered with {} the second time", again.status)))
}

/// Another phone's name is refused; its own, signed by nobody known, is remembered and must be shown ever after.
pub(super) fn with_certificates(lan: &mut OfficeLan) -> Result<()> {
    let shop = Shop::open(lan)?;
    let desk = lan.add_desk(ANNA, 21)?;
    let mut phone = DeskPhone::new(&desk, ANNA)?;
    let folder = tempfile::tempdir().tried(|| "make a folder for certificates".to_owned())?;
    let named = |mac: &str| Certificate::self_signed(folder.path(), &crate::lan::with_colons(mac), None);
    let (own, others) = (named(ANNA)?, named(BRAM)?);

    shop.page.open_window()?;
    phone.read_own(&shop.bootstrap())?;
    phone.show(Some(others));
    refused(&phone, &phone.next_folder()?)?;
    shop.page.wait_for_problem("device-certificate-differs", ANNA)?;
    counted(&shop, "certificate-differs", 1)?;

    phone.show(Some(own));
    shop.set_up(&mut phone, ANNA, "201")?;
    let steady = phone.next_folder()?;
    phone.read_own(&steady)?;

    phone.show(None);
    refused(&phone, &steady)?;
    shop.page.wait_for_device(ANNA, "failed", Some("token-misused"))?;
    shop.page.wait_for_problem("device-certificate-differs", ANNA)?;
    counted(&shop, "certificate-differs", 2)
}

/// The maker's authority is in the state folder: the phone that it signed for is believed and set up again after a
/// reset by itself; one with the same names under another key is not.
pub(super) fn with_makers_certificates(lan: &mut OfficeLan) -> Result<()> {
    const ISSUER: &str = "Yealink Equipment Issuing CA";
    let folders = [tempfile::tempdir(), tempfile::tempdir()].map(|folder| folder.tried(|| "make a folder".to_owned()));
    let [makers, forgers] = folders;
    let (makers, forgers) = (makers?, forgers?);
    let authority = Certificate::of_authority(makers.path(), ISSUER)?;
    let forged = Certificate::of_authority(forgers.path(), ISSUER)?;
    let given = |state: &Path| {
        let folder = state.join("makers").join("yealink");
        let laid = std::fs::create_dir_all(&folder);
        laid.and_then(|()| std::fs::copy(&authority.certificate, folder.join("root.pem")))
            .tried(|| "lay it there".to_owned())?;
        Ok(())
    };
    let shop = Shop::prepared(lan, given)?;
    let proved = |mac: &str, word: &str| {
        let shown = |live: &Value| {
            let mut devices = live["devices"].as_array().into_iter().flatten();
            devices.any(|device| device["mac"] == mac && device["certificate"] == word)
        };
        shop.page.wait_to_see(&format!("{mac} with {word}"), shown).map(drop)
    };
    let named = |mac: &str, folder: &tempfile::TempDir, by: &Certificate| {
        Certificate::signed(folder.path(), &crate::lan::with_colons(mac), by)
    };

    let desk = lan.add_desk(ANNA, 21)?;
    let mut phone = DeskPhone::new(&desk, ANNA)?;
    phone.show(Some(named(ANNA, &makers, &authority)?));
    shop.set_up(&mut phone, ANNA, "201")?;
    proved(ANNA, "maker")?;

    let mut reset = DeskPhone::new(&desk, ANNA)?;
    reset.show(Some(named(ANNA, &makers, &authority)?));
    shop.page.open_window()?;
    reset.boot(&shop.bootstrap())?;
    reset.account()?;

    let desk = lan.add_desk(BRAM, 22)?;
    let mut pretender = DeskPhone::new(&desk, BRAM)?;
    pretender.show(Some(named(BRAM, &forgers, &forged)?));
    pretender.boot(&shop.bootstrap())?;
    proved(BRAM, "not-signed")?;
    if let Ok(account) = pretender.account() {
        return Err(Failure::Unexpected(format!("{} was given an account before anybody's word", account.user)));
    }
    Ok(())
}

/// Fails unless the phone gets the one refusal.
pub(super) fn refused(phone: &DeskPhone, folder: &str) -> Result<()> {
    let answer = phone.ask_own(folder)?;
    if (answer.status, answer.body.as_str()) == (404, "Not here.\n") {
        return Ok(());
    }
    Err(Failure::Unexpected(format!("{folder} was answered with {}", answer.status)))
}

/// Fails unless the box has refused for this reason so many times.
pub(super) fn counted(shop: &Shop, reason: &str, times: u64) -> Result<()> {
    let counted = shop.page.count(&format!("provisioning-{reason}"))?;
    if counted == times {
        return Ok(());
    }
    Err(Failure::Unexpected(format!("{reason} was counted {counted} times and not {times}")))
}
