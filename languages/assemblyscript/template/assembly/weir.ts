/**
 * Writes plugins for weir, the gateway between Kafka topics, in AssemblyScript.
 *
 * A plugin says once what it reads and may change (`Plan`). weir extracts exactly that, natively, and passes it as a
 * `Batch` of columns; the plugin answers with `Edits`.
 *
 * ```ts
 * import { Batch, Config, Description, Edits, Effects, Input, Plan, Plugin, register } from "./weir";
 * export { cabi_realloc, configure, describe, post_configure, post_process, process } from "./weir";
 *
 * class NoTombstones extends Plugin {
 *   describe(): Description {
 *     return new Description("no-tombstones", "0.1.0", "Drops records without a value.", '{"type":"object"}');
 *   }
 *   configure(config: Config, plan: Plan): void {
 *     plan.input(Input.value()).effects(Effects.DROP);
 *   }
 *   process(batch: Batch, edits: Edits): void {
 *     const values = batch.bytes(0);
 *     for (let row = 0; row < batch.length; row++) if (values.isNull(row)) edits.drop(row);
 *   }
 * }
 *
 * register(new NoTombstones());
 * ```
 *
 * There is no clock, no randomness, no file and no environment: the same config and records give the same edits on every
 * machine. Sizes and offsets below are those of the canonical ABI.
 */

import { Json, JsonReader, Kind } from "./json";

// ---------------------------------------------------------------------------------------------------- memory

/** Bytes that a block has at least. */
const BLOCK: usize = 65536;

// Blocks begin with the address of the one before and their own size; `top` is where the newest one is free.
let block: usize = 0;
let top: usize = 0;
let end: usize = 0;

/** Returns memory that is freed when the call is over. */
function alloc(size: usize, align: usize = 4): usize {
  let at = (top + align - 1) & ~(align - 1);
  if (at + size > end || !block) {
    const bytes = max(BLOCK, size + align);
    const next = heap.alloc(bytes + 16);
    store<usize>(next, block);
    store<usize>(next, bytes, 8);
    block = next;
    end = next + 16 + bytes;
    at = (next + 16 + align - 1) & ~(align - 1);
  }
  top = at + size;
  return at;
}

function zeroed(size: usize): usize {
  const at = alloc(size, 8);
  memory.fill(at, 0, size);
  return at;
}

/** Frees what a call took. Where it took several blocks, the next call gets one that holds them all. */
function freeAll(): void {
  if (!block) return;
  let all: usize = 0;
  let one = block;
  if (load<usize>(one)) {
    while (one) {
      const before = load<usize>(one);
      all += load<usize>(one, 8);
      heap.free(one);
      one = before;
    }
    block = heap.alloc(all + 16);
    store<usize>(block, 0);
    store<usize>(block, all, 8);
    end = block + 16 + all;
  }
  top = block + 16;
}

/** Writes a string of the interface: pointer and length. */
function putString(at: usize, text: string): void {
  const bytes = String.UTF8.byteLength(text);
  const data = alloc(bytes, 1);
  String.UTF8.encodeUnsafe(changetype<usize>(text), text.length, data);
  putList(at, data, bytes);
}

function putStrings(at: usize, all: string[]): void {
  const list = alloc(all.length * 8);
  for (let i = 0; i < all.length; i++) putString(list + i * 8, all[i]);
  putList(at, list, all.length);
}

function putList(at: usize, data: usize, length: u32): void {
  store<u32>(at, <u32>data);
  store<u32>(at, length, 4);
}

function readString(at: usize): string {
  return String.UTF8.decodeUnsafe(load<u32>(at), load<u32>(at, 4));
}

/** Text as the bytes that cells have: make it once, compare it with many cells. */
@final
export class Text {
  private bytes: ArrayBuffer;

  constructor(text: string) {
    this.bytes = String.UTF8.encode(text);
  }

  get pointer(): usize {
    return changetype<usize>(this.bytes);
  }

  get length(): i32 {
    return this.bytes.byteLength;
  }
}

// -------------------------------------------------------------------------------------------------- the plan

/** What a plugin is: name in kebab-case, its own version, a sentence, and the JSON Schema of the config. */
@final
export class Description {
  constructor(
    public name: string,
    public version: string,
    public summary: string,
    public configSchema: string,
  ) {}
}

const KEY: u8 = 0;
const VALUE: u8 = 1;
const HEADER: u8 = 2;

/**
 * A column that a plugin reads. Those marked (ints) are read by `Batch.ints`, all others by `Batch.bytes`.
 */
@final
export class Input {
  private source: u8 = VALUE;
  private header: string = "";

  private constructor(
    private tag: u8,
    private text: string = "",
    private group: u32 = 0,
  ) {}

  /** The key, null where the record has none. */
  static key(): Input {
    return new Input(0);
  }

  /** The value, null in a tombstone. */
  static value(): Input {
    return new Input(1);
  }

  /** The last header of that name. */
  static header(name: string): Input {
    return new Input(2, name);
  }

  /** The timestamp, ms since the epoch, null where the record has none (ints). */
  static timestamp(): Input {
    return new Input(3);
  }

  /** 0 create time, 1 log append time, null unknown (ints). */
  static timestampType(): Input {
    return new Input(4);
  }

  /** When weir fetched the record, ms since the epoch (ints). A plan that has it makes replay differ from run. */
  static received(): Input {
    return new Input(5);
  }

