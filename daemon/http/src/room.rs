//! Places of which there are so many in all, and so many for each address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// How many guests there are, in all and from each address. Clones share their places.
#[derive(Debug, Clone)]
pub(crate) struct Room {
    guests: Arc<Mutex<HashMap<IpAddr, usize>>>,
    most: usize,
    most_per_address: usize,
}

impl Room {
    pub(crate) fn new(most: usize, most_per_address: usize) -> Self {
        Self { guests: Arc::default(), most, most_per_address }
    }

    /// A place for a guest, as long as it is held. `None` when there are too many.
    pub(crate) fn enter(&self, source: IpAddr) -> Option<Place> {
        let mut guests = self.guests.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = guests.values().sum();
        let own = guests.get(&source).copied().unwrap_or(0);
        if all >= self.most || own >= self.most_per_address {
            return None;
        }
        guests.insert(source, own + 1);
        Some(Place { room: self.clone(), source })
    }
}

/// A guest's place; given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    room: Room,
    source: IpAddr,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut guests = self.room.guests.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = guests.get_mut(&self.source) {
            *count -= 1;
            if *count == 0 {
                guests.remove(&self.source);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn one_address_cannot_take_every_place_and_gives_its_own_back() {
        let room = Room::new(512, 32);
        let here = IpAddr::from([192, 168, 1, 5]);
        let mut places: Vec<Place> = (0..32).map(|_| room.enter(here).unwrap()).collect();
        assert!(room.enter(here).is_none());
        assert!(room.enter(IpAddr::from([192, 168, 1, 6])).is_some());
        places.pop();
        assert!(room.enter(here).is_some());
    }

    #[test]
    fn many_addresses_together_cannot_take_more_than_there_is() {
        let room = Room::new(512, 32);
        let places: Vec<Option<Place>> =
            (0..517).map(|number| room.enter(IpAddr::from(Ipv4Addr::from_bits(number)))).collect();
        assert_eq!(places.iter().flatten().count(), 512);
    }
}
