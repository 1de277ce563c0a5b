//! Session timers (RFC 4028): a call whose other end died is noticed and ended.

use std::time::Duration;

use centrale_sip::message::{HeaderName, Headers, Params, Request, Response};

/// The interval we propose, seconds (RFC 4028 4.2 recommends 1800).
pub(crate) const PROPOSED: u32 = 1800;
/// The shortest interval we take, seconds (RFC 4028 5: 90).
pub(crate) const SHORTEST: u32 = 90;
/// The longest interval that a peer may demand, seconds: a day.
pub(crate) const LONGEST: u32 = 86_400;

/// Who refreshes a leg's session, and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SessionTimer {
    /// Seconds after which a session that was not refreshed is dead.
    pub(crate) interval: u32,
    /// Whether we refresh.
    pub(crate) ours: bool,
    /// Whether the peer spoke of session timers, so that our answers speak of them too.
    pub(crate) spoken: bool,
}

impl SessionTimer {
    /// As the server of a request. Too short an interval from a peer that knows session timers is an error: the value for Min-SE.
    /// One that does not know them could not do anything about a refusal (RFC 4028 9), and one whose Min-SE is beyond any bound
    /// may be answered nothing shorter: both are told of no timer, and we keep our own.
    pub(crate) fn of_request(request: &Request) -> Result<Self, u32> {
        let supports = request.headers.has_token(&HeaderName::Supported, "timer");
        let Some((interval, refresher)) = session_expires(&request.headers) else {
            return Ok(Self { interval: PROPOSED, ours: !supports, spoken: supports });
        };
        let least = request.headers.number(&HeaderName::MinSe).ok().flatten().unwrap_or_default();
        if interval < SHORTEST && supports {
            return Err(SHORTEST);
        }
        if interval < SHORTEST || least > LONGEST {
            return Ok(Self { interval: PROPOSED, ours: true, spoken: false });
        }
        let ours = refresher.map_or(!supports, |refresher| refresher == Refresher::Server);
        Ok(Self { interval: interval.min(LONGEST), ours, spoken: true })
    }

    /// As the client, from the 2xx to a request that proposed this interval. A peer that says nothing of it is refreshed by us,
    /// and so is one that would refresh more seldom than we hold a session for alive.
    pub(crate) fn of_response(response: &Response, proposed: u32) -> Self {
        match session_expires(&response.headers) {
            Some((interval, refresher)) => {
                let ours = refresher != Some(Refresher::Server) || interval > LONGEST;
                Self { interval: interval.clamp(SHORTEST, LONGEST), ours, spoken: true }
            }
            None => Self { interval: proposed, ours: true, spoken: false },
        }
    }

    /// A peer refused the interval as too short (422): the one it can live with is taken. False when it names none that is
    /// longer.
    pub(crate) fn lengthen(&mut self, refusal: &Response) -> bool {
        let shortest = refusal.headers.number(&HeaderName::MinSe).ok().flatten().unwrap_or_default();
        let longer = shortest > self.interval && shortest <= LONGEST;
        if longer {
            self.interval = shortest;
        }
        longer
    }

    /// When we refresh: at half the interval (RFC 4028 10).
    pub(crate) fn refresh_in(&self) -> Duration {
        Duration::from_secs((self.interval / 2).into())
    }

    /// When a session ends that nobody refreshed: a little before the interval is over (RFC 4028 10).
    pub(crate) fn expires_in(&self) -> Duration {
        Duration::from_secs((self.interval - (self.interval / 3).min(32)).into())
    }

    /// Writes it into our 2xx to the peer.
    pub(crate) fn write_into(&self, response: &mut Response) {
        if self.spoken {
            let refresher = if self.ours { "uas" } else { "uac" };
            response.headers.set(HeaderName::SessionExpires, format!("{};refresher={refresher}", self.interval));
            if !self.ours {
                response.headers.push(HeaderName::Require, "timer");
            }
        }
    }
}

/// Writes what is agreed into a request of ours within a dialog.
pub(crate) fn propose(request: &mut Request, timer: &SessionTimer) {
    let refresher = if timer.ours { "uac" } else { "uas" };
    write(request, timer.interval, &format!("{};refresher={refresher}", timer.interval));
}

/// Writes a proposal into a request that begins a dialog: who refreshes is the called end's to say.
pub(crate) fn propose_anew(request: &mut Request, interval: u32) {
    write(request, interval, &interval.to_string());
}

