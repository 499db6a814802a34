//! A format as items.

use super::super::scan::{Field, Item};

/// The longest format: what a text is held against is bounded by the config, too.
const MOST_BYTES: usize = 1_000;

/// Returns the items of a format.
///
/// # Errors
///
/// Says which directive is not known, and what to write instead.
pub(super) fn items(format: &str) -> Result<Vec<Item>, String> {
    if format.len() > MOST_BYTES {
        return Err(format!("is longer than {MOST_BYTES} bytes"));
    }
    let mut items = Vec::new();
    add(format, &mut items)?;
    Ok(items)
}

fn add(format: &str, items: &mut Vec<Item>) -> Result<(), String> {
    let mut rest = format;
    while let Some(first) = rest.chars().next() {
        if first != '%' {
            let letter = &rest[..first.len_utf8()];
            rest = &rest[letter.len()..];
            match letter.as_bytes() {
                [byte] if byte.is_ascii_whitespace() => items.push(Item::Space),
                bytes => items.extend(bytes.iter().map(|byte| Item::Literal(*byte))),
            }
            continue;
        }
        let (directive, after) = Directive::of(&rest[1..])
            .ok_or_else(|| format!("`{rest}` is not a whole directive; for a percent sign write `%%`"))?;
        directive.add(items).map_err(|wrong| {
            let shown = &rest[..rest.len() - after.len()];
            format!("`{shown}` {wrong}")
        })?;
        rest = after;
    }
    Ok(())
}

/// What stands between the percent sign and the next piece of the format.
struct Directive {
    flag: Option<char>,
    width: Option<u8>,
    colons: usize,
    /// `%.f`, `%.3f`.
    has_point: bool,
    letter: char,
}

impl Directive {
    /// Takes a directive from the front of a text behind a percent sign; none where the text ends in the midst of it.
    fn of(text: &str) -> Option<(Directive, &str)> {
        let (flag, text) = match text.chars().next()? {
            flag @ ('_' | '0' | '-' | '^' | '#') => (Some(flag), &text[1..]),
            _ => (None, text),
        };
        let (mut width, text) = width(text);
        let colons = text.bytes().take(3).take_while(|byte| *byte == b':').count();
        let mut text = &text[colons..];
        let has_point = text.starts_with('.');
        if has_point {
            (width, text) = self::width(&text[1..]);
        }
        let letter = text.chars().next()?;
        Some((Directive { flag, width, colons, has_point, letter }, &text[letter.len_utf8()..]))
    }

    /// The most digits of a number that has `usual` ones.
    fn most(&self, usual: u8) -> u8 {
        match self.flag {
            Some('_' | '-') => usual,
            _ => self.width.unwrap_or(0).max(usual),
        }
    }

    fn add(&self, items: &mut Vec<Item>) -> Result<(), &'static str> {
        let number = |field, usual| Item::Number(field, self.most(usual));
        if self.has_point && self.letter != 'f' {
            return Err("is not a directive; for a point and a fraction, or neither, write `%.f`");
        }
        let item = match self.letter {
            'f' if self.has_point => Item::PointAndFraction,
            '%' => Item::Literal(b'%'),
            'Y' => number(Field::Year, 4),
            'y' => number(Field::YearOfCentury, 2),
            'C' => Item::Number(Field::Century, 2),
            'G' => number(Field::IsoYear, 4),
            'g' => number(Field::IsoYearOfCentury, 2),
            'm' => number(Field::Month, 2),
            'd' | 'e' => number(Field::Day, 2),
            'j' => number(Field::DayOfYear, 3),
            'H' | 'k' => number(Field::Hour, 2),
            'I' | 'l' => number(Field::HourOfTwelve, 2),
            'M' => number(Field::Minute, 2),
            'S' => number(Field::Second, 2),
            's' => Item::Number(Field::Epoch, 19),
            'U' => number(Field::WeekFromSunday, 2),
            'W' => number(Field::WeekFromMonday, 2),
            'V' => number(Field::IsoWeek, 2),
            'u' => Item::Number(Field::WeekdayFromMonday, 1),
            'w' => Item::Number(Field::WeekdayFromSunday, 1),
            'f' | 'N' => match (self.flag, self.width) {
                (Some('-'), Some(places @ 1..=9)) => Item::Fraction(Some(places)),
                _ => Item::Fraction(None),
            },
            'B' | 'b' | 'h' => Item::Month { is_exact: false },
            'A' | 'a' => Item::Weekday { is_exact: false },
            'P' | 'p' => Item::Meridiem,
            'z' => Item::Offset,
            'Q' if self.colons > 1 => return Err("has too many colons; write `%Q` or `%:Q`"),
            'Q' => Item::Zone,
            'Z' => Item::Abbreviation,
            'n' | 't' => Item::Space,
            'F' => return self.several("%Y-%m-%d", items),
            'D' => return self.several("%m/%d/%y", items),
            'T' => return self.several("%H:%M:%S", items),
            'R' => return self.several("%H:%M", items),
            'c' => return Err("means something else in each country; write it out, such as `%a %b %e %H:%M:%S %Y`"),
            'x' => return Err("means something else in each country; write it out, such as `%m/%d/%y`"),
            'X' => return Err("means something else in each country; write it out, such as `%H:%M:%S`"),
            'r' => return Err("means something else in each country; write it out, such as `%I:%M:%S %p`"),
            _ => {
                return Err(
                    "is not a directive of strftime formats here; of a date and a time those are %Y %m %d %b %a %j \
                            %H %I %p %M %S %f %z %Q, and %s for seconds since the epoch",
                );
            }
        };
        items.push(item);
        Ok(())
    }

    fn several(&self, format: &str, items: &mut Vec<Item>) -> Result<(), &'static str> {
        add(format, items).map_err(|_| "cannot be read")
    }
}

/// Takes a number from the front of a text.
fn width(text: &str) -> (Option<u8>, &str) {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at(digits);
    (digits.parse().ok().filter(|_| !digits.is_empty()), rest)
}
