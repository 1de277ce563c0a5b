//! The exchange: calls, legs, forking, trunks. One pure state machine.
