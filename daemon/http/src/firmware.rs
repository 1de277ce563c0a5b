//! The phones' software: files that the installer laid in the box's state folder, handed out only while each is exactly
//! the one that the office pinned. A file is read in pieces and never held as a whole.

use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::{self, Read as _};
use std::net::IpAddr;
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use centrale_call_control::view::{ProblemView, Severity};
use centrale_config::{Firmware, Office, Sha256Pin};
use futures_util::stream;
use ring::digest::{Context, SHA256};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;

use crate::edge::Edge;
use crate::live::Event;
use crate::room::{Place, Room, Size};

/// How much of a file is read at once.
const PIECE: usize = 64 * 1024;
/// Files that are sent at once: an office's phones ask together. The others wait.
const READERS: usize = 16;
/// Of them, with those that wait, from one address: a phone needs one, and one more where it gave up and begins anew.
const READERS_PER_ADDRESS: usize = 2;
/// How long they wait before they are told to come again.
const TURN: Duration = Duration::from_secs(30);

/// Why a file is not handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    /// It is not there, or cannot be read.
    Missing,
    /// It is not the one that was pinned.
    Differs,
}

impl Fault {
    const ALL: [Self; 2] = [Self::Missing, Self::Differs];

    /// The code of the problem.
    const fn code(self) -> &'static str {
        match self {
            Self::Missing => "firmware-missing",
            Self::Differs => "firmware-differs",
        }
    }
}

/// What tells that a file is still the one whose digest is known: every write moves its time of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Identity([i64; 4]);

/// The folder with the files.
pub(crate) struct Shelf {
    folder: PathBuf,
    /// The digest of each file as it was when it was last looked at. Held while one is computed: phones that ask for the
    /// same file wait for the one who reads it.
    digests: tokio::sync::Mutex<HashMap<String, (Identity, Sha256Pin)>>,
    readers: Arc<Semaphore>,
    /// Who reads or waits to read.
    room: Room,
    /// Faults that stand on the page, by file.
    told: Mutex<BTreeSet<(Fault, String)>>,
}

/// A reader's turn, and its place among those of its address; both end when it is dropped.
struct Turn {
    _permit: OwnedSemaphorePermit,
    _place: Place,
}

/// A file that is what it should be, open.
struct Checked {
    file: Arc<File>,
    length: u64,
}

impl Shelf {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            digests: tokio::sync::Mutex::default(),
            readers: Arc::new(Semaphore::new(READERS)),
            // How many there are in all is a matter of their turn.
            room: Room::new(Size { all: usize::MAX, far: usize::MAX, per_address: READERS_PER_ADDRESS }),
            told: Mutex::default(),
        }
    }

    /// A turn to read. `None` when this address has as many as it may, or when its turn does not come.
    async fn turn(&self, source: IpAddr) -> Option<Turn> {
        let place = self.room.enter(source, true)?;
        // Nobody takes it from who reads.
        place.proof().give();
        let permit = tokio::time::timeout(TURN, Arc::clone(&self.readers).acquire_owned()).await;
        Some(Turn { _permit: permit.ok()?.ok()?, _place: place })
    }

    /// Opens a file and holds it to its pin.
    async fn open(&self, firmware: &Firmware) -> Result<Checked, Fault> {
        let path = self.folder.join(&firmware.file);
        let mut digests = self.digests.lock().await;
        let known = digests.get(&firmware.file).copied();
        let looked = spawn_blocking(move || look(&path, known)).await;
        let Ok(Ok((checked, identity, digest))) = looked else { return Err(Fault::Missing) };
        digests.insert(firmware.file.clone(), (identity, digest));
        if digest == firmware.sha256 { Ok(checked) } else { Err(Fault::Differs) }
    }
}

/// Opens a file and finds its digest, by reading it where it is not the one that is known.
fn look(path: &std::path::Path, known: Option<(Identity, Sha256Pin)>) -> io::Result<(Checked, Identity, Sha256Pin)> {
    // A pipe would be waited for.
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut file = File::open(path)?;
    let identity = identity_of(&file)?;
    let digest = match known {
        Some((same, digest)) if same == identity => digest,
        _ => digest_of(&mut file)?,
    };
    let length = file.metadata()?.len();
    Ok((Checked { file: Arc::new(file), length }, identity, digest))
}

