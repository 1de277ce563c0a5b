//! The office's logo on a phone: told where it is in the phone's settings, and handed out to phones with an account.

use centrale_config::Mac;

use super::sheets::file;
use super::{Answer, Door, Enrolment, HttpRequest, Moment, Refusal};
use crate::catalogue::Screen;
use crate::catalogue::sheet::LogoSheet;
use crate::logo::Logo;

impl Enrolment {
    /// Gives it the picture that the office names as its logo, before [`settle`](Self::settle) sees that office. One that
    /// the office does not name is shown nowhere.
    pub fn set_logo(&mut self, logo: Option<Logo>) {
        self.logo = logo;
    }

    /// The picture that the office names, if it is here.
    pub fn logo(&self) -> Option<&Logo> {
        self.logo.as_ref().filter(|logo| self.office.logo == Some(logo.sha256()))
    }

    fn screen_of(&self, mac: Mac) -> Option<Screen> {
        self.model_of(mac)?.logo
    }

    /// What a template says of it. `folder` is the one that the phone asks in.
    pub(super) fn logo_sheet(&self, mac: Mac, folder: &str) -> Option<LogoSheet> {
        self.screen_of(mac)?;
        let name = self.logo()?.file_name();
        Some(LogoSheet { url: format!("{folder}{name}"), name })
    }

    /// The picture for this phone's screen.
    pub(super) fn logo_file(
        &mut self,
        moment: Moment,
        request: &HttpRequest<'_>,
        door: Door,
        name: &str,
    ) -> Result<Answer, Refusal> {
        self.admit_part(moment, request, door)?;
        let screen = self.screen_of(door.mac).ok_or(Refusal::NoSuchFile)?;
        self.logo().filter(|logo| logo.file_name() == name).ok_or(Refusal::NoSuchFile)?;
        let picture = self.logo.as_mut().ok_or(Refusal::NoSuchFile)?.on(screen);
        Ok(file("image/png", picture))
    }
}
