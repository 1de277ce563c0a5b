use super::*;
use crate::flow::Transport;
use crate::message::{Method, Uri};

struct Office {
    registrar: Registrar,
    now: Instant,
    cseq: u32,
    /// Whether what registers is kept apart.
    apart: bool,
    /// From where it registers.
    remote: SocketAddr,
}

impl Office {
    fn new() -> Self {
        let remote = "192.168.1.20:5060".parse().unwrap();
        Self { registrar: Registrar::new(Bounds::default()), now: Instant::now(), cseq: 0, apart: false, remote }
    }

    /// Registers a phone at that host and port for an hour, a second after what was before.
    fn register_from(&mut self, host: u8, port: u16) -> Result<Saved, Reject> {
        self.now += Duration::from_secs(1);
        self.remote = SocketAddr::from(([192, 168, 1, host], port));
        self.register(&format!("<sip:201@{}>", self.remote), Some(3600))
    }

    fn register(&mut self, contact: &str, expires: Option<u32>) -> Result<Saved, Reject> {
        self.cseq += 1;
        self.register_as(contact, expires, "call", self.cseq, 1)
    }

    fn register_as(
        &mut self,
        contact: &str,
        expires: Option<u32>,
        call: &'static str,
        cseq: u32,
        flow: u64,
    ) -> Result<Saved, Reject> {
        let mut request = Request::new(Method::REGISTER, Uri::parse("sip:box").unwrap());
        request.headers.push(HeaderName::CallId, call);
        request.headers.push(HeaderName::CSeq, format!("{cseq} REGISTER"));
        if !contact.is_empty() {
            request.headers.push(HeaderName::Contact, contact.to_owned());
        }
        if let Some(expires) = expires {
            request.headers.push(HeaderName::Expires, expires.to_string());
        }
        let local = "192.168.1.1:5060".parse().unwrap();
        let flow = Flow { id: FlowId(flow), transport: Transport::Tcp, local, remote: self.remote };
        let contacts = request.headers.addresses(&HeaderName::Contact).unwrap_or_default();
        self.registrar.save(self.now, &anna(), (&request, &contacts), flow, ("201", self.apart))
    }

    fn contacts(&self) -> Vec<String> {
        self.registrar.lookup(self.now, &anna()).iter().map(|binding| binding.contact.to_string()).collect()
    }
}

fn anna() -> AddressOfRecord {
    AddressOfRecord::new("201")
}

#[test]
fn two_phones_of_one_person_are_both_reached_and_the_preferred_one_first() {
    let mut office = Office::new();
    office.register("<sip:201@192.168.1.20>;q=0.5", Some(300)).unwrap();
    office.register("<sip:201@192.168.1.21>;q=0.9", Some(300)).unwrap();
    assert_eq!(office.contacts(), ["sip:201@192.168.1.21", "sip:201@192.168.1.20"]);
}

#[test]
fn a_refresh_is_no_change_and_a_new_address_is_one() {
    let mut office = Office::new();
    assert!(office.register("<sip:201@192.168.1.20>", Some(300)).unwrap().changed);
    assert!(!office.register("<sip:201@192.168.1.20>", Some(300)).unwrap().changed);
    assert!(office.register("<sip:201@192.168.1.22>", Some(300)).unwrap().changed);
}

#[test]
fn a_phone_known_by_instance_replaces_its_old_address_after_a_reboot() {
    let mut office = Office::new();
    let instance = ";+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-805ec0aabbcc>\"";
    office.register_as(&format!("<sip:201@192.168.1.20:1111>{instance}"), Some(300), "one", 1, 1).unwrap();
    office.register_as(&format!("<sip:201@192.168.1.20:2222>{instance}"), Some(300), "two", 1, 2).unwrap();
    assert_eq!(office.contacts(), ["sip:201@192.168.1.20:2222"]);
}

#[test]
fn a_binding_ends_when_its_time_is_over_and_the_office_is_told() {
    let mut office = Office::new();
    office.register("<sip:201@192.168.1.20>", Some(60)).unwrap();
    let end = office.registrar.poll_timeout().unwrap();
    assert_eq!(end, office.now + Duration::from_secs(60));
    assert_eq!(office.registrar.handle_timeout(end), [anna()]);
    assert_eq!(office.registrar.poll_timeout(), None);
}

#[test]
fn too_short_is_told_the_minimum_and_too_long_is_shortened() {
    let mut office = Office::new();
    let refused = office.register("<sip:201@192.168.1.20>", Some(10)).unwrap_err();
    assert_eq!((refused.status, refused.min_expires), (Status::INTERVAL_TOO_BRIEF, Some(60)));
    office.register("<sip:201@192.168.1.20>;expires=86400", None).unwrap();
    let lifetime = office.registrar.lookup(office.now, &anna())[0].expires_at - office.now;
    assert_eq!(lifetime, Duration::from_secs(3600));
}