fn identity_of(file: &File) -> io::Result<Identity> {
    let metadata = file.metadata()?;
    let inode = metadata.ino().cast_signed();
    Ok(Identity([inode, metadata.len().cast_signed(), metadata.ctime(), metadata.ctime_nsec()]))
}

fn digest_of(file: &mut File) -> io::Result<Sha256Pin> {
    let (mut context, mut piece) = (Context::new(&SHA256), vec![0; PIECE]);
    loop {
        match file.read(&mut piece)? {
            0 => break,
            length => context.update(&piece[..length]),
        }
    }
    let digest = context.finish();
    let octets = digest.as_ref().try_into().map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
    Ok(Sha256Pin::from_octets(octets))
}

impl Edge {
    /// Sends a file to a phone that may have it: all of it, or the part that it asks for (RFC 9110 14).
    pub(crate) async fn send_firmware(&self, firmware: &Firmware, asked: &HeaderMap, source: IpAddr) -> Response {
        let Some(turn) = self.0.firmware.turn(source).await else {
            self.0.traffic.count_firmware_too_many();
            return (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "60")]).into_response();
        };
        match self.look_at_file(firmware).await {
            Ok(checked) => response(checked, firmware, asked, turn),
            Err(_) => StatusCode::NOT_FOUND.into_response(),
        }
    }

    /// Looks whether every file of the office is there and is the one that was pinned, and says so on the page.
    pub(crate) async fn look_at_firmware(&self, office: &Office) {
        for firmware in &office.firmware {
            // What it came to stands on the page.
            let _ = self.look_at_file(firmware).await;
        }
        let told = self.0.firmware.told.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let gone = told.iter().filter(|(_, file)| !office.firmware.iter().any(|own| own.file == *file));
        for (fault, file) in gone {
            self.tell_of_file(file, *fault, false);
        }
    }

    async fn look_at_file(&self, firmware: &Firmware) -> Result<Checked, Fault> {
        let looked = self.0.firmware.open(firmware).await;
        for fault in Fault::ALL {
            self.tell_of_file(&firmware.file, fault, looked.as_ref().err() == Some(&fault));
        }
        looked
    }

    /// Puts a fault of a file on the page, or takes it off, where that is news.
    fn tell_of_file(&self, file: &str, fault: Fault, stands: bool) {
        let (code, subject) = (fault.code().to_owned(), file.to_owned());
        let mut told = self.0.firmware.told.lock().unwrap_or_else(PoisonError::into_inner);
        if stands && told.insert((fault, subject.clone())) {
            tracing::warn!(code, file, "software for phones is not handed out");
            let (severity, detail) = (Severity::Warning, String::new());
            self.publish(Event::Problem(ProblemView { code, subject, severity, detail }));
        } else if !stands && told.remove(&(fault, subject.clone())) {
            self.publish(Event::ProblemGone { code, subject });
        }
    }
}

