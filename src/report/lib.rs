//! The `report` room.

pub mod register;
