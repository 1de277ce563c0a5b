//! What providers publish of their SIP trunks, as data: `providers.toml`.

use toml::de::{DeTable, DeValue};

use crate::rules;
use crate::{TrunkTransport, TypedDialect};

const TABLE: &str = include_str!("providers.toml");
/// What stands in a server's name for the customer's own part of it.
const ACCOUNT: &str = "{account}";

/// The settings of one provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preset {
    /// As customers know it.
    pub name: &'static str,
    /// Host, or host:port; `{account}` in it is the customer's own. Empty where the provider tells each customer theirs.
    pub server: &'static str,
    /// What it takes; the first is usual.
    pub transports: Vec<TrunkTransport>,
    /// Whether it wants a registration.
    pub register: bool,
    /// How it wants to be spoken to, as far as it says so.
    pub dialect: TypedDialect,
    /// Where it is published.
    pub source: &'static str,
    /// When it was read there: year, month, day.
    pub read: &'static str,
    /// Whether a call over it was made with this box.
    pub verified: bool,
}

impl Preset {
    /// Every provider of the table, by name. A row that no trunk could have is none; a test holds that there is no such row.
    pub fn all() -> Vec<Self> {
        let Ok(table) = DeTable::parse(TABLE) else { return Vec::new() };
        let rows = table.get_ref().get("provider").and_then(|rows| rows.get_ref().as_array());
        let rows = rows.into_iter().flatten().filter_map(|row| row.get_ref().as_table());
        let mut presets: Vec<Self> = rows.filter_map(read).collect();
        presets.sort_by_key(|preset| preset.name);
        presets
    }
}

fn read(row: &DeTable<'static>) -> Option<Preset> {
    let server = text(row, "server").unwrap_or_default();
    let typed = server.replace(ACCOUNT, "account");
    if !server.is_empty() {
        rules::server(&typed).ok()?;
    }
    let transports = texts(row, "transports").into_iter().map(|word| rules::transport(word).ok());
    let transports = transports.collect::<Option<Vec<TrunkTransport>>>().filter(|all| !all.is_empty())?;
    let owned = |key| text(row, key).unwrap_or_default().to_owned();
    let codecs = texts(row, "codecs").into_iter().map(str::to_owned).collect();
    let dialect = TypedDialect {
        identity: owned("identity"),
        numbers_as: owned("numbers_as"),
        dtmf: owned("dtmf"),
        codecs,
        ..TypedDialect::default()
    };
    dialect.read().ok()?;
    Some(Preset {
        name: text(row, "name")?,
        server,
        transports,
        register: flag(row, "register")?,
        dialect,
        source: text(row, "source").filter(|source| source.starts_with("https://"))?,
        read: text(row, "read").filter(|day| day.parse::<crate::Date>().is_ok())?,
        verified: flag(row, "verified")?,
    })
}

/// The text of a key. The table is a constant, and so is what is borrowed from it.
fn text(row: &DeTable<'static>, key: &str) -> Option<&'static str> {
    borrowed(row.get(key)?.get_ref())
}

fn texts(row: &DeTable<'static>, key: &str) -> Vec<&'static str> {
    let values = row.get(key).and_then(|value| value.get_ref().as_array());
    values.into_iter().flatten().map(|value| borrowed(value.get_ref()).unwrap_or_default()).collect()
}

fn borrowed(value: &DeValue<'static>) -> Option<&'static str> {
    match value {
        DeValue::String(std::borrow::Cow::Borrowed(text)) => Some(text),
        _ => None,
    }
}

fn flag(row: &DeTable<'static>, key: &str) -> Option<bool> {
    row.get(key)?.get_ref().as_bool()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Change, Country, Office, OfficeIdentity, Secret};

    #[test]
    fn every_row_has_a_source_and_is_within_the_rules_of_a_trunk() {
        let presets = Preset::all();
        assert_eq!(presets.len(), TABLE.matches("[[provider]]").count(), "a row that cannot be read is left out");
        for preset in presets {
            let server = match preset.server {
                "" => "sip.example.net".to_owned(),
                server => server.replace(ACCOUNT, "bakery"),
            };
            let put = Change::PutTrunk {
                name: "provider".into(),
                server,
                transport: preset.transports[0].word().into(),
                username: "office".into(),
                password: Some(Secret::new("secret")),
                register: preset.register,
                numbers: vec!["+31201234567".into()],
                dialect: Some(preset.dialect.clone()),
            };
            let office = Office::empty(OfficeIdentity::assumed(Country::Netherlands));
            office.apply(put).expect(preset.name);
        }
    }

    #[test]
    fn no_two_rows_have_one_name_and_none_claims_what_nobody_tried() {
        let presets = Preset::all();
        assert!(presets.windows(2).all(|two| two[0].name < two[1].name));
        assert!(presets.iter().all(|preset| !preset.verified), "no real provider was called yet");
    }
}
