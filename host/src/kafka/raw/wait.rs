//! Times as librdkafka takes them.

use std::time::Duration;

/// Whole milliseconds, rounded up: rounded down, a wait for the rest of a millisecond would be none, and its caller would ask
/// again and again until it is over.
pub(super) fn whole_ms(time: Duration) -> i32 {
    i32::try_from(time.as_micros().div_ceil(1000)).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_millisecond_is_waited_for() {
        let micros = [0, 1, 999, 1000, 1001].map(Duration::from_micros);
        assert_eq!(micros.map(whole_ms), [0, 1, 1, 1, 2]);
        assert_eq!(whole_ms(Duration::MAX), i32::MAX);
    }
}
