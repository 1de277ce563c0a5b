//! The built program as an installer meets it: its words, its exit codes, and what it answers on the network.

#![allow(clippy::unwrap_used, reason = "in a test a surprise is a failure")]

mod call;
mod page;
mod reflecting;
mod running;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;

use centrale_config::Secret;
use centrale_sip::message::Method;
use centrale_store::{Act, CallRow, QualityRow, Role, Store};
use page::Page;
use running::{OFFICE, Running, centraled, register};

fn output(command: &mut Command) -> (Option<i32>, String, String) {
    let output = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_wrong_setting_is_one_sentence_and_exit_code_64() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("centraled.toml");
    std::fs::write(&file, "sip_port = 5060\nsipport = 5061\n").unwrap();
    let (code, _, said) = output(centraled(folder.path()).arg("run").arg("--settings").arg(&file));
    assert_eq!(code, Some(64));
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains("line 2: unknown field `sipport`"), "{said}");
}

#[test]
fn a_wrong_flag_is_exit_code_64_as_well_and_says_which() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("notes.txt"), "no certificate").unwrap();
    for flags in [
        ["--sip-port", "99999"],
        ["--sip-bind", "nowhere"],
        ["--sipport", "5060"],
        ["--rtp-ports", "12"],
        ["--sip-port", "10500"],
        ["--log", "centrale_sip=verbose"],
        ["--log", "warning"],
        ["--trusted-ca", "missing.pem"],
        ["--trusted-ca", "notes.txt"],
    ] {
        // What passes the check would run without end.
        for action in ["check", "run"] {
            let (code, _, said) = output(centraled(folder.path()).arg(action).args(flags).args(["--state-dir", "var"]));
            let named = flags[0].trim_start_matches("--");
            assert_eq!((code, said.replace('_', "-").contains(named)), (Some(64), true), "{action}: {said}");
        }
    }
    assert_eq!(output(centraled(folder.path()).args(["run", "--help"])).0, Some(0));
}

#[test]
fn a_wrong_office_file_is_refused_by_line_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("office.toml");
    let apply = |text: &str| {
        std::fs::write(&file, text).unwrap();
        output(centraled(folder.path()).arg("apply").arg(&file).arg("--state-dir").arg(folder.path().join("var")))
    };
    assert_eq!(apply(OFFICE).0, Some(0));
    let wrong = OFFICE.replace("number = \"202\"", "number = \"112\"\nshoe_size = 43");
    let (code, _, said) = apply(&wrong);
    assert_eq!(code, Some(65));
    assert!(said.contains("shoe_size") && said.contains("112"), "{said}");
    assert!(said.lines().all(|line| line.contains("line") || line.contains("office.toml:")), "{said}");
    let desk = "[[phone]]\nmac = \"805ec0000060\"\nmodel = \"T54W\"\nhandsets = [{ person = \"201\" }]\n";
    let (code, _, said) = apply(&format!("{OFFICE}{desk}"));
    let line = OFFICE.lines().count() + 4;
    assert_eq!(
        (code, said.contains(&format!("line {line}: phone.handsets: a T54W is a desk phone"))),
        (Some(65), true),
        "{said}"
    );
    let export = || output(centraled(folder.path()).arg("export").arg("--state-dir").arg(folder.path().join("var"))).1;
    let exported = export();
    assert!(exported.contains("name = \"Bart\"") && !exported.contains("correct-horse"), "{exported}");
    let (code, said, _) = apply(&exported);
    assert_eq!((code, said.contains("already")), (Some(0), true), "what was exported is what is there: {said}");
}

#[test]
fn the_offices_that_are_written_down_for_readers_can_be_applied() {
    let top = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for told in ["README.md", "docs/office-file.md"] {
        let text = std::fs::read_to_string(top.join(told)).unwrap();
        let (_, rest) = text.split_once("```toml\n").unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("office.toml");
        std::fs::write(&file, rest.split_once("```").unwrap().0).unwrap();
        let applied = output(centraled(folder.path()).arg("apply").arg(&file).args(["--state-dir", "var"]));
        assert_eq!(applied.0, Some(0), "{told}: {applied:?}");
    }
}

