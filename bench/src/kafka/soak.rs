//! weir at full rate for minutes: does its memory stay where it is?

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};

use super::{
    feed::Feed,
    figures::{MEMORY, SECTION},
    process::usage,
    rounds::Bench,
    setup::{Contender, Setup},
};
use crate::report::{Limit, Report, Unit};

/// Records that are there before weir has read them: enough to keep it busy, few enough to be still there.
const LEAD: u64 = 300_000;
/// The share of the time in which it may find its size.
const WARM: f64 = 0.2;
/// MiB that it may grow by afterwards.
const GROWTH: f64 = 10.0;
/// How long the last records may take.
const END: Duration = Duration::from_secs(30);

/// Runs the recom chain with `workers` for `time`, looks at its memory each second, and counts what came out.
pub(super) fn run(bench: &mut Bench, workers: usize, time: Duration, report: &mut Report) -> Result<()> {
    let cluster = &bench.cluster;
    let (prefix, input) = (format!("b{}-soak-", std::process::id()), format!("b{}-soak-in", std::process::id()));
    let setup = Setup {
        brokers: &cluster.broker.address,
        input: &input,
        prefix: &prefix,
        workers,
        compression: "none",
        admin: None,
    };
    let topics = setup.topics(Contender::Recom);
    cluster.create_short(&topics);
    cluster.create_short(std::slice::from_ref(&input));
    let folder = bench.binaries.folder.join(&prefix);
    fs::create_dir_all(&folder)?;
    let mut process = bench.binaries.start(Contender::Recom, &setup, &folder)?;

    let (read, over) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let feed = Feed::repeating(&cluster.broker.address, &input)?;
    let feeding = thread::spawn({
        let (read, over) = (Arc::clone(&read), Arc::clone(&over));
        let room = move |written: u64| {
            let ahead = written.saturating_sub(read.load(Ordering::Relaxed));
            (!over.load(Ordering::Relaxed)).then(|| LEAD.saturating_sub(ahead).min(1024))
        };
        move || feed.keep_ahead(room)
    });

    let start = Instant::now();
    let (mut memory, mut next_look) = (Vec::new(), start);
    while start.elapsed() < time {
        process.check()?;
        ensure!(!feeding.is_finished(), "the feed ended");
        read.store(cluster.count(&topics)?.values().sum(), Ordering::Relaxed);
        if Instant::now() >= next_look {
            next_look += Duration::from_secs(1);
            memory.push((start.elapsed().as_secs_f64() / 60.0, usage(process.id())?.rss));
        }
        thread::sleep(Duration::from_millis(100));
    }
    over.store(true, Ordering::Relaxed);
    let fed = feeding.join().map_err(|_| anyhow::anyhow!("the feed panicked"))??;
    let rate = fed.records as f64 / start.elapsed().as_secs_f64();
    let until = Instant::now() + END;
    while cluster.count(&topics)? != setup.expected(Contender::Recom, &fed) {
        ensure!(Instant::now() < until, "other counts than expected: {:?}", cluster.count(&topics)?);
        thread::sleep(Duration::from_millis(100));
    }
    let peak = usage(process.id())?.peak;
    process.stop(END)?;
    cluster.delete(&topics);
    cluster.delete(std::slice::from_ref(&input));

    let settled = &memory[(memory.len() as f64 * WARM) as usize..];
    let minutes = settled.last().map_or(0.0, |last| last.0) - settled.first().map_or(0.0, |first| first.0);
    let sizes: Vec<f64> = settled.iter().map(|look| look.1).collect();
    report.measure(SECTION, format!("soak.w{workers}.rate"), Unit::RecordsPerSecond, &[rate]);
    report.measure(SECTION, format!("soak.w{workers}.rss"), Unit::Mebibytes, &sizes);
    report.measure(SECTION, format!("soak.w{workers}.peak"), Unit::Mebibytes, &[peak]);
    report.measure(SECTION, format!("soak.w{workers}.growth-per-minute"), Unit::Mebibytes, &[slope(settled)]);
    report.measure(SECTION, format!("soak.w{workers}.growth"), Unit::Mebibytes, &[slope(settled) * minutes]);
    let held = format!(
        "RSS of `weir run` with the recom chain at full rate for {:.0} min at most 256 MiB",
        time.as_secs_f64() / 60.0
    );
    report.bar(&format!("soak.w{workers}.peak"), held, Limit::AtMost(MEMORY));
    report.bar(&format!("soak.w{workers}.growth"), "flat: it grows by 10 MiB at most", Limit::AtMost(GROWTH));
    Ok(())
}

/// Of the straight line that fits best.
fn slope(points: &[(f64, f64)]) -> f64 {
    let count = points.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let above: f64 = points.iter().map(|point| (point.0 - x) * (point.1 - y)).sum();
    let below: f64 = points.iter().map(|point| (point.0 - x).powi(2)).sum();
    if below > 0.0 { above / below } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slope_of_a_line_is_found_through_noise() {
        let points: Vec<(f64, f64)> =
            (0..100).map(|at| (f64::from(at), 7.0 + 0.5 * f64::from(at) + f64::from(at % 2))).collect();
        assert!((slope(&points) - 0.5).abs() < 0.01);
        assert_eq!(slope(&[(1.0, 5.0)]), 0.0);
    }
}
