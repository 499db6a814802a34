//! Bytes that are mostly few: copied and compared in registers, which for keys, names and headers' values is a good deal
//! faster than a call of the C library that has to find out first how many they are.

use super::{Cell, Full};

/// Bytes that fit.
const SHORT: usize = 16;

/// Up to [`SHORT`] bytes, four at least, as one number, the first lowest and zeros behind them; none of more or fewer.
#[inline(always)]
fn word(bytes: &[u8]) -> Option<u128> {
    if bytes.len() > SHORT {
        return None;
    }
    // The last ones may be some of the first ones: they are the same bits then.
    if let (Some(head), Some(tail)) = (bytes.first_chunk(), bytes.last_chunk()) {
        let (head, tail) = (u64::from_le_bytes(*head), u64::from_le_bytes(*tail));
        return Some(u128::from(head) | u128::from(tail) << (8 * (bytes.len() - 8)));
    }
    let (head, tail) = (u32::from_le_bytes(*bytes.first_chunk()?), u32::from_le_bytes(*bytes.last_chunk()?));
    Some(u128::from(u64::from(head) | u64::from(tail) << (8 * (bytes.len() - 4))))
}

/// Whether both are the same bytes.
#[inline(always)]
pub(super) fn same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len()
        && match (word(one), word(other)) {
            (Some(one), Some(other)) => one == other,
            _ => one == other,
        }
}

/// Appends bytes (may be empty) and says where they stand.
///
/// # Errors
/// [`Full`].
#[inline]
pub(super) fn append(arena: &mut Vec<u8>, bytes: &[u8]) -> Result<Cell, Full> {
    let start = arena.len();
    let end = start + bytes.len();
    // u32::MAX is the null cell's mark and never a position.
    if end >= u32::MAX as usize {
        return Err(Full);
    }
    match word(bytes) {
        Some(word) => {
            arena.extend_from_slice(&word.to_le_bytes());
            arena.truncate(end);
        }
        None => arena.extend_from_slice(bytes),
    }
    Ok(Cell::new(start as u32, bytes.len() as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_appended_is_the_bytes_and_nothing_else_however_many_they_are() {
        let bytes: Vec<u8> = (1..=100).collect();
        let mut arena = b"before".to_vec();
        for length in 0..=bytes.len() {
            let cell = append(&mut arena, &bytes[..length]).unwrap_or(Cell::NULL);
            assert_eq!(&arena[cell.range()], &bytes[..length]);
            assert_eq!(arena.len(), cell.range().end);
        }
        assert!(arena.starts_with(b"before"));
    }

    #[test]
    fn same_is_what_has_the_same_bytes_and_as_many() {
        for length in 0..=40 {
            let bytes = vec![7_u8; length];
            assert!(same(&bytes, &bytes.clone()));
            assert!(!same(&bytes, &vec![7; length + 1]) && !same(&vec![7; length + 1], &bytes));
            for at in 0..length {
                let mut other = bytes.clone();
                other[at] ^= 0x80;
                assert!(!same(&bytes, &other), "{length} {at}");
            }
        }
    }
}
