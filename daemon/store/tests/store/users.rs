//! Who may log in, as what, for how long, and that somebody always may.

use centrale_config::{Change, Secret};
use centrale_store::{
    AccessRefused, CODE_MS, CallRow, Role, SESSION_IDLE_MS, SESSION_LONGEST_MS, SessionToken, Standing, UserRow, Whence,
};

use crate::{Home, bakery, by, call};

const NOW: u64 = 1_800_000_000_000;

fn password() -> Secret {
    Secret::new("a long enough password")
}

fn another() -> Secret {
    Secret::new("another long password")
}

fn desk() -> Whence {
    Whence { source: "192.168.1.50".into(), agent: "Firefox".into() }
}

fn as_role(role: Role) -> Standing {
    Standing { role, person: None, ends_unix_ms: None }
}

impl Home {
    fn owner(&self) -> UserRow {
        let code = self.store.new_setup_code().unwrap();
        self.store.set_up(code.reveal(), &password()).unwrap()
    }

    fn session(&self, user: u64) -> SessionToken {
        self.store.open_session(user, None, desk(), NOW).unwrap()
    }

    fn is_open(&self, token: &SessionToken, now: u64) -> bool {
        self.store.session(token, now).unwrap().is_some()
    }
}

#[test]
fn the_code_makes_the_first_owner_once() {
    let home = Home::new();
    assert!(!home.store.is_set_up().unwrap());
    assert!(matches!(home.store.set_up("anything", &password()), Err(AccessRefused::WrongCode)));
    let older = home.store.new_setup_code().unwrap();
    let code = home.store.new_setup_code().unwrap();
    assert!(matches!(home.store.set_up(older.reveal(), &password()), Err(AccessRefused::WrongCode)));
    assert!(matches!(home.store.set_up(code.reveal(), &Secret::new("short")), Err(AccessRefused::PasswordTooShort)));
    assert!(matches!(
        home.store.set_up(code.reveal(), &Secret::new("x".repeat(2000))),
        Err(AccessRefused::PasswordTooLong)
    ));

    let typed = format!("{} {}", &code.reveal()[..5].to_lowercase(), &code.reveal()[5..]);
    let owner = home.store.set_up(&typed, &password()).unwrap();
    assert_eq!((owner.name.as_str(), owner.standing.role), ("admin", Role::Owner));
    assert!(matches!(home.store.set_up(code.reveal(), &password()), Err(AccessRefused::AlreadySetUp)));

    let home = home.restarted();
    assert!(home.store.is_set_up().unwrap());
    assert_eq!(home.store.user_of(" Admin ", &password(), NOW).unwrap(), Some(owner));
    for (name, wrong) in [("admin", another()), ("admin", Secret::new("x".repeat(2000))), ("bert", password())] {
        assert_eq!(home.store.user_of(name, &wrong, NOW).unwrap(), None, "{name}");
    }
}

#[test]
fn a_password_that_many_choose_or_that_is_made_of_names_is_refused_wherever_one_is_chosen_and_uses_up_no_code() {
    let home = Home::new();
    let is_common = |refused| matches!(refused, Err(AccessRefused::PasswordCommon));
    let code = home.store.new_setup_code().unwrap();
    assert!(is_common(home.store.set_up(code.reveal(), &Secret::new("Welkom123456!")).map(drop)));
    let owner = home.store.set_up(code.reveal(), &password()).unwrap();
    assert!(is_common(home.store.replace_password(owner.number, &Secret::new("admin-centrale-2026"))));
    let (_, invitation) = home.store.invite("Willemijn", as_role(Role::Owner), NOW).unwrap();
    let join = |chosen: &str| home.store.join(invitation.reveal(), &Secret::new(chosen), NOW).map(drop);
    assert!(is_common(join("Willemijn-2026")));
    join("a long enough password").unwrap();
}

