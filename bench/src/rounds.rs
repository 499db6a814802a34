//! Runs variants in turns.

use std::hint::black_box;

use crate::clock;

/// A way to do the job, timed a pass at a time.
pub(crate) trait Variant {
    /// Does the whole job once and answers something that depends on all of what came out, so that nothing of it can be
    /// left out by the compiler.
    ///
    /// # Errors
    /// What ends the benchmark.
    fn pass(&mut self) -> anyhow::Result<u64>;
}

/// Runs every variant once a round and answers CPU nanoseconds of this thread for one of `units`, for each variant and
/// round.
///
/// A turn is two passes, of which the second counts: a worker runs one chain, batch after batch, and finds its own code and
/// buffers in the caches, not those of the variant before. Who goes first changes from round to round all the same.
///
/// # Errors
/// The first error of a variant.
pub(crate) fn race(
    variants: &mut [Box<dyn Variant + '_>],
    rounds: usize,
    units: usize,
) -> anyhow::Result<Vec<Vec<f64>>> {
    let count = variants.len();
    let mut times = vec![Vec::with_capacity(rounds); count];
    for round in 0..rounds {
        for turn in 0..count {
            let at = (round + turn) % count;
            black_box(variants[at].pass()?);
            let before = clock::thread_cpu();
            black_box(variants[at].pass()?);
            let spent = clock::thread_cpu() - before;
            times[at].push(spent.as_nanos() as f64 / units.max(1) as f64);
        }
    }
    Ok(times)
}
