//! Writes inputs to begin with into `fuzz/corpus`.

use std::{fs, io, path::Path};

use weir_fuzz::seeds;

const SEEDS: u64 = 500;

fn main() -> io::Result<()> {
    for (target, seed) in [("json", seeds::json as fn(u64) -> Vec<u8>), ("captures", seeds::captures)] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
        fs::create_dir_all(&folder)?;
        for number in 0..SEEDS {
            fs::write(folder.join(format!("seed-{number}")), seed(number))?;
        }
    }
    Ok(())
}
