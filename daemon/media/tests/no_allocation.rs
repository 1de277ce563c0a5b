//! A relayed packet takes no memory, nor does one of a sound: not one allocation in the whole process while 100,000 cross.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod office;

use centrale_media::Media;
use centrale_rtp::relay::{Command, LegMedia, MeetingId, Part, Side, SrtpKey, SrtpSuite};
use centrale_rtp::sound::{Encoding, Sound, Speech};
use centrale_rtp::srtp::{MAX_OVERHEAD_BYTES, SrtpSender};
use office::*;
use std::alloc::{GlobalAlloc, Layout, System};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::channel;

/// The system's allocator, counting.
struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

#[allow(unsafe_code, reason = "an allocator cannot be written without; each call is handed on as it came")]
// SAFETY: every method hands its arguments unchanged to the system's allocator, which keeps the contract.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `realloc`.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// Packets under way at a time: fewer than a socket's buffer holds.
const UNDER_WAY: u16 = 150;

fn key(byte: u8) -> SrtpKey {
    SrtpKey { suite: SrtpSuite::AesCm128HmacSha1_80, key: [byte; 16], salt: [byte; 14] }
}

/// A call on a media thread whose events are dropped, so that no channel allocates.
struct QuietCall {
    media: Media,
    caller: Phone,
    callee: Phone,
    caller_port: SocketAddr,
}

impl QuietCall {
    fn new(adapt: impl Fn(LegMedia) -> LegMedia) -> Self {
        let (closed, barrier) = channel();
        let media = Media::start(move |event| drop(closed.send(event))).unwrap();
        let [caller, callee] = [PHONE, PHONE].map(Phone::at);
        let [caller_port, callee_port] = [free_pair(box_ip()), free_pair(box_ip())];
        for (side, port, phone) in [(Side::Caller, caller_port, &caller), (Side::Callee, callee_port, &callee)] {
            let media_of_leg = adapt(crate::media(port, phone.address()));
            media.send(Command::Open { relay: RELAY, side, media: media_of_leg });
        }
        media.send(Command::Close { relay: centrale_rtp::relay::RelayId(99) });
        barrier.recv_timeout(PATIENCE).expect("the close of nobody is answered");
        drop(barrier);
        Self { media, caller, callee, caller_port }
    }

    /// The caller sends `packets` packets from sequence number `first` on, and the callee hears every one.
    fn talks(&self, first: u16, packets: u16, mut sender: Option<&mut SrtpSender>) {
        let mut heard = 0;
        for sent in 0..packets {
            self.sends(first.wrapping_add(sent), sender.as_deref_mut());
            if sent >= UNDER_WAY {
                self.hears();
                heard += 1;
            }
        }
        (heard..packets).for_each(|_| self.hears());
    }

    /// From now on the callee hears a sound.
    fn plays(&self) {
        let speech = Speech { encoding: Encoding::G722, payload_type: 9, ssrc: 1 };
        self.media.send(Command::Play { relay: RELAY, side: Side::Callee, sound: Sound::Hold, speech });
    }

    /// Both are in a meeting.
    fn meet(&self) {
        for (side, ssrc) in [(Side::Caller, 1), (Side::Callee, 2)] {
            let speech = Speech { encoding: Encoding::Pcma, payload_type: 8, ssrc };
            let part = Part { speech, payload_type: 8, speaks: true, hears: true };
            self.media.send(Command::Meet { relay: RELAY, side, meeting: MeetingId(1), part });
        }
    }

    fn sends(&self, sequence: u16, sender: Option<&mut SrtpSender>) {
        let mut buffer = [0xd5; 172 + MAX_OVERHEAD_BYTES];
        buffer[..12].copy_from_slice(&[0x80, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7]);
        buffer[2..4].copy_from_slice(&sequence.to_be_bytes());
        let len = sender.map_or(172, |sender| sender.protect_rtp(&mut buffer, 172).expect("a fresh sequence number"));
        self.caller.rtp.send_to(&buffer[..len], self.caller_port).unwrap();
    }

    fn hears(&self) {
        self.callee.rtp.recv_from(&mut [0; 512]).expect("every packet is relayed");
    }
}

#[test]
fn neither_a_hundred_thousand_relayed_packets_nor_a_sound_allocate_anything() {
    let plain = QuietCall::new(|media| media);
    let secured = QuietCall::new(|media| LegMedia { srtp_receive: Some(key(1)), srtp_send: Some(key(2)), ..media });
    let mut sender = SrtpSender::new(&key(1));
    let playing = QuietCall::new(|media| LegMedia { srtp_send: Some(key(3)), ..media });
    playing.plays();
    playing.hears();
    plain.talks(0, UNDER_WAY, None);
    secured.talks(0, UNDER_WAY, Some(&mut sender));

    let meeting = QuietCall::new(|media| media);
    meeting.meet();
    meeting.hears();

    let before = ALLOCATIONS.load(Ordering::Relaxed);
    plain.talks(UNDER_WAY, 60_000, None);
    plain.talks(UNDER_WAY.wrapping_add(60_000), 25_000, None);
    secured.talks(UNDER_WAY, 15_000, Some(&mut sender));
    for _ in 0..20 {
        playing.hears();
    }
    playing.talks(0, 5_000, None);
    for number in 0..50 {
        meeting.sends(number, None);
        meeting.hears();
    }
    assert_eq!(ALLOCATIONS.load(Ordering::Relaxed) - before, 0);

    drop(std::hint::black_box(vec![0u8; 64]));
    assert!(ALLOCATIONS.load(Ordering::Relaxed) > before, "the counter counts");
}
