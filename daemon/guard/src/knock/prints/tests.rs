//! Packets as the tools sent them (Debian 12: sipvicious 0.3.3, sipsak 0.9.8.1, sipp 3.6.1), and packets of phones.

use super::is_scanner;

/// svmap's OPTIONS, svwar's REGISTER, svcrack's first REGISTER and its next, with the names of the tools taken out.
const SIPVICIOUS: [&str; 4] = [
    "OPTIONS sip:100@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK-2387354292;rport\r\nMax-Forwards: 70\r\n\
     To: \"x\"<sip:100@1.1.1.1>\r\nFrom: \"x\"<sip:100@1.1.1.1>;tag=3766303030303031316531350133383139373439363932\r\n\
     User-Agent: Yealink SIP-T54W 96.86.0.70\r\nCall-ID: 507724428703337027230102\r\nContact: sip:100@192.0.2.9:5060\r\n\
     CSeq: 1 OPTIONS\r\nAccept: application/sdp\r\nContent-Length: 0\r\n\r\n",
    "REGISTER sip:192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK-652947553;rport\r\nMax-Forwards: 70\r\n\
     To: \"1437045239\"<sip:1437045239@192.0.2.1>\r\nFrom: \"1437045239\"<sip:1437045239@192.0.2.1>;\
     tag=313433373034353233390132313130373132323331\r\nUser-Agent: Yealink SIP-T54W 96.86.0.70\r\nCall-ID: 3769374499\r\n\
     Contact: sip:1437045239@192.0.2.9\r\nCSeq: 1 REGISTER\r\nAccept: application/sdp\r\nContent-Length: 0\r\n\r\n",
    "REGISTER sip:192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK-2444382952;rport\r\nMax-Forwards: 70\r\n\
     To: \"201\" <sip:201@192.0.2.1>\r\nFrom: \"201\" <sip:201@192.0.2.1>;tag=3206210844\r\nUser-Agent: snomD785/10.1\r\n\
     Call-ID: 1247466504\r\nContact: sip:123@1.1.1.1\r\nCSeq: 1 REGISTER\r\nAccept: application/sdp\r\nContent-Length: 0\r\n\r\n",
    "REGISTER sip:192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK-311269541;rport\r\nMax-Forwards: 70\r\n\
     To: \"201\" <sip:201@192.0.2.1>\r\nFrom: \"201\" <sip:201@192.0.2.1>;tag=3230313a313233340132373334363833343038\r\n\
     User-Agent: snomD785/10.1\r\nCall-ID: 1247466504\r\nContact: sip:123@1.1.1.1\r\nCSeq: 2 REGISTER\r\n\
     Accept: application/sdp\r\nContent-Length: 0\r\nAuthorization: Digest username=\"201\"\r\n\r\n",
];

const SIPSAK: &str = "OPTIONS sip:201@192.0.2.1 SIP/2.0\r\n\
     Via: SIP/2.0/UDP 192.0.2.9:34411;branch=z9hG4bK.76208ace;rport;alias\r\nFrom: sip:x@192.0.2.9:34411;tag=7b900303\r\n\
     To: sip:201@192.0.2.1\r\nCall-ID: 2073035523@192.0.2.9\r\nCSeq: 1 OPTIONS\r\nContact: sip:x@192.0.2.9:34411\r\n\
     Content-Length: 0\r\nMax-Forwards: 70\r\nAccept: text/plain\r\n\r\n";

const SIPP: &str = "INVITE sip:service@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK-25700-1-0\r\n\
     From: sipp <sip:sipp@192.0.2.9:5060>;tag=25700SIPpTag001\r\nTo: service <sip:service@192.0.2.1>\r\nCall-ID: 1-25700@192.0.2.9\r\n\
     CSeq: 1 INVITE\r\nContact: sip:sipp@192.0.2.9:5060\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n";

const SIPPTS: &str = "INVITE sip:201@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5061;branch=z9hG4bKabc;rport\r\n\
     From: <sip:100@192.0.2.1>;tag=aBc\r\nTo: <sip:201@192.0.2.1>\r\nCall-ID: xyz\r\nCSeq: 1 INVITE\r\n\
     User-Agent: Yealink SIP-T54W 96.86.0.70\r\nContent-Type: application/sdp\r\n\r\nv=0\r\no=100 8000 8000 IN IP4 192.0.2.9\r\ns=SIPPTS\r\n";

