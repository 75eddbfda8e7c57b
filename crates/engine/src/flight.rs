//! Turns in flight.

use victor_clock::Instant;

/// A turn that has begun and not ended.
#[derive(Debug)]
pub(crate) struct Flight {
    pub(crate) row: usize,
    pub(crate) planned: Instant,
    pub(crate) user: u64,
    pub(crate) request_id: String,
    pub(crate) session_id: Option<String>,
}

/// Place of a [`Flight`]; returned once to [`Flights::land`].
#[derive(Debug)]
pub(crate) struct Ticket(usize);

/// All turns of a shard that are in flight. As large as the most that ever were at once.
#[derive(Debug, Default)]
pub(crate) struct Flights {
    places: Vec<Option<Flight>>,
    free: Vec<usize>,
}

impl Flights {
    pub(crate) fn depart(&mut self, flight: Flight) -> Ticket {
        match self.free.pop() {
            Some(place) => {
                self.places[place] = Some(flight);
                Ticket(place)
            }
            None => {
                self.places.push(Some(flight));
                Ticket(self.places.len() - 1)
            }
        }
    }

    #[expect(clippy::needless_pass_by_value, reason = "a ticket is used up")]
    pub(crate) fn land(&mut self, ticket: Ticket) -> Option<Flight> {
        let flight = self.places.get_mut(ticket.0)?.take();
        self.free.push(ticket.0);
        flight
    }

    /// How many there are, and the planned instant of the oldest.
    pub(crate) fn census(&self) -> (u64, Option<Instant>) {
        let count = self.places.len() - self.free.len();
        (count as u64, self.places.iter().flatten().map(|flight| flight.planned).min())
    }

    /// Takes all that are left.
    pub(crate) fn drain(&mut self) -> Vec<Flight> {
        self.free.clear();
        std::mem::take(&mut self.places).into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use victor_clock::{Duration, now};

    #[test]
    fn places_are_used_again_and_the_oldest_is_known() {
        let start = now();
        let flight = |age: u64| Flight {
            row: 0,
            planned: start - Duration::from_millis(age),
            user: age,
            request_id: String::new(),
            session_id: None,
        };
        let mut flights = Flights::default();
        let (first, second) = (flights.depart(flight(5)), flights.depart(flight(9)));
        assert_eq!(flights.census(), (2, Some(start - Duration::from_millis(9))));
        assert_eq!(flights.land(second).map(|flight| flight.user), Some(9));
        let _third = flights.depart(flight(1));
        assert_eq!(flights.places.len(), 2);
        assert_eq!(flights.land(first).map(|flight| flight.user), Some(5));
        assert_eq!(flights.census().0, 1);
        assert_eq!(flights.drain().len(), 1);
        assert_eq!(flights.census(), (0, None));
    }
}