  /** The record's offset (ints). */
  static offset(): Input {
    return new Input(6);
  }

  /**
   * A member of the value as a JSON document, by RFC 6901 pointer: strings unescaped, all else as its JSON text; null where
   * the value is not a JSON document, or the member is missing or `null`.
   */
  static json(pointer: string): Input {
    return new Input(7, pointer);
  }

  /** The same as an integer (ints), also from a string of digits with a sign; null also for anything else. */
  static jsonInt(pointer: string): Input {
    return new Input(8, pointer);
  }

  /**
   * A group of a regular expression's first match in the value, with the meaning of the `bytes` module of Rust's regex crate,
   * Unicode on; null where nothing matches or the group took no part.
   */
  static capture(pattern: string, group: u32): Input {
    return new Input(9, pattern, group);
  }

  /** Looks in the key instead. Of use for `json`, `jsonInt` and `capture`. */
  ofKey(): this {
    this.source = KEY;
    return this;
  }

  /** Looks in the last header of that name instead. Of use for `json`, `jsonInt` and `capture`. */
  ofHeader(name: string): this {
    this.source = HEADER;
    this.header = name;
    return this;
  }

  /** Writes the 28 bytes of the interface's `input`. */
  write(at: usize): void {
    store<u8>(at, this.tag);
    if (this.tag == 2) putString(at + 4, this.text);
    if (this.tag < 7) return;
    store<u8>(at, this.source, 4);
    if (this.source == HEADER) putString(at + 8, this.header);
    putString(at + 16, this.text);
    if (this.tag == 9) store<u32>(at, this.group, 24);
  }
}

/** What a plugin may do to a record; combine them with `|`. */
export namespace Effects {
  export const KEY: u16 = 1;
  export const VALUE: u16 = 2;
  export const TIMESTAMP: u16 = 4;
  /** Implied by `Plan.headerNames`. */
  export const HEADERS: u16 = 8;
  /** Implied by `Plan.topics`. */
  export const ROUTE: u16 = 16;
  export const PARTITION: u16 = 32;
  export const DROP: u16 = 64;
  export const DEAD_LETTER: u16 = 128;
  export const EXPAND: u16 = 256;
}

/**
 * What a plugin reads and what it may change. weir passes nothing else into the sandbox, and treats an edit that was not
 * declared as a fault.
 */
@final
export class Plan {
  private columns: Input[] = [];
  private readsAllHeaders: bool = false;
  private mask: u16 = 0;
  private names: string[] = [];
  private routes: string[] = [];

  /** Reads one column more; the first one added is column 0 of every batch. */
  input(input: Input): this {
    this.columns.push(input);
    return this;
  }

  /** Reads one column more and returns its number. */
  column(input: Input): i32 {
    return this.columns.push(input) - 1;
  }

  /** Reads every header of every record (`Batch.headers`): costs a copy of all of them. */
  allHeaders(): this {
    this.readsAllHeaders = true;
    return this;
  }

  /** May do these too. */
  effects(effects: u16): this {
    this.mask |= effects;
    return this;
  }

  /** May write and remove these headers too; `*` is any name. */
  headerNames(names: string[]): this {
    this.names = this.names.concat(names);
    return this.effects(names.length ? Effects.HEADERS : 0);
  }

  /** May route to these topics too: names, or patterns with `*`. */
  topics(topics: string[]): this {
    this.routes = this.routes.concat(topics);
    return this.effects(topics.length ? Effects.ROUTE : 0);
  }

  /** Writes the 28 bytes of the interface's `plan`. */
  write(at: usize): void {
    const inputs = zeroed(this.columns.length * 28);
    for (let i = 0; i < this.columns.length; i++) this.columns[i].write(inputs + i * 28);
    putList(at, inputs, this.columns.length);
    store<bool>(at, this.readsAllHeaders, 8);
    store<u16>(at, this.mask, 10);
    putStrings(at + 12, this.names);
    putStrings(at + 20, this.routes);
  }
}

/**
 * The plugin's config, a JSON object. Every read checks the type; what is wrong becomes a mistake with its place, and so does
 * a key that was never read. All of them are told at once.
 */
@final
export class Config {
  private used: string[] = [];
  private below: Config[] = [];

  constructor(
    private json: Json,
    private pointer: string,
    private lines: string[],
  ) {}

  /** Adds a mistake at a key ("" is the object itself): what is wrong and what to write instead, without a full stop. */
  mistake(key: string, message: string): void {
    this.add(key.length ? this.place(key) : this.pointer, message);
  }

  /** Adds a mistake at an item of a list, counted from 0. */
  mistakeAt(key: string, item: i32, message: string): void {
    this.add(this.place(key) + "/" + item.toString(), message);
  }

  /** Whether there is such a key. */
  has(key: string): bool {
    return this.json.member(key) != null;
  }

  string(key: string, fallback: string): string {
    const json = this.take(key, Kind.STRING, "a string", false);
    return json ? json.text : fallback;
  }

  requireString(key: string): string {
    const json = this.take(key, Kind.STRING, "a string", true);
    return json ? json.text : "";
  }

  boolean(key: string, fallback: bool): bool {
    const json = this.take(key, Kind.BOOLEAN, "a boolean", false);
    return json ? json.text == "true" : fallback;
  }

