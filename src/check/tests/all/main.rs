//! Everything but the allocations, in one program: the long ones run side by side, and it is linked once.

mod actions;
mod cross;
mod lazy;
mod random_models;
mod symmetry;
mod truthful;
mod untimed;