fn write(request: &mut Request, interval: u32, value: &str) {
    // Longer than what we propose by ourselves is what a peer asked for: nothing shorter may come of it (RFC 4028 7.4).
    let shortest = if interval > PROPOSED { interval } else { SHORTEST };
    request.headers.set(HeaderName::Supported, "timer");
    request.headers.set(HeaderName::SessionExpires, value.to_owned());
    request.headers.set(HeaderName::MinSe, shortest.to_string());
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refresher {
    Client,
    Server,
}

fn session_expires(headers: &Headers) -> Option<(u32, Option<Refresher>)> {
    let interval = headers.number(&HeaderName::SessionExpires).ok()??;
    let text = headers.text(&HeaderName::SessionExpires)?;
    let params = text.split_once(';').and_then(|(_, params)| Params::parse(&format!(";{params}"))).unwrap_or_default();
    let refresher = match params.value("refresher") {
        Some("uac") => Some(Refresher::Client),
        Some("uas") => Some(Refresher::Server),
        _ => None,
    };
    Some((interval, refresher))
}

#[cfg(test)]
mod tests {
    use centrale_sip::message::{Method, Uri};

    use super::*;

    fn invite(fields: &[(HeaderName, &'static str)]) -> Request {
        let mut request = Request::new(Method::INVITE, Uri::parse("sip:202@box").unwrap());
        fields.iter().for_each(|(name, value)| request.headers.push(name.clone(), *value));
        request
    }

    #[test]
    fn a_phone_that_wants_to_refresh_does_so_and_one_that_cannot_is_refreshed() {
        let willing = invite(&[(HeaderName::Supported, "timer"), (HeaderName::SessionExpires, "600")]);
        let timer = SessionTimer::of_request(&willing).unwrap();
        assert_eq!((timer.ours, timer.expires_in()), (false, Duration::from_secs(568)));
        let silent = SessionTimer::of_request(&invite(&[])).unwrap();
        assert_eq!((silent.ours, silent.spoken, silent.refresh_in()), (true, false, Duration::from_secs(900)));
        let asking = invite(&[(HeaderName::Supported, "timer"), (HeaderName::SessionExpires, "600;refresher=uas")]);
        assert!(SessionTimer::of_request(&asking).unwrap().ours);
    }

    #[test]
    fn too_short_an_interval_is_told_the_minimum_where_that_is_understood() {
        let expires = (HeaderName::SessionExpires, "30");
        let knows = invite(&[(HeaderName::Supported, "timer"), expires]);
        assert_eq!(SessionTimer::of_request(&knows), Err(90));
        for refresher in ["30", "30;refresher=uac", "30;refresher=uas"] {
            let timer = SessionTimer::of_request(&invite(&[(HeaderName::SessionExpires, refresher)])).unwrap();
            assert_eq!(timer, SessionTimer { interval: PROPOSED, ours: true, spoken: false }, "{refresher}");
        }
    }

    #[test]
    fn no_peer_keeps_a_session_alive_for_longer_than_a_day() {
        for expires in ["86401", "4294967295"] {
            let asked = invite(&[(HeaderName::Supported, "timer"), (HeaderName::SessionExpires, expires)]);
            let timer = SessionTimer::of_request(&asked).unwrap();
            assert_eq!(timer, SessionTimer { interval: LONGEST, ours: false, spoken: true }, "{expires}");
        }
        let mut demanding = invite(&[(HeaderName::Supported, "timer"), (HeaderName::SessionExpires, "90000")]);
        demanding.headers.push(HeaderName::MinSe, "90000");
        let timer = SessionTimer::of_request(&demanding).unwrap();
        assert_eq!(timer, SessionTimer { interval: PROPOSED, ours: true, spoken: false }, "nothing below its Min-SE");
        let mut response = invite(&[]).response(centrale_sip::message::Status::OK);
        response.headers.push(HeaderName::SessionExpires, "4294967295;refresher=uas");
        let timer = SessionTimer::of_response(&response, PROPOSED);
        assert_eq!(timer, SessionTimer { interval: LONGEST, ours: true, spoken: true });
    }

    #[test]
    fn the_called_end_decides_who_refreshes() {
        let mut response = invite(&[]).response(centrale_sip::message::Status::OK);
        assert!(SessionTimer::of_response(&response, PROPOSED).ours);
        response.headers.push(HeaderName::SessionExpires, "1800;refresher=uas");
        assert!(!SessionTimer::of_response(&response, PROPOSED).ours);
    }
}
