//! Memory that messages are sent from without being copied.

use std::sync::Arc;

/// Keeps memory until the messages that are sent from it have their reports.
#[derive(Default)]
pub(super) struct PinnedBuffers {
    /// By the messages' slot.
    slots: Vec<SlotBuffers>,
}

#[derive(Default)]
struct SlotBuffers {
    /// Messages of the slot without a report, sent from memory or copied.
    waiting: usize,
    kept: Vec<Arc<Vec<u8>>>,
}

impl PinnedBuffers {
    /// A message of the slot was taken by librdkafka; none: it was copied.
    pub(super) fn taken(&mut self, slot: u32, memory: Option<&Arc<Vec<u8>>>) {
        let at = slot as usize;
        if self.slots.len() <= at {
            self.slots.resize_with(at + 1, SlotBuffers::default);
        }
        let buffers = &mut self.slots[at];
        buffers.waiting += 1;
        if let Some(memory) = memory
            && buffers.kept.last().is_none_or(|last| !Arc::ptr_eq(last, memory))
        {
            buffers.kept.push(Arc::clone(memory));
        }
    }

    /// So many messages of the slot have their reports.
    pub(super) fn reported(&mut self, slot: u32, count: usize) {
        let Some(buffers) = self.slots.get_mut(slot as usize) else { return };
        buffers.waiting = buffers.waiting.saturating_sub(count);
        if buffers.waiting == 0 {
            buffers.kept.clear();
        }
    }
}

/// Whether the bytes are some of `memory`.
pub(super) fn stands_in(bytes: &[u8], memory: &[u8]) -> bool {
    let (bytes, memory) = (bytes.as_ptr_range(), memory.as_ptr_range());
    memory.start <= bytes.start && bytes.end <= memory.end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_kept_until_the_last_message_of_its_slot_has_its_report() {
        let (first, second) = (Arc::new(vec![1]), Arc::new(vec![2]));
        let mut pinned = PinnedBuffers::default();
        pinned.taken(3, Some(&first));
        pinned.taken(3, Some(&first));
        pinned.taken(3, None);
        pinned.taken(0, Some(&second));
        pinned.reported(3, 1);
        pinned.reported(3, 1);
        assert_eq!((Arc::strong_count(&first), Arc::strong_count(&second)), (2, 2));
        // The slot is used again before all is reported: what was pinned first stays as long.
        pinned.taken(3, Some(&second));
        pinned.reported(3, 1);
        assert_eq!((Arc::strong_count(&first), Arc::strong_count(&second)), (2, 3));
        pinned.reported(3, 1);
        assert_eq!((Arc::strong_count(&first), Arc::strong_count(&second)), (1, 2));
        pinned.reported(0, 1);
        pinned.reported(0, 1);
        assert_eq!(Arc::strong_count(&second), 1);
    }

    #[test]
    fn bytes_beside_the_memory_do_not_stand_in_it() {
        let memory = [0_u8; 8];
        assert!(stands_in(&memory, &memory) && stands_in(&memory[8..], &memory) && stands_in(&memory[2..4], &memory));
        assert!(
            !stands_in(&memory[..5], &memory[..4]) && !stands_in(&memory, &memory[1..]) && !stands_in(&[1], &memory)
        );
    }
}
