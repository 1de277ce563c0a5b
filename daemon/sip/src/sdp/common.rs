//! What two offers have in common, when both ends made one and each is to be answered with the other's.

use super::audio::{AudioView, Codec};
use super::direction::Direction;
use super::fault::SdpFault;
use super::session::{Line, Media, Session};

/// Both descriptions with their audio reduced to the payload types that mean the same to either, in the first one's order.
/// Packets are relayed as they are, so that a codec under another number on the other side is of no use.
///
/// # Errors
/// [`SdpFault::NoAudio`] when one has no m=audio line; [`SdpFault::NoCommonCodec`] when no codec for speech is left.
pub fn in_common(first: &Session, second: &Session) -> Result<(Session, Session), SdpFault> {
    let (one, two) = (AudioView::of(first).ok_or(SdpFault::NoAudio)?, AudioView::of(second).ok_or(SdpFault::NoAudio)?);
    let shared = |codec: &&Codec| {
        two.codecs.iter().any(|other| other.payload_type == codec.payload_type && other.is_same_encoding(codec))
    };
    let kept: Vec<&Codec> = one.codecs.iter().filter(shared).collect();
    if kept.iter().all(|codec| codec.is_auxiliary()) {
        return Err(SdpFault::NoCommonCodec);
    }
    let types: Vec<Box<str>> = kept.iter().map(|codec| codec.payload_type.to_string().into()).collect();
    Ok((reduced(first, one.index, &types), reduced(second, two.index, &types)))
}

/// What a description says its writer can do, without where it listens and which way it wants to hear: the half that still
/// holds when it is to be connected with somebody else.
pub fn abilities(session: &Session) -> Session {
    let mut session = session.clone();
    let holds = |line: &Line| match line.as_attribute() {
        Some((name, _)) => Direction::parse(name).is_none(),
        None => line.letter != b'c',
    };
    session.lines.retain(holds);
    session.media.iter_mut().for_each(|media| media.lines.retain(holds));
    session
}

/// The same description with the audio's codecs in another order: those whose encodings are named first, in that order, then
/// the others as they were. Names compare without case.
pub fn reordered(session: &Session, encodings: &[&str]) -> Session {
    let mut session = session.clone();
    let Some(view) = AudioView::of(&session) else { return session };
    let place = |format: &str| {
        let codec = view.codecs.iter().find(|codec| format.parse() == Ok(codec.payload_type));
        let named = |codec: &Codec| encodings.iter().position(|name| codec.name.eq_ignore_ascii_case(name));
        codec.and_then(named).unwrap_or(encodings.len())
    };
    if let Some(media) = session.media.get_mut(view.index) {
        media.formats.sort_by_key(|format| place(format));
    }
    session
}

/// The same description with the audio reduced to these encodings, at 8000 Hz as telephones speak them, and the events of
/// keys (RFC 4733). Names compare without case.
///
/// # Errors
/// [`SdpFault::NoAudio`] without an m=audio line; [`SdpFault::NoCommonCodec`] when no codec for speech is left.
pub fn limited(session: &Session, encodings: &[&str]) -> Result<Session, SdpFault> {
    let view = AudioView::of(session).ok_or(SdpFault::NoAudio)?;
    let named = |codec: &&Codec| encodings.iter().any(|name| codec.name.eq_ignore_ascii_case(name));
    let is_kept = |codec: &&Codec| {
        let plain = (codec.clock_rate, codec.channels) == (8000, 1);
        plain && (named(codec) || codec.is_key_event())
    };
    let kept: Vec<&Codec> = view.codecs.iter().filter(is_kept).collect();
    if !kept.iter().any(named) {
        return Err(SdpFault::NoCommonCodec);
    }
    let types: Vec<Box<str>> = kept.iter().map(|codec| codec.payload_type.to_string().into()).collect();
    Ok(reduced(session, view.index, &types))
}

/// The number of the events of keys (RFC 4733) in a description's audio.
pub fn key_events(session: &Session) -> Option<u8> {
    AudioView::of(session)?.codecs.iter().find(|codec| codec.is_key_event()).map(|codec| codec.payload_type)
}

/// The same description without the events of keys (RFC 4733): for who sends and takes them another way.
pub fn without_key_events(session: &Session) -> Session {
    let Some(view) = AudioView::of(session) else { return session.clone() };
    let kept = view.codecs.iter().filter(|codec| !codec.is_key_event());
    let types: Vec<Box<str>> = kept.map(|codec| codec.payload_type.to_string().into()).collect();
    reduced(session, view.index, &types)
}

