//! Real web server log lines, taken apart by hand: what weir's answer is held against.

/// A line of an access log in the combined format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// Who asked.
    pub address: &'a str,
    /// `GET`.
    pub method: &'a str,
    /// What was asked for, with its query.
    pub path: &'a str,
    /// Three digits.
    pub status: &'a str,
    /// What the client calls itself, as it stands between the quotes.
    pub agent: Option<&'a str>,
    /// As it stands between the brackets.
    pub time: &'a str,
    /// The same in ms since the epoch.
    pub millis: i64,
}

/// Takes a line apart; none where it is not in the combined format.
pub fn read(line: &str) -> Option<Line<'_>> {
    let (address, rest) = line.split_once(' ')?;
    let (_, rest) = rest.split_once('[')?;
    let (time, rest) = rest.split_once("] \"")?;
    let (request, rest) = rest.split_once("\" ")?;
    let mut words = request.split(' ');
    let (method, path) = (words.next()?, words.next()?);
    let status = rest.get(..3)?;
    // `200 123 "referrer" "agent"`: the last quoted text.
    let inside = line.strip_suffix('"').and_then(|line| line.rsplit_once('"'));
    Some(Line { address, method, path, status, agent: inside.map(|(_, agent)| agent), time, millis: millis(time)? })
}

/// Milliseconds since the epoch of `17/May/2015:10:05:03 +0000`; none where it is written otherwise.
pub fn millis(time: &str) -> Option<i64> {
    let (date, clock) = time.split_once(':')?;
    let mut date = date.split('/');
    let (day, month, year): (i64, &str, i64) = (date.next()?.parse().ok()?, date.next()?, date.next()?.parse().ok()?);
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = months.iter().position(|name| *name == month)? as i64 + 1;
    let (clock, zone) = clock.split_once(' ')?;
    let clock: Vec<i64> = clock.split(':').map_while(|part| part.parse().ok()).collect();
    let [hours, minutes, seconds] = clock[..] else { return None };
    let zone: i64 = zone.parse().ok()?;
    let offset = (zone / 100 * 60 + zone % 100) * 60;
    // Days since the epoch in the Gregorian calendar, with years that begin in March.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1 - 719_468;
    Some((days * 86_400 + hours * 3600 + minutes * 60 + seconds - offset) * 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_comes_apart() {
        let line =
            r#"83.149.9.216 - - [17/May/2015:10:05:03 +0200] "GET /a?b=c HTTP/1.1" 200 20 "http://x/" "Mozilla (X)""#;
        let found = read(line).expect("a line");
        assert_eq!(
            (found.method, found.path, found.status, found.agent),
            ("GET", "/a?b=c", "200", Some("Mozilla (X)"))
        );
        assert_eq!(found.millis, 1_431_849_903_000);
    }
}