#[test]
fn a_061_a_code_that_was_sent_works_once_and_for_a_day() {
    let home = Home::new();
    let (bert, code) = home.store.invite("Bert", as_role(Role::Reception), NOW).unwrap();
    assert_eq!(home.store.user_of("Bert", &Secret::new(""), NOW).unwrap(), None, "no password is no password");
    assert!(matches!(home.store.join(code.reveal(), &password(), NOW + CODE_MS), Err(AccessRefused::WrongCode)));
    let joined = home.store.join(&code.reveal().to_lowercase(), &password(), NOW + CODE_MS - 1).unwrap();
    assert_eq!((joined.number, joined.code_ends_unix_ms), (bert, None));
    assert!(matches!(home.store.join(code.reveal(), &another(), NOW), Err(AccessRefused::WrongCode)), "used");

    let (older, newer) = (home.store.new_user_code(bert, NOW).unwrap(), home.store.new_user_code(bert, NOW).unwrap());
    assert!(matches!(home.store.join(older.reveal(), &another(), NOW), Err(AccessRefused::WrongCode)));
    let session = home.session(bert);
    assert!(home.store.user_of("bert", &password(), NOW).unwrap().is_some(), "good until the new one is used");
    home.store.join(newer.reveal(), &another(), NOW).unwrap();
    assert!(home.store.user_of("bert", &password(), NOW).unwrap().is_none());
    assert!(!home.is_open(&session, NOW), "whoever was in with the old one is out");
}

#[test]
fn a_133_an_installer_is_out_when_the_time_is_over_without_anybody_doing_anything() {
    let home = Home::new();
    let standing = Standing { ends_unix_ms: Some(NOW + 1000), ..as_role(Role::Installer) };
    let (piet, code) = home.store.invite("Piet", standing, NOW).unwrap();
    home.store.join(code.reveal(), &password(), NOW).unwrap();
    let session = home.session(piet);
    let late = home.store.new_user_code(piet, NOW).unwrap();
    assert!(home.is_open(&session, NOW + 999) && !home.is_open(&session, NOW + 1000));
    assert!(home.store.user_of("Piet", &password(), NOW + 999).unwrap().is_some());
    assert!(home.store.user_of("Piet", &password(), NOW + 1000).unwrap().is_none());
    assert!(matches!(home.store.join(late.reveal(), &another(), NOW + 1000), Err(AccessRefused::WrongCode)));
    assert_eq!(home.store.sessions(NOW + 1000).unwrap(), []);
}

#[test]
fn the_last_owner_stays_an_owner() {
    let home = Home::new();
    let owner = home.owner();
    let (second, code) = home.store.invite("Bert", as_role(Role::Owner), NOW).unwrap();
    let refused =
        [home.store.remove_user(owner.number, NOW), home.store.change_user(owner.number, as_role(Role::Auditor), NOW)];
    assert!(refused.iter().all(|one| matches!(one, Err(AccessRefused::LastOwner))), "who never came does not count");
    home.store.join(code.reveal(), &another(), NOW).unwrap();
    home.store.change_user(owner.number, as_role(Role::Reception), NOW).unwrap();
    assert!(matches!(home.store.remove_user(second, NOW), Err(AccessRefused::LastOwner)));
    assert!(matches!(home.store.remove_user(99, NOW), Err(AccessRefused::NoSuchUser)));
    home.store.remove_user(owner.number, NOW).unwrap();
    assert_eq!(home.store.users().unwrap().len(), 1);
}

#[test]
fn another_role_or_password_or_a_removal_ends_the_sessions_of_that_user_alone() {
    let home = Home::new();
    let owner = home.owner();
    let kept = home.session(owner.number);
    let (bert, code) = home.store.invite("Bert", as_role(Role::Reception), NOW).unwrap();
    home.store.join(code.reveal(), &another(), NOW).unwrap();
    let changes: [&dyn Fn(); 3] = [
        &|| home.store.change_user(bert, as_role(Role::Auditor), NOW).unwrap(),
        &|| home.store.replace_password(bert, &password()).unwrap(),
        &|| home.store.remove_user(bert, NOW).unwrap(),
    ];
    for change in changes {
        let session = home.session(bert);
        change();
        assert!(!home.is_open(&session, NOW) && home.is_open(&kept, NOW));
    }
    assert!(matches!(
        home.store.replace_password(owner.number, &Secret::new("short")),
        Err(AccessRefused::PasswordTooShort)
    ));
}

#[test]
fn two_users_never_have_one_name() {
    let home = Home::new();
    home.owner();
    for (name, taken) in [("ADMIN", true), (" admin", true), ("", false), ("a\nb", false), (&"x".repeat(41), false)] {
        match home.store.invite(name, as_role(Role::Auditor), NOW) {
            Err(AccessRefused::NameTaken) => assert!(taken, "{name}"),
            Err(AccessRefused::NameWrong) => assert!(!taken, "{name}"),
            other => panic!("{name}: {:?}", other.map(|(number, _)| number)),
        }
    }
}

