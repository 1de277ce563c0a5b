//! What the line to the internet loses of what providers send, by how many calls there are at once.

/// A call of which less was heard says nothing: ten seconds.
const LEAST_PACKETS: u64 = 500;
/// A hundred times the part that may be lost before speech suffers, and under which nothing is wrong.
const MUCH: u64 = 3;
const LITTLE: u64 = 1;
/// A call alone that loses something has other reasons than that there are too many.
const SEVERAL: usize = 2;
/// So many calls must have lost much.
const OFTEN: u8 = 2;

/// What got lost of late.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LineLosses {
    /// The fewest calls at once with which much was lost, and how often it was.
    lost: Option<(usize, u8)>,
}

impl LineLosses {
    /// A call ended, of which so many packets came and so many did not, while there were so many calls at once.
    pub fn note(&mut self, at_once: usize, packets: u64, lost: u64) {
        let sent = packets.saturating_add(lost);
        if at_once < SEVERAL || sent < LEAST_PACKETS {
            return;
        }
        let hundredfold = lost.saturating_mul(100);
        self.lost = match self.lost {
            Some((fewest, times)) if hundredfold >= sent.saturating_mul(MUCH) => {
                Some((fewest.min(at_once), times.saturating_add(1)))
            }
            None if hundredfold >= sent.saturating_mul(MUCH) => Some((at_once, 1)),
            // As many calls as then go well.
            Some((fewest, _)) if at_once >= fewest && hundredfold <= sent.saturating_mul(LITTLE) => None,
            before => before,
        };
    }

    /// From how many calls at once on the line loses too much, when it does.
    pub fn from(&self) -> Option<usize> {
        self.lost.filter(|(_, times)| *times >= OFTEN).map(|(fewest, _)| fewest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_117_a_line_that_loses_much_twice_with_several_calls_at_once_is_too_narrow_until_as_many_go_well() {
        let mut line = LineLosses::default();
        line.note(1, 970, 30);
        line.note(1, 970, 30);
        assert_eq!(line.from(), None, "one call alone has other reasons");
        line.note(6, 400, 50);
        line.note(6, 970, 30);
        assert_eq!(line.from(), None, "a short call says nothing, and once is not often");
        line.note(4, 970, 30);
        assert_eq!(line.from(), Some(4));
        line.note(3, 1_000, 0);
        line.note(5, 980, 20);
        assert_eq!(line.from(), Some(4), "fewer calls, and a little lost, say nothing");
        line.note(4, 995, 5);
        assert_eq!(line.from(), None);
        line.note(usize::MAX, u64::MAX, u64::MAX);
    }
}
