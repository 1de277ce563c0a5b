//! A box on a bench: a store in a folder of its own, an edge over it, and whoever asks.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, Response, StatusCode, header};
use centrale_config::{Country, Office, OfficeIdentity, Secret};
use centrale_http::{Door, Edge, HttpSettings, Makers, Peer, Surroundings, Wish};
use centrale_provisioning::enrolment::{BoxAddresses, ClientCertificate, SipTransport};
use centrale_provisioning::{Catalogue, Enrolment};
use centrale_store::{Author, FIRST_OWNER, Role, Standing, Store, Whence};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::{mpsc, watch};
use tower::ServiceExt as _;

/// Where the box is.
pub(crate) const BOX: &str = "192.168.1.2";
/// Where the administrator's browser is.
pub(crate) const DESK: &str = "192.168.1.50";
pub(crate) const CA_PEM: &str = "-----BEGIN CERTIFICATE-----\nQ2VudHJhbGUg\n-----END CERTIFICATE-----\n";

/// What owners, and who was invited, log in with.
pub(crate) const PASSWORD: &str = "paardebloem bij de deur";

/// How long somebody has had what was not set up just now.
pub(crate) const TWO_DAYS_MS: u64 = 2 * 24 * 3_600_000;

/// For a bench whose ports are not opened.
#[derive(Debug)]
struct NoCertificate;

impl ResolvesServerCert for NoCertificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        None
    }
}

/// Phones at 192.168.1.x have the MAC address 80:5e:c0:00:00:x, as a neighbour table would say; those at 192.168.2.x are
/// of a maker that nobody knows, aa:bb:cc:00:00:x.
fn neighbours(ip: IpAddr) -> Option<[u8; 6]> {
    match ip {
        IpAddr::V4(ip) => match ip.octets() {
            [192, 168, 1, last] => Some([0x80, 0x5e, 0xc0, 0, 0, last]),
            [192, 168, 2, last] => Some([0xaa, 0xbb, 0xcc, 0, 0, last]),
            _ => None,
        },
        IpAddr::V6(_) => None,
    }
}

/// The box is on 192.168.1.0/24, 192.168.2.0/24 and fd00:1::/64.
fn is_attached(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => matches!(ip.octets(), [192, 168, 1 | 2, _]),
        IpAddr::V6(ip) => matches!(ip.segments(), [0xfd00, 1, 0, 0, ..]),
    }
}

pub(crate) struct Bench {
    pub(crate) edge: Edge,
    pub(crate) store: Store,
    pub(crate) wishes: mpsc::Receiver<Wish>,
    /// What the exchange goes by: everything at once, unless a test holds it back.
    pub(crate) in_force: watch::Sender<u64>,
    /// The cookie and CSRF token of an administrator.
    pub(crate) admin: Option<(String, String)>,
    answers: Mutex<Vec<(String, String)>>,
    folder: TempDir,
}

impl Bench {
    /// A box that nobody has set up.
    pub(crate) async fn new() -> Self {
        Self::over(tempfile::tempdir().unwrap(), Arc::new(NoCertificate)).await
    }

    /// A box with an open session.
    pub(crate) async fn opened() -> Self {
        let mut bench = Self::new().await;
        bench.open_session().await;
        bench
    }

    /// The same, of an owner whose password is [`PASSWORD`].
    pub(crate) async fn owned() -> Self {
        let mut bench = Self::opened().await;
        let owner = bench.store.users().unwrap()[0].number;
        bench.store.replace_password(owner, &Secret::new(PASSWORD)).unwrap();
        bench.open_session().await;
        bench
    }

    pub(crate) async fn over(folder: TempDir, certificate: Arc<dyn ResolvesServerCert>) -> Self {
        let store = Store::open(folder.path()).unwrap();
        if store.office().unwrap().is_none() {
            let office = Office::empty(OfficeIdentity::assumed(Country::Netherlands));
            let author = Author { who: "test".into(), when_unix_ms: 0, why: "first start".into() };
            store.commit(&office, 0, author).unwrap();
        }
        let (_, office) = store.office().unwrap().unwrap();
        let addresses = BoxAddresses {
            name: None,
            http_port: 8080,
            https_port: 8443,
            sip_port: 5060,
            sip_tls_port: 5061,
            transport: SipTransport::Tls,
            srtp: true,
            realm: "centrale".into(),
            ntp: BOX.into(),
            ca_pem: CA_PEM.into(),
        };
        let catalogue = Arc::new(Catalogue::embedded().unwrap());
        let enrolment = Enrolment::new(Arc::clone(&catalogue), addresses, Arc::new(office));
        let settings = HttpSettings {
            bind: vec!["127.0.0.1".parse().unwrap()],
            names: &["centrale.local", "localhost"],
            https_port: 0,
            http_port: 0,
            certificate,
            firmware: folder.path().join("firmware"),
            makers: Makers::new(Arc::clone(&catalogue)),
            version: "0.0.0-test",
            sip_port: 5060,
        };
        let (wish, wishes) = mpsc::channel(64);
        let around = Surroundings { mac_of: neighbours, is_attached };
        let counters = Arc::new(|| vec![("sip-malformed".to_owned(), 7, "messages that nobody can read".to_owned())]);
        let (in_force, goes_by) = watch::channel(u64::MAX);
        let edge = Edge::new(settings, store.clone(), enrolment, wish, goes_by, around, counters).await.unwrap();
        Self { edge, store, wishes, in_force, admin: None, answers: Mutex::default(), folder }
    }

