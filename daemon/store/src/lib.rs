//! SQLite: revisions of the office, call records, secrets. The only SQL in the house.
