//! The `weir` program.

// The first choice for speed: with the system's own allocator a relay costs half as much again, because a record's
// memory is taken on one thread and given back on another. librdkafka's memory comes from it too.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() {
    weir::cli::main()
}
