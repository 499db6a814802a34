//! The right name that was probably meant.

/// Longer names are not guessed at: comparing two takes the product of their lengths.
const LONGEST: usize = 128;

/// The name of `names` that `written` is most like, if it is like one at all.
pub fn nearest<'a>(written: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if written.len() > LONGEST {
        return None;
    }
    let plain = |name: &str| name.to_lowercase().replace(['-', ' ', '.'], "_");
    let wanted = plain(written);
    let letters = wanted.chars().count();
    // A third of the letters may be wrong; beyond that a guess confuses.
    let limit = (written.chars().count() / 3).max(1);
    names
        .into_iter()
        .filter(|name| name.len() <= LONGEST)
        .map(|name| (name, plain(name)))
        // As many letters as one name has more are wrong in any case.
        .filter(|(_, plain)| plain.chars().count().abs_diff(letters) <= limit)
        .map(|(name, plain)| (strsim::damerau_levenshtein(&wanted, &plain), name))
        .filter(|(distance, name)| *distance <= limit && *distance < name.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// `"a", "b" or "c"`, each as it must be written.
pub(super) fn either(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}
