//! What of the machine one of many pipelines takes.

use std::{num::NonZero, thread};

/// Kilobytes of fetched messages that all pipelines of a process may hold together ...
const FETCHED_KBYTES: usize = 256 << 10;
/// ... of which one takes no more than this: a larger queue gains nothing (measured) ...
const MOST_KBYTES: usize = 16 << 10;
/// ... and no less than this: a fetch of one partition is a megabyte.
const LEAST_KBYTES: usize = 1 << 10;

/// So many pipelines have producers of their own, which costs each three threads of librdkafka's and more: what one is
/// refused cannot hold up another. Of more pipelines up to eight share one.
const OWN_PRODUCERS: usize = 16;

/// What one of several pipelines takes where it does not say otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Worker threads, at least 1.
    pub workers: usize,
    /// Kilobytes of messages that its consumer fetches ahead.
    pub fetched_kbytes: usize,
    /// Whether its workers send by producers that others send by, too.
    pub shares_producers: bool,
}

impl Share {
    /// The share of one of so many pipelines of this process.
    pub fn of_machine(pipelines: usize) -> Self {
        Self::of(thread::available_parallelism().map_or(1, NonZero::get), pipelines)
    }

    fn of(cores: usize, pipelines: usize) -> Self {
        let pipelines = pipelines.max(1);
        let fetched_kbytes = (FETCHED_KBYTES / pipelines).clamp(LEAST_KBYTES, MOST_KBYTES);
        let workers = cores.div_ceil(pipelines).max(1);
        Self { workers, fetched_kbytes, shares_producers: pipelines > OWN_PRODUCERS }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_pipeline_takes_every_core_and_many_take_one_worker_each() {
        let workers = |cores, pipelines| Share::of(cores, pipelines).workers;
        assert_eq!([workers(8, 1), workers(8, 3), workers(8, 8), workers(2, 100), workers(1, 1)], [8, 3, 1, 1, 1]);
    }

    #[test]
    fn producers_are_shared_where_there_are_more_than_sixteen_pipelines() {
        let shares = |pipelines| Share::of(2, pipelines).shares_producers;
        assert_eq!([shares(1), shares(16), shares(17), shares(100)], [false, false, true, true]);
    }

    #[test]
    fn what_is_fetched_ahead_is_bounded_for_the_process_until_each_has_a_fetch() {
        let kbytes = |pipelines| Share::of(2, pipelines).fetched_kbytes;
        assert_eq!([kbytes(1), kbytes(16), kbytes(64), kbytes(256), kbytes(1000)], [16384, 16384, 4096, 1024, 1024]);
    }
}
