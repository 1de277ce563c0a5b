//! Answers to PnP packets: the 200 and the NOTIFY that tells a phone where its settings are, repeated until it is heard.
//!
//! In: datagrams from the multicast group 224.0.1.75 and from the SIP port, the address to tell, time. Out: datagrams.
//! It may not decide who is answered: that is [`Enrolment::handle_pnp`](crate::Enrolment::handle_pnp). The shape is the
//! one that every published answer has in common (RFC 3265 with the `ua-profile` event of RFC 6080).

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use bytes::Bytes;
use centrale_sip::flow::Transport;
use centrale_sip::message::{
    HeaderName, MAGIC_COOKIE, Message, Method, NameAddr, Request, Response, SipUri, Status, Uri, Via, scan_datagram,
};
use rand::CryptoRng;

use crate::enrolment::PnpHeard;
use crate::recognise::PnpClaim;

/// Waits after the first, second and third NOTIFY; after the last the phone is given up. It asks again when it boots.
const WAITS: [Duration; 3] = [Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(2)];
/// How many phones are being told at once. An office's phones boot together after a power cut.
const MAX_PENDING: usize = 512;
/// What phones accept, and what is sent to one that does not say (every phone seen says this).
const CONTENT_TYPE: &str = "application/url";

/// A PnP packet that was read.
#[derive(Debug, Clone)]
pub struct Subscribe {
    request: Request,
    claim: PnpClaim,
}

impl Subscribe {
    /// Reads a datagram. `None` when it is anything else than a whole SUBSCRIBE for `ua-profile` with a MAC address.
    pub fn read(datagram: &Bytes) -> Option<Self> {
        let message = scan_datagram(datagram).ok()?;
        message.validate().ok()?;
        match message {
            Message::Request(request) => Self::of(request),
            Message::Response(_) => None,
        }
    }

    /// The same from a request that was already read.
    pub fn of(request: Request) -> Option<Self> {
        let event = request.headers.text(&HeaderName::Event).filter(|_| request.method == Method::SUBSCRIBE)?;
        let Uri::Sip(uri) = &request.uri else { return None };
        let claim = PnpClaim::read(&uri.user_text()?, &event)?;
        Some(Self { request, claim })
    }

    /// What was heard, for [`Enrolment::handle_pnp`](crate::Enrolment::handle_pnp). `source` is where the datagram came
    /// from, `local` our address on the interface that it came in on.
    pub fn heard(&self, source: IpAddr, local: IpAddr) -> PnpHeard {
        PnpHeard { claim: self.claim.clone(), source: source.to_canonical(), local: local.to_canonical() }
    }

    fn ok(&self, source: SocketAddr, local: SocketAddr, tag: &str) -> Response {
        let mut response = self.request.tagged_response(Status::OK, tag);
        response.headers.note_source(source);
        response.headers.push(HeaderName::Contact, format!("<{}>", SipUri::at(None, local, Transport::Udp)));
        response.headers.push(HeaderName::Expires, "0");
        response
    }

    fn notify(&self, local: SocketAddr, tag: &str, branch: &str, url: &str) -> Option<Request> {
        let headers = &self.request.headers;
        let (to, from) = (headers.from().ok()?, headers.to().ok()?);
        let mut notify = Request::new(Method::NOTIFY, self.contact().unwrap_or_else(|| to.uri.clone()));
        let ours = &mut notify.headers;
        ours.push(HeaderName::Via, Via::ours(Transport::Udp, local, branch).to_string());
        ours.push(HeaderName::MaxForwards, "70");
        ours.push(HeaderName::From, from.tagged(tag).to_string());
        ours.push(HeaderName::To, to.to_string());
        ours.push(HeaderName::CallId, headers.call_id().ok()?.to_owned());
        // Some answers count from 1, some from the SUBSCRIBE's own; phones take either.
        ours.push(HeaderName::CSeq, "2 NOTIFY");
        ours.push(HeaderName::Contact, format!("<{}>", SipUri::at(None, local, Transport::Udp)));
        ours.push(HeaderName::Event, "ua-profile;effective-by=0");
        ours.push(HeaderName::SubscriptionState, "terminated;reason=timeout");
        ours.push(HeaderName::ContentType, self.accepted());
        notify.body = url.to_owned().into();
        Some(notify)
    }

    fn contact(&self) -> Option<Uri> {
        let first = self.request.headers.addresses(&HeaderName::Contact).ok()?.into_iter().next();
        first.map(|contact: NameAddr| contact.uri)
    }

    /// Where the NOTIFY goes: to the port in the Contact when that is the sender itself, else where the packet came
    /// from. Never to a third party that a packet names.
    fn destination(&self, source: SocketAddr) -> SocketAddr {
        let contact = self.contact();
        let own = contact.as_ref().and_then(Uri::as_sip).filter(|uri| uri.host.ip() == Some(source.ip()));
        own.map_or(source, |uri| SocketAddr::new(source.ip(), uri.port.unwrap_or(5060)))
    }

