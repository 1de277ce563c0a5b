//! No spelling of a number that is refused gets out.

use centrale_config::Permit;
use centrale_guard::may_call;
use centrale_numbering::{Class, Country, Plan};

use crate::draw::Draw;
use crate::spell::{REFUSED, SPELLINGS, spell};

#[test]
fn no_spelling_of_a_number_that_a_new_person_may_not_call_gets_out() {
    for (seed, kinds) in (1..).zip(REFUSED) {
        let mut draw = Draw::new(seed);
        for _ in 0..SPELLINGS {
            let (country, start, more) = draw.pick(kinds);
            let plan = Plan::of(country, if country == Country::Netherlands { "020" } else { "02" });
            let dialled = spell(&mut draw, country, start, more);
            let meant = plan.normalise(&dialled);
            let verdict = may_call(&plan, &Permit::NEW, &meant, 20_781);
            // A helpline between them, and digits that mean nothing outside: those lead to a colleague or nowhere.
            let is_other = matches!(meant.class(), Class::Helpline | Class::Internal);
            assert!(verdict.is_err() || is_other, "{dialled} is called as {meant:?}");
        }
    }
}
