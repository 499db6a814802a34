//! A plugin's memory.
//!
//! A call allocates some dozens of times, however few records its batch has, and gives everything back. Rust's own
//! allocator for this target looks for the best place each time, which was an eighth of the built-in plugins'
//! instructions; here a block that was given back is the next of its size that is handed out. Large blocks, of which there
//! are few, are left to Rust's own.

#![allow(unsafe_code, reason = "an allocator; what goes wrong here goes wrong inside the sandbox")]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::UnsafeCell,
    ptr,
};

/// Blocks beyond this are left to the system's allocator.
const LARGEST: usize = 8 << 10;
/// Blocks are cut from pieces of this size.
const PIECE: usize = 32 << 10;
/// What blocks are aligned to, and what the sizes of all classes are multiples of.
const ALIGN: usize = 8;
/// The smallest block has 16 bytes.
const LEAST: usize = 16;
const CLASSES: usize = class(LARGEST) + 1;

/// The number of the smallest class that holds `size` bytes, 16 at least: 16, 24, 32, 48, 64, 96 and so on.
const fn class(size: usize) -> usize {
    let most = (if size < LEAST { LEAST } else { size }) - 1;
    let power = most.ilog2() as usize;
    2 * (power - 3) + (most >> (power - 1) & 1) - 1
}

/// How many bytes a class's blocks have.
const fn bytes(class: usize) -> usize {
    let (power, half) = (class.div_ceil(2) + 3, (class + 1) % 2);
    (1 << power) + ((half + 1) << (power - 1))
}

/// Memory by the sizes of blocks; for one thread.
pub(crate) struct Allocator(UnsafeCell<Blocks>);

struct Blocks {
    /// By class the block that was given back last, which begins with the address of the one before it.
    free: [*mut u8; CLASSES],
    /// What is left of the piece that blocks are cut from.
    piece: *mut u8,
    left: usize,
}

#[cfg(all(target_family = "wasm", not(target_feature = "atomics")))]
#[global_allocator]
static ALLOCATOR: Allocator = Allocator::new();

// SAFETY: a module of this target without atomics has one thread. Tests share none between threads.
unsafe impl Sync for Allocator {}

impl Allocator {
    pub(crate) const fn new() -> Self {
        Self(UnsafeCell::new(Blocks { free: [ptr::null_mut(); CLASSES], piece: ptr::null_mut(), left: 0 }))
    }
}

const fn is_small(layout: Layout) -> bool {
    layout.size() <= LARGEST && layout.align() <= ALIGN
}

impl Blocks {
    /// A block where none of its class was given back; null where there is no memory.
    #[inline(never)]
    fn cut(&mut self, class: usize) -> *mut u8 {
        let size = bytes(class);
        if self.left < size {
            // What is left of the piece before is given up: no piece is cut up before most of it is used.
            let Ok(layout) = Layout::from_size_align(PIECE, ALIGN) else { return ptr::null_mut() };
            // SAFETY: the layout is not of size 0.
            let piece = unsafe { System.alloc(layout) };
            if piece.is_null() {
                return piece;
            }
            (self.piece, self.left) = (piece, PIECE);
        }
        let block = self.piece;
        // SAFETY: the piece has `left` bytes from here on, and `size` are not more.
        self.piece = unsafe { block.add(size) };
        self.left -= size;
        block
    }
}

