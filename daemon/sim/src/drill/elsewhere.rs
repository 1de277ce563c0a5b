//! What of the catalogue this room does not play: what only real packets carry, and where; and what the box has no door for.

/// One attack, or day, of the catalogue.
#[derive(Debug, Clone, Copy)]
pub struct Elsewhere {
    /// Its number.
    pub code: &'static str,
    /// What it is.
    pub what: &'static str,
    /// Where it is played, or why there is nothing to play.
    pub played: &'static str,
}

/// Each of them.
pub const ELSEWHERE: &[Elsewhere] = &[
    one(
        "T01",
        "a scan with real tools",
        "with real packets: `drill_scanners_find_nobody_and_crack_nothing_and_the_phones_go_on`",
    ),
    one(
        "T12",
        "phones' files asked for by MAC address, tokens guessed, PnP answered by a stranger",
        "with real packets: `drill_a_stranger_with_every_name_gets_nothing_while_no_window_is_open` and those beside it",
    ),
    one(
        "T13",
        "a voicemail PIN tried over 200 calls, from outside",
        "no door: a mailbox has no PIN, and no key from outside does anything (`voicemail.rs` a_033); a conference room has one, and \
         `conference.rs` six_pins_from_outside_close_the_room_to_the_outside_for_a_while_and_not_to_colleagues; the office's is T13 here",
    ),
    one(
        "T14",
        "a forward to a dear number, set at the page",
        "by the page's own server: `http/tests/http/forwards.rs` a_034_a_forward_is_seen_set_and_taken_back_and_held_to_what_its_person_may_call; codes at a phone and 302 are T14 and T15 here",
    ),
    one(
        "T27, B-08",
        "a phone is called past the box, and asked for its digest",
        "phones only: the files that the box gives them let them hear the box alone (`sip.trust_ctrl`, `filter_registrar`: \
         `provisioning/tests/golden.rs`); that the box itself proves itself to no phone is T27 here. Not built: a harmless call from another port when \
         a phone is set up, to see whether it rings (DECISIONS 395)",
    ),
    one(
        "T29",
        "ARP spoofing in the office",
        "told, and not stopped: by `call-control/tests/flows/lan.rs` and, with the kernel's own ARP, `net/tests/namespaces/posing.rs`; TLS \
         and SRTP bound what is read",
    ),
    one(
        "T30",
        "RFC 4475, and random bytes for hours",
        "by `sip/tests/torture.rs` and `make fuzz`; torn messages in the midst of calls are T30 here",
    ),
    one(
        "T31",
        "2,000 dribbling connections",
        "with real packets: `drill_two_thousand_dribbling_connections_are_closed_and_the_phones_go_on`",
    ),
    one(
        "T32",
        "50,000 packets a second",
        "with real packets: `drill_a_flood_from_one_desk_costs_a_phone_no_request`, with and without the kernel",
    ),
    one(
        "T33",
        "the page's password guessed",
        "by the page's own server: `http/tests/http/session.rs` wrong_passwords_wait_one_two_four_eight_seconds_and_nobody_else_does",
    ),
    one(
        "T34",
        "another site writes through an open page (CSRF)",
        "by the page's own server: `http/tests/http/doors.rs` a_page_of_another_origin_can_write_nothing_and_the_boxs_own_can",
    ),
    one(
        "T35",
        "a stolen session used",
        "by the page's own server: `http/tests/http/users.rs` a_cookie_that_comes_from_another_address_or_browser_is_over_everywhere",
    ),
    one(
        "B3",
        "the password of the page mistyped five times",
        "by the page's own server: `http/tests/http/session.rs` wrong_passwords_wait_one_two_four_eight_seconds_and_nobody_else_does (nobody \
         waits longer than eight seconds), and that five mistakes are no guesses to the exchange, `http/src/guesses.rs` \
         five_mistakes_are_none_however_often_each_is_repeated_and_the_sixth_is_a_guess",
    ),
    one(
        "B10",
        "datagrams in fragments",
        "no door: the kernel puts them together before the box reads them, and what lacks a piece never comes; torn messages are T30 here",
    ),
    one(
        "B-34",
        "a phone taken over by its own page, by the maker's password or by a URL that it obeys",
        "phones only: their files give every login a password of our own, and shut pushed pages and, at Yealink, URLs that act \
         (`provisioning/tests/golden.rs`). Not built: a weekly inventory that tries the maker's password at phones' pages (DECISIONS 395)",
    ),
];

const fn one(code: &'static str, what: &'static str, played: &'static str) -> Elsewhere {
    Elsewhere { code, what, played }
}
