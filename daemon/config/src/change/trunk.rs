//! Changes of the ways out.

use super::{Change, ChangeRefused, at, put, refused};
use crate::rules::{self, Fault};
use crate::{Office, OutsideNumber, Secret, Trunk};

impl Office {
    pub(super) fn put_trunk(&mut self, change: Change) -> Result<(), ChangeRefused> {
        let Change::PutTrunk { name, server, transport, username, password, register, numbers, dialect } = change
        else {
            return Ok(());
        };
        let name = at("name", rules::plain_name(&name))?;
        if let Some(password) = &password {
            at("password", rules::password(password))?;
        }
        let kept = || self.trunk(&name).map(|trunk| trunk.password.clone()).filter(|kept| !kept.reveal().is_empty());
        let password = password.or_else(kept);
        if register && password.is_none() {
            let reason = "the provider asks for a password to register";
            return Err(refused("password", Fault::new("password-needed", reason)));
        }
        let numbers: Result<Vec<OutsideNumber>, _> =
            numbers.iter().map(|number| at("numbers", rules::outside_number(number))).collect();
        let dialect = match dialect {
            Some(typed) => typed.read().map_err(|(field, fault)| refused(field, fault))?,
            None => self.trunk(&name).map(|trunk| trunk.dialect.clone()).unwrap_or_default(),
        };
        let trunk = Trunk {
            server: at("server", rules::server(&server))?,
            transport: at("transport", rules::transport(&transport))?,
            username: at("username", rules::username(&username))?,
            password: password.unwrap_or_else(|| Secret::new("")),
            register,
            numbers: numbers?,
            dialect,
            channels: self.trunk(&name).map(|trunk| trunk.channels).unwrap_or_default(),
            abuse: self.trunk(&name).and_then(|trunk| trunk.abuse.clone()),
            name,
        };
        put(&mut self.trunks, trunk, |left, right| left.name == right.name);
        self.forget_numbers_of_no_trunk();
        Ok(())
    }

    pub(super) fn order_trunks(&mut self, names: &[String]) -> Result<(), ChangeRefused> {
        let (mut said, mut known): (Vec<&str>, Vec<&str>) =
            (names.iter().map(String::as_str).collect(), self.trunks.iter().map(|trunk| trunk.name.as_str()).collect());
        said.sort_unstable();
        known.sort_unstable();
        if said != known {
            return Err(refused("names", Fault::new("order-incomplete", "an order names every trunk once")));
        }
        self.trunks.sort_by_key(|trunk| names.iter().position(|name| *name == trunk.name));
        Ok(())
    }

    /// What leads from a number that is at no trunk any more is forgotten, and a premium number whose calls came there sleeps.
    pub(crate) fn forget_numbers_of_no_trunk(&mut self) {
        let trunks = &self.trunks;
        let is_ours = |number: &OutsideNumber| trunks.iter().any(|trunk| trunk.numbers.contains(number));
        self.inbound.retain(|inbound| is_ours(&inbound.number));
        for own in &mut self.premium_numbers {
            own.active &= is_ours(&own.line);
        }
    }
}
