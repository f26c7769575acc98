//! What people and machines read: transcripts, traces, the register of requirements.

pub mod baseline;
pub mod calendar;
pub mod catalogue;
pub mod diagram;
pub mod endpoint_states;
pub mod golden;
pub mod itf;
pub mod lines;
pub mod mutants;
pub mod page;
pub mod papers;
pub mod pcap;
pub mod recording;
pub mod register;
pub mod rows;
pub mod scene;
pub mod story;
pub mod trace;
pub mod transcript;
pub mod words;
