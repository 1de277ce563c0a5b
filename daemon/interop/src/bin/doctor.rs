//! What the SIP ALG doctor and the reflector say behind every router of the laboratory, as `docs/sip-alg.md`: `make doctor`.
#![allow(clippy::print_stdout, reason = "a program whose product is what it prints")]

use std::fmt::Display;
use std::process::ExitCode;
use std::time::Instant;

use centrale_interop::enter;
use centrale_interop::scenarios::doctor::{self, Row};
use centrale_interop::scenarios::laboratory::Played;
use centrale_interop::scenarios::rewritten::{self, Said};
use centrale_interop::scenarios::round::{self, Calls};

const OPENING: &str = "# What is found behind which router

Made by `make doctor`, which prints this page. Each row is a network of its own on this machine: the office, a router and a
provider, each in a network namespace. The provider is Debian's kamailio with stock settings, which knows nothing of the doctor; the
router is the Linux kernel with nftables, with or without its own SIP helper, or with a program in it that reads calls (`daemon/interop/src/rewriter.rs`).
The doctor's questions are asked by `centrale-alg`'s example `examine`, without an account, without TLS and without ICMP: what the
daemon asks besides finds more. Seconds are from the first question to the verdict, all rows of a table at the same time; nobody is asked for longer than 60.
";

const BEHIND_PROGRAMS: &str = "
## Programs that rewrite

What an ordinary provider's answers do not repeat, no question without an account can show: there a reflector (`centraled reflector` in the provider's place)
shows it byte for byte. What is lost only within a call is no question's business either: the first hold or transfer that gets no
answer, while others do, makes it a suspicion (`a_hold_that_vanishes_is_suspected_within_one_call_and_forgotten_after_a_day`, in
`daemon/call-control/tests/flows/doctor.rs`).

| the router | the doctor says | by | seconds | `centraled reflect` says |
|---|---|---|---|---|";

const BY_THE_BOX: &str = "
The built box (`centraled`) itself, behind the same programs, with an account at kamailio (`daemon/interop/src/scenarios/rewritten.rs`): what its page
says after its first round, or after the one that somebody asked for where V14 shows it, or after a hold that got no answer. One probe
alone is a suspicion; the box asks the same again after a minute, and it is proven then. No hop quotes here what it was sent (V7).

| the router | the box says | by |
|---|---|---|";

const BEHIND_KERNELS: &str = "
## The Linux kernel

| the router | the doctor says | by | seconds |
|---|---|---|---|";

const CLOSING: &str = "
## Between a phone and the box

Nothing is asked there; what passes anyway is looked at (`daemon/call-control/tests/flows/phone_path.rs`, a made-up network without a clock).

| what is done to a phone | what is said of that phone | when |
|---|---|---|
| Via or From of its answers changed | proven | its second call |
| its address replaced, but for Call-ID or `a=rtcp` | suspected | its third call |
| two phones given one Contact | suspected | their second registrations |
| Content-Length wrong | healed at once, suspected | its second call |
| an internet address for its sound | healed at once | its first call |
| a hold lost while the phone is heard | suspected | that call |";

const ROUND: &str = "
## Calls, before and after the box goes round it

Made by the box itself (`daemon/interop/src/scenarios/round.rs`), which registers at a provider that sends sound to where it comes from only when it sees that
there is a router: by Via, or over TCP by the description (the kernel leaves Via there, which names the port that the box listens on). Where there
is TCP or TLS, kamailio stands before that provider. The first call goes the plain way, before any other is tried. Each of the others: sound both ways, hold, sound again, a transfer to a colleague, who
is heard too, the end by the provider; and one more that the office ends. All that is told to both ends. Seconds are from the first registration, or from the router's change: to the verdict, and to
the way that is kept. Behind short timers one more call is quiet for longer than the router remembers it before the provider ends it. The router that changes
is restarted each time; for the way back somebody asks twice for a test, and the calls are made on both ways.

| the router | the box says | seconds | the first call | the way that is kept | seconds | calls in which all went well |
|---|---|---|---|---|---|---|";

/// Calls of each row, unless the first argument says otherwise.
const MANY: u32 = 100;

fn main() -> ExitCode {
    let many = std::env::args().nth(1).and_then(|many| many.parse().ok()).unwrap_or(MANY);
    if let Err(failure) = enter() {
        eprintln!("doctor: {failure}");
        return ExitCode::FAILURE;
    }
    let begun = Instant::now();
    let [kernels, programs] = doctor::table();
    eprintln!("doctor: asked the questions, {} s", begun.elapsed().as_secs());
    let boxes = rewritten::table();
    eprintln!("doctor: let the box ask them, {} s", begun.elapsed().as_secs());
    let calls = round::calls(many);
    eprintln!("doctor: made the calls, {} s", begun.elapsed().as_secs());
    let rows = [
        told(&format!("{OPENING}{BEHIND_KERNELS}"), &kernels, 4, said),
        told(BEHIND_PROGRAMS, &programs, 5, |row| format!("{} | {}", said(row), reflected(row))),
        told(BY_THE_BOX, &boxes, 3, by_the_box),
        told(ROUND, &calls, 7, called),
    ];
    println!("{CLOSING}");
    let faults: usize = rows.into_iter().sum();
    if faults == 0 {
        return ExitCode::SUCCESS;
    }
    eprintln!("doctor: {faults} rows are not as they should be");
    ExitCode::FAILURE
}

/// Prints a table of so many columns; how many of its rows are not as they should be. These say what is wrong.
fn told<R>(opening: &str, rows: &[Played<R>], columns: usize, say: impl Fn(&R) -> String) -> usize {
    println!("{opening}");
    for Played { name, row } in rows {
        match row {
            Ok(row) => println!("| {name} | {} |", say(row)),
            Err(fault) => println!("| {name} | FAILED: {}{} |", in_a_cell(fault), " |".repeat(columns - 2)),
        }
    }
    rows.iter().filter(|played| played.row.is_err()).count()
}

/// As much of it as a cell of a table holds.
fn in_a_cell(fault: &impl Display) -> String {
    fault.to_string().replace('\n', " ").replace('|', "/").chars().take(400).collect()
}

fn said(row: &Row) -> String {
    let said = row.said.replace([':', '{', '}', '"'], "").trim().to_owned();
    format!("{said} | {} | {}", row.hits.join(" "), row.seconds)
}

fn by_the_box(row: &Said) -> String {
    format!("{} | {}", row.said.trim(), row.hits.join(" "))
}

fn called(row: &Calls) -> String {
    let Calls { said, seconds: [found, kept], way, plainly, well } = row;
    let first = if *plainly { "heard" } else { "silent" };
    format!("{said} | {found} | {first} | {way} | {kept} | {well} of {well}")
}

/// What was changed, each once; or what did not arrive.
fn reflected(row: &Row) -> String {
    let mut words: Vec<String> = Vec::new();
    for line in row.reflected.lines() {
        let changed = line.split_once("CHANGED, somebody ").map(|(_, deeds)| deeds.to_owned());
        let lost = line.contains("NO ANSWER").then(|| format!("no answer to {}", kind(line)));
        words.extend(changed.or(lost).filter(|word| !words.contains(word)));
    }
    if words.is_empty() { "nothing changed".to_owned() } else { words.join("; ") }
}

fn kind(line: &str) -> &str {
    line.split_once(", ").and_then(|(_, rest)| rest.split_once(" (")).map_or(line, |(kind, _)| kind)
}
