//! What a phone makes of where it is: the language of its display, its tones, its clock, and how it joins the network.

use super::{DeskPhone, Maker};

const HOUR: u64 = 3600;
const DAY: u64 = 86_400;
/// Zones of the European Union's summer time, as the makers name them. All are an hour ahead of UTC in winter.
const SUMMER_ZONES: [&str; 10] = [
    "Netherlands(Amsterdam)",
    "Belgium(Brussels)",
    "Germany(Berlin)",
    "France(Paris)",
    "Luxembourg(Luxembourg)",
    "NLD+1",
    "BEL+1",
    "GER+1",
    "FRA+1",
    "LUX+1",
];

impl DeskPhone {
    /// The language of its display, as ISO 639-1: English where it has none of what is set.
    pub fn language(&self) -> &'static str {
        let set = match self.profile.maker {
            Maker::Yealink => self.store.value("lang.gui"),
            Maker::Snom => self.store.value("language"),
            Maker::Linphone => "",
        };
        match set {
            "Dutch" | "Nederlands" if !self.without_dutch => "nl",
            "French" | "Français" => "fr",
            "German" | "Deutsch" => "de",
            _ => "en",
        }
    }

    /// Whose tones it plays, in its maker's word.
    pub fn tones(&self) -> &str {
        match self.profile.maker {
            Maker::Yealink => self.store.value_or("voice.tone.country", "Custom"),
            Maker::Snom => self.store.value_or("tone_scheme", "USA"),
            Maker::Linphone => "",
        }
    }

    /// What its clock shows when it is so late, in unix seconds: `14:05`, or `2:05 PM` where it is set to that.
    pub fn clock_at(&self, unix_seconds: u64) -> String {
        let (zone, by_zone, long) = match self.profile.maker {
            Maker::Yealink => (
                self.store.value("local_time.time_zone_name"),
                self.store.value_or("local_time.summer_time", "2") == "2",
                self.store.value_or("local_time.time_format", "1") == "1",
            ),
            Maker::Snom => (self.store.value("timezone"), true, self.store.value_or("time_24_format", "on") == "on"),
            Maker::Linphone => ("", false, true),
        };
        let known = SUMMER_ZONES.contains(&zone);
        let ahead = u64::from(known) + u64::from(known && by_zone && is_summer(unix_seconds));
        let minutes = (unix_seconds + ahead * HOUR) % DAY / 60;
        let (hour, minute) = (minutes / 60, minutes % 60);
        if long {
            return format!("{hour:02}:{minute:02}");
        }
        format!("{}:{minute:02} {}", (hour + 11) % 12 + 1, if hour < 12 { "AM" } else { "PM" })
    }

    /// The VLAN that it sends its own packets in, if its settings name one.
    pub fn vlan(&self) -> Option<u64> {
        match self.profile.maker {
            Maker::Yealink => {
                let own = |key: &str| self.with_or_without_static(&format!("network.vlan.internet_port_{key}"));
                (own("enable") == "1").then(|| own("vid").parse().ok())?
            }
            Maker::Snom => self.store.number("vlan_id"),
            Maker::Linphone => None,
        }
    }

    /// Whether it follows what the switch says of VLANs (LLDP-MED).
    pub fn hears_lldp(&self) -> bool {
        match self.profile.maker {
            Maker::Yealink => self.with_or_without_static("network.lldp.enable") == "1",
            Maker::Snom => self.store.value("lldp_enable") == "on",
            Maker::Linphone => false,
        }
    }

    /// The DSCP of its voice and of its signalling (RFC 2474). A Snom is told the whole byte.
    pub fn dscp(&self) -> Option<(u64, u64)> {
        let number = |key: &str| self.with_or_without_static(key).parse::<u64>().ok();
        match self.profile.maker {
            Maker::Yealink => {
                let voice = if self.profile.is_base { "network.qos.rtptos" } else { "network.qos.audiotos" };
                Some((number(voice)?, number("network.qos.signaltos")?))
            }
            Maker::Snom => Some((self.store.number("codec_tos")? >> 2, self.store.number("signaling_tos")? >> 2)),
            Maker::Linphone => None,
        }
    }

    /// A setting that Yealink's firmware of some years reads with `static.` before it.
    fn with_or_without_static(&self, key: &str) -> &str {
        self.store.value_or(&format!("static.{key}"), self.store.value(key))
    }
}

/// Whether it is summer time in the European Union: from the last Sunday of March to that of October, at one o'clock UTC
/// (directive 2000/84/EC).
fn is_summer(unix_seconds: u64) -> bool {
    let year = (0..).map(|after| 1970 + after).take_while(|year| days_to(*year) * DAY <= unix_seconds).last();
    let year = year.unwrap_or(1970);
    // Days of the year before the first of April and of November.
    let leap = u64::from(is_leap(year));
    let begins = last_sunday_before(days_to(year) + 90 + leap);
    let ends = last_sunday_before(days_to(year) + 304 + leap);
    (begins * DAY + HOUR..ends * DAY + HOUR).contains(&unix_seconds)
}

/// Days from 1970 to the first of January.
fn days_to(year: u64) -> u64 {
    (1970..year).map(|year| 365 + u64::from(is_leap(year))).sum()
}

const fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400)
}

/// The last Sunday before a day. Day 0, 1970-01-01, was a Thursday.
const fn last_sunday_before(day: u64) -> u64 {
    let last = day - 1;
    last - (last + 4) % 7
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summer_time_begins_and_ends_in_the_hour_that_the_directive_says() {
        // 2026-03-29 and 2026-10-25, 2027-03-28, and 2024-10-27 of a leap year, at 01:00 UTC.
        for (change, begins) in
            [(1_774_746_000, true), (1_792_890_000, false), (1_806_195_600, true), (1_729_990_800, false)]
        {
            assert_eq!((is_summer(change - 1), is_summer(change)), (!begins, begins), "{change}");
        }
        assert!(!is_summer(0));
    }
}
