//! Plugins as WebAssembly text, made to measure: what they declare, what they answer, and how they misbehave.
//!
//! They speak the canonical ABI by hand, so that a guest can tell lies that no SDK would let through.

use std::fmt::Write;

/// Effects of a plan, as bits in the order of the WIT.
pub mod effect {
    /// May write headers.
    pub const HEADERS: u16 = 8;
    /// May route.
    pub const ROUTE: u16 = 16;
    /// May drop.
    pub const DROP: u16 = 64;
    /// May dead-letter.
    pub const DEAD_LETTER: u16 = 128;
    /// May copy and drop rows.
    pub const EXPAND: u16 = 256;
}

/// Where static data begins.
const STATIC: u32 = 1024;
/// Where the host's arguments go; static data ends before.
const HEAP: u32 = 60_000;

/// A plugin that reads each record's value and, without more, changes nothing.
#[derive(Clone, Debug)]
pub struct Guest {
    name: String,
    effects: u16,
    header_names: Vec<String>,
    topics: Vec<String>,
    stamp: Option<(String, String)>,
    mark: char,
    sin: String,
    module: String,
    configure: String,
    warning: String,
}

impl Guest {
    /// One that calls itself `name`.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            effects: 0,
            header_names: Vec::new(),
            topics: Vec::new(),
            stamp: None,
            mark: '!',
            sin: String::new(),
            module: String::new(),
            configure: String::new(),
            warning: String::new(),
        }
    }

    /// Declares these effects too.
    #[must_use]
    pub fn may(mut self, effects: u16) -> Self {
        self.effects |= effects;
        self
    }

    /// Declares that it may route to this topic or pattern.
    #[must_use]
    pub fn may_route_to(mut self, topic: &str) -> Self {
        self.topics.push(topic.to_owned());
        self.may(effect::ROUTE)
    }

    /// Sets a header of every record to a constant.
    #[must_use]
    pub fn stamps(mut self, header: &str, value: &str) -> Self {
        self.stamp = Some((header.to_owned(), value.to_owned()));
        self.header_names.push(header.to_owned());
        self.may(effect::HEADERS)
    }

    /// Runs `sin` (instructions) for a batch that holds a record whose value begins with `mark`. It may change the answer
    /// that `(global.get $answer)` points to: a `result<edits, string>`, see [`at`].
    #[must_use]
    pub fn when(mut self, mark: char, sin: &str) -> Self {
        self.mark = mark;
        self.sin = sin.to_owned();
        self
    }

    /// Runs these instructions first in `configure`.
    #[must_use]
    pub fn configures_with(mut self, instructions: &str) -> Self {
        self.configure = instructions.to_owned();
        self
    }

    /// Warns in `configure`: `/pointer: what is meant`, or a text without a pointer.
    #[must_use]
    pub fn warns(mut self, text: &str) -> Self {
        self.warning = text.to_owned();
        self.with("(import \"weir:interceptor/host@0.1.0\" \"log\" (func $log (param i32 i32 i32)))")
    }

    /// Puts fields into the module: functions, a start, imports.
    #[must_use]
    pub fn with(mut self, fields: &str) -> Self {
        self.module.push_str(fields);
        self
    }

    /// The module's text.
    pub fn text(&self) -> String {
        let mut image = Image::default();
        let description =
            [self.name.as_str(), "1.0.0", "a guest of the tests", "{}"].map(|text| image.string(text)).concat();
        let description = image.put(&description);
        let header_names = image.strings(&self.header_names);
        let topics = image.strings(&self.topics);
        // One input: `value`, tag 1 of a variant of 28 bytes.
        let mut input = [0; 28];
        input[0] = 1;
        let inputs = [word(image.put(&input)), word(1)].concat();
        let mut plan = vec![0; 4];
        plan.extend(inputs);
        plan.extend([0, 0]);
        plan.extend(self.effects.to_le_bytes());
        plan.extend([header_names, topics].concat());
        let plan = image.put(&plan);
        let mut answer = vec![0; at::SIZE];
        if let Some((name, value)) = &self.stamp {
            // header-edit: name, op (0 = set), cells (tag 0 = constant, then option and list).
            let mut edit = image.string(name);
            edit.extend([0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]);
            edit.extend(image.string(value));
            edit.resize(48, 0);
            let list = [word(image.put(&edit)), word(1)].concat();
            answer[at::HEADERS..at::HEADERS + 8].copy_from_slice(&list);
        }
        let warn = match self.warning.is_empty() {
            true => String::new(),
            // Level 2 = warn.
            false => {
                let (at, length) = (image.put(self.warning.as_bytes()), self.warning.len());
                format!("(call $log (i32.const 2) (i32.const {at}) (i32.const {length}))")
            }
        };
        let pristine = image.put(&answer);
        let answer = image.put(&[0; at::SIZE]);
        let size = at::SIZE;
        assert!(image.end() < HEAP, "static data fits");
        let imports_and_more = &self.module;
        let Self { mark, sin, configure, .. } = self;
        let mark = *mark as u32;
        let data = image.escaped();
        format!(
            r#"(module
{imports_and_more}
(memory (export "memory") 2)
(data (i32.const {STATIC}) "{data}")
(global $heap (mut i32) (i32.const {HEAP}))
(global $answer i32 (i32.const {answer}))
(func $realloc (export "cabi_realloc") (param $old i32) (param $size i32) (param $align i32) (param $new i32) (result i32)
  (local $at i32)
  (local.set $at (i32.and (i32.add (global.get $heap) (i32.sub (local.get $align) (i32.const 1))) (i32.sub (i32.const 0) (local.get $align))))
  (global.set $heap (i32.add (local.get $at) (local.get $new)))
  (block $enough (loop $more
    (br_if $enough (i32.le_u (global.get $heap) (i32.mul (memory.size) (i32.const 65536))))
    (if (i32.eq (memory.grow (i32.const 16)) (i32.const -1)) (then (unreachable)))
    (br $more)))
  (memory.copy (local.get $at) (local.get $old) (local.get $size))
  (local.get $at))
(func (export "weir:interceptor/plugin@0.1.0#describe") (result i32) (i32.const {description}))
(func (export "weir:interceptor/plugin@0.1.0#configure") (param i32 i32) (result i32)
  {configure}
  {warn}
  (i32.const {plan}))
;; The first row whose value begins with the mark, or -1.
(func $marked (param $batch i32) (result i32)
  (local $column i32) (local $row i32) (local $from i32) (local $offsets i32)
  (local.set $column (i32.load offset=16 (local.get $batch)))
  (local.set $offsets (i32.load offset=4 (local.get $column)))
  (block $none (loop $next
    (br_if $none (i32.ge_u (local.get $row) (i32.load offset=12 (local.get $batch))))
    (local.set $from (i32.load (i32.add (local.get $offsets) (i32.mul (local.get $row) (i32.const 4)))))
    (if (i32.lt_u (local.get $from) (i32.load offset=4 (i32.add (local.get $offsets) (i32.mul (local.get $row) (i32.const 4)))))
      (then (if (i32.eq (i32.load8_u (i32.add (i32.load offset=12 (local.get $column)) (local.get $from))) (i32.const {mark}))
        (then (return (local.get $row))))))
    (local.set $row (i32.add (local.get $row) (i32.const 1)))
    (br $next)))
  (i32.const -1))
(func $sin (param $batch i32) {sin})
(func (export "weir:interceptor/plugin@0.1.0#process") (param $batch i32) (result i32)
  (memory.copy (global.get $answer) (i32.const {pristine}) (i32.const {size}))
  (if (i32.ge_s (call $marked (local.get $batch)) (i32.const 0)) (then (call $sin (local.get $batch))))
  (global.get $answer))
(func (export "cabi_post_weir:interceptor/plugin@0.1.0#process") (param i32) (global.set $heap (i32.const {HEAP})))
)
"#
        )
    }
}

