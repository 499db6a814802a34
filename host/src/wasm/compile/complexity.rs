//! Limits on sizes that can be counted before anything is compiled.
//!
//! Each is what some way to make the compiler work for minutes goes through, and far above what honest plugins have.

use wasmparser::{BinaryReaderError, ElementItems, FunctionBody, Operator, Parser, Payload, TableInit};

use crate::wasm::LoadError;

/// A number that is limited: what is counted, and how many a plugin may have.
#[derive(Debug)]
struct Limited {
    what: &'static str,
    may: u64,
    has: u64,
}

impl Limited {
    const fn new(what: &'static str, may: u64) -> Self {
        Self { what, may, has: 0 }
    }

    fn add(&mut self, more: u64) -> Result<(), LoadError> {
        self.reach(self.has.saturating_add(more))
    }

    fn reach(&mut self, has: u64) -> Result<(), LoadError> {
        self.has = self.has.max(has);
        if self.has <= self.may {
            return Ok(());
        }
        let (what, may) = (self.what, self.may);
        Err(LoadError::TooComplex(format!("has more than {may} {what}, the most that a plugin may have")))
    }
}

/// What is counted, over all modules of a plugin where nothing else is said. In brackets what CPython and SpiderMonkey have.
struct Counts {
    functions: Limited,
    declarations: Limited,
    elements: Limited,
    segments: Limited,
    calls: Limited,
    body_bytes: Limited,
    locals: Limited,
    loops: Limited,
    blocks: Limited,
}

impl Counts {
    fn new() -> Self {
        Self {
            functions: Limited::new("functions", 100_000),
            declarations: Limited::new("types, imports, exports and globals", 100_000),
            elements: Limited::new("elements of tables", 256 << 10),
            segments: Limited::new("data and element segments", 100_000),
            calls: Limited::new("calls", 1_000_000),
            body_bytes: Limited::new("bytes of code in one function", 2 << 20),
            locals: Limited::new("locals in one function", 20_000),
            loops: Limited::new("loops inside each other", 64),
            blocks: Limited::new("blocks inside each other", 20_000),
        }
    }

    fn function(&mut self, body: &FunctionBody<'_>) -> Result<(), LoadError> {
        let range = body.range();
        self.body_bytes.reach((range.end - range.start) as u64)?;
        let mut locals: u64 = 0;
        for local in body.get_locals_reader().map_err(invalid)? {
            locals = locals.saturating_add(u64::from(local.map_err(invalid)?.0));
        }
        self.locals.reach(locals)?;
        // For each open block whether it is a loop.
        let mut open = Vec::new();
        let mut loops = 0;
        for operator in body.get_operators_reader().map_err(invalid)? {
            let is_loop = match operator.map_err(invalid)? {
                Operator::Loop { .. } => true,
                Operator::Block { .. } | Operator::If { .. } | Operator::TryTable { .. } => false,
                Operator::End => {
                    loops -= u64::from(open.pop() == Some(true));
                    continue;
                }
                Operator::Call { .. } | Operator::CallIndirect { .. } => {
                    self.calls.add(1)?;
                    continue;
                }
                _ => continue,
            };
            open.push(is_loop);
            loops += u64::from(is_loop);
            self.loops.reach(loops)?;
            self.blocks.reach(open.len() as u64)?;
        }
        Ok(())
    }
}

/// Refuses a component or core module that is larger than honest ones in one of the ways that are dear to compile.
///
/// # Errors
/// [`LoadError::TooComplex`], and what is wrong with bytes that are no Wasm.
pub(super) fn check(wasm: &[u8]) -> Result<(), LoadError> {
    let mut counts = Counts::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.map_err(invalid)? {
            Payload::TypeSection(types) => counts.declarations.add(u64::from(types.count()))?,
            Payload::ImportSection(imports) => counts.declarations.add(u64::from(imports.count()))?,
            Payload::ExportSection(exports) => counts.declarations.add(u64::from(exports.count()))?,
            Payload::GlobalSection(globals) => counts.declarations.add(u64::from(globals.count()))?,
            Payload::FunctionSection(functions) => counts.functions.add(u64::from(functions.count()))?,
            Payload::TableSection(tables) => {
                for table in tables {
                    let table = table.map_err(invalid)?;
                    counts.elements.add(table.ty.initial)?;
                    if let TableInit::Expr(_) = table.init {
                        counts.segments.add(1)?;
                    }
                }
            }
            Payload::ElementSection(segments) => {
                for segment in segments {
                    counts.segments.add(1)?;
                    counts.elements.add(match segment.map_err(invalid)?.items {
                        ElementItems::Functions(items) => u64::from(items.count()),
                        ElementItems::Expressions(_, items) => u64::from(items.count()),
                    })?;
                }
            }
            Payload::DataSection(segments) => counts.segments.add(u64::from(segments.count()))?,
            Payload::CodeSectionEntry(body) => counts.function(&body)?,
            _ => {}
        }
    }
    Ok(())
}

fn invalid(error: BinaryReaderError) -> LoadError {
    LoadError::Invalid(format!("is no valid Wasm: {}", crate::wasm::one_line(&error)))
}
