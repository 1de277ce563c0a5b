//! Whether an answer answers its offer (RFC 3264 6, RFC 4568 5.1.3).

use super::audio::AudioView;
use super::fault::SdpFault;
use super::session::Session;

/// Checks a peer's answer against the offer it answers. An answer that refuses the audio with port 0 is well-formed; ask
/// [`AudioView::refused`].
///
/// # Errors
/// The first [`SdpFault`] of the negotiation.
pub fn check_answer(offer: &Session, answer: &Session) -> Result<(), SdpFault> {
    if offer.media.len() != answer.media.len() {
        return Err(SdpFault::MediaMismatch);
    }
    for (offered, answered) in offer.media.iter().zip(&answer.media) {
        if offered.kind != answered.kind {
            return Err(SdpFault::MediaMismatch);
        }
        if offered.is_refused() && !answered.is_refused() {
            return Err(SdpFault::RefusedTakenUp);
        }
    }
    let ours = AudioView::of(offer).ok_or(SdpFault::NoAudio)?;
    let theirs = AudioView::of(answer).ok_or(SdpFault::NoAudio)?;
    if theirs.refused {
        return Ok(());
    }
    check_audio(&ours, &theirs)
}

fn check_audio(offer: &AudioView, answer: &AudioView) -> Result<(), SdpFault> {
    // AVP and AVPF are told apart by few phones, and nothing here depends on it; encryption does.
    if !answer.profile.is_rtp() || offer.profile.is_secure() != answer.profile.is_secure() {
        return Err(SdpFault::ProfileMismatch);
    }
    let speech =
        |view: &AudioView| view.codecs.iter().filter(|codec| !codec.is_auxiliary()).cloned().collect::<Vec<_>>();
    let offered = speech(offer);
    if !speech(answer).iter().any(|codec| offered.iter().any(|other| codec.is_same_encoding(other))) {
        return Err(SdpFault::NoCommonCodec);
    }
    let chosen = answer.crypto.first();
    let was_offered = chosen.is_some_and(|chosen| {
        offer.crypto.iter().any(|crypto| crypto.tag == chosen.tag && crypto.suite == chosen.suite)
    });
    // Under a clear profile the key is an addition that the answer may leave out.
    let may_lack = !offer.profile.is_secure() && chosen.is_none();
    if was_offered || may_lack { Ok(()) } else { Err(SdpFault::CryptoMismatch) }
}