  number(key: string, fallback: f64): f64 {
    const json = this.take(key, Kind.NUMBER, "a number", false);
    return json ? F64.parseFloat(json.text) : fallback;
  }

  requireNumber(key: string): f64 {
    const json = this.take(key, Kind.NUMBER, "a number", true);
    return json ? F64.parseFloat(json.text) : 0;
  }

  integer(key: string, fallback: i64): i64 {
    const json = this.take(key, Kind.NUMBER, "an integer", false);
    return json ? this.integerOf(key, json) : fallback;
  }

  requireInteger(key: string): i64 {
    const json = this.take(key, Kind.NUMBER, "an integer", true);
    return json ? this.integerOf(key, json) : 0;
  }

  /** A list of strings; empty where there is none. */
  strings(key: string): string[] {
    const all: string[] = [];
    const json = this.take(key, Kind.ARRAY, "an array", false);
    if (!json) return all;
    for (let i = 0; i < json.items.length; i++) {
      const item = json.items[i];
      if (item.kind == Kind.STRING) all.push(item.text);
      else this.mistakeAt(key, i, "expected a string, found " + item.name());
    }
    return all;
  }

  /** An object; one without keys where there is none. */
  object(key: string): Config {
    const json = this.take(key, Kind.OBJECT, "an object", false);
    return this.inner(json ? json : new Json(Kind.OBJECT), this.place(key));
  }

  /** A list of objects; empty where there is none. */
  objects(key: string): Config[] {
    const all: Config[] = [];
    const json = this.take(key, Kind.ARRAY, "an array", false);
    if (!json) return all;
    for (let i = 0; i < json.items.length; i++) {
      const item = json.items[i];
      if (item.kind == Kind.OBJECT) all.push(this.inner(item, this.place(key) + "/" + i.toString()));
      else this.mistakeAt(key, i, "expected an object, found " + item.name());
    }
    return all;
  }

  /** Adds a mistake for every key that nobody read. */
  close(): void {
    for (let i = 0; i < this.json.names.length; i++) {
      const name = this.json.names[i];
      if (this.used.includes(name)) continue;
      const known = this.used.length ? "`" + this.used.join("`, `") + "`" : "none";
      this.mistake(name, "unknown key, known: " + known);
    }
    for (let i = 0; i < this.below.length; i++) this.below[i].close();
  }

  private add(place: string, message: string): void {
    this.lines.push(place + ": " + message.replaceAll("\n", " ").replaceAll("\r", " "));
  }

  private inner(json: Json, pointer: string): Config {
    const config = new Config(json, pointer, this.lines);
    this.below.push(config);
    return config;
  }

  private take(key: string, kind: Kind, wanted: string, required: bool): Json | null {
    if (!this.used.includes(key)) this.used.push(key);
    const json = this.json.member(key);
    if (!json) {
      if (required) this.mistake(key, "is missing");
      return null;
    }
    if (json.kind == kind) return json;
    this.mistake(key, "expected " + wanted + ", found " + json.name());
    return null;
  }

  private integerOf(key: string, json: Json): i64 {
    const number = I64.parseInt(json.text);
    // What is no integer within i64 does not come back as it was.
    if (number.toString() != json.text) this.mistake(key, json.text + " is not an integer within 64 bits");
    return number;
  }

  private place(key: string): string {
    return this.pointer + "/" + key.replaceAll("~", "~0").replaceAll("/", "~1");
  }
}

// ------------------------------------------------------------------------------------------------- the batch

/** A column of byte strings, each of which may be null. A view of weir's data: valid until the call is over. */
@unmanaged
export class Bytes {
  private offsets: usize;
  private offsetsLength: u32;
  private data: usize;
  private dataLength: u32;
  private nulls: usize;
  private nullsLength: u32;

  /** How many rows. */
  get length(): i32 {
    return this.offsetsLength - 1;
  }

  /** Whether the cell of a row is null. Empty is not null. */
  isNull(row: i32): bool {
    this.check(row);
    return this.nullsLength != 0 && load<u8>(this.nulls + row) != 0;
  }

  /** Whether the cell of a row is this text. */
  equals(row: i32, text: Text): bool {
    if (this.isNull(row)) return false;
    const bytes = text.length;
    return this.byteLength(row) == bytes && memory.compare(this.pointer(row), text.pointer, bytes) == 0;
  }

  /** The cell of a row as text; null where it is null. Makes a string: compare by `equals` where that does. */
  text(row: i32): string | null {
    return this.isNull(row) ? null : String.UTF8.decodeUnsafe(this.pointer(row), this.byteLength(row));
  }

  /** A copy of the cell of a row; null where it is null. */
  copy(row: i32): Uint8Array | null {
    if (this.isNull(row)) return null;
    const copy = new Uint8Array(this.byteLength(row));
    memory.copy(copy.dataStart, this.pointer(row), copy.length);
    return copy;
  }

  /** Where the bytes of a row's cell are: for `load<u8>` without a copy. */
  pointer(row: i32): usize {
    this.check(row);
    return this.data + load<u32>(this.offsets + (row << 2));
  }

  /** How many bytes the cell of a row has; 0 where it is null. */
  byteLength(row: i32): i32 {
    this.check(row);
    const at = this.offsets + (row << 2);
    return load<u32>(at, 4) - load<u32>(at);
  }

