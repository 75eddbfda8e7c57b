//! The generic cell rate algorithm over a bounded table of clients.

use super::client::Client;
use super::limit::RateLimit;
use crate::lock::lock;
use std::collections::{BTreeSet, HashMap};
use std::sync::Mutex;
use std::time::Duration;
use victor_clock::Instant;

/// Most clients remembered.
const CLIENTS: usize = 10_000;

/// Counts the requests of each client against one limit.
///
/// Of a client only one instant is kept: when, at the limit's pace, the requests it has made will
/// have been paid off. A client whose instant has passed is as good as unknown and is forgotten. In
/// a full table the client nearest to that goes first, since forgetting it forgives least; with a
/// list by last use instead, those who ask most seldom would be forgiven most.
#[derive(Debug)]
pub(crate) struct RateLimiter {
    interval: Duration,
    burst: Duration,
    most: usize,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    paid: HashMap<Client, Instant>,
    order: BTreeSet<(Instant, Client)>,
}

impl RateLimiter {
    pub(crate) fn new(limit: RateLimit) -> Self {
        Self::with_room(limit, CLIENTS)
    }

    fn with_room(limit: RateLimit, most: usize) -> Self {
        let interval = limit.interval();
        let burst = interval * (limit.count().get() - 1);
        Self { interval, burst, most, table: Mutex::default() }
    }

    /// Counts a request at `at`, or says how long `client` must wait before one is let through.
    pub(crate) fn take(&self, client: Client, at: Instant) -> Result<(), Duration> {
        let mut table = lock(&self.table);
        table.forget_before(at);
        let paid = table.paid.get(&client).copied().unwrap_or(at);
        let ahead = paid.saturating_duration_since(at);
        if ahead > self.burst {
            return Err(ahead - self.burst);
        }
        table.set(client, paid.max(at) + self.interval);
        if table.paid.len() > self.most {
            table.forget_first();
        }
        Ok(())
    }

    /// How many clients are remembered.
    pub(crate) fn clients(&self) -> usize {
        lock(&self.table).paid.len()
    }
}

impl Table {
    fn set(&mut self, client: Client, paid: Instant) {
        if let Some(before) = self.paid.insert(client, paid) {
            self.order.remove(&(before, client));
        }
        self.order.insert((paid, client));
    }

    fn forget_before(&mut self, at: Instant) {
        while self.order.first().is_some_and(|(paid, _)| *paid <= at) {
            self.forget_first();
        }
    }

    fn forget_first(&mut self) {
        if let Some((_, client)) = self.order.pop_first() {
            self.paid.remove(&client);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::num::NonZeroU32;
    use victor_clock::now;

    fn limiter(count: u32, period: Duration, most: usize) -> RateLimiter {
        let count = NonZeroU32::new(count).expect("some");
        RateLimiter::with_room(RateLimit::new(count, period).expect("a period"), most)
    }

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn a_burst_then_one_an_interval() {
        let limiter = limiter(60, MINUTE, 10);
        let start = now();
        let client = Client::Key(0);
        for _ in 0..60 {
            assert_eq!(limiter.take(client, start), Ok(()));
        }
        assert_eq!(limiter.take(client, start), Err(Duration::from_secs(1)));
        assert_eq!(limiter.take(Client::Key(1), start), Ok(()));
        let later = start + Duration::from_secs(1);
        assert_eq!(limiter.take(client, later), Ok(()));
        assert_eq!(limiter.take(client, later), Err(Duration::from_secs(1)));
    }

    #[test]
    fn those_who_have_paid_are_forgotten_and_a_full_table_forgives_least() {
        let limiter = limiter(60, MINUTE, 3);
        let start = now();
        for _ in 0..60 {
            assert!(limiter.take(Client::Key(0), start).is_ok());
        }
        for key in 1..100 {
            assert!(limiter.take(Client::Key(key), start).is_ok());
            assert!(limiter.clients() <= 3);
        }
        assert!(limiter.take(Client::Key(0), start).is_err(), "the busiest is still known");
        assert!(limiter.take(Client::Key(7), start + MINUTE).is_ok());
        assert_eq!(limiter.clients(), 1);
    }

    proptest! {
        #[test]
        fn no_period_has_much_more_than_the_limit_and_who_waits_as_told_is_let_in(
            count in 1..20_u32,
            gaps in prop::collection::vec(0..3_000_u64, 1..200),
        ) {
            let period = Duration::from_secs(10);
            let limiter = limiter(count, period, 4);
            let client = Client::Key(0);
            let mut at = now();
            let mut let_in: Vec<Instant> = Vec::new();
            for gap in gaps {
                at += Duration::from_millis(gap);
                match limiter.take(client, at) {
                    Ok(()) => let_in.push(at),
                    Err(wait) => {
                        prop_assert!(wait > Duration::ZERO && wait <= limiter.interval);
                        at += wait;
                        prop_assert_eq!(limiter.take(client, at), Ok(()));
                        let_in.push(at);
                    }
                }
            }
            // Burst and pace: in any span of `d` at most `count + d / interval`.
            for (first, start) in let_in.iter().enumerate() {
                for (more, end) in let_in[first..].iter().enumerate() {
                    let span = (*end - *start).as_secs_f64() / limiter.interval.as_secs_f64();
                    prop_assert!(f64::from(u32::try_from(more).unwrap()) < f64::from(count) + span + 1e-6);
                }
            }
        }
    }
}
