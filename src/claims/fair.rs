//! What is taken to be fair, where something is claimed of whole runs.

/// Something that is not put off for ever, as a protocol declares it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Condition {
    /// Its name in model files.
    pub name: &'static str,
    /// What is not put off.
    pub about: &'static str,
    /// How many conditions it stands for, each for itself, such as one for each server; at most 8.
    pub parts: u32,
}

/// The condition that there is for every protocol: time does not stand still for ever.
pub const TIME: Condition = Condition { name: "time", about: "time passes", parts: 0 };

/// A condition that a model assumes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assumed {
    /// What.
    pub condition: Condition,
    /// It happens again and again if it is possible again and again. If not: if it is possible all the time from some time on.
    pub strong: bool,
}

/// How a comment of a script begins that says where a run goes round for ever. Diagrams draw a line there.
pub const ROUND: &str = "round: ";
