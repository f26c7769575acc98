//! Audits of captures that were made in memory, of real ones, and of noise.

mod cases;
mod claims;
mod dialect;
mod kea;
mod noise;
mod real;
mod suffer;
mod tape;
