//! RTP, RTCP, SRTP and call quality, without IO and without allocation per packet.

pub mod relay;