    fn accepted(&self) -> String {
        let first = self.request.headers.items(&HeaderName::Accept).into_iter().next().unwrap_or_default();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'.' | b'+');
        let usable = first.len() <= 64 && first.split('/').count() == 2 && first.bytes().all(plain);
        if usable { first } else { CONTENT_TYPE.to_owned() }
    }
}

/// A datagram to send from the SIP port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Datagram {
    /// Where to.
    pub to: SocketAddr,
    /// What.
    pub bytes: Bytes,
}

/// The phones that were told and have not confirmed.
#[derive(Debug, Default)]
pub struct Notifier {
    pending: VecDeque<Pending>,
}

#[derive(Debug)]
struct Pending {
    branch: String,
    datagram: Datagram,
    due: Instant,
    /// Which of [`WAITS`] runs.
    wait: usize,
}

impl Notifier {
    /// Tells a phone an address: the datagrams to send now. `source` is where its packet came from, `local` our SIP
    /// address on that network. Nothing when its headers do not suffice to answer it.
    pub fn answer(
        &mut self,
        now: Instant,
        subscribe: &Subscribe,
        source: SocketAddr,
        local: SocketAddr,
        url: &str,
        rng: &mut impl CryptoRng,
    ) -> Vec<Datagram> {
        let (tag, branch) = (format!("{:016x}", rng.next_u64()), format!("{MAGIC_COOKIE}pnp{:016x}", rng.next_u64()));
        let Some(notify) = subscribe.notify(local, &tag, &branch, url) else { return Vec::new() };
        let ok = Datagram { to: source, bytes: subscribe.ok(source, local, &tag).to_bytes() };
        let datagram = Datagram { to: subscribe.destination(source), bytes: notify.to_bytes() };
        if self.pending.len() >= MAX_PENDING {
            self.pending.pop_front();
        }
        self.pending.push_back(Pending { branch, datagram: datagram.clone(), due: now + WAITS[0], wait: 0 });
        vec![ok, datagram]
    }

    /// A response on the SIP port. Whether it belongs to one of our NOTIFYs: then nobody else wants it.
    pub fn handle_response(&mut self, response: &Response) -> bool {
        let Ok(via) = response.headers.top_via() else { return false };
        let Some(branch) = via.branch().filter(|branch| branch.starts_with(&format!("{MAGIC_COOKIE}pnp"))) else {
            return false;
        };
        if response.status.is_final() {
            self.pending.retain(|pending| pending.branch != branch);
        }
        true
    }

    /// The same for a datagram that nobody has read yet. Anything but a response is not ours.
    pub fn handle_datagram(&mut self, datagram: &Bytes) -> bool {
        match scan_datagram(datagram) {
            Ok(Message::Response(response)) => self.handle_response(&response),
            _ => false,
        }
    }

