//! The phone book as a phone has it: it is fetched from where the settings say, with parsers of the phone's own, and people
//! look up names in it and dial from it. A Yealink keeps what it fetched for a while; a Snom's small browser fetches every page.

use std::time::{Duration, Instant};

use roxmltree::{Document, Node};

use super::{DeskPhone, Fetched, Maker, Owner};

/// How long a Yealink keeps a book when its settings do not say, seconds (factory value).
const KEEPS: u64 = 21_600;
/// How long it rings at the other end before who called gives up.
const PATIENCE: Duration = Duration::from_secs(30);
/// Books that a Yealink can have.
const BOOKS: u8 = 5;

/// What the screen shows of a book.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// Names and numbers, in the order of the book.
    pub entries: Vec<(String, String)>,
    /// The keys under it: their name, their label, and where they lead.
    pub keys: Vec<(String, String, String)>,
    /// Where a form that it shows sends what is typed, and as what.
    asks: Option<(String, String)>,
}

/// A phone's book.
#[derive(Debug, Default)]
pub(super) struct Book {
    shown: Option<Result<Page, String>>,
    /// The page that is being waited for: what somebody types once a form comes, and whether it is kept.
    waits: Option<Looked>,
    /// A Yealink's copy of the whole.
    copy: Option<(Instant, Page)>,
}

#[derive(Debug, Default)]
struct Looked {
    word: Option<String>,
    whole: bool,
}

impl Book {
    /// The power is gone: a copy is in memory alone.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }
}

impl DeskPhone {
    /// Somebody opens the phone book. Whether it has one.
    pub fn open_book(&mut self, now: Instant) -> bool {
        let keeps = Duration::from_secs(self.store.number("features.remote_phonebook.flash_time").unwrap_or(KEEPS));
        let enters = self.store.value("features.remote_phonebook.enter_update_enable") == "1";
        let copy = self.book.copy.as_ref().filter(|(fetched, _)| !enters && *fetched + keeps > now);
        if let Some((_, page)) = copy {
            self.book.shown = Some(Ok(page.clone()));
            return true;
        }
        let Some(url) = self.book_url(false) else { return false };
        self.look_up(now, &url, Looked { word: None, whole: self.profile.maker == Maker::Yealink });
        true
    }

    /// Somebody looks for a word in it. Whether it can do that.
    pub fn search_book(&mut self, now: Instant, word: &str) -> bool {
        let Some(url) = self.book_url(true) else { return false };
        match self.profile.maker {
            Maker::Yealink => self.look_up(now, &url.replace("#SEARCH", &escaped(word)), Looked::default()),
            _ => self.look_up(now, &url, Looked { word: Some(word.to_owned()), whole: false }),
        }
        true
    }

    /// Somebody presses a key under the page, by its label. Whether it is there.
    pub fn press_under_book(&mut self, now: Instant, label: &str) -> bool {
        let Some(Ok(page)) = &self.book.shown else { return false };
        let Some(url) = page.keys.iter().find(|(_, known, _)| known == label).map(|(_, _, url)| url.clone()) else {
            return false;
        };
        self.look_up(now, &url, Looked::default());
        true
    }

    /// Somebody chooses a name and dials it. Whether it stands there.
    pub fn dial_from_book(&mut self, now: Instant, name: &str) -> bool {
        self.in_book(name).inspect(|number| self.dial(now, 0, number, PATIENCE)).is_some()
    }

    /// The same at a base's handset, from a book that was opened there.
    pub fn dial_from_book_at_handset(&mut self, now: Instant, place: u8, name: &str) -> bool {
        self.in_book(name).is_some_and(|number| self.dial_at_handset(now, place, &number, PATIENCE))
    }

    /// The number at a name of the page that is shown.
    fn in_book(&self, name: &str) -> Option<String> {
        let Some(Ok(page)) = &self.book.shown else { return None };
        page.entries.iter().find(|(known, _)| known == name).map(|(_, number)| number.clone())
    }

    /// What the screen shows of the book, or why it shows none. `None` while it is not open, or waits for it.
    pub const fn book(&self) -> Option<&Result<Page, String>> {
        if self.book.waits.is_some() { None } else { self.book.shown.as_ref() }
    }

