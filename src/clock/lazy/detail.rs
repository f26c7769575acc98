//! How much is kept.

/// How much is kept of what is known of ages ([`Kind::Age`](dhcpfo_time::Kind::Age)). The less is sound for what holds; what is refuted may have no
/// times then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Which of two is the earlier, and which deadlines came before.
    Order,
    /// By how much, too, as far as lengths can bridge it.
    Whole,
}

impl Detail {
    /// From little to much.
    pub const ALL: [Detail; 2] = [Detail::Order, Detail::Whole];
}
