//! Which templates are tried, and when others are looked for.

use super::{
    hits::Hits,
    skeleton::{NONE, Skeleton},
    template::Template,
};

/// So often a template is looked for in vain.
const TIMES: u8 = 8;

/// The templates that begin with a skeleton.
#[derive(Clone, Debug)]
pub(super) enum Templates {
    /// None was found, so often.
    Unknown(u8),
    /// None is worth it, for as long as the skeleton is remembered: to look again would allocate in the midst of warm batches.
    Varies,
    /// The one that stood last, and another one.
    Known(Box<Template>, Option<Box<Template>>),
}

/// Where in a document a scan is, behind a scalar.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    /// The number of the skeleton before that scalar.
    pub(super) last: u32,
    /// The number of the one that is expected here.
    pub(super) expected: u32,
    /// What is left of the document, and its padding.
    pub(super) rest: &'a [u8],
}

/// See [`super::skeleton::Skeletons::pass`].
#[inline(never)]
pub(super) fn pass<'a>(
    skeletons: &mut [Skeleton],
    templates: &mut [Templates],
    hits: &mut Hits,
    length: usize,
    Place { mut last, mut expected, mut rest }: Place<'a>,
) -> Place<'a> {
    while let Some(first) = templates.get_mut(expected as usize) {
        if let Templates::Known(template, _) = first
            && let Some(value) = template.stands(rest)
        {
            if !template.note(length - rest.len(), hits) {
                break;
            }
            (last, expected, rest) = (template.last, template.next, value);
            // Foreseen, so that nothing waits for it.
            let next = skeletons.get(last as usize).map_or(NONE, |last| last.next[0]);
            if next != expected {
                (template.next, expected) = (next, next);
            }
        } else if matches!(first, Templates::Varies) || !look(skeletons, first, expected, rest) {
            break;
        }
    }
    Place { last, expected, rest }
}

/// Looks for another template of skeleton number `number`, as none stands first in its templates that stands at the
/// beginning of `rest`; whether one does now.
#[inline(never)]
fn look(skeletons: &mut [Skeleton], templates: &mut Templates, number: u32, rest: &[u8]) -> bool {
    let (found, stands) = match std::mem::replace(templates, Templates::Varies) {
        Templates::Varies => (Templates::Varies, false),
        Templates::Unknown(times) => match Template::read(skeletons, number, rest) {
            None if times < TIMES => (Templates::Unknown(times + 1), false),
            found => only(found),
        },
        Templates::Known(mut first, other) => match (first.miss(), other) {
            (false, Some(other)) if other.stands(rest).is_some() => (Templates::Known(other, Some(first)), true),
            (false, other) => (Templates::Known(first, other), false),
            (true, None) => match Template::read(skeletons, number, rest) {
                Some(found) => (Templates::Known(Box::new(found), Some(first)), true),
                None => (Templates::Varies, false),
            },
            // There are many, or two in turns: what all have.
            (true, Some(other)) => {
                let found = Template::read(skeletons, number, rest);
                let found = found.and_then(|found| found.cut(&first, skeletons, rest));
                only(found.and_then(|found| found.cut(&other, skeletons, rest)))
            }
        },
    };
    if matches!(found, Templates::Varies)
        && let Some(skeleton) = skeletons.get_mut(number as usize)
    {
        skeleton.is_steady = false;
    }
    *templates = found;
    stands
}

/// That template alone, and whether there is one.
fn only(template: Option<Template>) -> (Templates, bool) {
    match template {
        Some(template) => (Templates::Known(Box::new(template), None), true),
        None => (Templates::Varies, false),
    }
}

#[cfg(test)]
mod tests;
