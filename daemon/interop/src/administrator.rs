//! Whoever sits at the page: sets the box up with its code, clicks, and reads what it shows.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::curl::{Answer, Curl};
use crate::transcript::PATIENCE;
use crate::{Failure, Place, Result};

const PASSWORD: &str = "a password with enough characters";

/// A session on the page.
#[derive(Debug)]
pub struct Administrator {
    place: Place,
    page: String,
    /// The cookies, in curl's own form.
    cookie: String,
    csrf: String,
}

impl Administrator {
    /// Sets up the box whose page is at `page` with the code that it printed, from `place`.
    ///
    /// # Errors
    /// When the box refuses.
    pub fn set_up(place: &Place, page: SocketAddr, code: &str) -> Result<Administrator> {
        let body = json!({ "code": code, "password": PASSWORD, "language": "nl" });
        Administrator::let_in(place, page, "setup", &body)
    }

    /// Logs in from `place` at a box that was set up, as its first owner.
    ///
    /// # Errors
    /// When the box refuses.
    pub fn log_in(place: &Place, page: SocketAddr) -> Result<Administrator> {
        Administrator::log_in_with(place, page, PASSWORD)
    }

    /// The same with a password that somebody else chose.
    ///
    /// # Errors
    /// Likewise.
    pub(crate) fn log_in_with(place: &Place, page: SocketAddr, password: &str) -> Result<Administrator> {
        Administrator::let_in(place, page, "session", &json!({ "password": password }))
    }

    fn let_in(place: &Place, page: SocketAddr, path: &str, body: &Value) -> Result<Administrator> {
        let page = format!("https://{page}");
        let request = Curl::get(place, &format!("{page}/api/v1/{path}")).trusting_anybody().json(body);
        // Written to standard output, before the body: one cookie is the session's.
        let answer = request.showing_head().send()?;
        let (head, body) = answer.body.split_once("\r\n\r\n").unwrap_or_default();
        let mut cookies = head.lines().filter_map(|line| line.strip_prefix("set-cookie: ")?.split(';').next());
        let cookie = cookies.find(|cookie| cookie.starts_with("centrale_session="));
        let session: Value = serde_json::from_str(body).unwrap_or_default();
        match (cookie, session["csrf"].as_str()) {
            (Some(cookie), Some(csrf)) => {
                Ok(Administrator { place: place.clone(), page, cookie: cookie.to_owned(), csrf: csrf.to_owned() })
            }
            _ => Err(Failure::Unexpected(format!("nobody is let in: {} {body}", answer.status))),
        }
    }

    /// What opens the page: the password, the session's cookie, and what goes with each of its changes.
    #[must_use]
    pub fn secrets(&self) -> [&str; 3] {
        [PASSWORD, self.cookie.split('=').nth(1).unwrap_or_default(), &self.csrf]
    }

    /// What the box answers to a GET, as it came.
    ///
    /// # Errors
    /// When it is anything but a 200.
    pub fn read_text(&self, path: &str) -> Result<String> {
        match self.request(path).send()? {
            Answer { status: 200, body, .. } => Ok(body),
            Answer { status, body, .. } => {
                Err(Failure::Unexpected(format!("{path} was answered with {status} {body}")))
            }
        }
    }

    /// What the box answers to a GET.
    ///
    /// # Errors
    /// When it is anything but JSON with a 200.
    pub fn read(&self, path: &str) -> Result<Value> {
        parse(path, self.request(path).send()?)
    }

    /// Does something, with the password where the box asks for a proof, and returns what the box says of it.
    ///
    /// # Errors
    /// When it refuses.
    pub fn write(&self, method: &str, path: &str, body: &Value) -> Result<Value> {
        let answer = self.change(method, path).json(body).send()?;
        if answer.status != 403 || !answer.body.contains("\"proof-needed\"") {
            return parse(path, answer);
        }
        let proving = self.change("POST", "session/proof").json(&json!({ "password": PASSWORD }));
        let given = parse("session/proof", proving.send()?)?;
        let proof = given["proof"].as_str().unwrap_or_default();
        parse(path, self.change(method, path).header("X-Centrale-Proof", proof).json(body).send()?)
    }

    /// Opens the pairing window, or opens it anew.
    ///
    /// # Errors
    /// As `write`.
    pub fn open_window(&self) -> Result<()> {
        self.write("POST", "pairing-window", &json!({ "minutes": 15 })).map(drop)
    }