#[test]
fn who_sees_a_persons_calls_goes_with_the_person() {
    let home = Home::new();
    home.store.commit(&bakery(), 0, by("first")).unwrap();
    let anna = Standing { person: Some("201".into()), ..as_role(Role::Person) };
    let (user, _) = home.store.invite("Anna", anna, NOW).unwrap();
    let session = home.session(user);
    let office = bakery().apply(Change::RemovePerson { number: "201".into() }).unwrap();
    home.store.commit(&office, 1, by("she left")).unwrap();
    assert!(!home.is_open(&session, NOW), "the next one with her number keeps the own mailbox");
    assert_eq!(home.store.users().unwrap(), []);
    let log = home.store.audit(u64::MAX, 10).unwrap();
    let told = |at: usize| (log[at].act.what.as_str(), log[at].act.about.as_str(), log[at].act.revision);
    assert_eq!((log.len(), told(0)), (1, ("user-left", "Anna person", Some(2))));
}

#[test]
fn a_disk_that_cannot_be_written_logs_nobody_out() {
    let home = Home::new();
    let token = home.session(home.owner().number);
    let database = rusqlite::Connection::open(home.folder.path().join("centrale.db")).unwrap();
    let full = "CREATE TRIGGER full BEFORE UPDATE ON sessions BEGIN SELECT RAISE(ABORT, 'the disk is full'); END";
    database.execute_batch(full).unwrap();
    assert!(home.is_open(&token, NOW + 120_000), "who is in can still stop calls");
}

#[test]
fn who_gets_a_number_that_was_anothers_sees_no_call_of_the_one_before() {
    let home = Home::new();
    home.store.commit(&bakery(), 0, by("first")).unwrap();
    home.store.insert_call(&CallRow { from: "201".into(), ..call("annas") }).unwrap();
    let without = bakery().apply(Change::RemovePerson { number: "201".into() }).unwrap();
    home.store.commit(&without, 1, by("she left")).unwrap();
    home.store.insert_call(&CallRow { from: "201".into(), ..call("ended-as-she-left") }).unwrap();
    home.store.commit(&bakery(), 2, by("another came")).unwrap();
    home.store.insert_call(&CallRow { from: "201".into(), ..call("the-new-ones") }).unwrap();
    let ids = |calls: Vec<CallRow>| calls.into_iter().map(|call| call.id).collect::<Vec<_>>();
    assert_eq!(ids(home.store.calls_of("201", None, 10).unwrap()), ["the-new-ones"]);
    assert_eq!(ids(home.store.calls_of("201", Some("the-new-ones"), 10).unwrap()), [""; 0]);
    assert_eq!(home.store.calls(None, 10).unwrap().len(), 3, "the office's own record stays whole");
}

#[test]
fn a_session_lives_while_it_is_used_and_ends_when_it_is_told_to() {
    let home = Home::new();
    let owner = home.owner().number;
    let (token, other) = (home.session(owner), home.session(owner));
    let home = home.restarted();
    let from_cookie = SessionToken::from_cookie(token.reveal());
    let session = home.store.session(&from_cookie, NOW).unwrap().unwrap();
    assert_eq!((session.created_unix_ms, session.whence, session.user.number), (NOW, desk(), owner));
    assert!(!home.is_open(&SessionToken::from_cookie("made up"), NOW));

    let nearly_idle = NOW + SESSION_IDLE_MS;
    assert!(home.is_open(&token, nearly_idle));
    assert!(home.is_open(&token, nearly_idle + SESSION_IDLE_MS), "the use before counted");
    assert!(!home.is_open(&other, nearly_idle + 1), "was not used");

    assert!(home.store.end_session(session.number).unwrap());
    assert!(!home.is_open(&token, NOW));
}

#[test]
fn a_session_ends_after_its_longest_time_however_much_it_is_used() {
    let home = Home::new();
    let token = home.session(home.owner().number);
    let mut now = NOW;
    while now + SESSION_IDLE_MS <= NOW + SESSION_LONGEST_MS {
        now += SESSION_IDLE_MS;
        assert!(home.is_open(&token, now));
    }
    assert!(!home.is_open(&token, NOW + SESSION_LONGEST_MS + 1));
}
