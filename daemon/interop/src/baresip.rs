//! baresip (Debian's 1.0.0) as a desk phone, driven over its control socket.
//!
//! What it says is a wave file, what it hears is written down by its sndfile filter. 1.0.0 loses that filter at the first
//! re-INVITE of a call that began with it (it flushes the filters of its receiver and sets them up again only together with the
//! sender's). A filter that is loaded within the call is set up by that re-INVITE and stays: so a hold is heard in a second call.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::failure::Tried;
use crate::transcript::{PATIENCE, Transcript};
use crate::{Account, Failure, Phone, Place, Process, Program, Recording, Result, Tone};

/// What the phone sends as its own voice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Microphone {
    /// A tone, for two minutes from the moment the call is up.
    Tone(Tone),
    /// Nothing.
    Off,
}

/// Whether the audio is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// RTP.
    None,
    /// SRTP with the keys in the SDP (RFC 4568), or no call at all.
    Srtp,
}

/// How a phone is set up, beside its account.
#[derive(Debug, Clone, Copy)]
struct Manner {
    microphone: Microphone,
    encryption: Encryption,
    /// Its only codec.
    codec: &'static str,
    /// After how many seconds it gives up an incoming call that nobody answers.
    ring_seconds: u32,
}

impl Manner {
    const USUAL: Manner =
        Manner { microphone: Microphone::Off, encryption: Encryption::None, codec: "PCMA", ring_seconds: 120 };
}

/// A running baresip with one account.
#[derive(Debug)]
pub struct Baresip {
    /// Ended when this is dropped.
    _process: Process,
    control: TcpStream,
    events: Transcript,
    commands: u32,
    account: Account,
    directory: TempDir,
}

impl Baresip {
    /// Starts it at `place`; it registers at once.
    ///
    /// # Errors
    /// When it is not installed or does not start.
    pub fn start(place: &Place, account: Account, microphone: Microphone) -> Result<Baresip> {
        Baresip::launch(place, account, Manner { microphone, ..Manner::USUAL })
    }

    /// Starts it so that it gives up an incoming call that nobody answers after `ring_seconds`.
    ///
    /// # Errors
    /// As `start`.
    pub fn start_impatient(place: &Place, account: Account, ring_seconds: u32) -> Result<Baresip> {
        let manner = Manner { ring_seconds, ..Manner::USUAL };
        Baresip::launch(place, account, manner)
    }

    /// Starts it so that it takes and makes calls with SRTP only.
    ///
    /// # Errors
    /// As `start`.
    pub fn start_encrypted(place: &Place, account: Account, microphone: Microphone) -> Result<Baresip> {
        Baresip::launch(place, account, Manner { microphone, encryption: Encryption::Srtp, ..Manner::USUAL })
    }

    /// Starts it so that it speaks and hears G.722 only.
    ///
    /// # Errors
    /// As `start`.
    pub fn start_wideband(place: &Place, account: Account, microphone: Microphone) -> Result<Baresip> {
        Baresip::launch(place, account, Manner { microphone, codec: "G722", ..Manner::USUAL })
    }

    fn launch(place: &Place, account: Account, manner: Manner) -> Result<Baresip> {
        let directory = tempfile::tempdir().tried(|| "make a folder for baresip".to_owned())?;
        let ports = place.free_ports(4 + RTP_PORTS)?;
        write_config(directory.path(), place, ports, manner)?;
        let name = format!("baresip {}", account.user);
        let mut process = Program::new(place, &name, "baresip")?.arg("-s").arg("-f").arg(directory.path()).start()?;
        process.wait_for("baresip is ready")?;
        let address = (place.address, ports + CONTROL);
        let control =
            place.inside(|| TcpStream::connect(address).tried(|| "connect to baresip's control port".into()))?;
        let reader = control.try_clone().tried(|| "share baresip's control socket".to_owned())?;
        let (sender, lines) = channel();
        thread::spawn(move || forward_netstrings(reader, &sender));
        let events = Transcript::new(&name, lines);
        let mut phone =
            Baresip { _process: process, control, events, commands: 0, account: account.clone(), directory };
        let Account { user, login, password, server, transport } = account;
        let encryption = match manner.encryption {
            Encryption::None => "",
            Encryption::Srtp => ";mediaenc=srtp-mand",
        };
        let uri = format!("<sip:{user}@{server};transport={}>", transport.name());
        let parameters = format!(
            "auth_user={login};auth_pass={password};regint=3600;audio_codecs={};answermode=manual{encryption}",
            manner.codec
        );
        phone.command("uanew", &format!("{uri};{parameters}"))?;
        Ok(phone)
    }

