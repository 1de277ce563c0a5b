//! Attackers and benign days at the doorkeeper's door, with a clock that only moves when told to.

mod attacks;
mod benign;
mod bounds;
mod door;