#[test]
fn a_mistake_in_a_phone_template_is_told_by_file_and_line_and_keeps_nobody_from_calling() {
    let mut running = Running::start(OFFICE);
    let check = |running: &Running| {
        output(centraled(running.folder()).arg("check").arg("--state-dir").arg(running.folder().join("var")))
    };
    assert_eq!(check(&running), (Some(0), "The settings are right.\n".into(), String::new()));
    let family = running.folder().join("var/templates/snom/d9xx");
    std::fs::create_dir_all(&family).unwrap();
    std::fs::write(family.join("manifest.toml"), "[files]\nphone = \"snom/d9xx/phone.xml.jinja\"\n[[model]]\n")
        .unwrap();
    let (code, _, said) = check(&running);
    let fault = "templates/snom/d9xx/manifest.toml, line 3: missing field `name`";
    assert_eq!((code, said.as_str()), (Some(65), &*format!("centraled: {fault}\n")));
    running.restart();
    assert!(register(&running, Some(("201", "correct-horse-201"))).starts_with("SIP/2.0 200 "));
    let printed = running.stop();
    assert!(printed.contains(fault), "{printed}");
}

#[test]
fn an_owner_who_is_kept_out_gets_back_in_from_the_console() {
    let folder = tempfile::tempdir().unwrap();
    let var = folder.path().join("var");
    let recover =
        |more: &[&str]| output(centraled(folder.path()).arg("recover").args(more).arg("--state-dir").arg(&var));
    let (code, _, said) = recover(&[]);
    assert_eq!((code, said.contains("nobody has set this box up")), (Some(69), true), "{said}");
    let store = Store::open(&var).unwrap();
    let setup = store.new_setup_code().unwrap();
    let owner = store.set_up(setup.reveal(), &Secret::new("a password that is forgotten")).unwrap();
    let app = store.begin_factor(owner.number).unwrap();
    store.confirm_factor(owner.number, &app.code(1), 30_000).unwrap();
    store.close();
    assert_eq!(recover(&["--name", "somebody"]).0, Some(69));
    let (code, said, _) = recover(&[]);
    let one_time = said.split("#join=").nth(1).and_then(|rest| rest.split(' ').next()).unwrap().to_owned();
    assert_eq!(code, Some(0), "{said}");
    let store = Store::open(&var).unwrap();
    let log = store.audit(u64::MAX, 10).unwrap();
    assert_eq!((log[0].act.what.as_str(), log[0].act.about.as_str()), ("recovered", "admin"));
    let now = log[0].act.at_unix_ms;
    let owner = store.join(&one_time, &Secret::new("a password of today"), now).unwrap();
    assert_eq!((owner.name.as_str(), owner.standing.role), ("admin", Role::Owner));
    assert!(!owner.has_factor, "nor is an app asked for that may be lost");
    assert!(store.join(&one_time, &Secret::new("a password of a thief"), now).is_err(), "once");
}

#[test]
fn a_019_call_records_are_proven_without_the_box_running() {
    let folder = tempfile::tempdir().unwrap();
    let var = folder.path().join("var");
    let verify =
        |more: &[&str]| output(centraled(folder.path()).arg("verify-records").args(more).arg("--state-dir").arg(&var));
    let no_others = "There are no lines of the log of incidents.\nThere are no lines of the log of changes.\n";
    assert_eq!(verify(&[]).1, format!("There are no call records.\n{no_others}"));
    let store = Store::open(&var).unwrap();
    store.insert_call(&record("a")).unwrap();
    let noted = store.calls_head().unwrap().hash.to_string();
    store.insert_call(&record("b")).unwrap();
    let head = store.calls_head().unwrap().hash;
    store.close();
    let (code, said, _) = verify(&["--head", &noted]);
    assert_eq!(
        (code, said.as_str()),
        (Some(0), &*format!("Call records 1 to 2 are as they were written.\nHead: {head}\n{no_others}"))
    );
    let (code, _, said) = verify(&["--head", &noted.replace(|digit| digit > '8', "1")]);
    assert_eq!(code, Some(65));
    assert!(said.contains("the noted hash is not in the chain"), "{said}");
    assert_eq!(verify(&["--head", "12"]).0, Some(64), "no hash at all");
}

