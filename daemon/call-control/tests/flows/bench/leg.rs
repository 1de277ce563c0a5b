//! One end of a call as its phone keeps it: tags, numbers and where to send.

use centrale_sip::message::{HeaderName, Method, Request, Response};
use centrale_sip::sdp::Direction;

use super::ua::is_answer;
use super::{Bench, Draft, Sdp, Ua};

#[derive(Debug, Clone)]
pub(crate) struct Leg {
    pub(crate) ua: Ua,
    pub(crate) call_id: String,
    /// From of what we send.
    pub(crate) local: String,
    /// To of what we send.
    pub(crate) remote: String,
    /// Where we send it.
    pub(crate) target: String,
    pub(crate) cseq: u32,
    /// Our INVITE that is under way, or was last.
    pub(crate) invite: Option<Draft>,
    /// What we have to answer.
    pub(crate) asked: Option<Request>,
    /// What we said of our audio last.
    pub(crate) sdp: Sdp,
    tag: String,
}

impl Leg {
    /// Sends an INVITE.
    pub(crate) fn calling(ua: &Ua, bench: &mut Bench, draft: &Draft) -> Self {
        let cseq = draft.field("CSeq").split(' ').next().unwrap().parse().unwrap();
        let (local, remote) = (draft.field("From").to_owned(), draft.field("To").to_owned());
        let (call_id, target) = (draft.field("Call-ID").to_owned(), draft.uri.clone());
        ua.send(bench, draft);
        let (invite, tag) = (Some(draft.clone()), String::new());
        Self { ua: ua.clone(), call_id, local, remote, target, cseq, invite, asked: None, sdp: ua.sdp(), tag }
    }

    /// Was sent an INVITE.
    pub(crate) fn called(ua: &Ua, bench: &mut Bench, invite: Request) -> Self {
        let text = |name: &HeaderName| invite.headers.text(name).unwrap_or_default().into_owned();
        let tag = format!("to-{}", bench.serial());
        let contact = invite.headers.addresses(&HeaderName::Contact).unwrap().remove(0);
        Self {
            ua: ua.clone(),
            call_id: text(&HeaderName::CallId),
            local: format!("{};tag={tag}", text(&HeaderName::To)),
            remote: text(&HeaderName::From),
            target: contact.uri.to_string(),
            cseq: 0,
            invite: None,
            asked: Some(invite),
            sdp: ua.sdp(),
            tag,
        }
    }

    /// The INVITE we were sent.
    pub(crate) fn asked(&self) -> &Request {
        self.asked.as_ref().expect("something was asked")
    }

    /// The next response to our INVITE has this status. A refusal is acknowledged.
    #[track_caller]
    pub(crate) fn expect(&mut self, bench: &mut Bench, status: u16) -> Response {
        let invite = self.invite.clone().expect("we called");
        let cseq = invite.field("CSeq").to_owned();
        let ours = |response: &Response| is_answer(response, &self.call_id, &cseq);
        let response = bench.take_response(self.ua.at, ours);
        let response = response.unwrap_or_else(|| bench.fail(&format!("{} was not told {status}", self.ua.user)));
        if response.status.code() != status {
            bench.fail(&format!("{} was told {} instead of {status}", self.ua.user, response.status.code()));
        }
        let to = response.headers.text(&HeaderName::To).unwrap_or_default().into_owned();
        if response.status.code() >= 300 {
            self.acknowledge_refusal(bench, &invite, &to);
        } else if to.contains(";tag=") {
            self.remote = to;
        }
        if response.status.is_success() {
            let contact = response.headers.addresses(&HeaderName::Contact).unwrap().remove(0);
            self.target = contact.uri.to_string();
        }
        response
    }

    fn acknowledge_refusal(&self, bench: &mut Bench, invite: &Draft, to: &str) {
        let number = invite.field("CSeq").split(' ').next().unwrap();
        let ack = Draft::new("ACK", &invite.uri)
            .with("Via", invite.field("Via"))
            .with("From", invite.field("From"))
            .with("To", to)
            .with("Call-ID", invite.field("Call-ID"))
            .with("CSeq", format!("{number} ACK"))
            .with("Max-Forwards", "70");
        self.ua.send(bench, &ack);
    }

    fn ack_draft(&self, bench: &mut Bench) -> Draft {
        let invite = self.invite.as_ref().expect("we called");
        let number = invite.field("CSeq").split(' ').next().unwrap().to_owned();
        let mut ack = self.draft(bench, "ACK").set("CSeq", format!("{number} ACK"));
        ack.fields.retain(|(name, _)| name != "Contact");
        ack
    }

    /// Acknowledges a 2xx.
    pub(crate) fn ack(&self, bench: &mut Bench) {
        let ack = self.ack_draft(bench);
        self.ua.send(bench, &ack);
    }

    pub(crate) fn ack_with(&self, bench: &mut Bench, sdp: &Sdp) {
        let ack = self.ack_draft(bench).sdp(sdp);
        self.ua.send(bench, &ack);
    }

