//! Phones as provisioning knows them.

use centrale_config::{Mac, Secret};
use rusqlite::{Row, Transaction, params};

use crate::seal::Seal;
use crate::values::{signed, unsigned};
use crate::{Store, StoreError};

/// What is remembered of a device.
#[derive(Clone, PartialEq, Eq)]
pub struct DeviceRow {
    /// Its MAC address.
    pub mac: Mac,
    /// How far its enrolment is, in provisioning's own word.
    pub state: String,
    /// Whatever else provisioning wants back, for example JSON. Encrypted at rest: it may hold tokens.
    pub document: String,
    /// The root of the passwords that were made for it, once it is enrolled. Encrypted at rest.
    pub secret: Option<Secret>,
    /// When it was last heard of, in milliseconds since 1970 UTC.
    pub last_seen_unix_ms: u64,
}

/// The document may hold tokens, so it is not shown.
impl std::fmt::Debug for DeviceRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeviceRow")
            .field("mac", &self.mac.to_string())
            .field("state", &self.state)
            .field("secret", &self.secret)
            .field("last_seen_unix_ms", &self.last_seen_unix_ms)
            .finish_non_exhaustive()
    }
}

/// What becomes of a device together with a revision of the office: both are on the disk, or neither.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeviceChange {
    /// It is written, new or known.
    Put(DeviceRow),
    /// It is forgotten; its secret is gone with it.
    Remove(Mac),
}

impl DeviceChange {
    pub(crate) fn make(self, tx: &Transaction<'_>, seal: &Seal) -> Result<(), StoreError> {
        match self {
            Self::Put(device) => put(tx, seal, device),
            Self::Remove(mac) => remove(tx, mac).map(drop),
        }
    }
}

impl Store {
    /// Every device, in order of MAC address.
    ///
    /// # Errors
    /// When the database cannot be read, or what is encrypted in it does not open.
    pub fn devices(&self) -> Result<Vec<DeviceRow>, StoreError> {
        let seal = self.seal();
        self.keeper().read(move |tx| {
            let mut list = tx.prepare("SELECT mac, state, document, secret, last_seen_ms FROM devices ORDER BY mac")?;
            let mut rows = list.query([])?;
            let mut devices = Vec::new();
            while let Some(row) = rows.next()? {
                devices.push(device(row, &seal)?);
            }
            Ok(devices)
        })
    }

    /// Writes a device, new or known.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn put_device(&self, device: &DeviceRow) -> Result<(), StoreError> {
        let (seal, device) = (self.seal(), device.clone());
        self.keeper().write(move |tx| put(tx, &seal, device))
    }

    /// Forgets a device; its secret is gone with it. Returns whether it was known.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn remove_device(&self, mac: Mac) -> Result<bool, StoreError> {
        self.keeper().write(move |tx| remove(tx, mac))
    }
}

fn put(tx: &Transaction<'_>, seal: &Seal, device: DeviceRow) -> Result<(), StoreError> {
    let DeviceRow { mac, state, document, secret, last_seen_unix_ms } = device;
    let document = seal.close(&place("document", mac), &document)?;
    let close = |secret: &Secret| seal.close(&place("secret", mac), secret.reveal());
    let secret = secret.as_ref().map(close).transpose()?;
    tx.execute(
        "INSERT INTO devices (mac, state, document, secret, last_seen_ms) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT DO UPDATE SET state = ?2, document = ?3, secret = ?4, last_seen_ms = ?5",
        params![mac.to_string(), state, document, secret, signed(last_seen_unix_ms)],
    )?;
    Ok(())
}

fn remove(tx: &Transaction<'_>, mac: Mac) -> Result<bool, StoreError> {
    Ok(tx.execute("DELETE FROM devices WHERE mac = ?1", [mac.to_string()])? > 0)
}

fn device(row: &Row<'_>, seal: &Seal) -> Result<DeviceRow, StoreError> {
    let mac = mac(&row.get::<_, String>(0)?)?;
    let secret: Option<String> = row.get(3)?;
    Ok(DeviceRow {
        mac,
        state: row.get(1)?,
        document: open(seal, "document", mac, &row.get::<_, String>(2)?)?.reveal().to_owned(),
        secret: secret.map(|closed| open(seal, "secret", mac, &closed)).transpose()?,
        last_seen_unix_ms: unsigned(row.get(4)?),
    })
}

fn mac(text: &str) -> Result<Mac, StoreError> {
    text.parse().map_err(|_| StoreError::Damaged(format!("a device has the MAC address {text:?}")))
}

fn open(seal: &Seal, column: &str, mac: Mac, closed: &str) -> Result<Secret, StoreError> {
    let damaged = || StoreError::Damaged(format!("the {column} of device {mac} does not open"));
    seal.open(&place(column, mac), closed).ok_or_else(damaged)
}

fn place(column: &str, mac: Mac) -> String {
    format!("devices/{column}/{mac}")
}
