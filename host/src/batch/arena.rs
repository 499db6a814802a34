//! The bytes of a batch.

use std::{mem, ops::Deref, sync::Arc};

/// Bytes that are appended to, and that can be shared to whoever sends them.
#[derive(Debug)]
pub(super) enum Arena {
    Own(Vec<u8>),
    /// Somebody may be reading them.
    Shared(Arc<Vec<u8>>),
}

impl Default for Arena {
    fn default() -> Self {
        Self::Own(Vec::new())
    }
}

impl Deref for Arena {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        match self {
            Self::Own(bytes) => bytes,
            Self::Shared(bytes) => bytes,
        }
    }
}

impl Arena {
    /// To write to. What is shared and not given back is copied first: who reads it sees what it was.
    #[inline]
    pub(super) fn own(&mut self) -> &mut Vec<u8> {
        if let Self::Shared(shared) = self {
            *self = Self::Own(Arc::try_unwrap(mem::take(shared)).unwrap_or_else(|shared| shared.to_vec()));
        }
        match self {
            Self::Own(bytes) => bytes,
            // Nobody else has it by now.
            Self::Shared(shared) => Arc::make_mut(shared),
        }
    }

    /// Without bytes, with the room that is not shared.
    pub(super) fn clear(&mut self) {
        match self {
            Self::Own(bytes) => bytes.clear(),
            Self::Shared(shared) => {
                let mut bytes = Arc::try_unwrap(mem::take(shared)).unwrap_or_default();
                bytes.clear();
                *self = Self::Own(bytes);
            }
        }
    }

    /// The bytes as they are now, for as long as it is kept.
    pub(super) fn lend(&mut self) -> Arc<Vec<u8>> {
        if let Self::Own(bytes) = self {
            *self = Self::Shared(Arc::new(mem::take(bytes)));
        }
        match self {
            Self::Shared(bytes) => Arc::clone(bytes),
            Self::Own(bytes) => Arc::new(bytes.clone()),
        }
    }

    /// Bytes of memory, used or not.
    pub(super) fn room(&self) -> usize {
        match self {
            Self::Own(bytes) => bytes.capacity(),
            Self::Shared(bytes) => bytes.capacity(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_borrows_sees_what_was_lent_whatever_is_written_later() {
        let mut arena = Arena::default();
        arena.own().extend_from_slice(b"one");
        let shared = arena.lend();
        assert!(Arc::ptr_eq(&shared, &arena.lend()));
        arena.own().extend_from_slice(b"two");
        assert_eq!((shared.as_slice(), &*arena), (b"one".as_slice(), b"onetwo".as_slice()));
        let again = arena.lend();
        arena.clear();
        arena.own().push(b'x');
        assert_eq!((again.as_slice(), &*arena), (b"onetwo".as_slice(), b"x".as_slice()));
    }

    #[test]
    fn what_was_given_back_is_used_again() {
        let mut arena = Arena::default();
        arena.own().extend_from_slice(&[7; 1000]);
        let place = arena.as_ptr();
        drop(arena.lend());
        arena.own().truncate(10);
        assert_eq!((arena.as_ptr(), arena.len()), (place, 10));
        drop(arena.lend());
        arena.clear();
        assert!(arena.is_empty() && arena.room() >= 1000);
    }
}
