//! A model that the box was not built with: a manifest, and perhaps a template, in its state folder.

use super::setting_up::{ANNA, BRAM, Shop};
use crate::failure::Tried;
use crate::{Baresip, DeskPhone, Failure, Microphone, OfficeLan, Phone, Result};

/// A model of a new family: the files on the way are those of the family beside it, the last one is its own.
const MANIFEST: &str = r#"[files]
boot = "yealink/desk/boot.cfg.jinja"
bootstrap = "yealink/desk/bootstrap.cfg.jinja"
waiting = "yealink/desk/waiting.cfg.jinja"
phone = "yealink/t9x/phone.cfg.jinja"

[[model]]
name = "T99W"
accounts = 2
line_keys = 4
physical_line_keys = 4
display = "a new one"
codecs = ["g722", "pcma"]
certificate = "unique"
tls = true
srtp = true
"#;

/// What it wants is what every Yealink wants, and something of its own.
const TEMPLATE: &str = r#"{% include "yealink/desk/phone.cfg.jinja" %}
features.new_in_this_family = {{ account.number }}
"#;

/// A box into whose state folder this manifest and this template were laid.
fn shop(lan: &OfficeLan, manifest: &str, template: &str) -> Result<Shop> {
    Shop::prepared(lan, |state| {
        let family = state.join("templates").join("yealink").join("t9x");
        let laid = std::fs::create_dir_all(&family)
            .and_then(|()| std::fs::write(family.join("manifest.toml"), manifest))
            .and_then(|()| std::fs::write(family.join("phone.cfg.jinja"), template));
        laid.tried(|| "lay a model into the state folder".to_owned())
    })
}

/// It is found, set up with its own file, and registers with what it read.
pub(super) fn laid_into_a_folder(lan: &mut OfficeLan) -> Result<()> {
    let shop = shop(lan, MANIFEST, TEMPLATE)?;
    let desk = lan.add_desk(ANNA, 21)?;
    let mut phone = DeskPhone::of_model(&desk, ANNA, "T99W")?;
    shop.page.open_window()?;
    let told = phone.call_for_settings()?;
    let told = told.ok_or_else(|| Failure::Unexpected("a phone of the new model was not answered".to_owned()))?;
    phone.boot(&told)?;
    shop.page.adopt(ANNA, "201")?;
    phone.read_own(&phone.next_folder()?)?;
    if phone.setting("features.new_in_this_family")? != "201" {
        return Err(Failure::Unexpected("its file is not of its own template".to_owned()));
    }
    Baresip::start_encrypted(&desk, phone.account()?, Microphone::Off)?.wait_registered()
}

/// The box starts, says which file and line it is, and sets up a phone that it knows.
pub(super) fn with_a_mistake(lan: &mut OfficeLan) -> Result<()> {
    let mut shop = shop(lan, MANIFEST, &TEMPLATE.replace("account.number", "account.phone"))?;
    shop.page.wait_for_problem("templates-refused", "")?;
    let place = "templates/yealink/t9x/phone.cfg.jinja, line 2: undefined value";
    if !shop.centraled.log().contains(place) {
        return Err(Failure::Unexpected(format!("the log does not say {place}")));
    }
    let stranger = DeskPhone::of_model(&lan.add_desk(BRAM, 22)?, BRAM, "T99W")?;
    shop.page.open_window()?;
    if let Some(url) = stranger.call_for_settings()? {
        return Err(Failure::Unexpected(format!("a phone of an unknown model was told {url}")));
    }
    shop.page.wait_for_device(BRAM, "new", Some("model-unknown"))?;
    let desk = lan.add_desk(ANNA, 21)?;
    let mut phone = DeskPhone::new(&desk, ANNA)?;
    shop.set_up(&mut phone, ANNA, "201")?;
    Baresip::start_encrypted(&desk, phone.account()?, Microphone::Off)?.wait_registered()
}
