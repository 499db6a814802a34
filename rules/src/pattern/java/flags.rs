//! Java's inline flags.

/// The flags that hold at a place of a pattern.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Flags {
    /// `i`
    pub(super) ignores_case: bool,
    /// `u`
    pub(super) unicode_case: bool,
    /// `U`
    pub(super) unicode_classes: bool,
    /// `m`
    pub(super) multi_line: bool,
    /// `s`
    pub(super) dot_all: bool,
    /// `d`
    pub(super) unix_lines: bool,
    /// `x`
    pub(super) comments: bool,
}

impl Flags {
    /// Sets what a letter stands for; returns whether there is such a flag.
    pub(super) fn set(&mut self, letter: char, on: bool) -> bool {
        match letter {
            'i' => self.ignores_case = on,
            'u' => self.unicode_case = on,
            'U' => (self.unicode_classes, self.unicode_case) = (on, on),
            'm' => self.multi_line = on,
            's' => self.dot_all = on,
            'd' => self.unix_lines = on,
            'x' => self.comments = on,
            _ => return false,
        }
        true
    }
}
