//! The phone book, for phones that have an account: the same token, the same checks as for their own file,
//! with milder consequences.

use std::net::IpAddr;

use super::request::Misuse;
use super::sheets::file;
use super::token::Token;
use super::{AlarmKind, Answer, Door, DoorKind, Enrolment, HttpRequest, Moment, Refusal};
use crate::phonebook::Book;

impl Enrolment {
    pub(super) fn phone_book(
        &mut self,
        moment: Moment,
        request: &HttpRequest<'_>,
        door: Door,
        token: &Token,
    ) -> Result<Answer, Refusal> {
        self.admit_part(moment, request, door)?;
        let dialect = self.dialect_of(door.mac).ok_or(Refusal::ModelUnknown)?;
        let url = format!("{}phonebook.xml", self.steady_folder(request.scheme, request.local, token));
        let book = self.book.get_or_insert_with(|| Book::of(&self.office));
        let answer = book.answer(dialect, &url, request.query).ok_or(Refusal::NoSuchFile)?;
        Ok(file(answer.content_type, answer.body))
    }

    /// Whether a part of a phone, the one that reads its book or its software, gets what it asks for.
    pub(super) fn admit_part(&mut self, moment: Moment, request: &HttpRequest<'_>, door: Door) -> Result<(), Refusal> {
        if door.kind != DoorKind::Steady {
            return Err(Refusal::NoSuchFile);
        }
        let judged = self.judge(request, door).map_err(|misuse| self.refuse_part(door, misuse, request.source));
        if judged.is_ok() {
            self.is_itself(moment, request, door);
        }
        self.show(door.mac);
        judged
    }

    /// The part of a phone that reads its book may have a name of its own, and not have the phone's certificate: it gets
    /// nothing and somebody is told, but the phone goes on. From elsewhere it is no part of the phone.
    fn refuse_part(&mut self, door: Door, misuse: Misuse, source: IpAddr) -> Refusal {
        let (kind, refusal) = match misuse {
            Misuse::OtherCertificate => (AlarmKind::CertificateDiffers, Refusal::CertificateDiffers),
            Misuse::OtherUserAgent => (AlarmKind::UserAgentDiffers, Refusal::UserAgentDiffers),
            Misuse::Elsewhere | Misuse::Unproven(_) => return self.punish(door, misuse, source),
        };
        self.alarm(kind, door.mac, source);
        refusal
    }
}