/// The same description with the events of keys (RFC 4733) at 8000 Hz, where it has none: for who may send them although its
/// writer knows them another way. Under that number, or the first dynamic one that is free.
pub fn with_key_events(session: &Session, number: u8) -> Session {
    let mut session = session.clone();
    let Some(view) = AudioView::of(&session).filter(|view| !view.refused) else { return session };
    let is_free = |number: &u8| view.codecs.iter().all(|codec| codec.payload_type != *number);
    let number = Some(number).into_iter().chain(96..=127).find(is_free);
    let (Some(number), None) = (number, key_events(&session)) else { return session };
    if let Some(Media { formats, lines, .. }) = session.media.get_mut(view.index) {
        formats.push(number.to_string().into());
        lines.push(Line::attribute("rtpmap", Some(&format!("{number} telephone-event/8000"))));
        lines.push(Line::attribute("fmtp", Some(&format!("{number} 0-15"))));
    }
    session
}

fn reduced(session: &Session, index: usize, types: &[Box<str>]) -> Session {
    let mut session = session.clone();
    if let Some(Media { formats, lines, .. }) = session.media.get_mut(index) {
        formats.clear();
        formats.extend_from_slice(types);
        lines
            .retain(|line| speaks_of(line).is_none_or(|payload_type| types.iter().any(|kept| **kept == *payload_type)));
    }
    session
}

/// The payload type that an attribute describes.
fn speaks_of(line: &Line) -> Option<&str> {
    let (name, value) = line.as_attribute()?;
    if matches!(name, "rtpmap" | "fmtp") { value.split_ascii_whitespace().next() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn audio(formats: &str, lines: &str) -> Session {
        let text = format!(
            "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP {formats}\r\n{lines}"
        );
        Session::parse(text.as_bytes()).unwrap()
    }

    fn formats(session: &Session) -> String {
        session.media[0].formats.join(" ")
    }

    #[test]
    fn what_both_know_under_the_same_number_is_left_in_the_order_of_the_first() {
        let events = "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n";
        let one = audio("9 8 96 101", &format!("a=rtpmap:96 opus/48000/2\r\n{events}a=ptime:20\r\n"));
        let two = audio("0 8 9 97 101", &format!("a=rtpmap:97 opus/48000/2\r\n{events}"));
        let (first, second) = in_common(&one, &two).unwrap();
        assert_eq!((formats(&first), formats(&second)), ("9 8 101".into(), "9 8 101".into()));
        let lines: Vec<_> = first.media[0].lines.iter().map(|line| line.value.to_string()).collect();
        assert_eq!(lines, ["rtpmap:101 telephone-event/8000", "fmtp:101 0-15", "ptime:20"]);
    }

    #[test]
    fn who_was_on_hold_can_still_do_what_it_could() {
        let held = audio("8 101", "c=IN IP4 0.0.0.0\r\na=rtpmap:101 telephone-event/8000\r\na=inactive\r\n");
        let able = AudioView::of(&abilities(&held)).unwrap();
        assert_eq!((able.direction, able.remote), (Direction::SendRecv, None));
        assert_eq!(able.codecs, AudioView::of(&held).unwrap().codecs);
    }

    #[test]
    fn what_is_limited_keeps_its_own_order_and_the_keys() {
        let events = "a=rtpmap:101 telephone-event/8000\r\na=rtpmap:102 telephone-event/48000\r\n";
        let offer = audio("96 9 0 18 101 102", &format!("a=rtpmap:96 opus/48000/2\r\n{events}"));
        assert_eq!(formats(&limited(&offer, &["PCMU", "g722"]).unwrap()), "9 0 101");
        assert_eq!(limited(&offer, &["PCMA"]), Err(SdpFault::NoCommonCodec));
    }

    #[test]
    fn the_events_of_keys_come_and_go_without_anything_else() {
        let events = "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n";
        let with = audio("8 0 101", &format!("{events}a=ptime:20\r\n"));
        let without = audio("8 0", "a=ptime:20\r\n");
        assert_eq!((key_events(&with), key_events(&without)), (Some(101), None));
        assert_eq!(without_key_events(&with), without);
        assert_eq!(without_key_events(&without), without);
        assert_eq!(with_key_events(&with, 96), with);
        let again = with_key_events(&without, 101);
        assert_eq!((formats(&again), key_events(&again)), ("8 0 101".into(), Some(101)));
        let taken = audio("8 101", "a=rtpmap:101 iLBC/8000\r\n");
        assert_eq!(key_events(&with_key_events(&taken, 101)), Some(96));
    }

    #[test]
    fn tones_alone_are_no_call() {
        let events = "a=rtpmap:101 telephone-event/8000\r\n";
        let (one, two) = (audio("8 101", events), audio("0 101", events));
        assert_eq!(in_common(&one, &two), Err(SdpFault::NoCommonCodec));
        let other_meaning = audio("101", "a=rtpmap:101 opus/48000/2\r\n");
        assert_eq!(in_common(&audio("101", events), &other_meaning), Err(SdpFault::NoCommonCodec));
    }
}