fn response(checked: Checked, firmware: &Firmware, asked: &HeaderMap, turn: Turn) -> Response {
    let Checked { file, length } = checked;
    let tag = format!("\"{}\"", firmware.sha256);
    let other = asked.get(header::IF_RANGE).is_some_and(|known| known.as_bytes() != tag.as_bytes());
    let range = asked.get(header::RANGE).filter(|_| !other).and_then(|range| range.to_str().ok());
    let (status, from, to) = match range.map_or(Part::Whole, |range| Part::read(range, length)) {
        Part::Whole => (StatusCode::OK, 0, length),
        Part::Some { from, to } => (StatusCode::PARTIAL_CONTENT, from, to),
        Part::Beyond => {
            let all = [(header::CONTENT_RANGE, format!("bytes */{length}"))];
            return (StatusCode::RANGE_NOT_SATISFIABLE, all).into_response();
        }
    };
    let mut response = Response::new(Body::from_stream(pieces(file, from, to, turn)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let mut set = |name, value: String| {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    };
    set(header::CONTENT_TYPE, "application/octet-stream".to_owned());
    set(header::ACCEPT_RANGES, "bytes".to_owned());
    set(header::CONTENT_LENGTH, (to - from).to_string());
    set(header::ETAG, tag);
    if status == StatusCode::PARTIAL_CONTENT {
        set(header::CONTENT_RANGE, format!("bytes {from}-{}/{length}", to - 1));
    }
    response
}

/// A part of a file, piece by piece. A file that became shorter meanwhile ends in an error, and so does the connection.
fn pieces(file: Arc<File>, from: u64, to: u64, turn: Turn) -> impl futures_util::Stream<Item = io::Result<Bytes>> {
    stream::try_unfold((file, from, turn), move |(file, at, turn)| async move {
        if at >= to {
            return Ok(None);
        }
        let reading = Arc::clone(&file);
        let piece = spawn_blocking(move || {
            let length = usize::try_from(to - at).map_or(PIECE, |left| left.min(PIECE));
            let mut piece = vec![0; length];
            reading.read_exact_at(&mut piece, at).map(|()| Bytes::from(piece))
        });
        let piece = piece.await.map_err(io::Error::other)??;
        let next = at + piece.len() as u64;
        Ok(Some((piece, (file, next, turn))))
    })
}

/// What is asked for of a file.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    Whole,
    /// From a byte to before another.
    Some {
        from: u64,
        to: u64,
    },
    /// Nothing that is there.
    Beyond,
}

impl Part {
    /// Reads a `Range` (RFC 9110 14.2). One that cannot be read, or that asks for several parts, is passed over.
    fn read(range: &str, length: u64) -> Self {
        let Some((first, last)) = range.strip_prefix("bytes=").and_then(|range| range.trim().split_once('-')) else {
            return Self::Whole;
        };
        let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u64>().ok())?;
        let (from, to) = match (first, last) {
            ("", last) => match number(last) {
                Some(count) => (length.saturating_sub(count), length),
                None => return Self::Whole,
            },
            (first, "") => match number(first) {
                Some(from) => (from, length),
                None => return Self::Whole,
            },
            (first, last) => match (number(first), number(last)) {
                (Some(from), Some(last)) if from <= last => (from, last.saturating_add(1).min(length)),
                _ => return Self::Whole,
            },
        };
        if from < to { Self::Some { from, to } } else { Self::Beyond }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn no_phone_takes_the_turns_of_others_however_often_it_asks() {
        let shelf = Shelf::new(PathBuf::new());
        let (greedy, other) = (IpAddr::from([192, 168, 1, 21]), IpAddr::from([192, 168, 1, 22]));
        let mut turns = vec![shelf.turn(greedy).await.unwrap(), shelf.turn(greedy).await.unwrap()];
        assert!(shelf.turn(greedy).await.is_none());
        let others = shelf.turn(other).await;
        assert!(others.is_some());
        turns.pop();
        assert!(shelf.turn(greedy).await.is_some(), "what it gave back is its own again");
    }

    #[test]
    fn a_part_of_a_file_is_what_rfc_9110_says() {
        let some = |from, to| Part::Some { from, to };
        for (range, part) in [
            ("bytes=0-0", some(0, 1)),
            ("bytes=0-99", some(0, 100)),
            ("bytes=10-", some(10, 100)),
            ("bytes=90-1000", some(90, 100)),
            ("bytes=-10", some(90, 100)),
            ("bytes=-1000", some(0, 100)),
            ("bytes=99-18446744073709551615", some(99, 100)),
            ("bytes=100-", Part::Beyond),
            ("bytes=100-200", Part::Beyond),
            ("bytes=-0", Part::Beyond),
            ("bytes=5-4", Part::Whole),
            ("bytes=0-1,5-6", Part::Whole),
            ("bytes=-", Part::Whole),
            ("bytes=a-b", Part::Whole),
            ("bytes=+1-2", Part::Whole),
            ("items=0-1", Part::Whole),
            ("bytes=99999999999999999999-", Part::Whole),
        ] {
            assert_eq!(Part::read(range, 100), part, "{range}");
        }
        assert_eq!(Part::read("bytes=0-", 0), Part::Beyond);
    }
}
