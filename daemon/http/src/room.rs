//! Places of which there are so many in all, so many for the internet, and so many for each address.
//!
//! When there is none left, whoever has most of them gives one up: a connection costs nothing, so that who holds many and asks
//! nothing keeps nobody out.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::peer::network_of;

/// How many places there are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    /// In all.
    pub(crate) all: usize,
    /// Of these for who comes from elsewhere than the office's own networks.
    pub(crate) far: usize,
    /// For each address.
    pub(crate) per_address: usize,
}

/// Who has a place. Clones share their places.
#[derive(Debug, Clone)]
pub(crate) struct Room {
    guests: Arc<Mutex<Guests>>,
    size: Size,
}

/// Whose a place is: an address, or a network of who is far; and whether it is near, which may change while connections last.
type Whose = (IpAddr, bool);

/// The places of one address, the oldest first.
type Seats = BTreeMap<u64, Arc<Seat>>;

#[derive(Debug, Default)]
struct Guests {
    last: u64,
    by_address: HashMap<Whose, Seats>,
}

#[derive(Debug, Default)]
struct Seat {
    is_proven: AtomicBool,
    /// It was given to somebody else.
    is_taken: AtomicBool,
    taken: Notify,
}

impl Seat {
    fn is_free_to_take(&self) -> bool {
        !self.is_proven.load(Ordering::Relaxed)
    }
}

impl Room {
    pub(crate) fn new(size: Size) -> Self {
        Self { guests: Arc::default(), size }
    }

    /// A place for a guest, as long as it is held and nobody else needs it more. `None` when every one is held by who has
    /// proved something.
    ///
    /// Who is far is one guest a network: a home has 2^64 addresses of IPv6, an office's machines have one each.
    pub(crate) fn enter(&self, source: IpAddr, is_near: bool) -> Option<Place> {
        let whose = (if is_near { source } else { network_of(source) }, is_near);
        let mut guests = self.guests();
        while !self.has_room(&guests, whose) {
            let own_is_full = guests.count(whose) >= self.size.per_address;
            let victim = if own_is_full { whose } else { guests.greediest(!is_near)? };
            guests.take_oldest(victim)?;
        }
        guests.last += 1;
        let (number, seat) = (guests.last, Arc::<Seat>::default());
        guests.by_address.entry(whose).or_default().insert(number, Arc::clone(&seat));
        drop(guests);
        Some(Place { room: self.clone(), whose, number, seat })
    }

    fn has_room(&self, guests: &Guests, whose: Whose) -> bool {
        let far = guests.of_class(false);
        guests.of_class(true) + far < self.size.all
            && (whose.1 || far < self.size.far)
            && guests.count(whose) < self.size.per_address
    }

    fn guests(&self) -> MutexGuard<'_, Guests> {
        self.guests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Guests {
    fn count(&self, whose: Whose) -> usize {
        self.by_address.get(&whose).map_or(0, BTreeMap::len)
    }

    /// How many places who is near has, or who is far.
    fn of_class(&self, is_near: bool) -> usize {
        self.by_address.iter().filter(|((_, near), _)| *near == is_near).map(|(_, own)| own.len()).sum()
    }

    /// The address that holds most places for which it has shown nothing; of equals the one that holds one for longest. Who is
    /// far takes none from the office.
    fn greediest(&self, of_far_alone: bool) -> Option<Whose> {
        let rivals = self.by_address.iter().filter(|((_, is_near), _)| !of_far_alone || !is_near);
        let greed = |own: &Seats| {
            let mut open = own.iter().filter(|(_, seat)| seat.is_free_to_take());
            let oldest = open.next().map(|(number, _)| *number)?;
            Some((open.count() + 1, std::cmp::Reverse(oldest)))
        };
        rivals.filter_map(|(whose, own)| Some((greed(own)?, *whose))).max().map(|(_, whose)| whose)
    }

    /// Ends the oldest connection of an address that has shown nothing.
    fn take_oldest(&mut self, whose: Whose) -> Option<()> {
        let own = self.by_address.get(&whose)?;
        let (number, seat) = own.iter().find(|(_, seat)| seat.is_free_to_take())?;
        let (number, seat) = (*number, Arc::clone(seat));
        self.leave(whose, number);
        seat.is_taken.store(true, Ordering::Release);
        seat.taken.notify_one();
        Some(())
    }

    fn leave(&mut self, whose: Whose, number: u64) {
        let Some(own) = self.by_address.get_mut(&whose) else { return };
        own.remove(&number);
        if own.is_empty() {
            self.by_address.remove(&whose);
        }
    }
}

/// A guest's place; given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    room: Room,
    whose: Whose,
    number: u64,
    seat: Arc<Seat>,
}

impl Place {
    /// Ends when somebody else has it.
    pub(crate) async fn taken(&self) {
        while !self.seat.is_taken.load(Ordering::Acquire) {
            self.seat.taken.notified().await;
        }
    }

