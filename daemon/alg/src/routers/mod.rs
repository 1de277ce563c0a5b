//! Routers and firewalls that stand in Dutch and Belgian offices: how one is recognised, and where its SIP ALG is switched
//! off. A menu that no source names is not made up: then the office is told what to ask, and can let Centrale go round it.

mod table;

use std::fmt;

pub use table::ROUTERS;

/// How well a row is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// The maker's own manual or support text.
    Maker,
    /// The same words in several configurations that are in use.
    Configurations,
    /// A guide of somebody else.
    Guide,
    /// Nobody that we know of: to be shown as "look for", if at all.
    Unverified,
}

/// What switches it off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switch {
    /// A menu path in the router's own page, and what to do there.
    Menu(&'static str),
    /// Lines to be typed.
    Commands(&'static [&'static str]),
    /// It has no SIP ALG; what to set instead.
    NoneBuiltIn(&'static str),
    /// It cannot be switched off.
    Fixed,
    /// No source names it.
    NotKnown,
}

/// One row.
#[derive(Debug, Clone, Copy)]
pub struct Router {
    /// As the page calls it.
    pub name: &'static str,
    /// Vendors in the table of MAC prefixes; empty where a prefix says nothing.
    pub vendors: &'static [&'static str],
    /// Words in its UPnP name (friendlyName, manufacturer, modelName), in lower case.
    pub upnp: &'static [&'static str],
    /// Words in the title of its page, in lower case.
    pub title: &'static [&'static str],
    /// What switches the SIP ALG off.
    pub switch: Switch,
    /// What else is to be known.
    pub note: &'static str,
    /// Where that stands.
    pub source: &'static str,
    /// How well it is known.
    pub status: Status,
}

impl Router {
    /// Whether the office may be shown it as a fact.
    pub const fn is_verified(&self) -> bool {
        !matches!(self.status, Status::Unverified)
    }
}

/// What is known of the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Gateway<'a> {
    /// Its MAC address.
    pub mac: Option<[u8; 6]>,
    /// What it calls itself over UPnP.
    pub upnp: Option<&'a str>,
    /// The title of its page.
    pub title: Option<&'a str>,
}

/// How a row was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ground {
    /// By the maker of its interface only: offered in a list, never said.
    MacPrefix,
    /// By what it calls itself.
    Name,
}

/// A row that fits.
#[derive(Debug, Clone, Copy)]
pub struct Match {
    /// The row.
    pub router: &'static Router,
    /// By what.
    pub ground: Ground,
}

/// The rows that fit a gateway, those by name first. More than one: the office is offered a list.
pub fn recognise(gateway: &Gateway<'_>) -> Vec<Match> {
    let said = |text: Option<&str>| text.map(str::to_lowercase).unwrap_or_default();
    let (upnp, title) = (said(gateway.upnp), said(gateway.title));
    let vendor = gateway.mac.and_then(vendor);
    let mut matches: Vec<Match> = ROUTERS
        .iter()
        .filter_map(|router| {
            let named =
                router.upnp.iter().any(|word| upnp.contains(word)) || router.title.iter().any(|it| title.contains(it));
            let made = vendor.is_some_and(|vendor| router.vendors.contains(&vendor));
            let ground = if named { Ground::Name } else { Ground::MacPrefix };
            (named || made).then_some(Match { router, ground })
        })
        .collect();
    matches.sort_by_key(|found| std::cmp::Reverse(found.ground));
    if matches.first().is_some_and(|first| first.ground == Ground::Name) {
        matches.retain(|found| found.ground == Ground::Name);
    }
    matches
}

/// Who made the interface with this address. A made-up address (locally administered) belongs to nobody.
pub fn vendor(mac: [u8; 6]) -> Option<&'static str> {
    if mac[0] & 2 != 0 {
        return None;
    }
    let prefix = format!("{:02X}{:02X}{:02X}", mac[0], mac[1], mac[2]);
    let lines = include_str!("data/oui.txt").lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| line.split_once(' '))
        .find(|(_, all)| all.split(' ').any(|it| it == prefix))
        .map(|(vendor, _)| vendor)
}

impl fmt::Display for Switch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Menu(path) => f.write_str(path),
            Self::Commands(lines) => f.write_str(&lines.join("\n")),
            Self::NoneBuiltIn(instead) => f.write_str(instead),
            Self::Fixed => f.write_str("cannot be switched off"),
            Self::NotKnown => f.write_str("not known"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn names(gateway: &Gateway<'_>) -> Vec<&'static str> {
        recognise(gateway).iter().map(|found| found.router.name).collect()
    }

    #[test]
    fn a_router_that_says_its_name_is_that_one_alone() {
        let gateway = Gateway { upnp: Some("MikroTik Router"), mac: Some([0, 0x1d, 0xaa, 1, 2, 3]), title: None };
        assert_eq!(names(&gateway), ["MikroTik"]);
        assert_eq!(names(&Gateway { title: Some("FRITZ!Box"), ..Gateway::default() }), ["AVM FRITZ!Box"]);
    }

    #[test]
    fn a_mac_prefix_offers_all_that_this_maker_makes() {
        let draytek = Gateway { mac: Some([0, 0x1d, 0xaa, 1, 2, 3]), ..Gateway::default() };
        assert_eq!(names(&draytek), ["DrayTek Vigor"]);
        assert_eq!(recognise(&draytek)[0].ground, Ground::MacPrefix);
        assert_eq!(names(&Gateway { mac: Some([2, 0x1d, 0xaa, 1, 2, 3]), ..Gateway::default() }), [""; 0]);
        assert_eq!(names(&Gateway::default()), [""; 0]);
    }

    #[test]
    fn every_vendor_of_a_row_has_prefixes_and_none_belongs_to_two() {
        let text = include_str!("data/oui.txt");
        let lines: Vec<_> =
            text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(' ')).collect();
        for router in ROUTERS {
            for vendor in router.vendors {
                assert!(lines.iter().any(|(name, _)| name == vendor), "{vendor}");
            }
        }
        let prefixes: Vec<&str> = lines.iter().flat_map(|(_, all)| all.split(' ')).collect();
        assert!(prefixes.iter().all(|it| it.len() == 6 && it.bytes().all(|byte| byte.is_ascii_hexdigit())));
        assert_eq!(prefixes.iter().collect::<BTreeSet<_>>().len(), prefixes.len());
    }

    #[test]
    fn a_row_without_a_source_names_no_menu() {
        assert!(ROUTERS.len() >= 20);
        for router in ROUTERS {
            let named = matches!(router.switch, Switch::Menu(_) | Switch::Commands(_));
            assert!(!named || (router.is_verified() && !router.source.is_empty()), "{}", router.name);
            assert!(
                !router.vendors.is_empty() || !router.upnp.is_empty() || !router.title.is_empty(),
                "{}",
                router.name
            );
            let lower = |words: &[&str]| words.iter().all(|word| word.to_lowercase() == *word && word.len() > 2);
            assert!(lower(router.upnp) && lower(router.title), "{}", router.name);
        }
    }
}
