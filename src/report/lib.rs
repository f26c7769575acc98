//! What people and machines read: transcripts, traces, the register of requirements.

pub mod register;
pub mod scene;
pub mod trace;
pub mod transcript;
pub mod words;
