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
    handlers: Limited,
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
            handlers: Limited::new("handlers of exceptions, counted at each call inside them", 1_000_000),
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
        let mut open: Vec<Block> = Vec::new();
        let (mut loops, mut handlers) = (0, 0);
        for operator in body.get_operators_reader().map_err(invalid)? {
            let block = match operator.map_err(invalid)? {
                Operator::Loop { .. } => Block { is_loop: true, handlers: 0 },
                Operator::Block { .. } | Operator::If { .. } => Block { is_loop: false, handlers: 0 },
                Operator::TryTable { try_table } => Block { is_loop: false, handlers: try_table.catches.len() as u64 },
                Operator::End => {
                    let closed = open.pop().unwrap_or_default();
                    loops -= u64::from(closed.is_loop);
                    handlers -= closed.handlers;
                    continue;
                }
                Operator::Call { .. }
                | Operator::CallIndirect { .. }
                | Operator::CallRef { .. }
                | Operator::ReturnCall { .. }
                | Operator::ReturnCallIndirect { .. }
                | Operator::ReturnCallRef { .. }
                | Operator::Throw { .. }
                | Operator::ThrowRef => {
                    self.calls.add(1)?;
                    self.handlers.add(handlers)?;
                    continue;
                }
                _ => continue,
            };
            loops += u64::from(block.is_loop);
            handlers += block.handlers;
            open.push(block);
            self.loops.reach(loops)?;
            self.blocks.reach(open.len() as u64)?;
        }
        Ok(())
    }
}

/// A block of code that is open.
#[derive(Clone, Copy, Default)]
struct Block {
    is_loop: bool,
    /// Handlers of exceptions that it has.
    handlers: u64,
}

/// Refuses a component or core module that is larger than honest ones in one of the ways that are dear to compile.
///
/// # Errors
/// [`LoadError::TooComplex`], and what is wrong with bytes that are no Wasm.
pub(super) fn check(wasm: &[u8]) -> Result<(), LoadError> {
    let mut counts = Counts::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.map_err(invalid)? {
            Payload::TypeSection(groups) => {
                for group in groups {
                    counts.declarations.add(group.map_err(invalid)?.types().len() as u64)?;
                }
            }
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
