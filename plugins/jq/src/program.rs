//! A program, compiled once, and what it says of a record.

mod mistakes;

use std::fmt::{self, Write as _};

use jaq_core::{
    Compiler, Ctx, Filter, Vars,
    compile::Undefined,
    load::{self, Arena, File, Import, Loader, Modules},
};
use jaq_json::{Val, read};
use weir_sdk::{Files, json::DEPTH};

use crate::{
    natives::{self, Data},
    read::is_deep,
    variables::Variable,
};

/// A compiled program.
pub(crate) struct Program {
    filter: Filter<Data>,
    /// The parts of a record that it names, in the order in which it takes their values.
    variables: Vec<Variable>,
    /// What its `import "…" as $name` read, in their order.
    imported: Vec<Val>,
}

impl fmt::Debug for Program {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Program").field("variables", &self.variables).finish_non_exhaustive()
    }
}

impl Program {
    /// Compiles a program. Modules that it includes or imports are files, by their names.
    ///
    /// # Errors
    /// What is wrong with it, each with its line and column.
    pub(crate) fn compile(code: &str, files: &Files) -> Result<Self, Vec<String>> {
        let arena = Arena::default();
        let modules = load(code, &arena, files)?;
        let mut imported = Vec::new();
        load::import(&modules, |import| {
            imported.push(data(import.path, files)?);
            Ok(())
        })
        .map_err(mistakes::of_loading)?;
        // What is not defined without them is what the program wants to know of a record.
        let mut variables = Vec::new();
        let compiler = || Compiler::<_, Data>::default().with_funs(natives::functions());
        let filter = match compiler().compile(modules) {
            Ok(filter) => filter,
            Err(errors) => {
                for (name, _) in errors.iter().flat_map(|(_, errors)| errors).filter(is_variable) {
                    variables.extend(Variable::named(name).filter(|variable| !variables.contains(variable)));
                }
                let names = variables.iter().map(|variable: &Variable| variable.name());
                let again = compiler().with_global_vars(names).compile(load(code, &arena, files)?);
                again.map_err(mistakes::of_compiling)?
            }
        };
        Ok(Self { filter, variables, imported })
    }

    /// The parts of a record that it names.
    pub(crate) fn variables(&self) -> &[Variable] {
        &self.variables
    }

    /// Runs the program, and hands over each output as it comes. `variables` are the values of [`variables`](Self::variables).
    ///
    /// # Errors
    /// What the program or `take` says of the first output that fails.
    pub(crate) fn run(
        &self,
        input: Val,
        variables: Vec<Val>,
        mut take: impl FnMut(Val) -> Result<(), String>,
    ) -> Result<(), String> {
        let context = Ctx::<Data>::new(&self.filter.lut, Vars::new(variables.into_iter().chain(self.imported.clone())));
        for output in self.filter.id.run((context, input)) {
            match output {
                Ok(output) => take(output)?,
                Err(exception) => return Err(exception.get_err().map_or_else(|_| "it ends".to_owned(), in_words)),
            }
        }
        Ok(())
    }
}

/// jq's own words; of `error("text")` the text without quotes.
fn in_words(error: jaq_json::Error) -> String {
    let mut words = Words(String::new());
    // What is longer is cut, which is no failure.
    let _ = match error.into_val() {
        Val::TStr(text) => words.write_str(&String::from_utf8_lossy(text.get(..WORDS).unwrap_or(&text))),
        other => write!(words, "{other}"),
    };
    words.0
}

/// Bytes of an error's words at most, about as much as weir keeps of a reason.
const WORDS: usize = 2 << 10;

/// Takes words as long as there is room: a value that they quote may be larger than memory is.
struct Words(String);

impl fmt::Write for Words {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        self.0.extend(more.chars().take(WORDS.saturating_sub(self.0.len())));
        if self.0.len() < WORDS { Ok(()) } else { Err(fmt::Error) }
    }
}

fn is_variable(error: &&(&str, Undefined)) -> bool {
    matches!(error.1, Undefined::Var)
}

fn load<'a>(code: &'a str, arena: &'a Arena, files: &Files) -> Result<Modules<&'a str, String>, Vec<String>> {
    let loader = Loader::new(natives::definitions()).with_read(|import: Import<'_, &str, String>| {
        let name = (*import.path).to_owned();
        let code = text(&name, files)?;
        Ok(File { code, path: name })
    });
    loader.load(arena, File { code, path: String::new() }).map_err(mistakes::of_loading)
}

/// Returns the text of one of the files.
///
/// # Errors
/// There is none of that name, or it is not UTF-8.
fn text(name: &str, files: &Files) -> Result<String, String> {
    let bytes = files.named(name, "jq")?;
    String::from_utf8(bytes)
        .map_err(|error| format!("file `{name}` is not UTF-8 from byte {}", error.utf8_error().valid_up_to()))
}

/// The documents of one of the files, as an array.
fn data(name: &str, files: &Files) -> Result<Val, String> {
    let bytes = files.named(name, "json")?;
    if is_deep(&bytes) {
        return Err(format!("file `{name}` is nested deeper than {DEPTH} levels"));
    }
    let all: Result<Vec<Val>, _> = read::parse_many(&bytes).collect();
    Ok(all.map_err(|error| format!("file `{name}` is not JSON: {error}"))?.into_iter().collect())
}
