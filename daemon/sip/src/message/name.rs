//! Header names: the known ones as an enum, with their compact forms (RFC 3261 7.3.3 and the RFCs that came after).

use bytes::Bytes;

macro_rules! header_names {
    ($($variant:ident = $text:literal $(/ $compact:literal)?),* $(,)?) => {
        /// A header field's name. Unknown ones are kept as written and compare without case.
        #[derive(Debug, Clone)]
        #[allow(missing_docs, reason = "the names are the registered header fields")]
        pub enum HeaderName { $($variant,)* Other(Bytes) }

        impl HeaderName {
            const KNOWN: &'static [(&'static str, Self)] = &[$(($text, Self::$variant)),*];
            /// Of each length the places of its names in that list, counted from one.
            const OF_LENGTH: [[u8; 12]; 24] = {
                let mut places = [[0; 12]; 24];
                let mut at = 0;
                while at < Self::KNOWN.len() {
                    let (length, mut free) = (Self::KNOWN[at].0.len(), 0);
                    while places[length][free] != 0 {
                        free += 1;
                    }
                    at += 1;
                    places[length][free] = at as u8;
                }
                places
            };
            const COMPACT: &'static [(u8, Self)] = &[$($(($compact, Self::$variant),)?)*];

            /// As written on the wire, canonical for known names.
            pub fn as_bytes(&self) -> &[u8] {
                match self {
                    $(Self::$variant => $text.as_bytes(),)*
                    Self::Other(name) => name,
                }
            }

            const fn code(&self) -> u8 {
                #[allow(dead_code)]
                enum Code { $($variant,)* Other }
                match self { $(Self::$variant => Code::$variant as u8,)* Self::Other(_) => Code::Other as u8 }
            }
        }
    };
}

header_names! {
    Via = "Via" / b'v', From = "From" / b'f', To = "To" / b't', CallId = "Call-ID" / b'i', CSeq = "CSeq",
    Contact = "Contact" / b'm', MaxForwards = "Max-Forwards", Expires = "Expires", ContentLength = "Content-Length" / b'l',
    ContentType = "Content-Type" / b'c', Route = "Route", RecordRoute = "Record-Route", UserAgent = "User-Agent",
    Server = "Server", Authorization = "Authorization", WwwAuthenticate = "WWW-Authenticate",
    ProxyAuthorization = "Proxy-Authorization", ProxyAuthenticate = "Proxy-Authenticate",
    AuthenticationInfo = "Authentication-Info", Allow = "Allow", Supported = "Supported" / b'k', Require = "Require",
    ProxyRequire = "Proxy-Require", Unsupported = "Unsupported", Event = "Event" / b'o',
    SubscriptionState = "Subscription-State", AllowEvents = "Allow-Events" / b'u', ReferTo = "Refer-To" / b'r',
    ReferredBy = "Referred-By" / b'b', Replaces = "Replaces", SessionExpires = "Session-Expires" / b'x', MinSe = "Min-SE",
    MinExpires = "Min-Expires", RAck = "RAck", RSeq = "RSeq", PAssertedIdentity = "P-Asserted-Identity",
    PPreferredIdentity = "P-Preferred-Identity", RemotePartyId = "Remote-Party-ID", Privacy = "Privacy",
    Diversion = "Diversion", HistoryInfo = "History-Info", Path = "Path", ServiceRoute = "Service-Route", Reason = "Reason",
    Date = "Date", Subject = "Subject" / b's', Accept = "Accept", AcceptEncoding = "Accept-Encoding",
    AcceptLanguage = "Accept-Language", ContentEncoding = "Content-Encoding" / b'e', ContentDisposition = "Content-Disposition",
    Warning = "Warning", RetryAfter = "Retry-After", Timestamp = "Timestamp", Organization = "Organization",
    AlertInfo = "Alert-Info", CallInfo = "Call-Info", MimeVersion = "MIME-Version", InReplyTo = "In-Reply-To",
    ErrorInfo = "Error-Info", Priority = "Priority", ReplyTo = "Reply-To",
    Geolocation = "Geolocation", GeolocationRouting = "Geolocation-Routing", Mac = "Mac",
}

impl HeaderName {
    /// Reads a name, long or compact, in any case.
    pub fn parse(name: &Bytes) -> Self {
        Self::known(name).unwrap_or_else(|| Self::Other(name.clone()))
    }

    /// The name in the list that this is, long or compact, in any case.
    pub(super) fn known(name: &[u8]) -> Option<Self> {
        if let [single] = name {
            let lower = single.to_ascii_lowercase();
            return Self::COMPACT.iter().find(|(compact, _)| *compact == lower).map(|(_, known)| known.clone());
        }
        let places = Self::OF_LENGTH.get(name.len())?.iter().take_while(|place| **place != 0);
        let mut same_length = places.map(|place| &Self::KNOWN[usize::from(*place) - 1]);
        // Nearly everybody writes them as they stand here.
        let is_same = |text: &[u8]| text == name || text.eq_ignore_ascii_case(name);
        same_length.find(|(text, _)| is_same(text.as_bytes())).map(|(_, known)| known.clone())
    }

    /// For a header that is not in the list. The name must be a token.
    pub fn other(name: &'static str) -> Self {
        Self::parse(&Bytes::from_static(name.as_bytes()))
    }
}

impl PartialEq for HeaderName {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Other(one), Self::Other(two)) => one.eq_ignore_ascii_case(two),
            _ => self.code() == other.code(),
        }
    }
}

impl Eq for HeaderName {}
