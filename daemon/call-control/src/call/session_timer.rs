//! Session timers (RFC 4028): a call whose other end died is noticed and ended.

use std::time::Duration;

use centrale_sip::message::{HeaderName, Headers, Params, Request, Response};

/// The interval we propose, seconds (RFC 4028 4.2 recommends 1800).
pub(crate) const PROPOSED: u32 = 1800;
/// The shortest interval we take, seconds (RFC 4028 5: 90).
pub(crate) const SHORTEST: u32 = 90;

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
    pub(crate) fn of_request(request: &Request) -> Result<Self, u32> {
        let supports = request.headers.has_token(&HeaderName::Supported, "timer");
        let Some((interval, refresher)) = session_expires(&request.headers) else {
            return Ok(Self { interval: PROPOSED, ours: !supports, spoken: supports });
        };
        if interval < SHORTEST {
            return Err(SHORTEST);
        }
        let ours = refresher.map_or(!supports, |refresher| refresher == Refresher::Server);
        Ok(Self { interval, ours, spoken: true })
    }

    /// As the client, from the 2xx. A peer that says nothing of it is refreshed by us.
    pub(crate) fn of_response(response: &Response) -> Self {
        match session_expires(&response.headers) {
            Some((interval, refresher)) => {
                let ours = refresher != Some(Refresher::Server);
                Self { interval: interval.max(SHORTEST), ours, spoken: true }
            }
            None => Self { interval: PROPOSED, ours: true, spoken: false },
        }
    }

    /// When the next thing is due: our refresh at half the interval, or the end of a session that the peer did not refresh,
    /// a little before the interval is over (RFC 4028 10).
    pub(crate) fn due_in(&self) -> Duration {
        let seconds = if self.ours { self.interval / 2 } else { self.interval - (self.interval / 3).min(32) };
        Duration::from_secs(seconds.into())
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

/// Writes our proposal into a request of ours.
pub(crate) fn propose(request: &mut Request, timer: Option<&SessionTimer>) {
    let interval = timer.map_or(PROPOSED, |timer| timer.interval);
    let refresher = match timer {
        None => "",
        Some(timer) if timer.ours => ";refresher=uac",
        Some(_) => ";refresher=uas",
    };
    request.headers.set(HeaderName::Supported, "timer");
    request.headers.set(HeaderName::SessionExpires, format!("{interval}{refresher}"));
    request.headers.set(HeaderName::MinSe, SHORTEST.to_string());
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
        assert_eq!((timer.ours, timer.due_in()), (false, Duration::from_secs(568)));
        let silent = SessionTimer::of_request(&invite(&[])).unwrap();
        assert_eq!((silent.ours, silent.spoken, silent.due_in()), (true, false, Duration::from_secs(900)));
        let asking = invite(&[(HeaderName::Supported, "timer"), (HeaderName::SessionExpires, "600;refresher=uas")]);
        assert!(SessionTimer::of_request(&asking).unwrap().ours);
    }

    #[test]
    fn too_short_an_interval_is_told_the_minimum() {
        assert_eq!(SessionTimer::of_request(&invite(&[(HeaderName::SessionExpires, "30")])), Err(90));
    }

    #[test]
    fn the_called_end_decides_who_refreshes() {
        let mut response = invite(&[]).response(centrale_sip::message::Status::OK);
        assert!(SessionTimer::of_response(&response).ours);
        response.headers.push(HeaderName::SessionExpires, "1800;refresher=uas");
        assert!(!SessionTimer::of_response(&response).ours);
    }
}