    /// The same box after a restart; sessions and all else in memory are gone.
    pub(crate) async fn restarted(self) -> Self {
        self.store.close();
        let Self { folder, edge, wishes, store, .. } = self;
        drop((edge, wishes, store));
        Self::over(folder, Arc::new(NoCertificate)).await
    }

    pub(crate) async fn open_session(&mut self) {
        self.admin = Some(self.session_as(FIRST_OWNER, Role::Owner, None).await);
    }

    /// The cookie and CSRF token of a user, who is made where there is none of that name.
    pub(crate) async fn session_as(&self, name: &str, role: Role, person: Option<&str>) -> (String, String) {
        let known = self.store.users().unwrap().into_iter().find(|user| user.name == name);
        let user = known.map_or_else(
            || {
                let standing = Standing { role, person: person.map(str::to_owned), ends_unix_ms: None };
                self.store.invite(name, standing, unix_ms()).unwrap().0
            },
            |user| user.number,
        );
        let whence = Whence { source: DESK.into(), agent: String::new() };
        let token = self.store.open_session(user, None, whence, unix_ms()).unwrap();
        let cookie = format!("centrale_session={}", token.reveal());
        let session = self.ask(get("/api/v1/session").header("cookie", &cookie)).await.json();
        (cookie, session["csrf"].as_str().unwrap().to_owned())
    }

    /// Gives the first owner a second factor, two days ago: the codes for a day without it, each good once.
    pub(crate) fn give_factor(&self) -> Vec<String> {
        let owner = self.store.users().unwrap()[0].number;
        let secret = self.store.begin_factor(owner).unwrap();
        let then = unix_ms() - TWO_DAYS_MS;
        let codes = self.store.confirm_factor(owner, &secret.code(centrale_store::step_at(then)), then).unwrap();
        codes.iter().map(|code| code.reveal().to_owned()).collect()
    }

    /// Asks as the administrator's page does, or as anybody when there is no session. What the box wants proven is proven
    /// with [`PASSWORD`], and asked once more where that is the password.
    pub(crate) async fn ask(&self, ask: Ask) -> Answer {
        let answer = self.ask_once(ask.clone()).await;
        if answer.status != StatusCode::FORBIDDEN || answer.code() != "proof-needed" {
            return answer;
        }
        let proven = self.ask_proving(ask, &serde_json::json!({ "password": PASSWORD })).await;
        if proven.status == StatusCode::FORBIDDEN { answer } else { proven }
    }

    /// The same with what shows that it is the user, asked for beforehand: what that is refused with is the answer then.
    pub(crate) async fn ask_proving(&self, ask: Ask, shown: &Value) -> Answer {
        let mut proving = post("/api/v1/session/proof").json(shown);
        proving.headers.extend(ask.headers.iter().filter(|(name, _)| name != "content-type").cloned());
        let given = self.ask_once(Ask { as_admin: ask.as_admin, source: ask.source.clone(), ..proving }).await;
        if given.status != StatusCode::OK {
            return given;
        }
        let proof = given.json()["proof"].as_str().unwrap().to_owned();
        self.ask_once(ask.header("x-centrale-proof", &proof)).await
    }

    /// The same without a proof.
    pub(crate) async fn ask_once(&self, ask: Ask) -> Answer {
        let path = format!("{} {}", ask.method, ask.path);
        let (parts, body) = self.ask_open(ask).await.into_parts();
        let body = to_bytes(body, 1 << 20).await.unwrap();
        let text = String::from_utf8_lossy(&body).into_owned();
        self.answers.lock().unwrap().push((path, text.clone()));
        Answer { status: parts.status, headers: parts.headers, text }
    }

