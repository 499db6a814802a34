//! Deleting members and items: the others keep their order, and all paths are those of the value as it was.

use std::{collections::BTreeMap, mem, ops::Range};

use jaq_core::{
    Cv,
    native::{Fun, bome, run, v},
};
use jaq_json::{Error, Map, Rc, Val};
use jaq_std::ValT;

use super::Data;

pub(super) fn functions() -> Vec<Fun<Data>> {
    vec![run(("delete_paths", v(1), |mut cv: Cv<'_, Data>| {
        let paths = cv.0.pop_var();
        bome(delete_all(cv.1, &paths))
    }))]
}

fn delete_all(value: Val, paths: &Val) -> Result<Val, Error> {
    let paths = array(paths)?.iter().map(array).collect::<Result<Vec<_>, _>>()?;
    delete(value, &paths)
}

/// Deletes what the paths lead to. They are of the value as it was, so that what one of them takes away moves none of the
/// others.
fn delete(value: Val, paths: &[&[Val]]) -> Result<Val, Error> {
    let mut by_key: BTreeMap<&Val, Vec<&[Val]>> = BTreeMap::new();
    for path in paths {
        let Some((key, rest)) = path.split_first() else { return Ok(Val::Null) };
        by_key.entry(key).or_default().push(rest);
    }
    let is_gone = |rests: &[&[Val]]| rests.iter().any(|rest| rest.is_empty());
    match value {
        Val::Obj(mut members) => {
            if let Some(key) = by_key.keys().find(|key| !matches!(key, Val::TStr(_))) {
                return Err(Error::index(Val::Obj(members), (*key).clone()));
            }
            let map = Rc::make_mut(&mut members);
            for (key, rests) in by_key.iter().filter(|(_, rests)| !is_gone(rests)) {
                if let Some(member) = map.get_mut(*key) {
                    *member = delete(mem::take(member), rests)?;
                }
            }
            map.retain(|key, _| by_key.get(key).is_none_or(|rests| !is_gone(rests)));
            Ok(Val::Obj(members))
        }
        Val::Arr(mut items) => {
            let mut gone = vec![false; items.len()];
            let mut inner: BTreeMap<usize, Vec<&[Val]>> = BTreeMap::new();
            for (key, rests) in by_key {
                let places = match key {
                    Val::Num(_) => place(key, items.len()).map(|at| at..at.saturating_add(1)).unwrap_or_default(),
                    Val::Obj(range) if rests.iter().all(|rest| rest.is_empty()) => slice(range, items.len()),
                    _ => return Err(Error::index(Val::Arr(items), key.clone())),
                };
                if is_gone(&rests) {
                    gone.iter_mut().take(places.end).skip(places.start).for_each(|gone| *gone = true);
                } else {
                    places.take(1).for_each(|at| inner.entry(at).or_default().extend(&rests));
                }
            }
            let all = Rc::make_mut(&mut items);
            for (at, rests) in inner {
                if let Some(item) = all.get_mut(at) {
                    *item = delete(mem::take(item), &rests)?;
                }
            }
            let mut gone = gone.into_iter();
            all.retain(|_| !gone.next().unwrap_or_default());
            Ok(Val::Arr(items))
        }
        Val::Null => Ok(Val::Null),
        value => match by_key.keys().next() {
            Some(key) => Err(Error::index(value, (*key).clone())),
            None => Ok(value),
        },
    }
}

/// The places of a slice of an array of that length.
fn slice(range: &Map, length: usize) -> Range<usize> {
    let bound = |name: &str, other| {
        let bound = range.get(&Val::from(name.to_owned())).filter(|bound| !matches!(bound, Val::Null));
        bound.map_or(other, |bound| place(bound, length).unwrap_or_default().min(length))
    };
    bound("start", 0)..bound("end", length)
}

/// A place in an array, which may be counted from its end; none before its beginning.
fn place(index: &Val, length: usize) -> Option<usize> {
    let index = index.as_isize()?;
    if index < 0 { length.checked_sub(index.unsigned_abs()) } else { Some(index as usize) }
}

fn array(value: &Val) -> Result<&[Val], Error> {
    match value {
        Val::Arr(items) => Ok(items),
        other => Err(Error::typ(other.clone(), "array")),
    }
}