  private check(row: i32): void {
    if (<u32>row >= this.offsetsLength - 1) throw new RangeError("the column has no row " + row.toString());
  }
}

/** A column of integers, each of which may be null. A view of weir's data: valid until the call is over. */
@unmanaged
export class Ints {
  private values: usize;
  private valuesLength: u32;
  private nulls: usize;
  private nullsLength: u32;

  /** How many rows. */
  get length(): i32 {
    return this.valuesLength;
  }

  /** Whether the cell of a row is null. */
  isNull(row: i32): bool {
    this.check(row);
    return this.nullsLength != 0 && load<u8>(this.nulls + row) != 0;
  }

  /** The cell of a row; it means nothing where the cell is null. */
  get(row: i32): i64 {
    this.check(row);
    return load<i64>(this.values + (row << 3));
  }

  private check(row: i32): void {
    if (<u32>row >= this.valuesLength) throw new RangeError("the column has no row " + row.toString());
  }
}

/**
 * Every header of every record of a batch. Row r has the entries from `begin(r)` to before `end(r)`; names may repeat.
 */
@unmanaged
export class Headers {
  private starts: usize;
  private startsLength: u32;
  private names: usize;
  private namesLength: u32;
  private index: usize;
  private indexLength: u32;

  begin(row: i32): i32 {
    if (<u32>row >= this.startsLength - 1) throw new RangeError("the batch has no row " + row.toString());
    return load<u32>(this.starts + (row << 2));
  }

  end(row: i32): i32 {
    this.begin(row);
    return load<u32>(this.starts + (row << 2), 4);
  }

  /** The name of an entry. */
  name(entry: i32): string {
    return readString(this.nameAt(entry));
  }

  /** Whether an entry has this name. */
  isNamed(entry: i32, name: Text): bool {
    const at = this.nameAt(entry);
    return <i32>load<u32>(at, 4) == name.length && memory.compare(load<u32>(at), name.pointer, name.length) == 0;
  }

  /** The values: one cell for each entry. */
  get values(): Bytes {
    return changetype<Bytes>(changetype<usize>(this) + 24);
  }

  /** The last entry of a row of that name; -1 where there is none. */
  last(row: i32, name: Text): i32 {
    const begin = this.begin(row);
    let entry = this.end(row);
    while (entry > begin) if (this.isNamed(--entry, name)) return entry;
    return -1;
  }

  private nameAt(entry: i32): usize {
    if (<u32>entry >= this.indexLength) throw new RangeError("the batch has no header " + entry.toString());
    return this.names + (load<u32>(this.index + (entry << 2)) << 3);
  }
}

/** Consecutive records of one partition: the columns that the plan declared, in its order. Never empty. */
@unmanaged
export class Batch {
  private topicData: usize;
  private topicLength: u32;
  /** The partition the records came from. */
  readonly partition: i32;
  /** How many records: rows are numbered from 0. */
  readonly length: i32;
  private columns: usize;
  private columnsLength: u32;

  /** The topic the records came from. */
  get topic(): string {
    return String.UTF8.decodeUnsafe(this.topicData, this.topicLength);
  }

  /** Column `at` of the plan, one of bytes. */
  bytes(at: i32): Bytes {
    return changetype<Bytes>(this.column(at, 0));
  }

  /** Column `at` of the plan, one of integers. */
  ints(at: i32): Ints {
    return changetype<Ints>(this.column(at, 1));
  }

  /** Every header of every record; only where the plan asked for all. */
  get headers(): Headers {
    const at = changetype<usize>(this) + 24;
    if (!load<u8>(at)) throw new Error("the plan does not ask for all headers");
    return changetype<Headers>(at + 4);
  }

  private column(at: i32, tag: u8): usize {
    if (<u32>at >= this.columnsLength) throw new RangeError("the plan has no column " + at.toString());
    const column = this.columns + at * 28;
    if (load<u8>(column) != tag) {
      throw new TypeError("column " + at.toString() + (tag ? " holds bytes, not integers" : " holds integers, not bytes"));
    }
    return column + 4;
  }
}

// ------------------------------------------------------------------------------------------------- the edits

/** The row was not written. */
const LEFT: u32 = 0xffffffff;
/** Null was written to the row. */
const NULL: u32 = 0xfffffffe;
/** A verdict, and an entry of routes and partitions that leaves its row alone. */
const DROP: u8 = 1;
const DEAD_LETTER: u8 = 2;
const LEAVE: i32 = -1;

const enum HeaderOp {
  SET,
  APPEND,
  REMOVE,
}

/**
 * What is written to the rows of a batch: the same to all, or to each row its own bytes or null.
 *
 * Rows may be written in any order (ascending is cheapest); of a row written twice, the last counts. A row that is not written
 * is left alone. Which of the interface's three shapes carries the cells is decided when the batch is done.
 */
@final
export class Cells {
  private hasConstant: bool = false;
  private constant: usize = 0;
  private constantLength: u32 = NULL;
  /** Where a row's bytes begin, and how many there are: 8 bytes a row. */
  private slots: usize = 0;
  private data: usize = 0;
  private size: u32 = 0;
  private room: u32 = 0;
  private written: i32 = 0;
  private nulls: i32 = 0;
  private next: i32 = 0;
  private isOrdered: bool = true;
  /** What was appended to rows that have something already. */
  again: Cells | null = null;

