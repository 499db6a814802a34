//! Reads a Java pattern.

use super::{
    super::refusal::Refusal,
    class,
    escape::{Escape, escape},
    flags::Flags,
    group,
    node::{Mode, Node},
    units::Units,
};

/// How deep groups may stand within each other.
const DEPTH: usize = 100;
/// How often a piece may be repeated by a number.
const COUNT: u32 = 100_000;

/// Reads a pattern; `goes_back`: for a search that goes back, which has look-around and back-references.
pub(super) fn parse(pattern: &str, goes_back: bool) -> Result<Node, Refusal> {
    let units = Units::new(pattern);
    let mut parser = Parser { units, flags: Flags::default(), names: Vec::new(), groups: 0, goes_back, depth: 0 };
    let node = parser.alternation()?;
    match parser.units.peek() {
        Some(_) => Err(parser.refuse(parser.units.at(), 1, r"no `(` opens it; a parenthesis itself is `\)`")),
        None => Ok(node),
    }
}

/// Where reading is.
pub(super) struct Parser<'a> {
    pub(super) units: Units<'a>,
    pub(super) flags: Flags,
    /// Each name and its group's number.
    pub(super) names: Vec<(String, u32)>,
    /// How many groups were opened.
    pub(super) groups: u32,
    pub(super) goes_back: bool,
    depth: usize,
}

