//! A message's tag, and which lane it is of, as the number that travels with it.

use std::{ffi::c_void, ptr};

use crate::endpoint::Tag;

const SLOT_BITS: u32 = 14;
const OUTPUT_BITS: u32 = 26;
const PARTITION_BITS: u32 = 21;

const LANE_SHIFT: u32 = SLOT_BITS + OUTPUT_BITS + PARTITION_BITS;

/// How many lanes a producer can have: so many as the rest of the number can tell apart.
pub(in super::super) const LANES: usize = 1 << (u64::BITS - LANE_SHIFT);

/// The number that travels with a message of `lane`, below [`LANES`].
pub(super) fn opaque_of(lane: usize, tag: Tag) -> *mut c_void {
    let low = u64::from(tag.slot) & ((1 << SLOT_BITS) - 1);
    let middle = u64::from(tag.output) & ((1 << OUTPUT_BITS) - 1);
    let high = u64::from(tag.partition.unsigned_abs()) & ((1 << PARTITION_BITS) - 1);
    let number = low | middle << SLOT_BITS | high << (SLOT_BITS + OUTPUT_BITS) | (lane as u64) << LANE_SHIFT;
    ptr::without_provenance_mut(number as usize)
}

/// The lane and the tag that a message's number stands for.
pub(super) fn tag_of(opaque: *mut c_void) -> (usize, Tag) {
    let bits = opaque.addr() as u64;
    let tag = Tag {
        slot: (bits & ((1 << SLOT_BITS) - 1)) as u32,
        output: (bits >> SLOT_BITS & ((1 << OUTPUT_BITS) - 1)) as u32,
        partition: (bits >> (SLOT_BITS + OUTPUT_BITS) & ((1 << PARTITION_BITS) - 1)) as i32,
    };
    ((bits >> LANE_SHIFT) as usize % LANES, tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_and_its_lane_come_back_as_they_went() {
        for tag in [
            Tag { slot: 0, output: 0, partition: 0 },
            Tag { slot: 16_383, output: (1 << 26) - 1, partition: (1 << 21) - 1 },
            Tag { slot: 5, output: 1023, partition: 77 },
        ] {
            for lane in [0, 5, LANES - 1] {
                assert_eq!(tag_of(opaque_of(lane, tag)), (lane, tag));
            }
        }
    }
}