#[test]
fn the_log_of_changes_is_proven_by_its_own_head_and_a_changed_line_of_it_is_called_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let var = folder.path().join("var");
    let verify =
        |more: &[&str]| output(centraled(folder.path()).arg("verify-records").args(more).arg("--state-dir").arg(&var));
    let act = Act {
        at_unix_ms: 5,
        who: "Anna".into(),
        source: String::new(),
        what: "logged-in".into(),
        about: "as-it-was-written".into(),
        revision: None,
    };
    let store = Store::open(&var).unwrap();
    store.note_act(act).unwrap();
    let head = store.verify_audit(None).unwrap().unwrap().head.to_string();
    store.close();
    let (code, said, fault) = verify(&["--head", &head]);
    assert_eq!(code, Some(0), "{fault}");
    assert!(said.contains("Lines of the log of changes 1 to 1 are as they were written."), "{said}");
    assert!(said.contains(&head), "{said}");
    // Whoever writes into the file.
    let database = var.join("centrale.db");
    let mut bytes = std::fs::read(&database).unwrap();
    let at = bytes.windows(17).position(|bytes| bytes == b"as-it-was-written").unwrap();
    bytes[at] = b'A';
    std::fs::write(&database, bytes).unwrap();
    let (code, _, fault) = verify(&[]);
    assert_eq!(code, Some(65));
    assert!(fault.contains("Lines of the log of changes: record 1 (logged-in) was changed"), "{fault}");
}

fn record(id: &str) -> CallRow {
    let quality = QualityRow::default();
    CallRow {
        id: id.into(),
        direction: "outgoing".into(),
        from: "201".into(),
        from_name: "Anna".into(),
        to: "+31612345678".into(),
        class: Some("mobile".into()),
        price: None,
        spoofed: false,
        withheld: false,
        marks: None,
        line: None,
        answered_by: None,
        transferred_by: None,
        trunk: Some("provider".into()),
        started_unix_ms: 1_800_000_000_000,
        answered_unix_ms: None,
        ended_unix_ms: 1_800_000_003_000,
        outcome: "abandoned".into(),
        cause: Some("caller-gave-up".into()),
        status: 487,
        emergency: false,
        caller: quality,
        callee: quality,
        legs: Vec::new(),
    }
}

#[test]
fn two_boxes_run_side_by_side_and_a_third_on_a_taken_port_says_which() {
    let (one, two) = (Running::start(""), Running::start(""));
    assert!(register(&one, None).starts_with("SIP/2.0 401 "));
    assert!(register(&two, None).starts_with("SIP/2.0 401 "));
    let folder = tempfile::tempdir().unwrap();
    let mut third = centraled(folder.path());
    third.arg("run").args(one.flags()).arg("--state-dir").arg(folder.path().join("var"));
    let (code, _, said) = output(&mut third);
    assert_eq!(code, Some(69));
    assert!(said.contains("cannot listen on"), "{said}");
}

#[test]
fn what_is_applied_reaches_the_running_box_and_survives_a_restart() {
    let mut running = Running::start("");
    assert!(!register(&running, Some(("201", "correct-horse-201"))).starts_with("SIP/2.0 200 "));
    running.apply(OFFICE);
    running.until(|running| register(running, Some(("201", "correct-horse-201"))).starts_with("SIP/2.0 200 "));
    running.restart();
    assert!(register(&running, Some(("202", "correct-horse-202"))).starts_with("SIP/2.0 200 "));
    assert!(register(&running, Some(("202", "correct-horse-201"))).starts_with("SIP/2.0 401 "));
}

/// A REGISTER with something wrong in it, up to its empty line.
fn wrong(header: &str) -> String {
    let usual = "Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1;rport\r\nFrom: <sip:201@x>;tag=1\r\nTo: <sip:201@x>\r\nCall-ID: 1\r\n";
    format!("REGISTER sip:x SIP/2.0\r\n{usual}{header}\r\n\r\n")
}

