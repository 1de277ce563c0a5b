//! Users that no office has. Whoever asks for one tries users out, and learns nothing by being told off: that these do not exist
//! is written here for everybody to read. Of a user that an office could have nothing is said.

/// What scanners try first and no office has: its numbers run from 200 to 699.
const NAMES: [&str; 14] = [
    "1000",
    "admin",
    "administrator",
    "test",
    "sip",
    "sipvicious",
    "asterisk",
    "root",
    "user",
    "guest",
    "trunk",
    "nobody",
    "anonymous",
    "voip",
];

/// What a user that was asked for says about who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum User {
    /// Some office has it: three digits from 200 to 699, with or without a device behind a hyphen; or nothing was named.
    Possible,
    /// No office has it.
    Strange,
    /// No office has it, and scanners ask for it.
    Decoy,
}

/// Sorts a user.
pub(super) fn sort(user: &str) -> User {
    let number = user.split('-').next().unwrap_or_default();
    let is_number = number.len() == 3 && number.bytes().all(|byte| byte.is_ascii_digit());
    match number.as_bytes().first() {
        None => User::Possible,
        Some(b'2'..=b'6') if is_number => User::Possible,
        Some(b'1') if is_number && number.as_bytes()[1] == b'0' => User::Decoy,
        _ if NAMES.iter().any(|name| user.eq_ignore_ascii_case(name)) => User::Decoy,
        _ => User::Strange,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_offices_say_nothing_and_scanners_favourites_do() {
        for possible in ["201", "699", "201-805ec0aabbcc", ""] {
            assert_eq!(sort(possible), User::Possible, "{possible}");
        }
        for decoy in ["100", "109", "1000", "admin", "TEST"] {
            assert_eq!(sort(decoy), User::Decoy, "{decoy}");
        }
        for strange in ["7", "4294967295", "2001", "199", "700", "alice", "'or'1=1"] {
            assert_eq!(sort(strange), User::Strange, "{strange}");
        }
    }
}