    /// Closes it.
    ///
    /// # Errors
    /// As `write`.
    pub fn close_window(&self) -> Result<()> {
        self.write("DELETE", "pairing-window", &json!({})).map(drop)
    }

    /// Says whose a phone is.
    ///
    /// # Errors
    /// As `write`.
    pub fn adopt(&self, mac: &str, person: &str) -> Result<()> {
        self.write("POST", &format!("devices/{mac}/adopt"), &json!({ "person": person })).map(drop)
    }

    /// How often the box has counted this.
    ///
    /// # Errors
    /// As `read`.
    pub fn count(&self, counter: &str) -> Result<u64> {
        let counters = self.read("counters")?;
        let all = counters["counters"].as_array().map(Vec::as_slice).unwrap_or_default();
        Ok(all.iter().find(|one| one["name"] == counter).and_then(|one| one["value"].as_u64()).unwrap_or(0))
    }

    /// The page shows counters of a second ago: waits until it has counted this so many times.
    ///
    /// # Errors
    /// When it does not within 20 s.
    pub(crate) fn wait_to_count(&self, counter: &str, times: u64) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while self.count(counter)? < times {
            if Instant::now() > deadline {
                return Err(Failure::Unexpected(format!("the page does not count {times} of {counter}")));
            }
        }
        Ok(())
    }

    /// Waits until the page shows what `wanted` looks for, told in `words`; returns everything it shows then.
    ///
    /// # Errors
    /// When it does not within 20 s.
    pub fn wait_to_see(&self, words: &str, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        self.wait_to_see_within(PATIENCE, words, wanted)
    }

    /// The same with another patience.
    ///
    /// # Errors
    /// When it does not within `patience`.
    pub(crate) fn wait_to_see_within(
        &self,
        patience: Duration,
        words: &str,
        wanted: impl Fn(&Value) -> bool,
    ) -> Result<Value> {
        let deadline = Instant::now() + patience;
        loop {
            let mut events = self.request("events").follow()?;
            let line = events.wait_for("data: ")?;
            let live: Value = serde_json::from_str(line.trim_start_matches("data: ")).unwrap_or_default();
            if wanted(&live) {
                return Ok(live);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left == Duration::ZERO || events.wait_for_any_within(left, &["event: "]).is_err() {
                return Err(Failure::Unexpected(format!("the page does not show {words}: {live}")));
            }
        }
    }

    /// Waits for a problem on the page.
    ///
    /// # Errors
    /// As `wait_to_see`.
    pub fn wait_for_problem(&self, code: &str, subject: &str) -> Result<()> {
        let shown = |live: &Value| {
            let problems = live["problems"].as_array().map(Vec::as_slice).unwrap_or_default();
            problems.iter().any(|problem| problem["code"] == code && problem["subject"] == subject)
        };
        self.wait_to_see(&format!("{code} of '{subject}'"), shown).map(drop)
    }

    /// Waits until a phone's card is in `state`, with `reason` when there is to be one.
    ///
    /// # Errors
    /// As `wait_to_see`.
    pub fn wait_for_device(&self, mac: &str, state: &str, reason: Option<&str>) -> Result<()> {
        let shown = |live: &Value| {
            let devices = live["devices"].as_array().map(Vec::as_slice).unwrap_or_default();
            let mut ours = devices.iter().filter(|device| device["mac"] == mac);
            ours.any(|device| device["state"] == state && device["reason"].as_str() == reason)
        };
        self.wait_to_see(&format!("{mac} as {state} because of {reason:?}"), shown).map(drop)
    }

    fn change(&self, method: &str, path: &str) -> Curl {
        self.request(path).method(method).header("X-Centrale-CSRF", &self.csrf)
    }

    fn request(&self, path: &str) -> Curl {
        let url = format!("{}/api/v1/{path}", self.page);
        Curl::get(&self.place, &url).trusting_anybody().header("Cookie", &self.cookie)
    }
}

fn parse(path: &str, Answer { status, body, .. }: Answer) -> Result<Value> {
    match status {
        204 => Ok(Value::Null),
        200..=299 if body.is_empty() => Ok(Value::Null),
        200..=299 => serde_json::from_str(&body)
            .map_err(|error| Failure::Unexpected(format!("{path} was answered with {body}: {error}"))),
        _ => Err(Failure::Unexpected(format!("{path} was refused: {status} {body}"))),
    }
}
