//! Who stands between an office and its provider: the Linux kernel with these rules or those, two of them in a row, or a program.

use crate::failure::Tried;
use crate::private_world::ThreeHosts;
use crate::{Failure, Middlebox, Place, Result, Rewriting};

pub(super) const MASQUERADE: &str =
    "table ip nat {\n chain post {\n  type nat hook postrouting priority 100;\n  oifname wan masquerade\n }\n}\n";
pub(super) const REMAP: &str = "table ip nat {\n chain post {\n  type nat hook postrouting priority 100;\n  oifname wan meta l4proto { tcp, udp } \
                     masquerade to :20000-30000 random\n }\n}\n";
pub(super) const HELPER: &str = "table ip sip {\n ct helper sip {\n  type \"sip\" protocol udp\n }\n chain pre {\n  type filter hook prerouting \
                      priority 0;\n  udp dport 5060 ct helper set \"sip\"\n }\n}\n";
pub(super) const HELPER_ON_TCP: &str = "table ip siptcp {\n ct helper siptcp {\n  type \"sip\" protocol tcp\n }\n chain pre {\n  type filter hook \
                             prerouting priority 0;\n  tcp dport 5060 ct helper set \"siptcp\"\n }\n}\n";
/// What the office sends to its own address on the internet comes back to it, as from there.
pub(super) const HAIRPIN: &str = "table ip hairpin {\n chain pre {\n  type nat hook prerouting priority -100;\n  iifname lan ip daddr 203.0.113.2 \
                       meta l4proto udp dnat to 10.20.0.2\n }\n chain post {\n  type nat hook postrouting priority 100;\n  oifname lan \
                       ip saddr 10.20.0.0/24 masquerade\n }\n}\n";
/// Who spoke over UDP is forgotten a little after the box asks its provider again whether it is there.
pub(super) const HASTY: &str = "table ip hasty {\n ct timeout hasty {\n  protocol udp\n  policy = { unreplied : 24, replied : 24 }\n }\n chain pre {\n  \
                     type filter hook prerouting priority 0;\n  meta l4proto udp ct timeout set \"hasty\"\n }\n}\n";

/// Who stands between.
#[derive(Clone, Copy)]
pub(super) enum Between {
    /// The kernel, with these rules.
    Kernel(&'static [&'static str]),
    /// Two of them: the office's, and one beyond it.
    InARow([&'static [&'static str]; 2]),
    /// A program that does this to what leaves on UDP port 5060.
    Program(Rewriting),
}

/// The office, who stands between, and the provider.
pub(super) struct Network {
    pub(super) hosts: ThreeHosts,
    _middlebox: Option<Middlebox>,
}

impl Between {
    /// The network, with nothing running in it but what stands between.
    pub(super) fn make(self) -> Result<Network> {
        let hosts = match self {
            Self::InARow(_) => ThreeHosts::make_behind_two()?,
            Self::Kernel(_) | Self::Program(_) => ThreeHosts::make(true)?,
        };
        let middlebox = match self {
            Self::Kernel(rules) => set_rules(&hosts.middle, rules).map(|()| None)?,
            Self::InARow([own, beyond]) => {
                set_rules(&hosts.middle, own)?;
                hosts.beyond.iter().try_for_each(|router| set_rules(router, beyond)).map(|()| None)?
            }
            Self::Program(rewriting) => Some(stand_between(&hosts, rewriting)?),
        };
        Ok(Network { hosts, _middlebox: middlebox })
    }
}

/// Why the kernel's helper cannot play here: a kernel without it, or without leave to load it.
pub(super) fn refusal() -> Option<String> {
    let try_it = || Between::Kernel(&[MASQUERADE, HELPER]).make().map(drop);
    let failure = try_it().err()?.to_string();
    // What nft says when the kernel refuses what nft itself understood.
    failure.contains("Could not process rule").then(|| format!("the kernel's SIP helper is not to be had: {failure}"))
}

/// The router lets no packet live on that has come to its last hop, hands what is for port 5060 of the provider to a middlebox, masquerades
/// the rest, and lets nobody in who was not asked.
fn stand_between(hosts: &ThreeHosts, rewriting: Rewriting) -> Result<Middlebox> {
    let provider = (hosts.provider.address, 5060).into();
    let middlebox = Middlebox::start(&hosts.middle, hosts.middle_outside.address, provider, rewriting)?;
    let redirect = format!(
        "table ip middlebox {{\n chain pre {{\n  type nat hook prerouting priority -100;\n  iifname lan udp dport 5060 redirect to \
         :{}\n }}\n chain hops {{\n  type filter hook prerouting priority -300;\n  iifname lan ip ttl 1 drop\n }}\n \
         chain wall {{\n  type filter hook forward priority 0;\n  iifname wan ct state new drop\n }}\n}}\n",
        middlebox.port
    );
    set_rules(&hosts.middle, &[MASQUERADE, &redirect])?;
    Ok(middlebox)
}

pub(super) fn set_rules(router: &Place, rules: &[&str]) -> Result<()> {
    let directory = tempfile::tempdir().tried(|| "make a folder for the router".to_owned())?;
    let path = directory.path().join("rules");
    std::fs::write(&path, rules.concat()).tried(|| "write the router's rules".to_owned())?;
    let output = router.command("nft").arg("-f").arg(&path).output().tried(|| "run nft".to_owned())?;
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(()) } else { Err(Failure::Unexpected(format!("nft: {}", said.trim()))) }
}
