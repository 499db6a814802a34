//! Formats with percent signs that other systems read in another way.

/// What is wrong with it and what stands for it here.
struct Foreign {
    directive: &'static str,
    here: &'static str,
    whose: &'static str,
}

const FOREIGN: [Foreign; 5] = [
    Foreign { directive: "%L", here: "%3f", whose: "milliseconds in Ruby, Fluentd and Fluent Bit" },
    Foreign { directive: "%i", here: "%M", whose: "minutes in MySQL" },
    Foreign { directive: "%v", here: "%e-%b-%Y", whose: "a date in Ruby" },
    Foreign { directive: "%+", here: "%Y-%m-%dT%H:%M:%S%.f%:z", whose: "RFC 3339 in other systems" },
    Foreign { directive: "%E", here: "%", whose: "a variant of the next letter in C" },
];

/// Says what to write instead of directives that strftime does not have here.
pub(super) fn advice(format: &str) -> Option<String> {
    let directives = directives(format);
    let first =
        directives.iter().find_map(|directive| FOREIGN.iter().find(|foreign| foreign.directive == *directive))?;
    // Where minutes are `%i`, seconds are `%s`.
    let is_mysql = directives.contains(&"%i");
    let mut translation = String::new();
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        translation.push_str(&rest[..at]);
        let directive = rest.get(at..at + 2).unwrap_or(&rest[at..]);
        let here = FOREIGN.iter().find(|foreign| foreign.directive == directive).map(|foreign| foreign.here);
        let mysql = [("%s", "%S"), ("%h", "%I"), ("%M", "%B"), ("%c", "%-m")];
        let mysql = mysql.iter().find(|(theirs, _)| is_mysql && *theirs == directive).map(|(_, here)| *here);
        translation.push_str(here.or(mysql).unwrap_or(directive));
        rest = &rest[at + directive.len()..];
    }
    translation.push_str(rest);
    let or = if first.directive == "%L" { " (or `%f`, which takes all digits)" } else { "" };
    let Foreign { directive, here, whose } = first;
    Some(format!("`{format}`: `{directive}` is {whose}; here that is `{here}`{or}: write `{translation}`"))
}

/// The directives without flags.
fn directives(format: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        let directive = rest.get(at..at + 2).unwrap_or(&rest[at..]);
        found.push(directive);
        rest = &rest[at + directive.len()..];
    }
    found
}
