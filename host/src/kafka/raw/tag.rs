//! A message's tag as the number that travels with it.

use std::{ffi::c_void, ptr};

use crate::endpoint::Tag;

const SLOT_BITS: u32 = 14;
const OUTPUT_BITS: u32 = 26;
const PARTITION_BITS: u32 = 24;

/// The number that travels with a message.
pub(super) fn opaque_of(tag: Tag) -> *mut c_void {
    let low = u64::from(tag.slot) & ((1 << SLOT_BITS) - 1);
    let middle = u64::from(tag.output) & ((1 << OUTPUT_BITS) - 1);
    let high = u64::from(tag.partition.unsigned_abs()) & ((1 << PARTITION_BITS) - 1);
    ptr::without_provenance_mut((low | middle << SLOT_BITS | high << (SLOT_BITS + OUTPUT_BITS)) as usize)
}

/// The tag that a message's number stands for.
pub(super) fn tag_of(opaque: *mut c_void) -> Tag {
    let bits = opaque.addr() as u64;
    Tag {
        slot: (bits & ((1 << SLOT_BITS) - 1)) as u32,
        output: (bits >> SLOT_BITS & ((1 << OUTPUT_BITS) - 1)) as u32,
        partition: (bits >> (SLOT_BITS + OUTPUT_BITS)) as i32,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_comes_back_as_it_went() {
        for tag in [
            Tag { slot: 0, output: 0, partition: 0 },
            Tag { slot: 16_383, output: (1 << 26) - 1, partition: (1 << 24) - 1 },
            Tag { slot: 5, output: 1023, partition: 77 },
        ] {
            assert_eq!(tag_of(opaque_of(tag)), tag);
        }
    }
}
