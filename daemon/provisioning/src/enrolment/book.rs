//! The phone book, for phones that have an account: the same token, the same checks as for their own file.

use super::sheets::file;
use super::token::Token;
use super::{Answer, Door, DoorKind, Enrolment, HttpRequest, Moment, Refusal};
use crate::phonebook;

impl Enrolment {
    pub(super) fn phone_book(
        &mut self,
        moment: Moment,
        request: &HttpRequest<'_>,
        door: Door,
        token: &Token,
    ) -> Result<Answer, Refusal> {
        if door.kind != DoorKind::Steady {
            return Err(Refusal::NoSuchFile);
        }
        let checked = self.check_steady(moment, request, door);
        self.show(door.mac);
        checked?;
        let dialect = self.dialect_of(door.mac).ok_or(Refusal::ModelUnknown)?;
        let url = format!("{}phonebook.xml", self.steady_folder(request.scheme, request.local, token));
        let book = phonebook::phone_book(dialect, &url, request.query, &self.office, &[]);
        let book = book.ok_or(Refusal::NoSuchFile)?;
        Ok(file(book.content_type, book.text))
    }
}