    /// When [`handle_timeout`](Self::handle_timeout) has something to do.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.pending.iter().map(|pending| pending.due).min()
    }

    /// What to send again.
    pub fn handle_timeout(&mut self, now: Instant) -> Vec<Datagram> {
        let mut again = Vec::new();
        self.pending.retain_mut(|pending| {
            if pending.due > now {
                return true;
            }
            pending.wait += 1;
            again.push(pending.datagram.clone());
            match WAITS.get(pending.wait) {
                Some(wait) => pending.due += *wait,
                None => return false,
            }
            true
        });
        again
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    const CAPTURED: &str = "SUBSCRIBE sip:MAC001565f4f9e1@224.0.1.75 SIP/2.0\r\n\
        Via: SIP/2.0/UDP 10.1.3.239:5059;branch=z9hG4bK1536537630\r\n\
        From: <sip:MAC001565f4f9e1@224.0.1.75>;tag=1536537630\r\n\
        To: <sip:MAC001565f4f9e1@224.0.1.75>\r\n\
        Call-ID: 1536537630@10.1.3.239\r\n\
        CSeq: 1 SUBSCRIBE\r\n\
        Contact: <sip:MAC001565f4f9e1@10.1.3.239:5059>\r\n\
        Max-Forwards: 70\r\n\
        User-Agent: Yealink W52P 25.81.0.10\r\n\
        Expires: 0\r\n\
        Event: ua-profile;profile-type=\"device\";vendor=\"yealink\";model=\"W52P\";version=\"25.81.0.10\"\r\n\
        Accept: application/url\r\n\
        Content-Length: 0\r\n\r\n";
    const URL: &str = "http://10.1.3.2:8080/b/0123456789abcdef0123456789abcdef/";

    fn read(text: &str) -> Option<Subscribe> {
        Subscribe::read(&Bytes::copy_from_slice(text.as_bytes()))
    }

    fn told(notifier: &mut Notifier, text: &str, now: Instant) -> Vec<Datagram> {
        let source = "10.1.3.239:5059".parse().unwrap();
        let local = "10.1.3.2:5060".parse().unwrap();
        notifier.answer(now, &read(text).unwrap(), source, local, URL, &mut StdRng::seed_from_u64(3))
    }

    fn message(datagram: &Datagram) -> Message {
        let message = scan_datagram(&datagram.bytes).unwrap();
        message.validate().unwrap();
        message
    }

    #[test]
    fn a_captured_packet_is_answered_in_the_shape_that_phones_take() {
        let datagrams = told(&mut Notifier::default(), CAPTURED, Instant::now());
        let [Message::Response(ok), Message::Request(notify)] = [&datagrams[0], &datagrams[1]].map(message) else {
            panic!("a response, then a request");
        };
        assert_eq!(
            datagrams.iter().map(|datagram| datagram.to.to_string()).collect::<Vec<_>>(),
            ["10.1.3.239:5059"; 2]
        );
        assert_eq!(ok.status, Status::OK);
        let tag = ok.headers.to().unwrap().tag().unwrap().to_owned();
        for (name, value) in [
            (HeaderName::CallId, "1536537630@10.1.3.239"),
            (HeaderName::CSeq, "1 SUBSCRIBE"),
            (HeaderName::Expires, "0"),
            (HeaderName::Contact, "<sip:10.1.3.2:5060>"),
        ] {
            assert_eq!(ok.headers.text(&name).unwrap(), value);
        }
        assert_eq!(ok.headers.top_via().unwrap().branch(), Some("z9hG4bK1536537630"));

        assert_eq!(notify.method, Method::NOTIFY);
        assert_eq!(notify.uri.to_string(), "sip:MAC001565f4f9e1@10.1.3.239:5059");
        assert_eq!(notify.headers.from().unwrap().tag(), Some(tag.as_str()), "the dialog is the one of the 200");
        assert_eq!(notify.headers.to().unwrap().tag(), Some("1536537630"));
        for (name, value) in [
            (HeaderName::CallId, "1536537630@10.1.3.239"),
            (HeaderName::CSeq, "2 NOTIFY"),
            (HeaderName::Event, "ua-profile;effective-by=0"),
            (HeaderName::SubscriptionState, "terminated;reason=timeout"),
            (HeaderName::ContentType, "application/url"),
            (HeaderName::ContentLength, &URL.len().to_string()),
        ] {
            assert_eq!(notify.headers.text(&name).unwrap(), value);
        }
        assert_eq!(notify.body, URL.as_bytes());
    }

    #[test]
    fn the_notify_is_repeated_until_the_phone_confirms_it() {
        let start = Instant::now();
        let mut notifier = Notifier::default();
        let datagrams = told(&mut notifier, CAPTURED, start);
        let Message::Request(notify) = message(&datagrams[1]) else { panic!("a NOTIFY") };
        let mut sent = Vec::new();
        while let Some(due) = notifier.poll_timeout().filter(|_| sent.len() < 2) {
            sent.extend(notifier.handle_timeout(due).into_iter().map(|datagram| (due - start, datagram)));
        }
        let again = |millis| (Duration::from_millis(millis), datagrams[1].clone());
        assert_eq!(sent, [again(500), again(1500)]);
        assert!(!notifier.handle_datagram(&datagrams[1].bytes), "only a response confirms");
        assert!(notifier.handle_datagram(&notify.response(Status::OK).to_bytes()));
        assert_eq!(notifier.poll_timeout(), None, "and no more after that");
    }

    #[test]
    fn a_phone_that_never_confirms_is_given_up_after_the_third_time() {
        let start = Instant::now();
        let mut notifier = Notifier::default();
        told(&mut notifier, CAPTURED, start);
        let mut times = Vec::new();
        while let Some(due) = notifier.poll_timeout() {
            times.extend(notifier.handle_timeout(due).iter().map(|_| (due - start).as_millis()));
        }
        assert_eq!(times, [500, 1500, 3500]);
    }

    #[test]
    fn the_address_never_goes_to_a_third_party() {
        let text =
            CAPTURED.replace("Contact: <sip:MAC001565f4f9e1@10.1.3.239:5059>", "Contact: <sip:victim@10.1.3.77:5060>");
        let datagrams = told(&mut Notifier::default(), &text, Instant::now());
        assert_eq!(datagrams[1].to.to_string(), "10.1.3.239:5059");
    }

    #[test]
    fn other_messages_are_none_of_our_business() {
        let others = [
            CAPTURED.replace("Event: ua-profile", "Event: message-summary"),
            CAPTURED.replace("MAC001565f4f9e1@", "anna@"),
            CAPTURED.replace("SUBSCRIBE", "NOTIFY"),
            CAPTURED.replace("Call-ID: 1536537630@10.1.3.239\r\n", ""),
            "garbage".to_owned(),
            String::new(),
        ];
        for text in others {
            assert!(read(&text).is_none(), "{text}");
        }
        assert!(read(&CAPTURED.replace("MAC001565f4f9e1@", "MAC%3a001565f4f9e1@")).is_some());
    }
}
