//! A provider's tariff deck: a refusal names a line that is there; what is accepted is in order, each prefix once.
#![no_main]

use centrale_numbering::deck::{Deck, Terms, Vat};
use centrale_numbering::{Country, Date};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|file: &[u8]| {
    let terms =
        Terms { country: Country::Belgium, vat: Vat::Excluded { per_mille: 210 }, valid_from: Date::from_days(20_000) };
    match Deck::read(file, &terms) {
        Err(refused) => {
            let lines = 1 + file.iter().filter(|byte| **byte == b'\n').count();
            assert!(!refused.faults.is_empty() && refused.count >= refused.faults.len());
            assert!(refused.faults.iter().all(|fault| (1..=lines).contains(&(fault.line as usize))), "{refused}");
        }
        Ok(deck) => assert!(!deck.rows().is_empty() && deck.rows().is_sorted_by(|row, next| row.prefix < next.prefix)),
    }
});
