//! What to write into the office's router, or into a phone by hand.

use serde::Serialize;
use utoipa::ToSchema;

use super::vendor_specific;
use crate::Catalogue;
use crate::recognise::Dialect;

/// Where a phone that knows no more than the box's address asks for its first file.
pub(super) fn bootstrap(host: &str, http_port: u16) -> String {
    format!("http://{host}:{http_port}/")
}

/// How a router is told to tell phones where the box is. Each text is complete and goes in as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RouterTexts {
    /// DHCP option 66: an address.
    pub option_66: String,
    /// DHCP option 43 in hexadecimal, for routers that have no option 66: the same address, as option 66 within.
    pub option_43: String,
    /// The line for dnsmasq, and for routers made of it (OpenWrt, Pi-hole, DD-WRT).
    pub dnsmasq: String,
    /// The commands for a MikroTik router.
    pub mikrotik: String,
    /// Whether a Fritz!Box can say it. It cannot: its DHCP server has no field for options.
    pub fritz_box: bool,
    /// What to type on a phone's own page, per maker.
    pub by_hand: Vec<VendorAddress>,
}

/// What to type on the page of a maker's phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct VendorAddress {
    /// The maker as it writes itself.
    pub maker: String,
    /// The address for it. `{mac}` in it is typed as it is: the phone fills it in.
    pub address: String,
}

impl RouterTexts {
    /// The texts with the box's own address, a name or a literal IPv4 address. `None` when it is too long to be told by
    /// DHCP (253 bytes with all that is around it).
    pub fn new(catalogue: &Catalogue, host: &str, http_port: u16) -> Option<Self> {
        let url = bootstrap(host, http_port);
        let option_43 = vendor_specific(&url)?.iter().map(|byte| format!("{byte:02x}")).collect();
        let by_hand = catalogue.vendors().filter_map(|vendor| {
            let address = match vendor.dialect {
                Dialect::Yealink => url.clone(),
                Dialect::Snom => format!("{url}{{mac}}.xml"),
                Dialect::Linphone => return None,
            };
            Some(VendorAddress { maker: vendor.name.clone(), address })
        });
        Some(Self {
            dnsmasq: format!("dhcp-option=66,\"{url}\""),
            mikrotik: format!(
                "/ip dhcp-server option add name=centrale code=66 value=\"'{url}'\"\n\
                 /ip dhcp-server network set [find] dhcp-option=centrale"
            ),
            fritz_box: false,
            by_hand: by_hand.collect(),
            option_66: url,
            option_43,
        })
    }
}