/// Each kind is refused, and counted under its own name on the page; what it held is given back, and a phone registers meanwhile.
#[test]
fn rubbish_from_the_network_costs_nobody_else_anything() {
    let running = Running::start(OFFICE);
    let page = Page::set_up(&running);
    for rubbish in [&b""[..], b"\0\0\0\0", &[0xff; 65_000], b"REGISTER", b"INVITE sip:x SIP/2.0\r\nVia: x\r\n\r\n"] {
        running.send(rubbish);
    }
    let before = running.descriptors();
    let long = wrong(&format!("CSeq: 1 REGISTER\r\nSubject: {}", "a".repeat(65_000)));
    let rises = |name: &str, send: &dyn Fn()| {
        let counted = page.count(name);
        send();
        page.wait_for_more(name, counted);
    };
    rises("malformed-cseq", &|| running.send(wrong("CSeq: one REGISTER").as_bytes()));
    rises("malformed-too-large", &|| running.send(long.as_bytes()));
    let begin = |text: &str| {
        let mut stream = TcpStream::connect(running.sip()).unwrap();
        // It may have hung up before all of it was sent.
        let _ = stream.write_all(text.as_bytes());
        stream
    };
    let half = wrong("CSeq: 1 REGISTER\r\nContent-Length: 1000") + "half";
    rises("unframed_streams", &|| drop(begin(&long)));
    rises("unframed_streams", &|| drop(begin(&wrong("CSeq: 1 REGISTER\r\nContent-Length: 65536"))));
    rises("torn_streams", &|| drop(begin(&half)));
    let slow = page.count("slow_connections");
    let mut waits = begin(&half);
    assert!(register(&running, Some(("201", "correct-horse-201"))).starts_with("SIP/2.0 200 "));
    assert_eq!(waits.read(&mut [0; 64]).unwrap_or(0), 0, "it is hung up on without a word");
    page.wait_for_more("slow_connections", slow);
    running.until(|running| running.descriptors() <= before);
}

#[test]
fn a_call_that_lasts_when_the_box_is_stopped_ends_at_both_ends_and_is_written_down() {
    let mut running = Running::start(OFFICE);
    let (anna, bart) = call::connect(&running);
    running.ask_to_end();
    std::thread::scope(|scope| {
        scope.spawn(|| anna.accept(&Method::BYE));
        bart.accept(&Method::BYE);
    });
    running.terminate();
    let calls = running.store().calls(None, 10).unwrap();
    let ends: Vec<_> = calls.iter().map(|call| (call.outcome.as_str(), call.cause.as_deref())).collect();
    assert_eq!(ends, [("answered", Some("box-stopped"))]);
    assert!(calls[0].legs.iter().all(|leg| leg.answered_unix_ms.is_some()) && calls[0].legs.len() == 2);
}

#[test]
fn a_019_a_call_that_lasts_when_the_box_is_lost_is_found_at_its_next_start_as_far_as_it_is_known() {
    let mut running = Running::start(OFFICE);
    let (mut anna, _bart) = call::connect(&running);
    // What is written of a later call proves that the earlier one was kept before.
    assert_eq!(anna.call("299").status.code(), 404);
    let store = running.store();
    running.until(|_| store.calls(None, 10).unwrap().len() == 1);
    running.kill();
    running.start_again();
    let calls = store.calls(None, 10).unwrap();
    let ends: Vec<_> = calls.iter().map(|call| (call.outcome.as_str(), call.cause.as_deref())).collect();
    assert_eq!(ends, [("lost", Some("box-lost")), ("refused", Some("refused"))]);
    let lost = &calls[0];
    assert_eq!((lost.from.as_str(), lost.to.as_str(), lost.legs.len()), ("201", "202", 2));
    assert!(lost.answered_unix_ms.is_some_and(|answered| answered <= lost.ended_unix_ms));
    running.restart();
    assert_eq!(store.calls(None, 10).unwrap().len(), 2, "it is found once");
    store.verify_calls(None).unwrap().unwrap();
}

#[test]
fn no_secret_is_in_what_the_program_prints() {
    let running = Running::start(OFFICE);
    register(&running, Some(("201", "correct-horse-201")));
    register(&running, Some(("201", "wrong-wrong-wrong")));
    let printed = running.stop();
    assert!(!printed.contains("correct-horse") && !printed.contains("wrong-wrong"), "{printed}");
}
