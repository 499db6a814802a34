//! The benchmark suite: what weir costs, against native programs doing the same job.

mod kafka;

use clap::Parser;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// What weir costs, against native programs doing the same job.
#[derive(Debug, clap::Parser)]
enum Command {
    /// On a real Kafka: CPU seconds of the process per million records.
    Kafka(kafka::Options),
    /// One of the native programs, which the others start.
    #[command(hide = true)]
    Program(kafka::program::Options),
}

fn main() -> anyhow::Result<()> {
    match Command::parse() {
        Command::Kafka(options) => kafka::run(&options),
        Command::Program(options) => kafka::program::run(&options),
    }
}
