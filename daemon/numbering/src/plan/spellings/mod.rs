//! No spelling makes a number something else: fifty thousand of each class, the same in every run.

mod dice;
mod numbers;
mod spelling;

use dice::Dice;

use super::*;

/// Spellings of each class.
const SPELLINGS: usize = 50_000;

/// Spellings of each number.
const EACH: usize = 25;

fn no_spelling_changes(class: Class) {
    let mut dice = Dice::of(0x0112_0900);
    for _ in 0..SPELLINGS / EACH {
        let (plan, number) = numbers::number(class, &mut dice);
        let expected = plan.normalise(&number);
        if let Some(canonical) = expected.number() {
            assert_eq!(plan.normalise(canonical), expected, "{canonical} is not itself");
        }
        for spelling in 0..EACH {
            let form = spelling::form(plan.country(), &number, &mut dice);
            if spelling % 4 == 3 {
                goes_around_nothing(&plan, &expected, &spelling::around(plan.country(), &form, &mut dice));
            } else {
                is_the_same(&plan, &expected, &spelling::same(plan.country(), &form, &mut dice));
            }
        }
    }
}

/// What is refused may be refused for another reason.
fn is_the_same(plan: &Plan, expected: &Dialled, spelling: &str) {
    let found = plan.normalise(spelling);
    let refused = |dialled: &Dialled| matches!(dialled, Dialled::Unknown { .. });
    assert!(found == *expected || refused(&found) && refused(expected), "{spelling:?} is {found:?}, not {expected:?}");
}

fn goes_around_nothing(plan: &Plan, expected: &Dialled, spelling: &str) {
    let found = plan.normalise(spelling);
    let refused = matches!(found, Dialled::Unknown { .. });
    assert!(refused || found == *expected, "{spelling:?} is {found:?}, neither refused nor {expected:?}");
}

/// A test for each class, so that they run side by side.
macro_rules! classes {
    ($($name:ident: $class:expr;)*) => {$(
        #[test]
        fn $name() {
            no_spelling_changes($class);
        }
    )*};
}

classes! {
    no_spelling_of_an_emergency_is_anything_else: Class::Emergency;
    no_spelling_of_a_help_number_is_anything_else: Class::Helpline;
    no_spelling_of_a_free_number_is_anything_else: Class::Free;
    no_spelling_of_a_local_number_is_anything_else: Class::Local;
    no_spelling_of_a_national_number_is_anything_else: Class::National;
    no_spelling_of_a_mobile_number_is_anything_else: Class::Mobile;
    no_spelling_of_a_shared_cost_number_is_anything_else: Class::SharedCost;
    no_spelling_of_a_number_that_is_premium_by_the_minute_is_anything_else: Class::PremiumPerMinute;
    no_spelling_of_a_number_that_is_premium_by_the_call_is_anything_else: Class::PremiumPerCall;
    no_spelling_of_an_ordinary_number_abroad_is_anything_else: Class::International(Risk::Normal);
    no_spelling_of_a_number_abroad_that_needs_care_is_anything_else: Class::International(Risk::Elevated);
    no_spelling_of_a_number_abroad_that_is_often_abused_is_anything_else: Class::International(Risk::High);
    no_spelling_of_a_number_abroad_that_thieves_call_is_anything_else: Class::International(Risk::Critical);
    no_spelling_of_a_number_that_is_refused_or_unknown_is_anything_else: Class::Unknown;
}