    /// Where the book is, or the one that is searched.
    fn book_url(&self, searched: bool) -> Option<String> {
        match self.profile.maker {
            Maker::Yealink => {
                if self.store.value_or("features.remote_phonebook.enable", "1") != "1" {
                    return None;
                }
                let urls = (1..=BOOKS).map(|at| self.store.value(&format!("remote_phonebook.data.{at}.url")));
                let mut fitting = urls.filter(|url| !url.is_empty() && url.contains("#SEARCH") == searched);
                fitting.next().map(str::to_owned)
            }
            Maker::Snom => self.store.value("dkey_directory").strip_prefix("url ").map(str::to_owned),
            Maker::Linphone => None,
        }
    }

    fn look_up(&mut self, now: Instant, url: &str, looked: Looked) {
        self.book.waits = Some(looked);
        let get = self.question(now, url);
        self.request(Owner::Book, get);
    }

    pub(super) fn handle_book(&mut self, now: Instant, fetched: Fetched) {
        let Some(looked) = self.book.waits.take() else { return };
        let read = match fetched {
            Fetched::Answer { status: 200, body, whole: true } => {
                read(self.profile.maker, &String::from_utf8_lossy(&body)).ok_or("no phone book".to_owned())
            }
            Fetched::Answer { .. } | Fetched::Nothing => Err("phone book cannot be loaded".to_owned()),
            Fetched::Tls(fault) => Err(fault.words().to_owned()),
        };
        if let (Some(word), Ok(page)) = (&looked.word, &read) {
            // The key that leads to the form, then the form.
            let next = match &page.asks {
                Some((url, field)) => Some((format!("{url}?{field}={}", escaped(word)), None)),
                None => page.keys.first().map(|(_, _, url)| (url.clone(), looked.word.clone())),
            };
            if let Some((url, word)) = next {
                return self.look_up(now, &url, Looked { word, whole: false });
            }
        }
        if let (true, Ok(page)) = (looked.whole, &read) {
            self.book.copy = Some((now, page.clone()));
        }
        self.book.shown = Some(read);
    }
}

/// Reads a page as its maker's phones do: what is of another kind is none.
fn read(maker: Maker, text: &str) -> Option<Page> {
    let document = Document::parse(text).ok()?;
    let root = document.root_element();
    match (maker, root.tag_name().name()) {
        (Maker::Yealink, "YealinkIPPhoneDirectory") => Some(Page { entries: entries(root), ..Page::default() }),
        (Maker::Snom, "SnomIPPhoneDirectory") => Some(Page { entries: entries(root), keys: keys(root), asks: None }),
        (Maker::Snom, "SnomIPPhoneInput") => {
            let item = root.children().find(|node| node.has_tag_name("InputItem"))?;
            let asks = Some((child(root, "URL").to_owned(), child(item, "QueryStringParam").to_owned()));
            Some(Page { asks, ..Page::default() })
        }
        _ => None,
    }
}

fn entries(root: Node<'_, '_>) -> Vec<(String, String)> {
    let entries = root.children().filter(|node| node.has_tag_name("DirectoryEntry"));
    entries.map(|entry| (child(entry, "Name").to_owned(), child(entry, "Telephone").to_owned())).collect()
}

fn keys(root: Node<'_, '_>) -> Vec<(String, String, String)> {
    let keys = root.children().filter(|node| node.has_tag_name("SoftKeyItem"));
    keys.map(|key| [child(key, "Name"), child(key, "Label"), child(key, "URL")].map(str::to_owned).into()).collect()
}

fn child<'a>(node: Node<'a, '_>, name: &str) -> &'a str {
    node.children().find(|child| child.has_tag_name(name)).and_then(|child| child.text()).unwrap_or_default().trim()
}

/// A word as it stands in the query of an address (RFC 3986 2.1).
fn escaped(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let one = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    word.bytes().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_book_of_another_maker_or_a_portals_page_is_none() {
        let book = "<YealinkIPPhoneDirectory><DirectoryEntry><Name>An &amp; co</Name><Telephone>201</Telephone>\
                    </DirectoryEntry></YealinkIPPhoneDirectory>";
        assert_eq!(read(Maker::Yealink, book).unwrap().entries, [("An & co".to_owned(), "201".to_owned())]);
        assert_eq!(read(Maker::Snom, book), None);
        assert_eq!(read(Maker::Yealink, "<html/>"), None);
        assert_eq!(read(Maker::Yealink, "YealinkIPPhoneDirectory"), None);
    }

    #[test]
    fn a_word_goes_into_an_address_without_breaking_it() {
        assert_eq!(escaped("Ça & co?"), "%C3%87a%20%26%20co%3F");
    }
}