/// Phones: a Yealink, a Snom, baresip, linphone, and an old one from before RFC 3261.
const PHONES: [&str; 5] = [
    "REGISTER sip:192.0.2.1:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 192.168.1.101:5060;branch=z9hG4bK2093287347\r\n\
     From: \"Anna\" <sip:201@192.0.2.1:5060>;tag=1528713431\r\nTo: \"Anna\" <sip:201@192.0.2.1:5060>\r\n\
     Call-ID: 0_1093283847@192.168.1.101\r\nCSeq: 1 REGISTER\r\nContact: <sip:201@192.168.1.101:5060>\r\nMax-Forwards: 70\r\n\
     User-Agent: Yealink SIP-T54W 96.86.0.70\r\nExpires: 3600\r\nContent-Length: 0\r\n\r\n",
    "REGISTER sip:192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/TLS 192.168.1.102:2048;branch=z9hG4bK-5w2ug1zqpk7m;rport\r\n\
     From: \"Bram\" <sip:202@192.0.2.1>;tag=r1eckq5q2s\r\nTo: \"Bram\" <sip:202@192.0.2.1>\r\nCall-ID: 313537393234-7dgc3o7uyxfb\r\n\
     CSeq: 1 REGISTER\r\nMax-Forwards: 70\r\nUser-Agent: snomD785/10.1.175.16\r\n\
     Contact: <sip:202@192.168.1.102:2048;transport=tls>;reg-id=1\r\nExpires: 600\r\nContent-Length: 0\r\n\r\n",
    "REGISTER sip:192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.168.1.103:36190;branch=z9hG4bK5f6a7ad3b6be1ba5;rport\r\n\
     Contact: <sip:203-0x55d@192.168.1.103:36190>;expires=3600\r\nMax-Forwards: 70\r\nTo: <sip:203@192.0.2.1>\r\n\
     From: <sip:203@192.0.2.1>;tag=3f5d3f7b1e1a0f4c\r\nCall-ID: 8d9f3d3c2a1b4e5f\r\nCSeq: 30419 REGISTER\r\n\
     User-Agent: baresip v1.0.0 (x86_64/linux)\r\nAllow: INVITE,ACK,BYE\r\nContent-Length: 0\r\n\r\n",
    "INVITE sip:202@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.168.1.104:5060;branch=z9hG4bK.pQ1Yx0dJk;rport\r\n\
     From: <sip:204@192.0.2.1>;tag=~9bYw5V\r\nTo: sip:202@192.0.2.1\r\nCSeq: 20 INVITE\r\nCall-ID: Vd7nM7eSkz\r\nMax-Forwards: 70\r\n\
     User-Agent: Linphone/5.1\r\nContact: <sip:204@192.168.1.104>\r\nContent-Length: 0\r\n\r\n",
    "REGISTER sip:192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.168.1.105:5060;branch=1\r\nFrom: <sip:205@192.0.2.1>;tag=12345678\r\n\
     To: <sip:205@192.0.2.1>\r\nCall-ID: 5678@192.168.1.105\r\nCSeq: 1 REGISTER\r\nContact: <sip:205@192.168.1.105>\r\nExpires: 60\r\n\r\n",
];

#[test]
fn the_first_packet_of_each_tool_is_known_under_any_name() {
    for packet in SIPVICIOUS.into_iter().chain([SIPSAK, SIPP, SIPPTS]) {
        assert!(is_scanner(packet.as_bytes()), "{packet}");
    }
}

#[test]
fn a_tool_that_says_its_name_is_known_by_it() {
    for name in ["friendly-scanner", "Sipvicious 0.3", "sipcli/v1.8", "VaxSIPUserAgent/3.1"] {
        let packet = PHONES[0].replace("Yealink SIP-T54W 96.86.0.70", name);
        assert!(is_scanner(packet.as_bytes()), "{name}");
    }
}

#[test]
fn no_phone_is_taken_for_a_scanner_not_even_one_that_is_strange_in_one_way() {
    for packet in PHONES {
        assert!(!is_scanner(packet.as_bytes()), "{packet}");
    }
    let digits = PHONES[0].replace("0_1093283847@192.168.1.101", "1093283847");
    assert!(!is_scanner(digits.as_bytes()), "a Call-ID of digits alone is a hint");
    let near = PHONES[0].replace("192.168.1.101", "1.1.1.10");
    assert!(!is_scanner(near.as_bytes()), "1.1.1.10 is not 1.1.1.1");
}

#[test]
fn an_answer_is_never_a_scanners_request() {
    assert!(!is_scanner(b"SIP/2.0 200 OK\r\nUser-Agent: friendly-scanner\r\n\r\n"));
}

#[test]
fn a_tag_of_decimal_digits_is_no_note_of_a_scanner_however_it_reads_in_hexadecimal() {
    for tag in ["2014013533", "2540139", "3331320135", "20241350013731"] {
        let register = format!(
            "REGISTER sip:192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/TLS 192.168.1.9:5060;branch=z9hG4bK1\r\nFrom: <sip:201@192.0.2.1>;tag={tag}\r\n\
             To: <sip:201@192.0.2.1>\r\nCall-ID: 201-40135@192.168.1.9\r\nCSeq: 1 REGISTER\r\nContent-Length: 0\r\n\r\n"
        );
        assert!(!is_scanner(register.as_bytes()), "{tag}");
    }
}
