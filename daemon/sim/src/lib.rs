//! Virtual clock and network, scripted phones and providers, invariant checkers.
