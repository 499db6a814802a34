//! A condition, ready to be looked at in batches.

use weir_sdk::{
    Batch, Mistake, Plan,
    part::{Abilities, Part},
    pattern::{Reader, check},
    pointer, push_pointer,
};

use crate::{
    config::{self, Literal, Number},
    literal::warn_of_literals,
    number::Bound,
    sample::Sample,
    search,
    test::{Compare, Test, Texts},
};

/// A condition whose columns are declared.
#[derive(Debug)]
pub(crate) enum Condition {
    Not(Box<Condition>),
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Sample(Sample),
    /// All of these tests of one part.
    Tests(Vec<Test>),
}

impl Condition {
    /// Adds the columns of the condition that stands at `at` to the plan.
    ///
    /// # Errors
    /// Every mistake in it.
    pub(crate) fn new(
        config: &config::Condition,
        plan: &mut Plan,
        at: &str,
        abilities: &Abilities<'_>,
    ) -> Result<Self, Vec<Mistake>> {
        let part = config.part();
        let has_part = part != Part::default() || has_test(config);
        let forms = [
            ("not", config.not.is_some()),
            ("all", config.all.is_some()),
            ("any", config.any.is_some()),
            ("sample", config.sample.is_some()),
        ];
        let named: Vec<&str> = forms.iter().filter(|(_, is_there)| *is_there).map(|(name, _)| *name).collect();
        match (named.as_slice(), has_part) {
            ([], _) => return tests(config, &part, plan, at, abilities),
            ([_], false) => {}
            _ => {
                let message = format!(
                    "`{}` stands alone in its table; several conditions are written `all = [ {{ … }}, {{ … }} ]` or `any = [ … ]`",
                    named.join("` and `")
                );
                return Err(vec![Mistake::new(at, message)]);
            }
        }
        if let Some(not) = &config.not {
            return Ok(Self::Not(Box::new(Self::new(not, plan, &below(at, &["not"]), abilities)?)));
        }
        if let Some(sample) = &config.sample {
            return Sample::new(sample, plan, &below(at, &["sample"]), abilities).map(Self::Sample);
        }
        let (key, conditions) = match (&config.all, &config.any) {
            (Some(all), _) => ("all", all),
            (_, any) => ("any", any.as_ref().unwrap_or(EMPTY)),
        };
        if conditions.is_empty() {
            return Err(vec![Mistake::new(below(at, &[key]), "has no condition in it: write one, or leave it out")]);
        }
        let mut mistakes = Vec::new();
        let mut made = Vec::with_capacity(conditions.len());
        for (number, condition) in conditions.iter().enumerate() {
            match Self::new(condition, plan, &format!("{at}{}", pointer!(key, number)), abilities) {
                Ok(condition) => made.push(condition),
                Err(wrong) => mistakes.extend(wrong),
            }
        }
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        Ok(if key == "all" { Self::All(made) } else { Self::Any(made) })
    }

    /// Whether each row of a batch meets it; looked at only in rows that are wanted, false in others.
    ///
    /// # Errors
    /// The batch does not have the columns of the plan.
    pub(crate) fn test(&self, batch: &Batch, mut wanted: Vec<bool>) -> Result<Vec<bool>, String> {
        match self {
            Self::Not(condition) => {
                let met = condition.test(batch, wanted.clone())?;
                wanted.iter_mut().zip(met).for_each(|(wanted, met)| *wanted &= !met);
                Ok(wanted)
            }
            Self::All(conditions) => {
                for condition in conditions {
                    wanted = condition.test(batch, wanted)?;
                }
                Ok(wanted)
            }
            Self::Any(conditions) => {
                let mut any = vec![false; wanted.len()];
                for condition in conditions {
                    let met = condition.test(batch, wanted.clone())?;
                    for ((any, wanted), met) in any.iter_mut().zip(&mut wanted).zip(met) {
                        *any |= met;
                        // What is met need not be looked at again.
                        *wanted &= !met;
                    }
                }
                Ok(any)
            }
            Self::Sample(sample) => {
                sample.test(batch, &mut wanted)?;
                Ok(wanted)
            }
            Self::Tests(tests) => {
                for test in tests {
                    test.test(batch, &mut wanted)?;
                }
                Ok(wanted)
            }
        }
    }
}

const EMPTY: &Vec<config::Condition> = &Vec::new();

