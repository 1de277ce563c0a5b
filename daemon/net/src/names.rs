//! Under which names the certificates of servers are checked.

use std::net::SocketAddr;

/// Addresses of one name that are remembered: the resolver may tell others each time, and a call goes on with the one that it
/// began with.
const MOST_OF_ONE: usize = 32;
/// Addresses at all.
const MOST: usize = 1024;

/// Each address with its name, the one that was named last at the end. What nobody names any more falls out.
#[derive(Debug, Default)]
pub(crate) struct Names(Vec<(SocketAddr, String)>);

impl Names {
    /// The name of an address, from now on. What is connected now keeps its own.
    pub(crate) fn name(&mut self, address: SocketAddr, name: &str, is_connected: impl Fn(SocketAddr) -> bool) {
        self.0.retain(|(other, _)| *other != address);
        let of_this = self.0.iter().filter(|(_, other)| other == name).count();
        let is_idle = |one: &&(SocketAddr, String)| !is_connected(one.0);
        let oldest = if of_this >= MOST_OF_ONE {
            self.0.iter().filter(is_idle).find(|(_, other)| other == name)
        } else if self.0.len() >= MOST {
            self.0.iter().find(is_idle)
        } else {
            None
        };
        if let Some(oldest) = oldest.map(|(address, _)| *address) {
            self.0.retain(|(other, _)| *other != oldest);
        }
        self.0.push((address, name.to_owned()));
    }

    /// The name of an address.
    pub(crate) fn of(&self, address: SocketAddr) -> Option<&str> {
        self.0.iter().find(|(other, _)| *other == address).map(|(_, name)| &**name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(number: u16) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, 1], number))
    }

    #[test]
    fn a_name_that_moves_for_ever_takes_no_more_room_and_no_other_name_from_its_address() {
        let mut names = Names::default();
        names.name(at(1), "sip.one.example", |_| false);
        names.name(at(2), "sip.two.example", |address| address == at(2));
        for number in 3..10_000 {
            names.name(at(number), "sip.two.example", |address| address == at(2));
        }
        assert_eq!(names.0.len(), 1 + MOST_OF_ONE);
        assert_eq!((names.of(at(1)), names.of(at(3))), (Some("sip.one.example"), None));
        assert_eq!(names.of(at(2)), Some("sip.two.example"), "it is connected");
        assert_eq!(names.of(at(9_999)), Some("sip.two.example"));
        names.name(at(9_999), "sip.one.example", |_| false);
        assert_eq!(names.of(at(9_999)), Some("sip.one.example"));
    }

    #[test]
    fn ever_new_names_take_no_more_room() {
        let mut names = Names::default();
        for number in 1..3_000 {
            names.name(at(number), &format!("{number}.example"), |_| false);
        }
        assert_eq!((names.0.len(), names.of(at(1)), names.of(at(2_999))), (MOST, None, Some("2999.example")));
    }
}