    /// The same without waiting for the end of the answer.
    pub(crate) async fn ask_open(&self, ask: Ask) -> Response<Body> {
        let peer = Peer {
            door: ask.door,
            source: SocketAddr::new(ask.source.parse().unwrap(), 40_000),
            local: SocketAddr::new(BOX.parse().unwrap(), 8443),
            certificate: ClientCertificate::None,
        };
        let mut request = Request::builder().method(ask.method).uri(&ask.path).extension(peer);
        let plain = !ask.headers.iter().any(|(name, _)| name == "host");
        if plain {
            request = request.header("host", "192.168.1.2:8443");
        }
        for (name, value) in &ask.headers {
            request = request.header(name, value);
        }
        if let (Some((cookie, csrf)), true) = (&self.admin, ask.as_admin) {
            request = request.header("cookie", cookie).header("x-centrale-csrf", csrf);
        }
        let body = ask.body.map_or_else(Body::empty, Body::from);
        let router = if ask.door == Door::Https { self.edge.https_router() } else { self.edge.http_router() };
        router.oneshot(request.body(body).unwrap()).await.unwrap()
    }

    /// Every answer so far with what was asked.
    pub(crate) fn answers(&self) -> Vec<(String, String)> {
        self.answers.lock().unwrap().clone()
    }

    /// Lays a file into the folder with the phones' software.
    pub(crate) fn lay_firmware(&self, name: &str, content: &[u8]) -> std::path::PathBuf {
        let folder = self.folder.path().join("firmware");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(name), content).unwrap();
        folder.join(name)
    }

    /// Every secret of the office as it is now.
    pub(crate) fn secrets(&self) -> Vec<Secret> {
        let (_, office) = self.store.office().unwrap().unwrap();
        let people = office.people.iter().map(|person| person.sip_password.clone());
        people.chain(office.trunks.iter().map(|trunk| trunk.password.clone())).collect()
    }

    /// Everything that was wished since the last time.
    pub(crate) fn wished(&mut self) -> Vec<Wish> {
        std::iter::from_fn(|| self.wishes.try_recv().ok()).collect()
    }

    /// Has the office let owners and installers log in from anywhere, as one does whose owner works elsewhere.
    pub(crate) async fn let_administer_from_anywhere(&self) {
        let body = serde_json::json!({ "networks": ["0.0.0.0/0"] });
        assert_eq!(self.ask(put("/api/v1/office/administration").json(&body)).await.status, StatusCode::OK);
    }

    pub(crate) async fn add_person(&self, number: &str, name: &str) {
        let body = serde_json::json!({ "number": number, "name": name });
        assert_eq!(self.ask(post("/api/v1/people").json(&body)).await.status, StatusCode::CREATED);
    }
}

/// What is asked.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    method: Method,
    path: String,
    headers: Vec<(String, String)>,
    body: Option<String>,
    door: Door,
    source: String,
    as_admin: bool,
}

pub(crate) fn ask(method: &str, path: &str) -> Ask {
    Ask {
        method: method.parse().unwrap(),
        path: path.to_owned(),
        headers: Vec::new(),
        body: None,
        door: Door::Https,
        source: DESK.to_owned(),
        as_admin: true,
    }
}

pub(crate) fn get(path: &str) -> Ask {
    ask("GET", path)
}

pub(crate) fn post(path: &str) -> Ask {
    ask("POST", path)
}

pub(crate) fn put(path: &str) -> Ask {
    ask("PUT", path)
}

pub(crate) fn delete(path: &str) -> Ask {
    ask("DELETE", path)
}

impl Ask {
    pub(crate) fn json(mut self, body: &Value) -> Self {
        self.body = Some(body.to_string());
        self.header("content-type", "application/json")
    }

    pub(crate) fn text(mut self, body: &str) -> Self {
        self.body = Some(body.to_owned());
        self
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Without the administrator's cookie and token.
    pub(crate) fn without_session(mut self) -> Self {
        self.as_admin = false;
        self
    }

    /// With somebody else's cookie and token.
    pub(crate) fn with(self, (cookie, csrf): &(String, String)) -> Self {
        self.without_session().header("cookie", cookie).header("x-centrale-csrf", csrf)
    }

    pub(crate) fn in_clear(mut self) -> Self {
        self.door = Door::Http;
        self.without_session()
    }

    pub(crate) fn from(mut self, source: &str) -> Self {
        self.source = source.to_owned();
        self
    }
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// Status, code and field of a problem.
    pub(crate) fn problem(&self) -> (u16, String, Option<String>) {
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json", "{}", self.text);
        let body = self.json();
        assert_eq!(body["status"], self.status.as_u16());
        assert_eq!(body["type"], "about:blank");
        let text = |key: &str| body[key].as_str().map(str::to_owned);
        (self.status.as_u16(), text("code").unwrap(), text("field"))
    }

    pub(crate) fn code(&self) -> String {
        self.problem().1
    }
}

pub(crate) fn unix_ms() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    u64::try_from(since.as_millis()).unwrap()
}
