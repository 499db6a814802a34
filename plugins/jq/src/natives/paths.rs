//! Deleting members and items: the others keep their order, and all paths are those of the value as it was.

use std::mem;

use jaq_core::{
    Cv,
    native::{Fun, bome, run, v},
};
use jaq_json::{Error, Rc, Val};
use jaq_std::ValT;

use super::Data;

pub(super) fn functions() -> Vec<Fun<Data>> {
    vec![run(("delete_paths", v(1), |mut cv: Cv<'_, Data>| {
        let paths = cv.0.pop_var();
        bome(delete_all(cv.1, &paths))
    }))]
}

fn delete_all(value: Val, paths: &Val) -> Result<Val, Error> {
    let mut paths = array(paths)?.iter().map(array).collect::<Result<Vec<_>, _>>()?;
    // The last first, so that the places of those before it stay.
    paths.sort();
    paths.dedup();
    paths.into_iter().rev().try_fold(value, delete)
}

fn delete(value: Val, path: &[Val]) -> Result<Val, Error> {
    let Some((key, rest)) = path.split_first() else { return Ok(Val::Null) };
    match (value, key) {
        (Val::Null, _) => Ok(Val::Null),
        (Val::Obj(mut members), Val::TStr(_)) => {
            let map = Rc::make_mut(&mut members);
            if rest.is_empty() {
                map.shift_remove(key);
            } else if let Some(member) = map.get_mut(key) {
                *member = delete(mem::take(member), rest)?;
            }
            Ok(Val::Obj(members))
        }
        (Val::Arr(mut items), Val::Num(_)) => {
            let all = Rc::make_mut(&mut items);
            if let Some(at) = place(key, all.len()).filter(|at| *at < all.len()) {
                if rest.is_empty() {
                    all.remove(at);
                } else if let Some(item) = all.get_mut(at) {
                    *item = delete(mem::take(item), rest)?;
                }
            }
            Ok(Val::Arr(items))
        }
        (Val::Arr(mut items), Val::Obj(range)) if rest.is_empty() => {
            let all = Rc::make_mut(&mut items);
            let bound = |name: &str, other| {
                let bound = range.get(&Val::from(name.to_owned())).filter(|bound| !matches!(bound, Val::Null));
                bound.map_or(other, |bound| place(bound, all.len()).unwrap_or_default().min(all.len()))
            };
            let (start, end) = (bound("start", 0), bound("end", all.len()));
            if start < end {
                all.drain(start..end);
            }
            Ok(Val::Arr(items))
        }
        (value, key) => Err(Error::index(value, key.clone())),
    }
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
