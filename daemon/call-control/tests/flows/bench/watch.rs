//! A subscription as its phone keeps it.

use centrale_sip::message::{HeaderName, Method, Request, Response};

use super::{BOX, Bench, Draft, Ua};

#[derive(Debug, Clone)]
pub(crate) struct Watch {
    ua: Ua,
    /// The SUBSCRIBE that was sent last.
    asked: Draft,
    /// What the box answered to it.
    pub(crate) granted: Response,
}

impl Ua {
    /// A SUBSCRIBE as a desk phone writes it.
    pub(crate) fn subscribe_draft(&self, bench: &mut Bench, number: &str, event: &str) -> Draft {
        let kind = if event.starts_with("dialog") {
            "application/dialog-info+xml"
        } else {
            "application/simple-message-summary"
        };
        let uri = format!("sip:{number}@{BOX}");
        let draft = self.draft(bench, "SUBSCRIBE", &uri, &format!("<{uri}>"));
        draft.with("Event", event).with("Accept", kind).with("Expires", "300")
    }

    /// Subscribes with proof. The first NOTIFY has not been looked at yet.
    #[track_caller]
    pub(crate) fn subscribe(&self, bench: &mut Bench, number: &str, event: &str) -> Watch {
        let draft = self.subscribe_draft(bench, number, event);
        let challenge = self.ask(bench, &draft);
        let asked = self.proven(bench, &draft, &challenge);
        let granted = self.ask(bench, &asked);
        assert_eq!(granted.status.code(), 200, "subscription of {} to {number}", self.user);
        Watch { ua: self.clone(), asked, granted }
    }

    /// Has a key for a colleague; what the colleague does at this moment has been told.
    #[track_caller]
    pub(crate) fn watch(&self, bench: &mut Bench, number: &str) -> Watch {
        let watch = self.subscribe(bench, number, "dialog");
        watch.expect(bench);
        watch
    }
}

impl Watch {
    /// Refreshes, or with 0 ends it.
    #[track_caller]
    pub(crate) fn refresh(&mut self, bench: &mut Bench, expires: u32) -> Response {
        let to = self.granted.headers.text(&HeaderName::To).unwrap_or_default().into_owned();
        let draft = self.ua.again(bench, &self.asked).set("Expires", expires.to_string()).set("To", to);
        self.granted = self.ua.ask_proven(bench, &draft);
        self.asked = draft;
        let number = self.granted.headers.cseq().map_or(0, |cseq| cseq.number);
        self.asked = self.asked.clone().set("CSeq", format!("{number} SUBSCRIBE"));
        self.granted.clone()
    }

    /// The next NOTIFY, not answered yet.
    pub(crate) fn take(&self, bench: &mut Bench) -> Option<Request> {
        let call_id = self.asked.field("Call-ID");
        bench.take(self.ua.at, |message| match message {
            super::Message::Request(request) if request.method == Method::NOTIFY => {
                (request.headers.call_id() == Ok(call_id)).then(|| request.clone())
            }
            _ => None,
        })
    }

    pub(crate) fn answer(&self, bench: &mut Bench, notify: &Request, status: u16) {
        let text = self.ua.response_text(notify, status, None, "", "");
        bench.packet(self.ua.transport, self.ua.at, &text);
    }

    /// The next NOTIFY, which is answered: its Subscription-State, and its body.
    #[track_caller]
    pub(crate) fn expect(&self, bench: &mut Bench) -> (String, String) {
        let notify = self.take(bench).unwrap_or_else(|| bench.fail(&format!("{} is told nothing", self.ua.user)));
        self.answer(bench, &notify, 200);
        told(&notify)
    }

    /// As [`Watch::expect`]: each dialog's direction and state, in order.
    #[track_caller]
    pub(crate) fn shows(&self, bench: &mut Bench) -> Vec<String> {
        dialogs(&self.expect(bench).1)
    }
}

/// What a NOTIFY says.
pub(crate) fn told(notify: &Request) -> (String, String) {
    let state = notify.headers.text(&HeaderName::SubscriptionState).unwrap_or_default().into_owned();
    (state, String::from_utf8_lossy(&notify.body).into_owned())
}

/// The value of an attribute in a line of a document.
pub(crate) fn attribute<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = line.split_once(&format!(" {name}=\""))?;
    rest.split('"').next()
}

fn dialogs(body: &str) -> Vec<String> {
    let mut dialogs = Vec::new();
    for line in body.lines() {
        if line.starts_with("<dialog ") {
            dialogs.push(attribute(line, "direction").map(|way| format!("{way} ")).unwrap_or_default());
        }
        if let Some(state) = line.strip_prefix("<state>").and_then(|rest| rest.strip_suffix("</state>"))
            && let Some(dialog) = dialogs.last_mut()
        {
            dialog.push_str(state);
        }
    }
    dialogs
}
