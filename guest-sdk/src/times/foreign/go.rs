//! Go's layouts: the second of January 2006, 15:04:05, seven hours west of UTC.

/// Longer ones before those that they begin with.
const PIECES: [(&str, &str); 37] = [
    ("January", "%B"),
    ("Jan", "%b"),
    ("Monday", "%A"),
    ("Mon", "%a"),
    ("MST", "%Z"),
    ("2006", "%Y"),
    ("Z07:00:00", "%::z"),
    ("Z07:00", "%:z"),
    ("Z0700", "%z"),
    ("Z07", "%:::z"),
    ("-07:00:00", "%::z"),
    ("-07:00", "%:z"),
    ("-0700", "%z"),
    ("-07", "%:::z"),
    (".000000000", ".%9f"),
    (".000000", ".%6f"),
    (".000", ".%3f"),
    (",000000000", ",%9f"),
    (",000000", ",%6f"),
    (",000", ",%3f"),
    (".999999999", "%.f"),
    (".999999", "%.f"),
    (".999", "%.f"),
    ("002", "%j"),
    ("__2", "%j"),
    ("_2", "%e"),
    ("01", "%m"),
    ("02", "%d"),
    ("03", "%I"),
    ("04", "%M"),
    ("05", "%S"),
    ("06", "%y"),
    ("15", "%H"),
    ("PM", "%p"),
    ("pm", "%P"),
    ("1", "%-m"),
    ("2", "%-d"),
];

/// Returns the strftime format of a layout; none where it is no layout.
pub(super) fn translation(layout: &str) -> Option<String> {
    let has_date = layout.contains("2006") || layout.contains("Jan") || layout.contains("06-01-02");
    if !has_date && !layout.contains("15:04") {
        return None;
    }
    let mut format = String::new();
    let mut rest = layout;
    while let Some(first) = rest.chars().next() {
        if let Some((piece, directive)) = PIECES.iter().find(|(piece, _)| rest.starts_with(piece)) {
            format.push_str(directive);
            rest = &rest[piece.len()..];
        } else if first.is_ascii_digit() {
            return None;
        } else {
            format.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    Some(format)
}