    /// Who says there what only a user or a phone can: nobody takes it any more.
    pub(crate) fn proof(&self) -> Proof {
        Proof(Arc::clone(&self.seat))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.room.guests().leave(self.whose, self.number);
    }
}

/// Says of a place that whoever has it is somebody.
#[derive(Debug, Clone)]
pub(crate) struct Proof(Arc<Seat>);

impl Proof {
    pub(crate) fn give(&self) {
        self.0.is_proven.store(true, Ordering::Relaxed);
    }
}

/// What a handler puts into an answer that went to somebody with a session, or to a phone that showed what only it knows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Proven;

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const SIZE: Size = Size { all: 512, far: 256, per_address: 32 };

    fn far(number: u32) -> IpAddr {
        Ipv4Addr::from_bits(0xcb00_7100 + number).into()
    }

    fn near(last: u8) -> IpAddr {
        IpAddr::from([192, 168, 1, last])
    }

    /// How many of these places are still held by who took them.
    fn held<'a>(places: impl IntoIterator<Item = &'a Place>) -> usize {
        places.into_iter().filter(|place| !place.seat.is_taken.load(Ordering::Relaxed)).count()
    }

    #[test]
    fn one_address_cannot_take_every_place_and_gives_its_own_back() {
        let room = Room::new(SIZE);
        let mut places: Vec<Place> = (0..33).map(|_| room.enter(near(5), true).unwrap()).collect();
        assert_eq!((held(&places), held(&places[..1])), (32, 0), "its own oldest goes");
        places.iter().for_each(|place| place.proof().give());
        assert!(room.enter(near(5), true).is_none());
        assert!(room.enter(near(6), true).is_some());
        places.pop();
        assert!(room.enter(near(5), true).is_some());
    }

    #[test]
    fn the_internet_never_takes_the_places_of_the_office() {
        let room = Room::new(SIZE);
        let crowd: Vec<Place> = (0..2_000).filter_map(|number| room.enter(far(number), false)).collect();
        assert_eq!(held(&crowd), 256);
        let office: Vec<Place> = (0..=255).map(|last| room.enter(near(last), true).unwrap()).collect();
        assert_eq!((held(&crowd), held(&office)), (256, 256));
        assert!((0..2_000).all(|number| room.enter(far(5_000 + number), false).is_some()), "they take each other's");
        assert_eq!(held(&office), 256);
    }

    #[test]
    fn who_holds_many_and_asks_nothing_keeps_nobody_out_wherever_it_is() {
        for is_near in [false, true] {
            let at = |number: u8| if is_near { near(number) } else { far(number.into()) };
            let room = Room::new(SIZE);
            let rogues = |round: u8| (0..40).map(move |rogue| (round, rogue));
            let mut crowd: Vec<Place> =
                (0..50).flat_map(rogues).filter_map(|(_, rogue)| room.enter(at(rogue), is_near)).collect();
            let owner = room.enter(at(200), is_near).unwrap();
            crowd.extend((0..50).flat_map(rogues).filter_map(|(_, rogue)| room.enter(at(rogue), is_near)));
            assert_eq!(held([&owner]), 1);
            assert_eq!(held(&crowd), if is_near { 511 } else { 255 });
        }
    }

    #[test]
    fn who_has_a_whole_network_of_ipv6_is_one_guest_and_the_offices_machines_are_many() {
        let at = |last: u16| IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, last]);
        for is_near in [false, true] {
            let room = Room::new(SIZE);
            let crowd: Vec<Place> = (0..200).map(|last| room.enter(at(last), is_near).unwrap()).collect();
            assert_eq!(held(&crowd), if is_near { 200 } else { 32 });
        }
    }

    #[test]
    fn whoever_becomes_near_while_a_connection_lasts_is_counted_right() {
        let room = Room::new(SIZE);
        let places = [false, true].map(|is_near| room.enter(far(1), is_near).unwrap());
        drop(places);
        assert!(room.guests().by_address.is_empty());
    }

    #[test]
    fn nobody_takes_the_place_of_a_session_or_a_phone() {
        let room = Room::new(SIZE);
        let proven: Vec<Place> = (0..256).map(|number| room.enter(far(number), false).unwrap()).collect();
        proven.iter().for_each(|place| place.proof().give());
        assert!(room.enter(far(1_000), false).is_none());
        assert_eq!(held(&proven), 256);
        assert!(room.enter(near(1), true).is_some());
    }

    #[tokio::test]
    async fn whose_place_is_taken_is_told_and_gives_back_no_other() {
        let room = Room::new(Size { all: 1, far: 1, per_address: 1 });
        let first = room.enter(near(1), true).unwrap();
        let second = room.enter(near(2), true).unwrap();
        first.taken().await;
        drop(first);
        assert_eq!(room.guests().of_class(true), 1);
        drop(second);
        assert!(room.guests().by_address.is_empty());
    }
}