    /// Presses keys within the call (RFC 4733).
    ///
    /// # Errors
    /// When it has no call.
    pub fn press(&mut self, keys: &str) -> Result<()> {
        keys.chars().try_for_each(|key| self.command("sndcode", &key.to_string()).map(drop))
    }

    /// Writes nothing down of its next call, unless it begins to within it.
    ///
    /// # Errors
    /// When it does not take the command.
    pub fn stop_recording(&mut self) -> Result<()> {
        self.command("rmmod", RECORDER).map(drop)
    }

    /// Within a call of which it writes nothing down: begins to at the next re-INVITE, and goes on through all that follow.
    ///
    /// # Errors
    /// When it does not take the command.
    pub fn record_anew(&mut self) -> Result<()> {
        for old in self.recordings()? {
            std::fs::remove_file(&old).tried(|| format!("remove {}", old.display()))?;
        }
        self.command("insmod", RECORDER).map(drop)
    }

    /// What it wrote down of what it heard, a file for each call.
    fn recordings(&self) -> Result<Vec<PathBuf>> {
        let folder = self.directory.path();
        let entries = std::fs::read_dir(folder).tried(|| format!("list {}", folder.display()))?;
        let files = entries.flatten().map(|entry| entry.path());
        Ok(files.filter(|path| path.to_string_lossy().ends_with("-dec.wav")).collect())
    }

    /// Gives a command, waits until baresip has carried it out, and returns what it printed.
    fn command(&mut self, command: &str, parameters: &str) -> Result<String> {
        self.commands += 1;
        let token = self.commands.to_string();
        let json = serde_json::json!({ "command": command, "params": parameters, "token": token }).to_string();
        let netstring = format!("{}:{json},", json.len());
        self.control.write_all(netstring.as_bytes()).tried(|| format!("baresip: {command}"))?;
        let response = self.events.wait_anywhere(PATIENCE, &[&format!("\"token\":\"{token}\"")])?;
        let response = parse(&response)?;
        match response["ok"].as_bool() {
            Some(true) => Ok(response["data"].as_str().unwrap_or_default().to_owned()),
            _ => Err(Failure::Unexpected(format!("baresip did not take '{command} {parameters}': {response}"))),
        }
    }

    /// Waits for the next event of one of these kinds.
    fn wait_event(&mut self, kinds: &[&str]) -> Result<Value> {
        let texts: Vec<String> = kinds.iter().map(|kind| format!("\"type\":\"{kind}\"")).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        parse(&self.events.wait_for(PATIENCE, &texts)?)
    }

    /// Waits until the other end has offered the session anew and the audio's direction is `wanted`.
    fn wait_direction(&mut self, wanted: &[&str]) -> Result<()> {
        self.wait_event(&["CALL_REMOTE_SDP"])?;
        // The event is told before the offer is applied, the command is carried out after it: one thread does both.
        let printed = self.command("audio_debug", "")?;
        let direction =
            printed.split("audio dir=").nth(1).and_then(|after| after.split(' ').next()).unwrap_or_default();
        if wanted.contains(&direction) {
            return Ok(());
        }
        Err(Failure::Unexpected(format!("baresip's audio is {direction}, not {}", wanted.join(" or "))))
    }
}

impl Phone for Baresip {
    fn wait_registered(&mut self) -> Result<()> {
        let event = self.wait_event(&["REGISTER_OK", "REGISTER_FAIL"])?;
        if event["type"] == "REGISTER_OK" {
            return Ok(());
        }
        Err(Failure::Unexpected(format!("baresip could not register: {}", event["param"])))
    }

    fn wait_registration_refused(&mut self) -> Result<String> {
        let event = self.wait_event(&["REGISTER_OK", "REGISTER_FAIL"])?;
        if event["type"] == "REGISTER_FAIL" {
            return Ok(event["param"].as_str().unwrap_or_default().to_owned());
        }
        Err(Failure::Unexpected("baresip was registered, which should have been refused".to_owned()))
    }

    fn dial(&mut self, number: &str) -> Result<()> {
        // It adds the transport of its account.
        let uri = format!("sip:{number}@{}", self.account.server);
        self.command("dial", &uri).map(drop)
    }

    fn wait_ringback(&mut self) -> Result<()> {
        let event = self.wait_event(&["CALL_RINGING", "CALL_PROGRESS", "CALL_CLOSED"])?;
        if event["type"] == "CALL_CLOSED" {
            return Err(Failure::Unexpected(format!("the call ended before it rang: {}", event["param"])));
        }
        Ok(())
    }

