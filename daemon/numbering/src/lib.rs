//! E.164, the Dutch and Belgian number plans and the emergency numbers.