  constructor(
    private edits: Edits,
    private appends: bool = false,
  ) {}

  /** Writes the same text to every row that is not written on its own. */
  all(text: string): void {
    const length = String.UTF8.byteLength(text);
    this.constant = alloc(length, 1);
    String.UTF8.encodeUnsafe(changetype<usize>(text), text.length, this.constant);
    this.constantLength = length;
    this.hasConstant = true;
  }

  /** Writes the same bytes to every row that is not written on its own. */
  allBytes(bytes: Uint8Array): void {
    this.constant = alloc(bytes.length, 1);
    memory.copy(this.constant, bytes.dataStart, bytes.length);
    this.constantLength = bytes.length;
    this.hasConstant = true;
  }

  /** Writes null to every row that is not written on its own. */
  allNull(): void {
    this.constantLength = NULL;
    this.hasConstant = true;
  }

  /** Writes text (may be empty) to a row. */
  row(row: i32, text: string): void {
    const length = String.UTF8.byteLength(text);
    const to = this.open(row, length);
    if (to) String.UTF8.encodeUnsafe(changetype<usize>(text), text.length, to);
  }

  /** Writes a `Text` to a row: faster than a string. */
  rowText(row: i32, text: Text): void {
    this.copy(row, text.pointer, text.length);
  }

  /** Writes bytes (may be none) to a row. */
  rowBytes(row: i32, bytes: Uint8Array): void {
    this.copy(row, bytes.dataStart, bytes.length);
  }

  /** Writes to a row what a column has there; where that is null, the row is left alone. */
  rowOf(row: i32, column: Bytes): void {
    if (!column.isNull(row)) this.copy(row, column.pointer(row), column.byteLength(row));
  }

  /** Writes null to a row. */
  rowNull(row: i32): void {
    this.open(row, NULL);
  }

  /** Writes a whole column, row by row: a cell that is null leaves its row alone. */
  column(column: Bytes): void {
    for (let row = 0; row < column.length; row++) this.rowOf(row, column);
  }

  get isEmpty(): bool {
    return !this.hasConstant && this.written == 0;
  }

  private copy(row: i32, from: usize, length: u32): void {
    const to = this.open(row, length);
    if (to) memory.copy(to, from, length);
  }

  /** Room for the bytes of a row; 0 where there are none to write. */
  private open(row: i32, length: u32): usize {
    if (!this.edits.isRow(row)) return 0;
    const rows = this.edits.rows;
    if (!this.slots) {
      this.slots = alloc(rows << 3);
      memory.fill(this.slots, 0xff, rows << 3);
    }
    const slot = this.slots + (row << 3);
    const before = load<u32>(slot, 4);
    if (before != LEFT) {
      if (this.appends) {
        let again = this.again;
        if (!again) {
          again = new Cells(this.edits, true);
          this.again = again;
        }
        return again.open(row, length);
      }
      if (before == NULL) this.nulls--;
      this.written--;
    }
    if (row < this.next) this.isOrdered = false;
    this.next = row + 1;
    this.written++;
    store<u32>(slot, this.size);
    store<u32>(slot, length, 4);
    if (length == NULL) {
      this.nulls++;
      return 0;
    }
    if (this.size + length > this.room) {
      this.room = max<u32>(1024, (this.size + length) * 2);
      const more = alloc(this.room, 1);
      memory.copy(more, this.data, this.size);
      this.data = more;
    }
    const to = this.data + this.size;
    this.size += length;
    return to;
  }

  /** Writes the constant as the 36 bytes of `cells` and forgets it; false where there is none. */
  takeConstant(at: usize): bool {
    if (!this.hasConstant) return false;
    this.hasConstant = false;
    if (this.constantLength == NULL) return true;
    store<u8>(at, 1, 4);
    putList(at + 8, this.constant, this.constantLength);
    return true;
  }

  /** Writes the 36 bytes of `cells`, in the shape that says it in few bytes; false where nothing was written. */
  write(at: usize): bool {
    const rows = this.edits.rows;
    if (this.written == 0) return this.takeConstant(at);
    if (this.hasConstant) {
      for (let row = 0; row < rows; row++) {
        if (load<u32>(this.slots + (row << 3), 4) == LEFT) this.copy(row, this.constant, this.constantLength);
      }
    }
    if (this.nulls == 0 && this.written * 4 > rows) {
      store<u8>(at, 1);
      this.writeWhole(at + 4);
    } else {
      store<u8>(at, 2);
      this.writeSparse(at + 4);
    }
    return true;
  }

  /** Writes one cell a row, null where nothing was written or null was. */
  writeWhole(at: usize): void {
    const rows = this.edits.rows;
    const offsets = alloc((rows + 1) << 2);
    const hasNulls = this.written < rows || this.nulls > 0;
    const nulls = hasNulls ? alloc(rows, 1) : 0;
    let end: u32 = 0;
    store<u32>(offsets, 0);
    for (let row = 0; row < rows; row++) {
      const length = load<u32>(this.slots + (row << 3), 4);
      if (length < NULL) end += length;
      if (hasNulls) store<u8>(nulls + row, length < NULL ? 0 : 1);
      store<u32>(offsets + (row << 2), end, 4);
    }
    putList(at, offsets, rows + 1);
    putList(at + 8, this.ordered(end), end);
    putList(at + 16, nulls, hasNulls ? rows : 0);
  }

