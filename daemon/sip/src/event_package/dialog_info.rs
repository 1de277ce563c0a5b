//! `application/dialog-info+xml` (RFC 4235): the dialogs of a number, for whoever has a key for it.

use std::fmt::Write as _;

use crate::message::SipUri;

/// The dialogs of one number at one moment, all of them (state `full`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DialogInfo {
    /// The number that is watched.
    pub entity: SipUri,
    /// Counts the documents of one subscription from 0 (RFC 4235 4.1).
    pub version: u32,
    /// Its dialogs.
    pub dialogs: Vec<DialogElement>,
}

/// One dialog of the watched number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DialogElement {
    /// Names it for as long as it lives, within the document.
    pub id: String,
    /// By which a Replaces header can name it (RFC 3891), if it may be replaced.
    pub names: Option<DialogNames>,
    /// Who began it. Not known of one that is not there (any more).
    pub initiative: Option<Initiative>,
    /// How far it is.
    pub state: DialogState,
    /// The watched end.
    pub local: Option<Participant>,
    /// The other end, if it may be shown.
    pub remote: Option<Participant>,
}

/// What a Replaces header needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DialogNames {
    /// `call-id`.
    pub call_id: String,
    /// `local-tag`.
    pub local_tag: String,
    /// `remote-tag`.
    pub remote_tag: String,
}

/// Who began a dialog (RFC 4235 4.1.2, `direction`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Initiative {
    /// The watched end called.
    Initiator,
    /// The watched end was called.
    Recipient,
}

/// How far a dialog is (RFC 4235 3.7.1). `proceeding` is not told apart from `trying`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DialogState {
    /// Nothing has been heard from the called end.
    Trying,
    /// It rings.
    Early,
    /// Answered.
    Confirmed,
    /// Over.
    Terminated,
}

/// One end of a dialog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participant {
    /// Name as shown; may be empty.
    pub name: String,
    /// Its address, which is also where a pickup is sent.
    pub uri: SipUri,
}

impl DialogInfo {
    /// The media type.
    pub const CONTENT_TYPE: &'static str = "application/dialog-info+xml";

    /// As it is sent.
    pub fn to_xml(&self) -> String {
        let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n");
        let entity = escaped(&self.entity.to_string());
        xml += "<dialog-info xmlns=\"urn:ietf:params:xml:ns:dialog-info\"";
        // Writing into a String cannot fail.
        let _ = write!(xml, " version=\"{}\" state=\"full\" entity=\"{entity}\">\r\n", self.version);
        self.dialogs.iter().for_each(|dialog| dialog.write(&mut xml));
        xml += "</dialog-info>\r\n";
        xml
    }
}

impl DialogElement {
    fn write(&self, xml: &mut String) {
        let _ = write!(xml, "<dialog id=\"{}\"", escaped(&self.id));
        if let Some(DialogNames { call_id, local_tag, remote_tag }) = &self.names {
            let (call_id, local, remote) = (escaped(call_id), escaped(local_tag), escaped(remote_tag));
            let _ = write!(xml, " call-id=\"{call_id}\" local-tag=\"{local}\" remote-tag=\"{remote}\"");
        }
        match self.initiative {
            Some(Initiative::Initiator) => xml.push_str(" direction=\"initiator\""),
            Some(Initiative::Recipient) => xml.push_str(" direction=\"recipient\""),
            None => {}
        }
        let _ = write!(xml, ">\r\n<state>{}</state>\r\n", self.state.as_str());
        for (which, participant) in [("local", &self.local), ("remote", &self.remote)] {
            if let Some(participant) = participant {
                participant.write(which, xml);
            }
        }
        xml.push_str("</dialog>\r\n");
    }
}

impl DialogState {
    /// As in the document.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Trying => "trying",
            Self::Early => "early",
            Self::Confirmed => "confirmed",
            Self::Terminated => "terminated",
        }
    }
}

impl Participant {
    fn write(&self, which: &str, xml: &mut String) {
        let (name, uri) = (escaped(&self.name), escaped(&self.uri.to_string()));
        let display = if name.is_empty() { String::new() } else { format!(" display=\"{name}\"") };
        let _ = write!(xml, "<{which}><identity{display}>{uri}</identity><target uri=\"{uri}\"/></{which}>\r\n");
    }
}

/// As text or attribute of XML 1.0; characters that XML cannot carry at all are left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for one in text.chars() {
        match one {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            one if one.is_control() || matches!(one, '\u{fffe}' | '\u{ffff}') => {}
            one => out.push(one),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Host;

    fn at(user: &str) -> SipUri {
        SipUri::new(Some(user), Host::parse("192.168.1.10").unwrap(), None)
    }

    #[test]
    fn a_ringing_colleague_is_written_as_rfc_4235_wants_it() {
        let remote = Participant { name: "Bakker & <zoon>".into(), uri: at("+31612345678") };
        let ringing = DialogElement {
            id: "c1".into(),
            names: Some(DialogNames { call_id: "c1".into(), local_tag: "l".into(), remote_tag: "r".into() }),
            initiative: Some(Initiative::Recipient),
            state: DialogState::Early,
            local: Some(Participant { name: String::new(), uri: at("202") }),
            remote: Some(remote),
        };
        let document = DialogInfo { entity: at("202"), version: 3, dialogs: vec![ringing] };
        let lines = [
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
            "<dialog-info xmlns=\"urn:ietf:params:xml:ns:dialog-info\" version=\"3\" state=\"full\" entity=\"sip:202@192.168.1.10\">",
            "<dialog id=\"c1\" call-id=\"c1\" local-tag=\"l\" remote-tag=\"r\" direction=\"recipient\">",
            "<state>early</state>",
            "<local><identity>sip:202@192.168.1.10</identity><target uri=\"sip:202@192.168.1.10\"/></local>",
            "<remote><identity display=\"Bakker &amp; &lt;zoon&gt;\">sip:+31612345678@192.168.1.10</identity><target uri=\"sip:+31612345678@192.168.1.10\"/></remote>",
            "</dialog>",
            "</dialog-info>",
            "",
        ];
        assert_eq!(document.to_xml(), lines.join("\r\n"));
    }

    #[test]
    fn no_name_breaks_out_of_the_document() {
        assert_eq!(escaped("\"'><&\u{0}\u{1b}\r\n\u{ffff}é\u{1F600}"), "&quot;&apos;&gt;&lt;&amp;é\u{1F600}");
    }
}