#[test]
fn zero_removes_one_contact_and_a_star_removes_all() {
    let mut office = Office::new();
    office.register("<sip:201@192.168.1.20>", Some(300)).unwrap();
    office.register("<sip:201@192.168.1.21>", Some(300)).unwrap();
    office.register("<sip:201@192.168.1.20>;expires=0", None).unwrap();
    assert_eq!(office.contacts(), ["sip:201@192.168.1.21"]);
    assert_eq!(office.register("*", Some(300)).unwrap_err().status, Status::BAD_REQUEST);
    office.register("*", Some(0)).unwrap();
    assert!(office.contacts().is_empty());
}

#[test]
fn a_late_duplicate_changes_nothing() {
    let mut office = Office::new();
    office.register_as("<sip:201@192.168.1.20>", Some(300), "call", 5, 1).unwrap();
    let late = office.register_as("<sip:201@192.168.1.20>;expires=0", None, "call", 4, 1);
    assert_eq!(late.unwrap_err().status, Status::SERVER_INTERNAL_ERROR);
    assert_eq!(office.contacts().len(), 1);
}

#[test]
fn a_closed_connection_takes_its_bindings_along() {
    let mut office = Office::new();
    office.register_as("<sip:201@192.168.1.20>", Some(300), "one", 1, 7).unwrap();
    office.register_as("<sip:201@192.168.1.21>", Some(300), "two", 1, 8).unwrap();
    assert_eq!(office.registrar.handle_flow_closed(FlowId(7)), [anna()]);
    assert_eq!(office.contacts(), ["sip:201@192.168.1.21"]);
}

#[test]
fn nobody_fills_the_table_of_one_address() {
    let mut office = Office::new();
    for host in 1..=10 {
        office.register_from(host, 5060).unwrap();
    }
    assert_eq!(office.register_from(99, 5060).unwrap_err().status, Status::FORBIDDEN, "each is alone at its own place");
    assert_eq!(office.contacts().len(), 10);
    let eleven: Vec<String> = (0..11).map(|number| format!("<sip:201@192.168.2.{number}>")).collect();
    let all_at_once = office.register(&eleven.join(", "), Some(300)).unwrap_err();
    assert_eq!(all_at_once.status, Status::FORBIDDEN, "no REGISTER takes the place of its own");
}

#[test]
fn a_phone_that_comes_back_at_another_port_again_and_again_takes_the_place_of_what_it_left() {
    let mut office = Office::new();
    office.register_from(20, 5060).unwrap();
    office.register_from(21, 5060).unwrap();
    for port in 6000..6020 {
        // Another phone at the same host that goes on.
        office.register_from(20, 5060).unwrap();
        office.register_from(20, port).unwrap();
    }
    let contacts = office.contacts();
    assert_eq!(contacts.len(), 10);
    for there in ["192.168.1.20:5060", "192.168.1.21:5060", "192.168.1.20:6019", "192.168.1.20:6012"] {
        assert!(contacts.contains(&format!("sip:201@{there}")), "{there}: {contacts:?}");
    }
}

#[test]
fn who_fills_the_table_from_one_place_locks_nobody_out_and_throws_nobody_out() {
    let mut office = Office::new();
    office.register_from(20, 5060).unwrap();
    for port in 7000..7030 {
        office.register_from(66, port).unwrap();
    }
    let is_there = |office: &Office, place: &str| office.contacts().contains(&format!("sip:201@192.168.1.{place}"));
    assert!(is_there(&office, "20:5060"), "a phone that is alone at its place stays");
    office.register_from(20, 5071).unwrap();
    assert!(is_there(&office, "20:5071"), "back at another port");
    office.register_from(21, 5060).unwrap();
    assert!(is_there(&office, "21:5060") && is_there(&office, "20:5071"), "back at another address");
    assert_eq!(office.contacts().len(), 10);
}

#[test]
fn what_is_registered_apart_replaces_and_removes_nothing_of_what_is_not_and_takes_no_room_of_it() {
    let mut office = Office::new();
    office.register("<sip:201@192.168.1.20>", None).unwrap();
    office.apart = true;
    // The same contact, everything taken away, and more than there is room for.
    office.register("<sip:201@192.168.1.20>", None).unwrap();
    office.register("*", Some(0)).unwrap();
    assert_eq!(office.contacts(), ["sip:201@192.168.1.20"]);
    for number in 0..11 {
        office.register(&format!("<sip:201@192.168.1.1{number}>"), None).unwrap();
    }
    assert_eq!(office.contacts().len(), 11, "ten of them, and the one that is not apart");
    let remote: SocketAddr = "192.168.1.20:5060".parse().unwrap();
    office.apart = false;
    office.register("<sip:201@192.168.1.21>", None).unwrap();
    office.register("<sip:201@192.168.1.20>", Some(0)).unwrap();
    office.register("<sip:201@192.168.1.21>", Some(0)).unwrap();
    assert!(!office.registrar.is_heard_from(remote), "who is apart is no phone of the office");
    let changed = office.registrar.bring_together(|binding| binding.contact.to_string().ends_with(".15"));
    assert_eq!(changed, [(anna(), remote.ip())]);
    assert!(office.registrar.is_heard_from(remote));
    office.register("*", Some(0)).unwrap();
    assert_eq!(office.contacts().len(), 9, "it is one of the office's now, and goes with them");
}