  /** Writes one cell for each row that was written. */
  private writeSparse(at: usize): void {
    const written = this.written;
    const numbers = alloc(written << 2);
    const offsets = alloc((written + 1) << 2);
    const nulls = this.nulls ? alloc(written, 1) : 0;
    let end: u32 = 0;
    let kept = 0;
    store<u32>(offsets, 0);
    for (let row = 0; row < this.edits.rows; row++) {
      const length = load<u32>(this.slots + (row << 3), 4);
      if (length == LEFT) continue;
      if (length != NULL) end += length;
      if (nulls) store<u8>(nulls + kept, length == NULL ? 1 : 0);
      store<u32>(numbers + (kept << 2), row);
      store<u32>(offsets + (kept << 2), end, 4);
      kept++;
    }
    putList(at, numbers, written);
    putList(at + 8, offsets, written + 1);
    putList(at + 16, this.ordered(end), end);
    putList(at + 24, nulls, nulls ? written : 0);
  }

  /** The bytes of the rows in their order. */
  private ordered(size: u32): usize {
    // What was written twice has left bytes behind.
    if (this.isOrdered) return this.data;
    const data = alloc(size, 1);
    let end = data;
    for (let row = 0; row < this.edits.rows; row++) {
      const slot = this.slots + (row << 3);
      const length = load<u32>(slot, 4);
      if (length >= NULL) continue;
      memory.copy(end, this.data + load<u32>(slot), length);
      end += length;
    }
    return data;
  }
}

/** Rows whose headers of a name go. */
@final
export class Removal {
  constructor(private cells: Cells) {}

  /** Removes them from every row. */
  all(): void {
    this.cells.allNull();
  }

  /** Removes them from one row. */
  row(row: i32): void {
    this.cells.row(row, "");
  }
}


@final
class HeaderCells {
  constructor(
    public name: string,
    public op: HeaderOp,
    public cells: Cells,
  ) {}
}

/**
 * The changes to the rows of one batch. What they do not speak of stays as it is.
 *
 * Columns get as many cells as there are rows, and an edit of a row that is not there fails the batch with a message.
 */
@final
export class Edits {
  private inputs: i32;
  private count: i32;
  private sources: usize = 0;
  private isExpanded: bool = false;
  private verdicts: usize = 0;
  private reasons: Cells | null = null;
  private headers: HeaderCells[] = [];
  private keys: Cells | null = null;
  private values: Cells | null = null;
  private times: usize = 0;
  private untimed: usize = 0;
  private topics: string[] = [];
  private routes: usize = 0;
  private partitions: usize = 0;
  /** What fails the batch, if anything does. */
  failure: string | null = null;

  constructor(rows: i32) {
    this.inputs = rows;
    this.count = rows;
  }

  /** How many rows the edits speak of: the batch's, or after `expand` that of its rows. */
  get rows(): i32 {
    return this.count;
  }

  /**
   * Fails the whole batch with a message: weir then tries halves of it, down to the one record that the error is about. A
   * record that is merely wrong is no error: see `drop` and `deadLetter`. The first message counts.
   */
  fail(message: string): void {
    if (!this.failure) this.failure = message;
  }

  /**
   * Makes new rows: row j is a copy of the batch's row `sources[j]`, ascending; a row of the batch that is not named is
   * dropped (which needs `DROP`). From here on everything speaks of the new rows, so it comes first. Needs `EXPAND`.
   */
  expand(sources: i32[]): void {
    const columns = this.verdicts | this.times | this.routes | this.partitions;
    if (this.isExpanded || columns != 0 || this.headers.length > 0 || this.keys != null || this.values != null) {
      return this.fail("expand comes after other edits: call it first, and once");
    }
    this.sources = alloc(sources.length << 2);
    for (let i = 0; i < sources.length; i++) {
      const source = sources[i];
      if (!this.isRow(source)) return;
      if (i && source < sources[i - 1]) return this.fail("expand names rows out of order");
      store<u32>(this.sources + (i << 2), source);
    }
    this.isExpanded = true;
    this.count = sources.length;
  }

  /** Drops a row: it goes nowhere and is counted as dropped. Needs `DROP`. */
  drop(row: i32): void {
    this.verdict(row, DROP);
  }

  /**
   * Sets the record aside, as it came, with the reason (at most 1 KiB of it is kept). All rows that came from that record go
   * with it. Needs `DEAD_LETTER`.
   */
  deadLetter(row: i32, reason: string): void {
    this.verdict(row, DEAD_LETTER);
    let reasons = this.reasons;
    if (!reasons) {
      reasons = new Cells(this);
      this.reasons = reasons;
    }
    reasons.row(row, reason);
  }

  /**
   * Sets the headers of that name: the first keeps its place and takes the value, the others go; a row without one gets it at
   * the end. Called again with the same name it goes on with the same cells.
   */
  setHeader(name: string): Cells {
    return this.header(name, HeaderOp.SET);
  }

  /** Adds a header at the end, whatever is there. A row written twice gets two headers. */
  appendHeader(name: string): Cells {
    return this.header(name, HeaderOp.APPEND);
  }

  /** Removes all headers of that name from the rows that are named next. */
  removeHeader(name: string): Removal {
    return new Removal(this.header(name, HeaderOp.REMOVE));
  }

