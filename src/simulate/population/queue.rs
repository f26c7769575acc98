//! What happens when: a queue of events in the order of their times.
//!
//! A radix heap: time never runs backwards, so an event stands in the bucket of the highest bit in which its time
//! differs from the present, and moves down as time comes near. Events of the same instant come in an order that depends
//! on nothing but what was put in.

/// Events with their times, in milliseconds.
pub(super) struct Queue<E> {
    buckets: Vec<Vec<(u64, E)>>,
    now: u64,
}

impl<E> Queue<E> {
    /// Nothing, at time 0.
    pub(super) fn new() -> Queue<E> {
        Queue { buckets: (0..=64).map(|_| Vec::new()).collect(), now: 0 }
    }

    fn bucket(&self, at: u64) -> usize {
        (64 - (at ^ self.now).leading_zeros()) as usize
    }

    /// Puts an event in; one that lies in the past happens now.
    pub(super) fn push(&mut self, at: u64, event: E) {
        let at = at.max(self.now);
        let bucket = self.bucket(at);
        self.buckets[bucket].push((at, event));
    }

    /// Takes the next event out, if it happens at `end` or before.
    pub(super) fn pop(&mut self, end: u64) -> Option<(u64, E)> {
        if self.buckets[0].is_empty() {
            let first = self.buckets.iter().position(|bucket| !bucket.is_empty())?;
            let next = self.buckets[first].iter().map(|(at, _)| *at).min()?;
            if next > end {
                return None;
            }
            self.now = next;
            let mut moved = std::mem::take(&mut self.buckets[first]);
            for (at, event) in moved.drain(..).rev() {
                let bucket = self.bucket(at);
                self.buckets[bucket].push((at, event));
            }
            // Its room is used again.
            self.buckets[first] = moved;
        }
        if self.now > end { None } else { self.buckets[0].pop() }
    }
}

#[cfg(test)]
mod tests {
    use super::Queue;

    #[test]
    fn events_come_in_the_order_of_their_times() {
        let (mut queue, mut seed, mut now, mut waiting) = (Queue::new(), 1_u64, 0, 0);
        for round in 0..20_000_u32 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let at = now + (seed >> 33) % 1_000_000 / (1 + u64::from(round % 7) * 1000);
            queue.push(at, at);
            waiting += 1;
            if round % 3 > 0 {
                let (at, event) = queue.pop(u64::MAX).unwrap();
                assert!(at >= now && at == event);
                (now, waiting) = (at, waiting - 1);
            }
        }
        assert!(queue.pop(now.saturating_sub(1)).is_none());
        while let Some((at, _)) = queue.pop(u64::MAX) {
            assert!(at >= now);
            (now, waiting) = (at, waiting - 1);
        }
        assert_eq!(waiting, 0);
    }
}
