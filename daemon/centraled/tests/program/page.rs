//! The page of a running box, as the program of whoever watches it asks it.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::thread::park_timeout;
use std::time::{Duration, Instant};

use rustls::{ClientConfig, ClientConnection, StreamOwned};
use serde_json::{Value, json};

use crate::running::{NEVER, Running};

/// A session of the owner's.
pub(crate) struct Page {
    at: SocketAddr,
    tls: Arc<ClientConfig>,
    cookie: String,
}

impl Page {
    /// Sets the box up, and stays logged in.
    pub(crate) fn set_up(running: &Running) -> Self {
        let store = running.store();
        let authority = store.secret("authority-certificate").unwrap().unwrap();
        let tls = centrale_net::client_config(Some(authority.reveal().as_bytes())).unwrap();
        let mut page = Self { at: running.page(), tls, cookie: String::new() };
        let code = store.new_setup_code().unwrap();
        let body = json!({ "code": code.reveal(), "password": "a password with enough characters", "language": "nl" });
        let (head, body) = page.ask("POST", "/api/v1/setup", &body.to_string());
        let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie: ")?.split(';').next());
        cookie.unwrap_or_else(|| panic!("{head} {body}")).clone_into(&mut page.cookie);
        page
    }

    /// How often the box has counted this; what was never met is left out there.
    pub(crate) fn count(&self, name: &str) -> u64 {
        let (head, body) = self.ask("GET", "/api/v1/counters", "");
        let answered: Value = serde_json::from_str(&body).unwrap_or_else(|_| panic!("{head} {body}"));
        let counters = answered["counters"].as_array().unwrap();
        counters.iter().find(|one| one["name"] == name).map_or(0, |one| one["value"].as_u64().unwrap())
    }

    /// Waits until it has counted more than that.
    pub(crate) fn wait_for_more(&self, name: &str, before: u64) {
        let started = Instant::now();
        while self.count(name) <= before {
            assert!(started.elapsed() < NEVER, "{name} is still {before}");
            // The box counts together once in a while.
            park_timeout(Duration::from_millis(100));
        }
    }

    /// Head and body of the answer.
    fn ask(&self, method: &str, path: &str, body: &str) -> (String, String) {
        let tls = ClientConnection::new(Arc::clone(&self.tls), self.at.ip().into()).unwrap();
        let mut stream = StreamOwned::new(tls, TcpStream::connect(self.at).unwrap());
        let (at, cookie, length) = (self.at, &self.cookie, body.len());
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\nCookie: {cookie}\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.to_owned(), body.to_owned())
    }
}