impl Parser<'_> {
    /// A mistake about as many bytes from `from` on.
    pub(super) fn refuse(&self, from: usize, bytes: usize, wrong: &str) -> Refusal {
        Refusal::new(self.units.pattern, from..from + bytes, wrong)
    }

    /// A mistake about what was read since `from`.
    pub(super) fn refuse_since(&self, from: usize, wrong: &str) -> Refusal {
        Refusal::new(self.units.pattern, self.units.since(from), wrong)
    }

    pub(super) fn alternation(&mut self) -> Result<Node, Refusal> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(self.refuse(self.units.at(), 1, "too many groups within each other"));
        }
        let mut branches = vec![self.sequence()?];
        while self.units.take('|') {
            branches.push(self.sequence()?);
        }
        self.depth -= 1;
        Ok(if branches.len() == 1 { branches.swap_remove(0) } else { Node::Alternation(branches) })
    }

    fn skip(&mut self) {
        if self.flags.comments {
            self.units.skip_comments();
        }
    }

    fn sequence(&mut self) -> Result<Node, Refusal> {
        let mut parts = Vec::new();
        loop {
            self.skip();
            let from = self.units.at();
            match self.units.peek() {
                None if self.units.peek_unit().is_none() => break,
                Some('|' | ')') => break,
                _ => {
                    if let Some(atom) = self.atom()? {
                        parts.push(self.repetition(atom, from)?);
                    }
                }
            }
        }
        Ok(match parts.len() {
            0 => Node::Empty,
            1 => parts.swap_remove(0),
            _ => Node::Concat(parts),
        })
    }

    /// Returns none for flags alone.
    fn atom(&mut self) -> Result<Option<Node>, Refusal> {
        let from = self.units.at();
        let flags = self.flags;
        let Some(unit) = self.units.bump() else { return Ok(Some(Node::Empty)) };
        if unit.is_quoted {
            return Ok(Some(Node::Set(class::single(unit.character, flags))));
        }
        Ok(Some(match unit.character {
            '(' => return group::group(self, from),
            '[' => {
                if let Some(wrong) = posix_class(&self.units) {
                    return Err(self.refuse(from, wrong.0, &wrong.1));
                }
                Node::Set(class::class(&mut self.units, flags, from, 0)?)
            }
            '\\' if self.goes_back && matches!(self.units.peek(), Some('1'..='9' | 'k')) => {
                self.back_reference(from)?
            }
            '\\' => match escape(&mut self.units, flags, from, false, false)? {
                Escape::Character(character) => Node::Set(class::single(character, flags)),
                Escape::Set(set) => Node::Set(set),
                Escape::Node(node) => node,
            },
            '^' if flags.multi_line => Node::LineStart { unix: flags.unix_lines },
            '^' => Node::Start,
            '$' if flags.multi_line => Node::LineEnd { unix: flags.unix_lines },
            '$' => Node::FinalEnd { unix: flags.unix_lines, at: from..from + 1 },
            '.' if flags.dot_all => Node::Set(r"[\s\S]".to_owned()),
            '.' if flags.unix_lines => Node::Set(r"[^\n]".to_owned()),
            '.' => Node::Set(r"[^\n\r\x{85}\x{2028}\x{2029}]".to_owned()),
            '*' | '+' | '?' => {
                return Err(self.refuse(
                    from,
                    1,
                    "nothing to repeat stands before it; the sign itself has a backslash before it",
                ));
            }
            '{' => return Err(super::super::advice::brace(self.units.pattern, from)),
            other => Node::Set(class::single(other, flags)),
        }))
    }

    /// Reads a back-reference whose backslash was taken.
    fn back_reference(&mut self, from: usize) -> Result<Node, Refusal> {
        let group = if self.units.take_all("k<") {
            let mut name = String::new();
            while let Some(next) = self.units.peek().filter(|next| *next != '>') {
                name.push(next);
                self.units.bump();
            }
            self.units.bump();
            self.names.iter().find(|(known, _)| *known == name).map(|(_, group)| *group)
        } else {
            // As many digits as there are groups.
            let mut group = None;
            while let Some(digit) = self.units.peek().and_then(|next| next.to_digit(10)) {
                let longer = group.unwrap_or(0_u32) * 10 + digit;
                if longer > self.groups {
                    break;
                }
                group = Some(longer);
                self.units.bump();
            }
            group
        };
        match group {
            Some(_) if self.flags.ignores_case => {
                Err(self
                    .refuse_since(from, "a back-reference under `(?i)` is not known here: write it before the flag"))
            }
            Some(group) => Ok(Node::BackReference(group)),
            None => Err(self.refuse_since(from, "no group of this name or number stands before it")),
        }
    }

    /// Reads what says how often a piece may stand there, if anything does.
    pub(super) fn repetition(&mut self, inner: Node, from: usize) -> Result<Node, Refusal> {
        self.skip();
        let at = self.units.at();
        let (min, max) = match self.units.peek() {
            Some('?') => (0, Some(1)),
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('{') => self.counts(at)?,
            _ => return Ok(inner),
        };
        self.units.bump();
        let mode = match self.units.peek() {
            Some('?') => Mode::Lazy,
            Some('+') => Mode::Possessive,
            _ => Mode::Greedy,
        };
        if mode != Mode::Greedy {
            self.units.bump();
        }
        self.skip();
        if matches!(self.units.peek(), Some('*' | '+' | '?' | '{')) {
            return Err(self.refuse(self.units.at(), 1, "something is repeated twice: write `(?:…)` around the first"));
        }
        let at = self.units.since(from);
        if !matches!(inner, Node::Set(_) | Node::AnyLineEnd | Node::Group { .. } | Node::BackReference(_)) {
            return Err(Refusal::new(
                self.units.pattern,
                at,
                "a place is repeated, which changes nothing: write it once",
            ));
        }
        Ok(Node::Repeat { inner: Box::new(inner), min, max, mode, at })
    }

    /// Reads `{n,m}` up to its `}`.
    fn counts(&mut self, from: usize) -> Result<(u32, Option<u32>), Refusal> {
        self.units.bump();
        let wrong = |it: &Self| Err(super::super::advice::brace(it.units.pattern, from));
        let Some(min) = self.number() else { return wrong(self) };
        let max = match self.units.take(',') {
            true if self.units.peek() == Some('}') => None,
            // As Java reads `{1,x`: zero, and then there is no `}`.
            true => Some(self.number().unwrap_or_default()),
            false => Some(min),
        };
        if self.units.peek() != Some('}') || max.is_some_and(|max| max < min) || min.max(max.unwrap_or(0)) > COUNT {
            return wrong(self);
        }
        Ok((min, max))
    }

    fn number(&mut self) -> Option<u32> {
        let mut number = None;
        while let Some(digit) = self.units.peek().and_then(|next| next.to_digit(10)) {
            self.units.bump();
            number = Some(number.unwrap_or(0_u32).saturating_mul(10).saturating_add(digit));
        }
        number
    }
}

/// `[[:alpha:]]`, which to Java is a class of letters and colons: how long it is, and what is meant.
fn posix_class(units: &Units<'_>) -> Option<(usize, String)> {
    let rest = units.pattern.get(units.at()..)?;
    let rest = rest.strip_prefix('[')?.strip_prefix(':')?;
    let (name, _) = rest.split_once(":]").filter(|(name, _)| name.bytes().all(|byte| byte.is_ascii_lowercase()))?;
    let mut java = name.to_owned();
    java.get_mut(..1)?.make_ascii_uppercase();
    let java = if java == "Xdigit" { "XDigit" } else { &java };
    Some((name.len() + 6, format!(r"in Java's patterns this is a list of characters; write `\p{{{java}}}`")))
}
