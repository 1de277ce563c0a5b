//! A phone's own software: told where it is in the phone's settings, and handed out by name to phones with an account.
//!
//! The file itself is the door's: it opens it, holds it to its pin and sends it.

use centrale_config::{Firmware, Mac};

use super::rollout::pin_of;
use super::sheets::file;
use super::token::Token;
use super::{Answer, Door, Enrolment, HttpRequest, Moment, Refusal, Scheme};
use crate::catalogue::escape::Format;
use crate::catalogue::sheet::FirmwareSheet;

impl Enrolment {
    /// The software that the office pinned for a phone. None where its settings travel in clear: what runs on a phone does
    /// not.
    pub(super) fn pinned(&self, mac: Mac) -> Option<&Firmware> {
        let in_clear = self.devices.get(&mac)?.came_in_clear();
        self.office.firmware(&self.model_of(mac)?.name).filter(|_| !in_clear)
    }

    /// The same once it is the phone's turn.
    fn firmware_of(&self, mac: Mac) -> Option<&Firmware> {
        let turn = self.devices.get(&mac)?.record.software.as_ref();
        self.pinned(mac).filter(|firmware| turn == Some(&pin_of(&firmware.sha256)))
    }

    /// What a template says of it. `folder` is the one that the phone asks in.
    pub(super) fn firmware_sheet(&self, mac: Mac, folder: &str) -> Option<FirmwareSheet<'_>> {
        let firmware = self.firmware_of(mac)?;
        let at = |name: &str| format!("{folder}{name}");
        Some(FirmwareSheet { version: &firmware.version, url: at(&firmware.file), status_url: at("firmware.xml") })
    }

    /// The list in which a Snom phone looks for its software.
    pub(super) fn firmware_status(
        &mut self,
        moment: Moment,
        request: &HttpRequest<'_>,
        door: Door,
        token: &Token,
    ) -> Result<Answer, Refusal> {
        self.admit_part(moment, request, door)?;
        let folder = self.steady_folder(Scheme::Https, request.local, token);
        let sheet = self.firmware_sheet(door.mac, &folder).filter(|_| request.scheme == Scheme::Https);
        let url = Format::Xml.escape(&sheet.ok_or(Refusal::NoSuchFile)?.url);
        let text = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<firmware-settings>\n  <firmware>{url}</firmware>\n</firmware-settings>\n"
        );
        Ok(file(Format::Xml.content_type(), text))
    }

    /// The software itself, if it is the one for this phone.
    pub(super) fn firmware_file(
        &mut self,
        moment: Moment,
        request: &HttpRequest<'_>,
        door: Door,
        name: &str,
    ) -> Result<Answer, Refusal> {
        self.admit_part(moment, request, door)?;
        let own = self.firmware_of(door.mac).filter(|own| own.file == name && request.scheme == Scheme::Https);
        let firmware = own.cloned().ok_or(Refusal::NoSuchFile)?;
        self.turns.came(moment.now, door.mac);
        Ok(Answer { firmware: Some(firmware), ..file("application/octet-stream", "") })
    }
}
