//! Whoever sits at the page: sets the box up with its code and opens the pairing window, as an administrator would.

use std::net::{IpAddr, Ipv4Addr};

use centrale_sim::desk::{TlsClient, TlsVersion};
use rand::RngExt as _;
use serde_json::{Value, json};

use crate::web::{Answer, Question, ask};

/// Letters and digits that nobody takes for another.
const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
/// Minutes for which phones are taken in.
const WINDOW: u16 = 15;

/// A session on the page.
#[derive(Debug)]
pub(crate) struct Administrator {
    page: String,
    cookie: String,
    csrf: String,
}

impl Administrator {
    /// Sets a password on the box whose page is there, with the code that it showed.
    ///
    /// # Errors
    /// The box does not answer, or refuses.
    pub(crate) async fn set_up(page: &str, code: &str, password: &str) -> std::io::Result<Self> {
        let body = json!({ "code": code, "password": password, "language": "nl" });
        let answer = send(format!("{page}/api/v1/setup"), Vec::new(), &body).await?;
        let cookie = answer.header("set-cookie").and_then(|cookie| cookie.split(';').next());
        let session: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        match (cookie, session["csrf"].as_str()) {
            (Some(cookie), Some(csrf)) => {
                Ok(Self { page: page.to_owned(), cookie: cookie.to_owned(), csrf: csrf.to_owned() })
            }
            _ => Err(std::io::Error::other(format!("the box was not set up: {}", answer.status))),
        }
    }

    /// Opens the pairing window.
    ///
    /// # Errors
    /// The box does not answer, or refuses.
    pub(crate) async fn open_window(&self) -> std::io::Result<()> {
        let headers = vec![("Cookie", self.cookie.clone()), ("X-Centrale-CSRF", self.csrf.clone())];
        let url = format!("{}/api/v1/pairing-window", self.page);
        let answer = send(url, headers, &json!({ "minutes": WINDOW })).await?;
        let refused = || std::io::Error::other(format!("the pairing window was not opened: {}", answer.status));
        (answer.status == 200).then_some(()).ok_or_else(refused)
    }
}

async fn send(url: String, mut headers: Vec<(&'static str, String)>, body: &Value) -> std::io::Result<Answer> {
    headers.push(("Content-Type", "application/json".to_owned()));
    let question = Question { method: "POST", url, headers, body: body.to_string() };
    ask(IpAddr::V4(Ipv4Addr::UNSPECIFIED), &question, &browser()).await.map_err(std::io::Error::other)
}

/// Somebody who goes on when the browser warns of an unknown certificate: it is this machine's own box.
const fn browser() -> TlsClient {
    TlsClient {
        version: TlsVersion::V1_2,
        elliptic: true,
        trusted: Vec::new(),
        trusts_everybody: true,
        checks_name: false,
        believes: 0,
        certificate: None,
    }
}

/// A password that can be read aloud: three times four letters.
pub(crate) fn new_password() -> String {
    let mut rng = rand::rng();
    let mut letter = || char::from(LETTERS[rng.random_range(0..LETTERS.len())]);
    let mut group = || (0..4).map(|_| letter()).collect::<String>();
    [group(), group(), group()].join("-")
}
