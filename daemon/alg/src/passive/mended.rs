//! A router that was mended: F1 and F3 are looked for in every answer, so enough answers in a row that show neither take them
//! back, long before they are forgotten. Only answers to the method that showed them last count: some routers read calls and
//! nothing else.

use centrale_sip::message::Method;

/// So many answers in a row: ten minutes of questions at one in 20 s.
const ENOUGH: u8 = 30;

/// What the answers since the last sign say.
#[derive(Debug, Clone, Default)]
pub(super) struct Mended {
    method: Option<Method>,
    clean: u8,
}

impl Mended {
    /// An answer to that method showed a sign.
    pub(super) fn sign(&mut self, method: &Method) {
        (self.method, self.clean) = (Some(method.clone()), 0);
    }

    /// An answer showed none; whether that makes the way mended. Told once.
    pub(super) fn clean(&mut self, method: &Method) -> bool {
        if self.method.as_ref() != Some(method) {
            return false;
        }
        self.clean += 1;
        let enough = self.clean >= ENOUGH;
        if enough {
            *self = Self::default();
        }
        enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_answers_to_what_showed_the_sign_take_it_back_and_another_sign_begins_anew() {
        let mut mended = Mended::default();
        mended.sign(&Method::INVITE);
        assert!((0..100).all(|_| !mended.clean(&Method::OPTIONS)));
        assert!((0..29).all(|_| !mended.clean(&Method::INVITE)));
        mended.sign(&Method::INVITE);
        assert!((0..29).all(|_| !mended.clean(&Method::INVITE)));
        assert!(mended.clean(&Method::INVITE));
        assert!((0..100).all(|_| !mended.clean(&Method::INVITE)), "told once");
    }
}
