//! Header names that can be written in a configuration.

/// Says why a text cannot be the name of a header that is read or written by name; none where it can.
///
/// Kafka itself takes any name. One that is empty or blank is a slip of the pen, and `*` stands for every name.
pub fn header_name_fault(name: &str) -> Option<&'static str> {
    match name {
        "" => Some("it is empty"),
        "*" => Some("`*` stands for every name"),
        name if name.trim().is_empty() => Some("it is blank"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_something_in_it() {
        for name in ["", " ", "\t", "\u{a0}\u{3000}", "*"] {
            assert!(header_name_fault(name).is_some(), "{name:?}");
        }
        for name in ["a", " a", "scene id", "日志", "**", "x*"] {
            assert_eq!(header_name_fault(name), None, "{name}");
        }
    }
}
