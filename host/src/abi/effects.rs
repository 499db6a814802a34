//! What edits may use.

use std::{
    fmt,
    ops::{BitAnd, BitOr, Not},
};

/// A set of effects.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Effects(u16);

impl Effects {
    /// Writes keys.
    pub const KEY: Self = Self(1);
    /// Writes values.
    pub const VALUE: Self = Self(1 << 1);
    /// Sets timestamps.
    pub const TIMESTAMP: Self = Self(1 << 2);
    /// Writes or removes headers.
    pub const HEADERS: Self = Self(1 << 3);
    /// Chooses the destination.
    pub const ROUTE: Self = Self(1 << 4);
    /// Chooses the output partition.
    pub const PARTITION: Self = Self(1 << 5);
    /// Drops records.
    pub const DROP: Self = Self(1 << 6);
    /// Sets records aside.
    pub const DEAD_LETTER: Self = Self(1 << 7);
    /// Makes several rows of one.
    pub const EXPAND: Self = Self(1 << 8);

    /// All effects, by the names that the interface gives them.
    pub const NAMES: [(Self, &str); 9] = [
        (Self::KEY, "key"),
        (Self::VALUE, "value"),
        (Self::TIMESTAMP, "timestamp"),
        (Self::HEADERS, "headers"),
        (Self::ROUTE, "route"),
        (Self::PARTITION, "partition"),
        (Self::DROP, "drop"),
        (Self::DEAD_LETTER, "dead-letter"),
        (Self::EXPAND, "expand"),
    ];

    /// None.
    pub const fn empty() -> Self {
        Self(0)
    }

    /// Every effect.
    pub const fn all() -> Self {
        Self((1 << Self::NAMES.len()) - 1)
    }

    /// Whether all of `other` are among these.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Each of these with its name, in the interface's order.
    pub fn named(self) -> impl Iterator<Item = (Self, &'static str)> {
        Self::NAMES.into_iter().filter(move |(effect, _)| self.contains(*effect))
    }
}

impl BitOr for Effects {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitAnd for Effects {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl Not for Effects {
    type Output = Self;

    fn not(self) -> Self {
        Self(!self.0 & Self::all().0)
    }
}

impl fmt::Debug for Effects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.named().map(|(_, name)| name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_effect_has_one_bit_and_one_name() {
        let all = Effects::NAMES.into_iter().fold(Effects::empty(), |all, (effect, _)| {
            assert_eq!(all & effect, Effects::empty());
            all | effect
        });
        assert_eq!(all, Effects::all());
        assert_eq!(!all, Effects::empty());
        assert_eq!(format!("{:?}", Effects::DROP | Effects::KEY), r#"{"key", "drop"}"#);
    }
}
