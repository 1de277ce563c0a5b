//! From which networks somebody may do something.

use super::{ChangeRefused, at};
use crate::{Office, rules};

impl Office {
    pub(super) fn set_administration(&mut self, networks: &[String]) -> Result<(), ChangeRefused> {
        at("networks", rules::networks(networks.len()))?;
        let read = |network: &String| at("networks", rules::network(network));
        self.administration = networks.iter().map(read).collect::<Result<_, _>>()?;
        Ok(())
    }

    pub(super) fn set_scanners(&mut self, scanners: &[(String, String)]) -> Result<(), ChangeRefused> {
        at("scanners", rules::scanner_count(scanners.len()))?;
        let read = |(network, until): &(String, String)| at("scanners", rules::scanner(network, until));
        self.scanners = scanners.iter().map(read).collect::<Result<_, _>>()?;
        Ok(())
    }
}
