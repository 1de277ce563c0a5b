//! What an agent says and understands of media.

use std::fmt::Write as _;

use centrale_sip::message::{HeaderName, Request, Response};
use centrale_sip::sdp::{AudioView, CONTENT_TYPE, Direction, Session};

use super::Agent;
use super::line::{Line, LineKey};

impl Agent {
    /// Its description as it stands now. `answers` is what it answers to, if it does.
    pub(super) fn description(&self, line: &Line, answers: Option<&AudioView>) -> String {
        let ip = self.place.inside.ip();
        let nowhere = self.character.old_hold && !line.direction.receives();
        let family = if ip.is_ipv4() { "IP4" } else { "IP6" };
        let listen = if nowhere { "0.0.0.0".to_owned() } else { ip.to_string() };
        let secure = answers.map_or(self.offers_srtp(), |offer| offer.profile.is_secure());
        let profile = if secure { "RTP/SAVP" } else { "RTP/AVP" };
        let mut text = format!("v=0\r\no=- {} {} IN {family} {ip}\r\n", 1000 + line.port, line.version);
        let _ = write!(text, "s={}\r\nc=IN {family} {listen}\r\nt=0 0\r\n", line.token);
        let many: String = (96..120).filter(|_| self.character.long_offer).map(|number| format!(" {number}")).collect();
        let _ = write!(text, "m=audio {} {profile} 8 127{many}\r\na=rtpmap:8 PCMA/8000\r\n", line.port);
        let _ = write!(text, "a=rtpmap:127 telephone-event/8000\r\na={}\r\n", line.direction);
        if self.character.long_offer {
            for number in 96..120 {
                let _ = write!(text, "a=rtpmap:{number} codec-{number}/8000\r\n");
            }
        }
        if secure {
            let _ = write!(text, "a=crypto:{}\r\n", line.voice.crypto(answers).to_value());
        }
        text
    }

    const fn offers_srtp(&self) -> bool {
        self.character.srtp && matches!(self.character.transport, centrale_sip::flow::Transport::Tls)
    }

    /// Whether it can answer an offer at all.
    pub(super) const fn can_answer(&self, offer: &AudioView) -> bool {
        !offer.refused && (!offer.profile.is_secure() || self.character.srtp)
    }

    pub(super) fn put_offer(&self, line: &Line, request: &mut Request) {
        request.set_body(CONTENT_TYPE, self.description(line, None));
    }

    pub(super) fn put_answer(&self, line: &Line, response: &mut Response) {
        response.headers.push(HeaderName::Contact, self.contact());
        response.headers.push(HeaderName::Allow, self.allow());
        response.set_body(CONTENT_TYPE, self.description(line, line.theirs.as_ref()));
    }

    /// Takes in what the other end said.
    pub(super) fn understand(&mut self, key: LineKey, body: &[u8]) {
        let Some(line) = self.lines.get_mut(&key) else { return };
        let Ok(session) = Session::parse(body) else { return };
        if let Some(view) = AudioView::of(&session) {
            line.ever_held |= view.is_on_hold();
            line.voice.agree(&view);
            line.theirs = Some(view);
        }
        // The caller's name for the session is the call's, at both ends.
        if !line.outgoing
            && let Some(name) = session.lines.iter().find(|one| one.letter == b's')
        {
            line.token = name.value.to_string();
        }
    }
}

/// The direction to answer with: no wider than theirs, and closed while we hold.
pub(super) fn answering_direction(ours: Direction, theirs: Option<&AudioView>) -> Direction {
    theirs.map_or(ours, |view| ours.and(view.direction.reversed()))
}