  /** Writes keys. Needs `KEY`. */
  get key(): Cells {
    let keys = this.keys;
    if (!keys) {
      keys = new Cells(this);
      this.keys = keys;
    }
    return keys;
  }

  /** Writes values. Needs `VALUE`. */
  get value(): Cells {
    let values = this.values;
    if (!values) {
      values = new Cells(this);
      this.values = values;
    }
    return values;
  }

  /** Writes a row's timestamp: ms since the epoch. Needs `TIMESTAMP`. */
  timestamp(row: i32, ms: i64): void {
    if (!this.isRow(row)) return;
    if (!this.times) {
      this.times = zeroed(this.count << 3);
      this.untimed = alloc(this.count, 1);
      memory.fill(this.untimed, 1, this.count);
    }
    store<i64>(this.times + (row << 3), ms);
    store<u8>(this.untimed + row, 0);
  }

  /** A topic within these edits: look it up once a batch, before the loop. */
  topic(name: string): i32 {
    const known = this.topics.indexOf(name);
    return known < 0 ? this.topics.push(name) - 1 : known;
  }

  /** Routes a row to a topic of `topic`, which has to be in `Plan.topics`. */
  route(row: i32, topic: i32): void {
    if (!this.isRow(row)) return;
    if (<u32>topic >= <u32>this.topics.length) return this.fail("a route to a topic of other edits");
    if (!this.routes) this.routes = this.leaveAll();
    store<i32>(this.routes + (row << 2), topic);
  }

  /** Routes a row to a topic by name. */
  routeTo(row: i32, topic: string): void {
    this.route(row, this.topic(topic));
  }

  /** Sends a row to a partition of its topic (from 0). Needs `PARTITION`. */
  partition(row: i32, partition: i32): void {
    if (!this.isRow(row)) return;
    if (partition < 0) return this.fail("there is no partition " + partition.toString());
    if (!this.partitions) this.partitions = this.leaveAll();
    store<i32>(this.partitions + (row << 2), partition);
  }

  /** Whether there is such a row; else the batch fails. */
  isRow(row: i32): bool {
    if (<u32>row < <u32>this.count) return true;
    this.fail("an edit speaks of row " + row.toString() + " of " + this.count.toString());
    return false;
  }

  private verdict(row: i32, verdict: u8): void {
    if (!this.isRow(row)) return;
    if (!this.verdicts) this.verdicts = zeroed(this.count);
    store<u8>(this.verdicts + row, verdict);
  }

  private leaveAll(): usize {
    const entries = alloc(this.count << 2);
    memory.fill(entries, 0xff, this.count << 2);
    return entries;
  }

  private header(name: string, op: HeaderOp): Cells {
    // Only the last edit of a name may go on: an earlier one is applied before it, and must not see later cells.
    for (let i = this.headers.length - 1; i >= 0; i--) {
      const known = this.headers[i];
      if (known.name != name) continue;
      if (known.op == op) return known.cells;
      break;
    }
    const cells = new Cells(this, op == HeaderOp.APPEND);
    this.headers.push(new HeaderCells(name, op, cells));
    return cells;
  }

  /** Writes the 188 bytes of `edits`. */
  write(at: usize): void {
    if (this.isExpanded) {
      store<u8>(at, 1);
      putList(at + 4, this.sources, this.count);
    }
    if (this.verdicts) putList(at + 12, this.verdicts, this.count);
    const reasons = this.reasons;
    if (reasons) {
      store<u8>(at, 1, 20);
      reasons.writeWhole(at + 24);
    }
    this.writeHeaders(at + 48);
    const keys = this.keys;
    if (keys && keys.write(at + 60)) store<u8>(at, 1, 56);
    const values = this.values;
    if (values && values.write(at + 100)) store<u8>(at, 1, 96);
    if (this.times) {
      store<u8>(at, 1, 136);
      putList(at + 140, this.times, this.count);
      putList(at + 148, this.untimed, this.count);
    }
    if (this.routes) {
      store<u8>(at, 1, 156);
      putStrings(at + 160, this.topics);
      putList(at + 168, this.routes, this.count);
    }
    if (this.partitions) {
      store<u8>(at, 1, 176);
      putList(at + 180, this.partitions, this.count);
    }
  }

  private writeHeaders(at: usize): void {
    let most = 0;
    for (let i = 0; i < this.headers.length; i++) {
      most++;
      for (let cells: Cells | null = this.headers[i].cells; cells; cells = cells.again) most++;
    }
    const list = zeroed(most * 48);
    let edit = list;
    for (let i = 0; i < this.headers.length; i++) {
      const header = this.headers[i];
      // What is appended to all rows comes before what is appended to single ones.
      if (header.op == HeaderOp.APPEND && header.cells.takeConstant(edit + 12)) edit = closeHeader(edit, header);
      for (let cells: Cells | null = header.cells; cells; cells = cells.again) {
        if (cells.write(edit + 12)) edit = closeHeader(edit, header);
      }
    }
    putList(at, list, <u32>((edit - list) / 48));
  }
}

function closeHeader(at: usize, header: HeaderCells): usize {
  putString(at, header.name);
  store<u8>(at, header.op, 8);
  return at + 48;
}

// -------------------------------------------------------------------------------------------------- the host