    fn wait_incoming(&mut self) -> Result<String> {
        let event = self.wait_event(&["CALL_INCOMING"])?;
        Ok(event["peeruri"].as_str().unwrap_or_default().to_owned())
    }

    fn answer(&mut self) -> Result<()> {
        self.command("accept", "").map(drop)
    }

    fn wait_established(&mut self) -> Result<()> {
        let event = self.wait_event(&["CALL_ESTABLISHED", "CALL_CLOSED"])?;
        if event["type"] == "CALL_CLOSED" {
            return Err(Failure::Unexpected(format!("the call ended before it was up: {}", event["param"])));
        }
        Ok(())
    }

    /// Refuses with 486 what comes in.
    fn hang_up(&mut self) -> Result<()> {
        self.command("hangup", "").map(drop)
    }

    fn wait_ended_within(&mut self, patience: Duration) -> Result<String> {
        let event = parse(&self.events.wait_for(patience, &["\"type\":\"CALL_CLOSED\""])?)?;
        Ok(event["param"].as_str().unwrap_or_default().to_owned())
    }

    fn hold(&mut self) -> Result<()> {
        self.command("hold", "")?;
        self.wait_direction(&["sendonly", "inactive"])
    }

    fn resume(&mut self) -> Result<()> {
        self.command("resume", "")?;
        self.wait_direction(&["sendrecv"])
    }

    fn transfer(&mut self, number: &str) -> Result<()> {
        self.command("transfer", &format!("sip:{number}@{}", self.account.server)).map(drop)
    }

    fn wait_held(&mut self) -> Result<()> {
        self.wait_direction(&["recvonly", "inactive"])
    }

    fn wait_taken_back(&mut self) -> Result<()> {
        self.wait_direction(&["sendrecv"])
    }

    fn heard(&self) -> Result<Recording> {
        self.recordings()?.into_iter().max().map_or_else(
            || Err(Failure::Unexpected("baresip heard nothing at all".to_owned())),
            |path| Recording::read(&path),
        )
    }
}

/// Its module that writes down what is said and heard.
const RECORDER: &str = "sndfile.so";

/// SIP over UDP and TCP on the first port of the block, TLS always on the one above it.
const CONTROL: u16 = 2;
/// Ports for RTP, from the fifth of the block on.
const RTP_PORTS: u16 = 20;

fn write_config(folder: &Path, place: &Place, ports: u16, manner: Manner) -> Result<()> {
    let tone = folder.join("tone.wav");
    let source = match manner.microphone {
        Microphone::Tone(tone_to_play) => {
            tone_to_play.write_wav(&tone, 120)?;
            format!("aufile,{}", tone.display())
        }
        Microphone::Off => "aubridge,off".to_owned(),
    };
    let text = include_str!("../peers/baresip.config")
        .replace("@ADDRESS@", &place.address.to_string())
        .replace("@SIP@", &SocketAddr::new(place.address, ports).to_string())
        .replace("@CONTROL@", &SocketAddr::new(place.address, ports + CONTROL).to_string())
        .replace("@RTP@", &format!("{}-{}", ports + 4, ports + 4 + RTP_PORTS))
        .replace("@SOURCE@", &source)
        .replace("@RING_SECONDS@", &manner.ring_seconds.to_string())
        .replace("@FOLDER@", &folder.display().to_string());
    for (file, content) in [("config", text.as_str()), ("accounts", "")] {
        std::fs::write(folder.join(file), content).tried(|| format!("write baresip's {file}"))?;
    }
    Ok(())
}

fn parse(line: &str) -> Result<Value> {
    serde_json::from_str(line).map_err(|error| Failure::Unexpected(format!("baresip sent {line}: {error}")))
}

/// Sends each netstring (`length:text,`) on as one line, until the socket closes or something else arrives.
fn forward_netstrings(socket: TcpStream, lines: &Sender<String>) {
    let mut socket = BufReader::new(socket);
    let mut length = Vec::new();
    loop {
        length.clear();
        if socket.read_until(b':', &mut length).is_err() {
            return;
        }
        let digits = length.strip_suffix(b":").and_then(|digits| std::str::from_utf8(digits).ok());
        let Some(length) = digits.and_then(|digits| digits.parse::<usize>().ok()) else { return };
        let mut text = vec![0; length + 1];
        if socket.read_exact(&mut text).is_err() {
            return;
        }
        text.truncate(length);
        if lines.send(String::from_utf8_lossy(&text).into_owned()).is_err() {
            return;
        }
    }
}

impl Drop for Baresip {
    fn drop(&mut self) {
        self.events.expect_farewell();
    }
}