fn has_test(config: &config::Condition) -> bool {
    config.equals.is_some()
        || config.r#in.is_some()
        || config.matches.is_some()
        || config.exists.is_some()
        || config.null.is_some()
        || config.less.is_some()
        || config.less_equal.is_some()
        || config.greater.is_some()
        || config.greater_equal.is_some()
}

fn below(at: &str, keys: &[&str]) -> String {
    let mut pointer = at.to_owned();
    keys.iter().for_each(|key| push_pointer(&mut pointer, key));
    pointer
}

/// A part and what it is held against.
fn tests(
    config: &config::Condition,
    part: &Part,
    plan: &mut Plan,
    at: &str,
    abilities: &Abilities<'_>,
) -> Result<Condition, Vec<Mistake>> {
    if !has_test(config) {
        let message = if *part == Part::default() {
            "is no condition: write a part and what it is held against, such as `{ json = \"/level\", equals = \"error\" }`, \
             or `not`, `all`, `any` or `sample`"
        } else {
            "says nothing of the part: write `equals`, `in`, `matches`, `exists`, `null`, `less`, `less_equal`, `greater` or \
             `greater_equal` beside it"
        };
        return Err(vec![Mistake::new(at, message)]);
    }
    let mut mistakes = Vec::new();
    let mut tests = Vec::new();
    // Where only an expression is asked for, weir runs it, and nothing of the part enters the sandbox.
    let mut declared = None;
    let mut reader = |plan: &mut Plan, mistakes: &mut Vec<Mistake>| {
        if declared.is_none() {
            declared = Some(part.declare_with(plan, at, abilities).map(std::rc::Rc::new).map_err(|wrong| {
                mistakes.extend(wrong);
            }));
        }
        declared.clone()?.ok()
    };
    if let Some(pattern) = &config.matches {
        let pointer = below(at, &["matches"]);
        match check(pattern, config.dialect.unwrap_or_default(), Reader::Part, &pointer) {
            Err(wrong) => mistakes.push(Mistake::new(pointer, wrong)),
            // weir says whether it matches, by a column: nearly all values are longer than what it finds.
            Ok(pattern) => match part.searched() {
                Some(searched) => {
                    part.declare(&mut Plan::new(), at).err().into_iter().for_each(|wrong| mistakes.extend(wrong));
                    tests.push(Test::Matched(plan.column(searched.capture(&pattern, 0))));
                }
                None => match search::compile(&pattern) {
                    Ok(regex) => {
                        tests.extend(reader(plan, &mut mistakes).map(|part| Test::Matches(part, regex)));
                    }
                    Err(wrong) => mistakes.push(Mistake::new(pointer, wrong)),
                },
            },
        }
    }
    warn_of_literals(config, at);
    if let Some(literal) = &config.equals {
        let reader = reader(plan, &mut mistakes);
        tests.extend(reader.map(|part| match literal {
            Literal::Number(number) => Test::Compare(part, Compare::Equal, Bound::new(written(*number))),
            text => Test::Among(part, Texts::of(std::slice::from_ref(text))),
        }));
    }
    if let Some(literals) = &config.r#in {
        if literals.is_empty() {
            mistakes.push(Mistake::new(below(at, &["in"]), "is empty: nothing would be met; name one at least"));
        }
        tests.extend(reader(plan, &mut mistakes).map(|part| Test::Among(part, Texts::of(literals))));
    }
    for (exists, is_there) in [(config.exists, true), (config.null, false)] {
        if let Some(said) = exists {
            tests.extend(reader(plan, &mut mistakes).map(|part| Test::Exists(part, said == is_there)));
        }
    }
    for (number, compare) in [
        (config.less, Compare::Less),
        (config.less_equal, Compare::LessEqual),
        (config.greater, Compare::Greater),
        (config.greater_equal, Compare::GreaterEqual),
    ] {
        if let Some(number) = number {
            let reader = reader(plan, &mut mistakes);
            tests.extend(reader.map(|part| Test::Compare(part, compare, Bound::new(written(number)))));
        }
    }
    if mistakes.is_empty() { Ok(Condition::Tests(tests)) } else { Err(mistakes) }
}

pub(crate) fn written(number: Number) -> String {
    match number {
        Number::Integer(number) => number.to_string(),
        Number::Float(number) => number.to_string(),
    }
}
