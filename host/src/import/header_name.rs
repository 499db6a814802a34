//! Names of headers in configurations of other systems.

use weir_rules::{header_name_fault, header_name_warning};

/// Checks that weir writes a header of that name and does not warn of it.
///
/// # Errors
/// Why not.
pub(super) fn check_header_name(name: &str) -> Result<(), String> {
    match (header_name_fault(name), header_name_warning(name)) {
        (Some(fault), _) => Err(format!("`{name}` is not a valid header name: {fault}")),
        (None, Some(warning)) => Err(warning),
        (None, None) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::check_header_name;

    #[test]
    fn names_that_check_refuses_or_warns_of_are_not_written() {
        assert_eq!(["a", "scene id", "$a"].map(check_header_name), [Ok(()), Ok(()), Ok(())]);
        for name in ["", "*", "${2}", "{topic}"] {
            assert!(check_header_name(name).is_err(), "{name}");
        }
    }
}