// SAFETY: a block is on a list of free ones or handed out, never both: it is taken off its list when it is handed out, and
// pieces do not overlap. It holds its layout, because its class is that of the layout's size, and is aligned to `ALIGN`,
// because pieces are and all sizes are multiples of it.
unsafe impl GlobalAlloc for Allocator {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if !is_small(layout) {
            // SAFETY: the caller's promise.
            return unsafe { System.alloc(layout) };
        }
        // SAFETY: one thread, and nothing below calls back.
        let blocks = unsafe { &mut *self.0.get() };
        let class = class(layout.size());
        let Some(free) = blocks.free.get_mut(class) else { return ptr::null_mut() };
        let block = *free;
        if block.is_null() {
            return blocks.cut(class);
        }
        // SAFETY: a free block begins with the address of the next one, and is aligned for it.
        *free = unsafe { block.cast::<*mut u8>().read() };
        block
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if !is_small(layout) {
            // SAFETY: the caller's promise, and it came from there.
            return unsafe { System.dealloc(block, layout) };
        }
        // SAFETY: as above.
        let blocks = unsafe { &mut *self.0.get() };
        if let Some(free) = blocks.free.get_mut(class(layout.size())) {
            // SAFETY: nobody else uses the block any more; it has room for an address and is aligned for it.
            unsafe { block.cast::<*mut u8>().write(*free) };
            *free = block;
        }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let (was_small, is_small) = (is_small(layout), size <= LARGEST && layout.align() <= ALIGN);
        if was_small && is_small && class(layout.size()) == class(size) {
            return block;
        }
        if !was_small && !is_small {
            // SAFETY: the caller's promise, and it came from there.
            return unsafe { System.realloc(block, layout, size) };
        }
        // SAFETY: the caller promises that this is a layout.
        let to = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        // SAFETY: the caller promises that the size is not 0.
        let moved = unsafe { self.alloc(to) };
        if !moved.is_null() {
            // SAFETY: both blocks have that many bytes, and they are two.
            unsafe { ptr::copy_nonoverlapping(block, moved, layout.size().min(size)) };
            // SAFETY: the caller's promise.
            unsafe { self.dealloc(block, layout) };
        }
        moved
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_holds_what_belongs_to_it_and_wastes_less_than_half() {
        for size in 1..=LARGEST {
            let class = class(size);
            assert!(bytes(class) >= size && bytes(class).is_multiple_of(ALIGN), "{size}: class {class}");
            assert!(size <= LEAST || bytes(class) * 2 < size * 3, "{size}: class {class}");
            assert!(class == 0 || bytes(class - 1) < size.max(LEAST), "{size}: class {class}");
        }
        assert_eq!(bytes(CLASSES - 1), LARGEST);
    }

    #[test]
    fn blocks_keep_what_is_written_to_them_until_they_are_given_back() {
        let allocator = Allocator::new();
        let mut blocks: Vec<(*mut u8, Layout, u8)> = Vec::new();
        let mut number = 7_u64;
        let mut random = |below: usize| {
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (number >> 33) as usize % below
        };
        // SAFETY of all below: layouts are not of size 0, and each block goes with its own.
        for round in 0..20_000_usize {
            let size = 1 + random(if round % 10 == 0 { 4 * LARGEST } else { 300 });
            let check = |(block, layout, mark): &(*mut u8, Layout, u8)| {
                // SAFETY: above.
                let bytes = unsafe { std::slice::from_raw_parts(*block, layout.size()) };
                assert!(bytes.iter().all(|byte| byte == mark), "{layout:?}");
            };
            match random(3) {
                0 if !blocks.is_empty() => {
                    let gone = blocks.swap_remove(random(blocks.len()));
                    check(&gone);
                    // SAFETY: above.
                    unsafe { allocator.dealloc(gone.0, gone.1) };
                }
                1 if !blocks.is_empty() => {
                    let at = random(blocks.len());
                    let (block, layout, mark) = blocks[at];
                    // SAFETY: above.
                    let moved = unsafe { allocator.realloc(block, layout, size) };
                    let kept = layout.size().min(size);
                    // SAFETY: above.
                    let bytes = unsafe { std::slice::from_raw_parts_mut(moved, size) };
                    assert!(bytes[..kept].iter().all(|byte| *byte == mark), "{layout:?} to {size}");
                    bytes.fill(mark);
                    let layout = Layout::from_size_align(size, layout.align()).unwrap_or(layout);
                    blocks[at] = (moved, layout, mark);
                }
                _ => {
                    let Ok(layout) = Layout::from_size_align(size, 1 << random(6)) else { continue };
                    // SAFETY: above.
                    let block = unsafe { allocator.alloc(layout) };
                    assert_eq!(block.align_offset(layout.align()), 0);
                    let mark = round as u8;
                    // SAFETY: above.
                    unsafe { block.write_bytes(mark, size) };
                    blocks.push((block, layout, mark));
                }
            }
        }
        for gone in blocks {
            // SAFETY: above.
            unsafe { allocator.dealloc(gone.0, gone.1) };
        }
    }
}
