//! When an answer is due at a server that stands still on a schedule.

use std::time::Duration;

/// When a request that came `arrival` after the start is answered: once the standstill it fell into
/// is over, and `service` later. Requests are answered side by side, so nothing else holds one up.
pub(crate) fn due(
    arrival: Duration,
    service: Duration,
    stall: Duration,
    period: Duration,
) -> Duration {
    let into = Duration::from_nanos_u128(arrival.as_nanos() % period.as_nanos().max(1));
    arrival + stall.saturating_sub(into) + service
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standstill_holds_up_what_falls_into_it() {
        let ms = Duration::from_millis;
        let at = |arrival| due(ms(arrival), ms(2), ms(200), ms(2000)).as_millis();
        assert_eq!((at(0), at(150), at(200), at(1999)), (202, 202, 202, 2001));
        assert_eq!((at(2000), at(4100)), (2202, 4202));
    }
}
