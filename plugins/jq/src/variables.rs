//! The parts of a record that a program may name, and their values.

use jaq_json::{Map, Num, Val};
use weir_sdk::{Batch, Bytes, Headers, Input, Ints, Plan};

/// A part of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Variable {
    Key,
    Headers,
    Topic,
    Partition,
    Offset,
    Timestamp,
    Received,
}

const ALL: [Variable; 7] = [
    Variable::Key,
    Variable::Headers,
    Variable::Topic,
    Variable::Partition,
    Variable::Offset,
    Variable::Timestamp,
    Variable::Received,
];

impl Variable {
    /// The variable of a name, which begins with `$`.
    pub(crate) fn named(name: &str) -> Option<Self> {
        ALL.into_iter().find(|variable| variable.name() == name)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Key => "$key",
            Self::Headers => "$headers",
            Self::Topic => "$topic",
            Self::Partition => "$partition",
            Self::Offset => "$offset",
            Self::Timestamp => "$timestamp",
            Self::Received => "$received",
        }
    }

    /// Adds what the variable needs to the plan.
    pub(crate) fn declare(self, plan: Plan) -> (Plan, Column) {
        let input = match self {
            Self::Key => Input::key(),
            Self::Offset => Input::offset(),
            Self::Timestamp => Input::timestamp(),
            Self::Received => Input::received(),
            Self::Headers => return (plan.all_headers(), Column { variable: self, at: 0 }),
            Self::Topic | Self::Partition => return (plan, Column { variable: self, at: 0 }),
        };
        let at = plan.declared_inputs().len();
        (plan.input(input), Column { variable: self, at })
    }
}

/// A variable, and which column of the plan holds it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    variable: Variable,
    at: usize,
}

/// A variable's values in one batch.
pub(crate) enum Values<'a> {
    Bytes(Bytes<'a>),
    Ints(Ints<'a>),
    Headers(Headers<'a>),
    Same(Val),
}

impl Column {
    /// # Errors
    /// The batch does not have the columns of the plan.
    pub(crate) fn within(self, batch: &Batch) -> Result<Values<'_>, String> {
        Ok(match self.variable {
            Variable::Key => Values::Bytes(batch.bytes(self.at)?),
            Variable::Offset | Variable::Timestamp | Variable::Received => Values::Ints(batch.ints(self.at)?),
            Variable::Headers => Values::Headers(batch.headers().ok_or("the batch came without its headers")?),
            Variable::Topic => Values::Same(Val::from(batch.topic().to_owned())),
            Variable::Partition => Values::Same(Val::from(batch.partition() as isize)),
        })
    }
}

impl Values<'_> {
    /// The value in one record: null where the record has none. Bytes that are not UTF-8 stay as they are.
    pub(crate) fn of(&self, row: usize) -> Val {
        match self {
            Self::Bytes(column) => string(column.get(row)),
            Self::Ints(column) => column.get(row).map_or(Val::Null, |number| Val::Num(Num::from_integral(number))),
            Self::Headers(headers) => {
                let mut members = Map::default();
                for (name, value) in headers.row(row) {
                    members.insert(Val::from(name.to_owned()), string(value));
                }
                Val::obj(members)
            }
            Self::Same(value) => value.clone(),
        }
    }
}

fn string(bytes: Option<&[u8]>) -> Val {
    bytes.map_or(Val::Null, |bytes| Val::utf8_str(bytes.to_vec()))
}