/// Where things stand in a `result<edits, string>` in memory.
pub mod at {
    /// 1 = error, whose string stands at 4.
    pub const ERROR: usize = 0;
    /// `expand`: 1 = some, then the list at + 4.
    pub const EXPAND: usize = 4;
    /// `verdicts`: a list.
    pub const VERDICTS: usize = 16;
    /// `reasons`: 1 = some, then offsets, data and nulls at + 4.
    pub const REASONS: usize = 24;
    /// `headers`: a list.
    pub const HEADERS: usize = 52;
    /// `key`: 1 = some, then the variant at + 4.
    pub const KEY: usize = 60;
    /// `value`: the same.
    pub const VALUE: usize = 100;
    /// `route`: 1 = some, then topics and index at + 4.
    pub const ROUTE: usize = 160;
    /// All of it.
    pub const SIZE: usize = 192;
}

/// Instructions that store numbers into the answer.
pub fn answers(words: &[(usize, u32)]) -> String {
    words.iter().fold(String::new(), |mut text, (at, word)| {
        let _ = writeln!(text, "(i32.store offset={at} (global.get $answer) (i32.const {}))", *word as i32);
        text
    })
}

#[derive(Default)]
struct Image {
    bytes: Vec<u8>,
}

impl Image {
    fn end(&self) -> u32 {
        STATIC + self.bytes.len() as u32
    }

    fn put(&mut self, bytes: &[u8]) -> u32 {
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
        let at = self.end();
        self.bytes.extend(bytes);
        at
    }

    /// Puts the text away; its pointer and length.
    fn string(&mut self, text: &str) -> Vec<u8> {
        [word(self.put(text.as_bytes())), word(text.len() as u32)].concat()
    }

    fn strings(&mut self, texts: &[String]) -> Vec<u8> {
        let cells: Vec<u8> = texts.iter().flat_map(|text| self.string(text)).collect();
        [word(self.put(&cells)), word(texts.len() as u32)].concat()
    }

    fn escaped(&self) -> String {
        self.bytes.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "\\{byte:02x}");
            text
        })
    }
}

fn word(number: u32) -> Vec<u8> {
    number.to_le_bytes().to_vec()
}
