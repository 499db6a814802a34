//! Plugins that are dear to compile, each in its own way, and could be run otherwise.

use crate::Guest;

/// A plugin's sections, by their numbers.
#[derive(Debug)]
struct Plugin {
    sections: Vec<(u8, Vec<u8>)>,
    /// The number of the type `() -> ()`.
    nothing: usize,
}

impl Plugin {
    /// One that does nothing, and has the type `() -> ()`.
    fn new() -> Self {
        let module = wat::parse_str(Guest::named("oversized").text()).expect("a module");
        let mut rest = &module[8..];
        let mut sections = Vec::new();
        while let [id, after @ ..] = rest {
            let (length, after) = number(after);
            sections.push((*id, after[..length].to_vec()));
            rest = &after[length..];
        }
        let mut plugin = Self { sections, nothing: 0 };
        plugin.nothing = plugin.append(TYPES, 1, &[0x60, 0, 0]);
        plugin
    }

    /// Appends `count` entries to the list that a section is; returns how many it had.
    fn append(&mut self, id: u8, count: usize, entries: &[u8]) -> usize {
        let at = self.sections.iter().position(|(known, _)| *known == id).unwrap_or_else(|| {
            let at = self.sections.iter().position(|(known, _)| (1..=CODE).contains(known) && *known > id);
            let at = at.unwrap_or(self.sections.len());
            self.sections.insert(at, (id, vec![0]));
            at
        });
        let section = &mut self.sections[at].1;
        let (had, rest) = number(section);
        *section = [leb(had + count), rest.to_vec(), entries.to_vec()].concat();
        had
    }

    /// With functions of the type `() -> ()`; a body is locals and instructions.
    fn functions(mut self, bodies: &[Vec<u8>]) -> Vec<u8> {
        let types = leb(self.nothing).repeat(bodies.len());
        self.append(FUNCTIONS, bodies.len(), &types);
        let code: Vec<u8> = bodies.iter().flat_map(|body| [leb(body.len()), body.clone()].concat()).collect();
        self.append(CODE, bodies.len(), &code);
        self.finish()
    }

    fn finish(self) -> Vec<u8> {
        let mut bytes = b"\0asm\x01\0\0\0".to_vec();
        for (id, content) in self.sections {
            bytes.push(id);
            bytes.extend(leb(content.len()));
            bytes.extend(content);
        }
        bytes
    }
}

/// Functions that do nothing.
pub fn empty_functions(count: usize) -> Vec<u8> {
    Plugin::new().functions(&vec![vec![0, END]; count])
}

/// One function of loops inside each other, and as many locals, of which each is written in the innermost.
pub fn nested_loops(depth: usize) -> Vec<u8> {
    let locals = depth.min(1000);
    let mut body = [vec![1], leb(locals), vec![I32]].concat();
    body.extend([LOOP, VOID].repeat(depth));
    for at in 0..locals {
        body.extend([vec![LOCAL_GET], leb(at), vec![I32_CONST, 1, I32_ADD, LOCAL_SET], leb(at * 7 % locals)].concat());
    }
    for _ in 0..depth {
        body.extend([LOCAL_GET, 0, BR_IF, 0, END]);
    }
    body.push(END);
    Plugin::new().functions(&[body])
}

/// Calls of the plugin's first function (dropped), in functions of `in_one` calls.
pub fn calls(count: usize, in_one: usize) -> Vec<u8> {
    let call = [I32_CONST, 0, I32_CONST, 0, I32_CONST, 0, I32_CONST, 0, CALL, 0, DROP];
    let body = [vec![0], call.repeat(in_one), vec![END]].concat();
    Plugin::new().functions(&vec![body; count / in_one])
}

/// Calls of the plugin's first function inside handlers of exceptions that are inside each other.
pub fn handled_calls(count: usize, depth: usize) -> Vec<u8> {
    let call = [I32_CONST, 0, I32_CONST, 0, I32_CONST, 0, I32_CONST, 0, CALL, 0, DROP];
    let catch_all = [TRY_TABLE, VOID, 1, CATCH_ALL, 0];
    let body = [vec![0], catch_all.repeat(depth), call.repeat(count), vec![END; depth + 1]].concat();
    Plugin::new().functions(&[body])
}

/// One group of types that may name each other.
pub fn types_in_a_group(count: usize) -> Vec<u8> {
    let mut plugin = Plugin::new();
    plugin.append(TYPES, 1, &[vec![GROUP], leb(count), [0x60, 0, 0].repeat(count)].concat());
    plugin.finish()
}

/// A table and a segment of as many elements.
pub fn table_elements(count: usize) -> Vec<u8> {
    let mut plugin = Plugin::new();
    plugin.append(TABLES, 1, &[vec![FUNCREF, 0], leb(count)].concat());
    let mut segment = [vec![0, I32_CONST, 0, END], leb(count)].concat();
    segment.resize(segment.len() + count, 0);
    plugin.append(ELEMENTS, 1, &segment);
    plugin.finish()
}

/// Functions with nothing in them that a limit on sizes could see, and much to do for the compiler: 20 ms each and more.
pub fn dear_functions(count: usize) -> Vec<u8> {
    const DEPTH: usize = 60;
    const LOCALS: usize = 300;
    let mut body = [vec![1], leb(LOCALS), vec![I32]].concat();
    body.extend([LOOP, VOID].repeat(DEPTH));
    for at in 0..LOCALS {
        body.extend([vec![LOCAL_GET], leb(at), vec![LOCAL_SET], leb((at * 7 + 1) % LOCALS)].concat());
    }
    for _ in 0..DEPTH {
        body.extend([LOCAL_GET, 0, BR_IF, 0, END]);
    }
    body.push(END);
    Plugin::new().functions(&vec![body; count])
}

const TYPES: u8 = 1;
const FUNCTIONS: u8 = 3;
const TABLES: u8 = 4;
const ELEMENTS: u8 = 9;
const CODE: u8 = 10;
const END: u8 = 0x0b;
const LOOP: u8 = 0x03;
const VOID: u8 = 0x40;
const BR_IF: u8 = 0x0d;
const CALL: u8 = 0x10;
const DROP: u8 = 0x1a;
const LOCAL_GET: u8 = 0x20;
const LOCAL_SET: u8 = 0x21;
const I32_CONST: u8 = 0x41;
const I32_ADD: u8 = 0x6a;
const I32: u8 = 0x7f;
const TRY_TABLE: u8 = 0x1f;
const CATCH_ALL: u8 = 0x02;
const GROUP: u8 = 0x4e;
const FUNCREF: u8 = 0x70;

/// An unsigned number as LEB128.
fn leb(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (number & 0x7f) as u8;
        number >>= 7;
        bytes.push(if number == 0 { low } else { low | 0x80 });
        if number == 0 {
            return bytes;
        }
    }
}

/// A number in LEB128, and what comes after it.
fn number(bytes: &[u8]) -> (usize, &[u8]) {
    let mut number = 0;
    for (at, byte) in bytes.iter().enumerate() {
        number |= usize::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return (number, &bytes[at + 1..]);
        }
    }
    panic!("a number without an end");
}
