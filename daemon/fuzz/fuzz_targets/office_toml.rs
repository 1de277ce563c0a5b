//! An office file: a refusal names a line that is there; what is accepted is written and read back as the same office.
#![no_main]

use centrale_config::{ExportSecrets, Secret, SecretPlace, parse_office, write_office};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|file: &[u8]| {
    let Ok(text) = std::str::from_utf8(file) else { return };
    match parse_office(text, &unseal) {
        Err(refusals) => {
            let lines = text.split('\n').count();
            assert!(!refusals.is_empty());
            assert!(refusals.iter().all(|refusal| (1..=lines).contains(&refusal.line)), "{refusals:?}");
        }
        Ok(draft) => {
            let generate = &mut || Secret::new("generated-for-this-run");
            let office = draft.settle(None, generate);
            let written = write_office(&office, ExportSecrets::Encrypted(&seal));
            let again = parse_office(&written, &unseal).expect("what we write, we can read");
            assert_eq!(again.settle(None, generate), office);
        }
    }
});

/// Encryption for this test: reversible, and bound to its place.
fn seal(place: SecretPlace<'_>, secret: &Secret) -> String {
    let codes: Vec<String> = secret.reveal().chars().map(|letter| u32::from(letter).to_string()).collect();
    format!("{place}|{}", codes.join(" "))
}

fn unseal(place: SecretPlace<'_>, sealed: &str) -> Option<Secret> {
    let body = sealed.strip_prefix(&format!("{place}|"))?;
    let letter = |code: &str| code.parse().ok().and_then(char::from_u32);
    body.split(' ').filter(|code| !code.is_empty()).map(letter).collect::<Option<String>>().map(Secret::new)
}