    /// Gives up: CANCEL, which is answered 200.
    #[track_caller]
    pub(crate) fn cancel(&self, bench: &mut Bench) {
        let invite = self.invite.as_ref().expect("we called");
        let number = invite.field("CSeq").split(' ').next().unwrap();
        let mut cancel = Draft::new("CANCEL", &invite.uri);
        for name in ["Via", "From", "To", "Call-ID"] {
            cancel = cancel.with(name, invite.field(name));
        }
        let cancel = cancel.with("CSeq", format!("{number} CANCEL")).with("Max-Forwards", "70");
        assert_eq!(self.ua.ask(bench, &cancel).status.code(), 200);
    }

    /// A request within the dialog, not sent yet.
    pub(crate) fn draft(&self, bench: &mut Bench, method: &str) -> Draft {
        Draft::new(method, &self.target)
            .with("Via", self.ua.via(&format!("z9hG4bK-{}", bench.serial())))
            .with("Max-Forwards", "70")
            .with("From", self.local.clone())
            .with("To", self.remote.clone())
            .with("Call-ID", self.call_id.clone())
            .with("CSeq", format!("{} {method}", self.cseq + 1))
            .with("Contact", self.ua.contact())
    }

    /// Sends a request within the dialog and returns its final response.
    #[track_caller]
    pub(crate) fn ask(&mut self, bench: &mut Bench, draft: &Draft) -> Response {
        self.cseq += 1;
        self.ua.ask(bench, draft)
    }

    /// Sends a re-INVITE; its answer is for [`Leg::expect`].
    pub(crate) fn reinvite(&mut self, bench: &mut Bench, sdp: Option<&Sdp>) {
        let draft = self.draft(bench, "INVITE");
        let draft = match sdp {
            Some(sdp) => {
                self.sdp = sdp.clone();
                draft.sdp(sdp)
            }
            None => draft,
        };
        self.reinvite_with(bench, draft);
    }

    pub(crate) fn reinvite_with(&mut self, bench: &mut Bench, draft: Draft) {
        self.cseq += 1;
        self.ua.send(bench, &draft);
        self.invite = Some(draft);
    }

    /// The answer to what was sent last, which was no INVITE.
    #[track_caller]
    pub(crate) fn take_answer(&self, bench: &mut Bench) -> Response {
        let cseq = self.invite.as_ref().expect("something was sent").field("CSeq").to_owned();
        let answer = bench.take_response(self.ua.at, |response| is_answer(response, &self.call_id, &cseq));
        answer.unwrap_or_else(|| bench.fail(&format!("{} was not answered", self.ua.user)))
    }

    /// Answers what was asked last.
    pub(crate) fn respond(&self, bench: &mut Bench, status: u16, body: Option<&Sdp>) {
        self.respond_with(bench, status, "", body);
    }

    pub(crate) fn respond_with(&self, bench: &mut Bench, status: u16, more: &str, body: Option<&Sdp>) {
        let body = body.map(ToString::to_string).unwrap_or_default();
        let contact = if status < 300 { format!("Contact: {}\r\n", self.ua.contact()) } else { String::new() };
        let tag = (status > 100).then_some(self.tag.as_str());
        let text = self.ua.response_text(self.asked(), status, tag, &format!("{contact}{more}"), &body);
        bench.packet(self.ua.transport, self.ua.at, &text);
    }

    pub(crate) fn ring(&self, bench: &mut Bench) {
        self.respond(bench, 180, None);
    }

    /// Picks up: 200 with our audio.
    #[track_caller]
    pub(crate) fn pick_up(&self, bench: &mut Bench) {
        self.respond(bench, 200, Some(&self.sdp));
        self.expect_ack(bench);
    }

    /// Refuses, and the refusal is acknowledged.
    #[track_caller]
    pub(crate) fn refuse(&self, bench: &mut Bench, status: u16) {
        self.respond(bench, status, None);
        self.expect_ack(bench);
    }

    #[track_caller]
    pub(crate) fn expect_ack(&self, bench: &mut Bench) -> Request {
        let fits = |message: &super::Message| match message {
            super::Message::Request(ack) if ack.method == Method::ACK => {
                (ack.headers.call_id() == Ok(&self.call_id)).then(|| ack.clone())
            }
            _ => None,
        };
        bench.take(self.ua.at, fits).unwrap_or_else(|| bench.fail(&format!("no ACK for {}", self.ua.user)))
    }

    /// The box takes its INVITE back: 200 to the CANCEL, 487 to the INVITE, and its ACK.
    #[track_caller]
    pub(crate) fn expect_cancelled(&self, bench: &mut Bench) {
        let cancel = self.take(bench, &Method::CANCEL);
        let text = self.ua.response_text(&cancel, 200, Some(&self.tag), "", "");
        bench.packet(self.ua.transport, self.ua.at, &text);
        self.refuse(bench, 487);
    }

    /// The box takes its INVITE back, whether or not we said anything to it.
    #[track_caller]
    pub(crate) fn expect_gone(&self, bench: &mut Bench) {
        self.ring(bench);
        self.expect_cancelled(bench);
    }

