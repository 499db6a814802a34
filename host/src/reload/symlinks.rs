//! Which directory entries lead to a file: its own, and those of symbolic links on the way.

use std::{
    collections::BTreeSet,
    fs,
    path::{Component, Path, PathBuf},
};

/// More links than Linux itself follows in one path: a ring of links.
const LINKS: usize = 40;

/// The entries, as directory and name, whose change can change what stands at `path`: its own and that of every
/// symbolic link on the way, followed to its end.
///
/// A ConfigMap's file is `weir.toml -> ..data/weir.toml` with `..data -> ..2026_01_01`, replaced by renaming a new
/// `..data` over the old: a watch on the file alone would never hear of it. Paths are made absolute; what does not
/// exist (yet) is named too.
pub(super) fn entries_leading_to(path: &Path) -> BTreeSet<(PathBuf, PathBuf)> {
    let mut entries = BTreeSet::new();
    let mut path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    for _ in 0..LINKS {
        match first_link(&path) {
            Some((link, rest)) => {
                let Some(entry) = entry(&link) else { break };
                let Ok(target) = fs::read_link(&link) else { break };
                path = entry.0.join(target);
                entries.insert(entry);
                path.extend(rest.components());
            }
            None => {
                entries.extend(entry(&path));
                break;
            }
        }
    }
    entries
}

/// The first symbolic link on the way, and what comes behind it.
fn first_link(path: &Path) -> Option<(PathBuf, PathBuf)> {
    let mut way = PathBuf::new();
    let mut components = path.components();
    while let Some(component) = components.next() {
        if component == Component::ParentDir {
            way.pop();
            continue;
        }
        way.push(component);
        if way.is_symlink() {
            return Some((way, components.as_path().to_owned()));
        }
    }
    None
}

fn entry(path: &Path) -> Option<(PathBuf, PathBuf)> {
    Some((path.parent()?.to_owned(), path.file_name()?.into()))
}
