//! Other words for numbers and names in what leaves the box: the same for the same within one export, and none twice.

use centrale_config::Secret;
use centrale_store::{StoreError, generate_token};
use ring::hmac;

use crate::statement::ExportedCall;

/// The words of one export. Their key is made for it and forgotten with it: nobody finds a number by trying all.
pub(crate) struct Pseudonyms(hmac::Key);

impl Pseudonyms {
    /// New ones.
    ///
    /// # Errors
    /// When there is no randomness.
    pub(crate) fn new() -> Result<Self, StoreError> {
        Ok(Self::keyed(&generate_token()?))
    }

    fn keyed(key: &Secret) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key.reveal().as_bytes()))
    }

    /// The word for a number; what is empty, or hidden already, stays.
    fn of(&self, number: &str) -> String {
        if number.is_empty() || number == "anonymous" {
            return number.to_owned();
        }
        let tag = hmac::sign(&self.0, number.as_bytes());
        let word: String = tag.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        format!("n-{word}")
    }

    /// A call without whom it was between. Its hash goes as well: it is over the numbers, and would let them be found by trying.
    pub(crate) fn hide(&self, call: &mut ExportedCall) {
        let also = |word: &mut Option<String>| {
            if let Some(number) = word {
                *number = self.of(number);
            }
        };
        call.from = self.of(&call.from);
        call.to = self.of(&call.to);
        call.from_name.clear();
        call.hash.clear();
        also(&mut call.answered_by);
        also(&mut call.transferred_by);
        for leg in &mut call.legs {
            leg.number = self.of(&leg.number);
            also(&mut leg.account);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_056_a_number_has_one_word_in_an_export_another_in_the_next_and_none_is_another_s() {
        let (one, two) = (Pseudonyms::keyed(&Secret::new("one")), Pseudonyms::keyed(&Secret::new("two")));
        let word = one.of("+31612345678");
        assert_eq!((word.len(), &word), (18, &one.of("+31612345678")));
        assert_ne!(word, one.of("+31612345679"));
        assert_ne!(word, two.of("+31612345678"));
        assert_eq!((one.of(""), one.of("anonymous")), (String::new(), "anonymous".to_owned()));
    }
}