    /// The next request of that method within this call.
    #[track_caller]
    pub(crate) fn take(&self, bench: &mut Bench, method: &Method) -> Request {
        let fits = |message: &super::Message| match message {
            super::Message::Request(request) if request.method == *method => {
                (request.headers.call_id() == Ok(&self.call_id)).then(|| request.clone())
            }
            _ => None,
        };
        bench.take(self.ua.at, fits).unwrap_or_else(|| bench.fail(&format!("{} was sent no {method}", self.ua.user)))
    }

    /// As [`Leg::take`], and it is what is answered next.
    #[track_caller]
    pub(crate) fn expect_request(&mut self, bench: &mut Bench, method: &Method) -> Request {
        let request = self.take(bench, method);
        self.asked = Some(request.clone());
        request
    }

    /// Asks, with proof, that the other end be connected with somebody else; gives the final response.
    #[track_caller]
    pub(crate) fn refer(&mut self, bench: &mut Bench, to: &str) -> Response {
        let draft = self.draft(bench, "REFER").with("Refer-To", to);
        self.refer_with(bench, &draft)
    }

    #[track_caller]
    pub(crate) fn refer_with(&mut self, bench: &mut Bench, draft: &Draft) -> Response {
        let response = self.ua.ask_proven(bench, draft);
        self.cseq += 2;
        response
    }

    /// The next NOTIFY of a transfer, which is answered: its Subscription-State without parameters, and its body.
    #[track_caller]
    pub(crate) fn told(&mut self, bench: &mut Bench) -> String {
        let notify = self.expect_request(bench, &Method::NOTIFY);
        self.respond(bench, 200, None);
        let (state, body) = super::told(&notify);
        format!("{} {}", state.split(';').next().unwrap_or_default(), body.trim_end())
    }

    /// Is connected with somebody else: a re-INVITE, which is answered with our audio, and its ACK.
    #[track_caller]
    pub(crate) fn reconnected(&mut self, bench: &mut Bench) -> Request {
        let invite = self.expect_request(bench, &Method::INVITE);
        self.sdp = self.sdp.then("sendrecv");
        self.respond(bench, 200, Some(&self.sdp));
        self.expect_ack(bench);
        invite
    }

    /// Has nobody at its other end: a re-INVITE to hear and say nothing, which is answered so, and its ACK.
    #[track_caller]
    pub(crate) fn put_on_hold(&mut self, bench: &mut Bench) -> Request {
        let hold = self.expect_request(bench, &Method::INVITE);
        assert_eq!(super::audio(&hold.body).direction, Direction::SendOnly);
        self.sdp = self.sdp.then("recvonly");
        self.respond(bench, 200, Some(&self.sdp));
        self.expect_ack(bench);
        hold
    }

    /// This dialog as a Replaces in a Refer-To names it.
    pub(crate) fn as_replaces(&self) -> String {
        let tag = |address: &str| address.rsplit(";tag=").next().unwrap_or_default().to_owned();
        let call_id = self.call_id.replace('@', "%40");
        format!("Replaces={call_id}%3Bto-tag%3D{}%3Bfrom-tag%3D{}", tag(&self.remote), tag(&self.local))
    }

    /// Hangs up.
    #[track_caller]
    pub(crate) fn hang_up(&mut self, bench: &mut Bench) {
        let bye = self.draft(bench, "BYE");
        assert_eq!(self.ask(bench, &bye).status.code(), 200, "BYE of {}", self.ua.user);
    }

    /// The other end hung up.
    #[track_caller]
    pub(crate) fn expect_bye(&mut self, bench: &mut Bench) {
        self.expect_request(bench, &Method::BYE);
        self.respond(bench, 200, None);
    }
}

impl Bench {
    /// A call from one phone to another, picked up and acknowledged.
    #[track_caller]
    pub(crate) fn connect(&mut self, caller: &Ua, dialled: &str, callee: &Ua) -> (Leg, Leg) {
        let mut calling = caller.call(self, dialled);
        let called = callee.rung(self);
        called.ring(self);
        calling.expect(self, 180);
        self.picked_up(calling, called)
    }

    /// A call that was placed is picked up at once, without ringing, and acknowledged.
    #[track_caller]
    pub(crate) fn answered(&mut self, calling: Leg, callee: &Ua) -> (Leg, Leg) {
        let called = callee.rung(self);
        self.picked_up(calling, called)
    }

    /// A call that was placed rings, and its caller gives up.
    #[track_caller]
    pub(crate) fn given_up(&mut self, mut calling: Leg, callee: &Ua) {
        let called = callee.rung(self);
        called.ring(self);
        calling.expect(self, 180);
        calling.cancel(self);
        calling.expect(self, 487);
        called.expect_cancelled(self);
    }

    /// A call that rings is answered.
    #[track_caller]
    pub(crate) fn picked_up(&mut self, mut calling: Leg, called: Leg) -> (Leg, Leg) {
        called.pick_up(self);
        calling.expect(self, 200);
        calling.ack(self);
        (calling, called)
    }
}