// @ts-ignore: decorator
@external("weir:interceptor/host@0.1.0", "log")
declare function hostLog(level: i32, message: usize, length: usize): void;

// @ts-ignore: decorator
@external("weir:interceptor/host@0.1.0", "count")
declare function hostCount(name: usize, length: usize, by: u32): void;

// @ts-ignore: decorator
@external("weir:interceptor/lookup@0.1.0", "get")
declare function hostGet(name: usize, length: usize, answer: usize): void;

/** How much a log line matters. */
export enum Level {
  /** Of use to the plugin's author only. */
  DEBUG,
  /** What an operator asked to know. */
  INFO,
  /** Something went wrong and was made good. */
  WARN,
  /** Data is at risk or a person must act. */
  ERROR,
}

/**
 * Writes a line to weir's log: once a batch at most, never per record. It takes effect when the edits of the call are
 * accepted.
 */
export function log(level: Level, message: string): void {
  const bytes = String.UTF8.encode(message);
  hostLog(level, changetype<usize>(bytes), bytes.byteLength);
}

/**
 * Adds to a metric of this interceptor; adding 0 says nothing. Sum up over the batch and call it once a name: at most 64 names
 * an interceptor. It takes effect when the edits of the call are accepted.
 */
export function count(name: string, by: u32): void {
  if (!by) return;
  const bytes = String.UTF8.encode(name);
  hostCount(changetype<usize>(bytes), bytes.byteLength, by);
}

/** The files that the interceptor's config names. */
export namespace lookup {
  /** The bytes of the file of that name; null where weir has none. Only inside `configure`. */
  export function get(name: string): Uint8Array | null {
    const bytes = String.UTF8.encode(name);
    const answer = zeroed(12);
    hostGet(changetype<usize>(bytes), bytes.byteLength, answer);
    if (!load<u8>(answer)) return null;
    const file = new Uint8Array(load<u32>(answer, 8));
    memory.copy(file.dataStart, load<u32>(answer, 4), file.length);
    return file;
  }
}

/**
 * What `throw`, a failed `assert` and an index out of range end in (`asc --use abort=assembly/weir/abort`): leaves the text and
 * the place in weir's log, so that they become part of the dead letter's message.
 */
export function abort(message: string | null, file: string | null, line: u32, column: u32): void {
  const place = file ? " at " + file + ":" + line.toString() + ":" + column.toString() : "";
  log(Level.ERROR, (message ? message : "abort") + place);
  unreachable();
}

// ------------------------------------------------------------------------------------------------ the exports

/** Extend it, and `register` an instance. */
export abstract class Plugin {
  /** What this plugin is; may be called without `configure`. */
  abstract describe(): Description;

  /**
   * Takes the config and says what it reads and may change. Called once an instance, and whenever weir only wants to know
   * whether a config is right.
   */
  abstract configure(config: Config, plan: Plan): void;

  /**
   * Says what changes in a batch. Nothing that matters is kept between two batches: weir may throw an instance away at any
   * time, and where a batch was cut must not matter.
   */
  abstract process(batch: Batch, edits: Edits): void;
}

let plugin: Plugin | null = null;

/** Makes an instance the plugin of this module. */
export function register(instance: Plugin): void {
  plugin = instance;
}

/** Rows after which garbage is collected, and calls. */
const ROWS: i32 = 8192;
const CALLS: i32 = 64;
let rows: i32 = 0;
let calls: i32 = 0;

// What follows is called by weir; `exports.mjs` gives it the interface's names.

export function cabi_realloc(old: usize, oldSize: usize, align: usize, size: usize): usize {
  // An empty list needs no memory, only a pointer that is aligned.
  if (!size) return align;
  const at = alloc(size, align);
  if (oldSize) memory.copy(at, old, min(oldSize, size));
  return at;
}

export function describe(): usize {
  const description = plugin!.describe();
  const at = zeroed(32);
  putString(at, description.name);
  putString(at + 8, description.version);
  putString(at + 16, description.summary);
  putString(at + 24, description.configSchema);
  return at;
}

export function configure(text: usize, length: usize): usize {
  const at = zeroed(32);
  const reader = new JsonReader(String.UTF8.decodeUnsafe(text, length));
  const json = reader.read();
  if (reader.error) return putError(at, ": the config is not JSON: " + reader.error!);
  if (json.kind != Kind.OBJECT) return putError(at, ": expected an object, found " + json.name());
  const lines: string[] = [];
  const config = new Config(json, "", lines);
  const plan = new Plan();
  plugin!.configure(config, plan);
  config.close();
  if (lines.length) return putError(at, lines.join("\n"));
  plan.write(at + 4);
  return at;
}

export function process(batch: usize): usize {
  const records = changetype<Batch>(batch);
  const edits = new Edits(records.length);
  plugin!.process(records, edits);
  rows += records.length;
  const at = zeroed(192);
  const failure = edits.failure;
  if (failure) return putError(at, failure);
  edits.write(at + 4);
  return at;
}

export function post_configure(_: usize): void {
  freeAll();
}

export function post_process(_: usize): void {
  freeAll();
  // Nothing is on the stack here, so that the minimal runtime may collect.
  if (++calls < CALLS && rows < ROWS) return;
  calls = rows = 0;
  __collect();
}

function putError(at: usize, message: string): usize {
  store<u8>(at, 1);
  putString(at + 4, message);
  return at;
}
