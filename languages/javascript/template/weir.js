// Made from weir.ts of the TypeScript template, which is the place to change it.

/**
 * Writes plugins for weir, the gateway between Kafka topics, in JavaScript and TypeScript.
 *
 * A plugin says once what it reads and may change ({@link Plan}). weir extracts exactly that and passes it as columns
 * ({@link Batch}); the plugin writes its changes into {@link Edits}:
 *
 *     export const plugin = definePlugin({
 *       name: "tombstones",
 *       version: "1.0.0",
 *       summary: "Drops records without a value.",
 *       configure() {
 *         return {
 *           plan: new Plan({ inputs: [Input.value()], effects: ["drop"] }),
 *           process(batch, edits) {
 *             const values = batch.bytes(0);
 *             for (let row = 0; row < batch.length; row++) {
 *               if (values.isNull(row)) edits.drop(row);
 *             }
 *           },
 *         };
 *       },
 *     });
 *
 * Every value is checked where it is written, so a mistake is an error that names its line. An error thrown in
 * `process` speaks of the whole batch: weir looks for the record that causes it, and the text becomes the reason of
 * that record's dead letter.
 *
 * @module
 */

import { count as hostCount, log as hostLog } from "weir:interceptor/host@0.1.0";
import { get as hostGet } from "weir:interceptor/lookup@0.1.0";

const LEAVE = -1;
const DROP = 1;
const DEAD_LETTER = 2;
const U32_MAX = 0xffff_ffff;
const I32_MAX = 0x7fff_ffff;
const MOST_MISTAKES = 300;
const MOST_PLACES = 8;
/** weir keeps 1 KiB of a message: the place stands behind the text and has to fit. */
const MOST_TEXT = 600;

// What the bindings would turn into a trap without a message is refused here.

/** Whether it is bytes, also those of another realm: an engine's own bindings may make them there. */
function isBytes(value) {
  return value instanceof Uint8Array || Object.prototype.toString.call(value) === "[object Uint8Array]";
}

function kindOf(value) {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `of type ${typeof value}`;
}

function checkText(value, what) {
  if (typeof value !== "string") throw new TypeError(`${what} is ${kindOf(value)}, not a string`);
  if (/[\ud800-\udfff]/u.test(value)) throw new TypeError(`${what} holds half of a surrogate pair`);
  return value;
}

function checkTexts(values, what) {
  if (!Array.isArray(values)) throw new TypeError(`${what} is ${kindOf(values)}, not an array of strings`);
  return values.map((value) => checkText(value, `an entry of ${what}`));
}

function checkInteger(value, what, least, most) {
  if (!Number.isInteger(value)) throw new TypeError(`${what} is ${String(value)}, not an integer`);
  const integer = value;
  if (integer < least || integer > most) {
    throw new RangeError(`${what} is ${integer}, which is not in ${least} to ${most}`);
  }
  return integer;
}

function wellFormed(text) {
  return text.replace(/[\ud800-\udfff]/gu, "\ufffd");
}

// UTF-8: QuickJS has neither TextEncoder nor TextDecoder.

/** Returns text as UTF-8. Half of a surrogate pair becomes U+FFFD. */
export function encodeUtf8(text) {
  const length = text.length;
  const ascii = new Uint8Array(length);
  for (let at = 0; at < length; at++) {
    const unit = text.charCodeAt(at);
    if (unit > 0x7f) return encodeLong(text, at, ascii);
    ascii[at] = unit;
  }
  return ascii;
}

function encodeLong(text, from, ascii) {
  const bytes = new Uint8Array(from + (text.length - from) * 3);
  bytes.set(ascii.subarray(0, from));
  let end = from;
  for (let at = from; at < text.length; at++) {
    let code = text.codePointAt(at);
    if (code > 0xffff) at++;
    else if (code >= 0xd800 && code <= 0xdfff) code = 0xfffd;
    if (code < 0x80) {
      bytes[end++] = code;
    } else if (code < 0x800) {
      bytes[end++] = 0xc0 | (code >> 6);
      bytes[end++] = 0x80 | (code & 0x3f);
    } else if (code < 0x1_0000) {
      bytes[end++] = 0xe0 | (code >> 12);
      bytes[end++] = 0x80 | ((code >> 6) & 0x3f);
      bytes[end++] = 0x80 | (code & 0x3f);
    } else {
      bytes[end++] = 0xf0 | (code >> 18);
      bytes[end++] = 0x80 | ((code >> 12) & 0x3f);
      bytes[end++] = 0x80 | ((code >> 6) & 0x3f);
      bytes[end++] = 0x80 | (code & 0x3f);
    }
  }
  return bytes.slice(0, end);
}

const CHUNK = 4096;

/** Returns UTF-8 as text, null where the bytes are not valid UTF-8. */
export function decodeUtf8(bytes) {
  const units = [];
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at];
    let code = first;
    let more = 0;
    let least = 0;
    if (first >= 0x80) {
      if (first >= 0xc2 && first < 0xe0) [code, more, least] = [first & 0x1f, 1, 0x80];
      else if (first >= 0xe0 && first < 0xf0) [code, more, least] = [first & 0x0f, 2, 0x800];
      else if (first >= 0xf0 && first < 0xf5) [code, more, least] = [first & 0x07, 3, 0x1_0000];
      else return null;
    }
    if (at + more >= bytes.length) return null;
    for (let next = 1; next <= more; next++) {
      const byte = bytes[at + next];
      if ((byte & 0xc0) !== 0x80) return null;
      code = (code << 6) | (byte & 0x3f);
    }
    if (code < least || code > 0x10_ffff || (code >= 0xd800 && code <= 0xdfff)) return null;
    at += more + 1;
    if (code > 0xffff) units.push(0xd800 + ((code - 0x1_0000) >> 10), 0xdc00 + ((code - 0x1_0000) & 0x3ff));
    else units.push(code);
    if (units.length >= CHUNK) {
      text += String.fromCharCode.apply(null, units);
      units.length = 0;
    }
  }
  return text + String.fromCharCode.apply(null, units);
}

// The config and what is wrong with it

/** Returns an RFC 6901 pointer: `pointer("rules", 3)` is `"/rules/3"`. */
export function pointer(...parts) {
  return parts.map((part) => "/" + String(part).replaceAll("~", "~0").replaceAll("/", "~1")).join("");
}

/** One thing that is wrong in a config. */
/** Thrown in `configure`: everything that is wrong in a config. */
export class Mistakes extends Error {
  constructor(mistakes) {
    const lines = mistakes.map(({ pointer, message }) => `${pointer}: ${message}`.replace(/[\r\n]+/g, " "));
    const told = [...new Set(lines)];
    const more = told.length - MOST_MISTAKES;
    if (more > 0) told.splice(MOST_MISTAKES, more, `: and ${more} more mistakes in this config`);
    super(told.join("\n"));
    this.name = "Mistakes";
  }
}

function jsonKind(value) {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

function isMembers(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * An object of the config, read key by key.
 *
 * A key that is missing or has the wrong type is noted as a mistake, and the method returns an empty value of its type,
 * so that reading goes on and all mistakes are reported at once. A key that was never read is unknown: a mistake too.
 * Read every key, also those that do not matter in every case.
 */
export class Config {
  #members;
  #at;
  #mistakes;
  #known = new Set();
  #parts = [];

  /** @internal */
  constructor(members, at = "", mistakes = []) {
    this.#members = members;
    this.#at = at;
    this.#mistakes = mistakes;
  }

  /** Returns a string. Without a fallback the key is required. */
  string(key, fallback) {
    return this.#read(key, fallback, (value) => typeof value === "string", "a string", "");
  }

  /** Returns a number. Without a fallback the key is required. */
  number(key, fallback) {
    return this.#read(key, fallback, (value) => typeof value === "number", "a number", 0);
  }

  /** Returns an integer that a number can hold exactly. Without a fallback the key is required. */
  integer(key, fallback) {
    return this.#read(key, fallback, Number.isSafeInteger, "an integer within 2^53", 0);
  }

  /** Returns a boolean. Without a fallback the key is required. */
  boolean(key, fallback) {
    return this.#read(key, fallback, (value) => typeof value === "boolean", "a boolean", false);
  }

  /** Returns an array of strings. Without a fallback the key is required. */
  strings(key, fallback) {
    const found = this.#read(key, fallback, Array.isArray, "an array of strings", []);
    return found.map((entry, at) => this.#entry(key, at, entry, (value) => typeof value === "string", "a string", ""));
  }

  /** Returns an object. One that is missing is a mistake where it is required, else it is empty. */
  object(key, required = true) {
    const members = this.#read(key, required ? undefined : {}, isMembers, "an object", {});
    return this.#part(members, pointer(key));
  }

  /** Returns an array of objects. One that is missing is a mistake where it is required, else it is empty. */
  objects(key, required = true) {
    const found = this.#read(key, required ? undefined : [], Array.isArray, "an array of objects", []);
    return found.map((entry, at) =>
      this.#part(this.#entry(key, at, entry, isMembers, "an object", {}), pointer(key, at)),
    );
  }

  /** Returns whatever JSON stands there, undefined where the key is missing. */
  value(key) {
    this.#known.add(key);
    return Object.hasOwn(this.#members, key) ? this.#members[key] : undefined;
  }

  /** Returns the keys, for an object whose keys are not known in advance. */
  keys() {
    return Object.keys(this.#members);
  }

  /** Notes a mistake at a key, or with null at this object as a whole. */
  mistake(key, message) {
    this.#mistakes.push({ pointer: key === null ? this.#at : this.#at + pointer(key), message });
  }

  /**
   * Throws {@link Mistakes} where any were noted or any key was never read.
   *
   * It is called after `configure`. Call it yourself only where the rest of `configure` needs a config without mistakes.
   */
  finish() {
    this.#findUnknown();
    if (this.#mistakes.length > 0) throw new Mistakes(this.#mistakes);
  }

  /** @internal */
  get hasMistakes() {
    return this.#mistakes.length > 0;
  }

  #read(key, fallback, is, name, empty) {
    const value = this.value(key);
    if (value === undefined) {
      if (fallback !== undefined) return fallback;
      this.mistake(key, `is missing: expected ${name}`);
      return empty;
    }
    if (is(value)) return value;
    this.mistake(key, `is ${jsonKind(value)}, expected ${name}`);
    return empty;
  }

  #entry(key, at, entry, is, name, empty) {
    if (is(entry)) return entry;
    this.#mistakes.push({
      pointer: this.#at + pointer(key, at),
      message: `is ${jsonKind(entry)}, expected ${name}`,
    });
    return empty;
  }

  #part(members, at) {
    const part = new Config(members, this.#at + at, this.#mistakes);
    this.#parts.push(part);
    return part;
  }

  #findUnknown() {
    const names = [...this.#known].map((key) => `\`${key}\``).join(", ") || "no key";
    for (const key of this.keys()) {
      if (!this.#known.has(key)) this.mistake(key, `unknown key, expected ${names}`);
    }
    for (const part of this.#parts) part.#findUnknown();
  }
}

// The plan

/** A column that weir extracts for every batch. Made by the static methods. */
export class Input {
  #tag;
  #val;
  #group;
  #source;

  constructor(tag, val, group = 0, source = { tag: "value" }) {
    this.#tag = tag;
    this.#val = val;
    this.#group = group;
    this.#source = source;
  }

  /** Returns the key (bytes), null where the record has none. */
  static key() {
    return new Input("key");
  }

  /** Returns the value (bytes), null in a tombstone. */
  static value() {
    return new Input("value");
  }

  /** Returns the last header of that name (bytes). */
  static header(name) {
    return new Input("header", checkText(name, "a header's name"));
  }

  /** Returns the record's timestamp (ints): ms since the epoch, or null. */
  static timestamp() {
    return new Input("timestamp");
  }

  /** Returns the timestamp's type (ints): 0 create time, 1 log append time, null unknown. */
  static timestampType() {
    return new Input("timestamp-type");
  }

  /**
   * Returns when weir fetched the record (ints): ms since the epoch. A plugin has no other clock.
   *
   * A plan that reads it makes `weir replay` differ from `weir run`.
   */
  static received() {
    return new Input("received");
  }

  /** Returns the record's offset in its partition (ints). */
  static offset() {
    return new Input("offset");
  }

  /**
   * Returns a member of the value as JSON, by RFC 6901 pointer (bytes).
   *
   * Strings come unescaped, all else as its JSON text. Null where the value is not JSON, the member is missing, or it
   * is `null`. Read integers beyond 2^53 so, and give the text to `BigInt`.
   */
  static json(pointer) {
    return new Input("json", checkText(pointer, "a JSON pointer"));
  }

  /** Returns the same as an integer (ints), also of a string of digits. See {@link IntColumn} for large ones. */
  static jsonInt(pointer) {
    return new Input("json-int", checkText(pointer, "a JSON pointer"));
  }

  /**
   * Returns a group of a regular expression's first match in the value (bytes). Group 0 is the whole match.
   *
   * weir runs the expression: the syntax is that of Rust's regex crate, without look-around and back-references.
   */
  static capture(pattern, group = 0) {
    return new Input("capture", checkText(pattern, "a pattern"), checkInteger(group, "a capture's group", 0, U32_MAX));
  }

  /** Looks in the key instead: for json, jsonInt and capture. */
  ofKey() {
    return this.#from({ tag: "key" });
  }

  /** Looks in the last header of that name instead: for json, jsonInt and capture. */
  ofHeader(name) {
    return this.#from({ tag: "header", val: checkText(name, "a header's name") });
  }

  #from(source) {
    if (!["json", "json-int", "capture"].includes(this.#tag)) {
      throw new TypeError(`the input ${this.#tag} is not looked for in a ${source.tag}`);
    }
    return new Input(this.#tag, this.#val, this.#group, source);
  }

  /** @internal */
  wire() {
    const [tag, val, source] = [this.#tag, this.#val, this.#source];
    if (tag === "capture") return { tag, val: { source, pattern: val, group: this.#group } };
    if (tag === "json" || tag === "json-int") return { tag, val: { source, pointer: val } };
    return val === undefined ? { tag } : { tag, val };
  }
}

const EFFECTS = {
  key: "key",
  value: "value",
  timestamp: "timestamp",
  headers: "headers",
  route: "route",
  partition: "partition",
  drop: "drop",
  "dead-letter": "deadLetter",
  expand: "expand",
};

const PLAN_KEYS = ["inputs", "allHeaders", "effects", "headerNames", "topics"];

/**
 * What a plugin reads and may change.
 *
 * Nothing else enters the sandbox, and an edit that the plan does not declare is a fault of the record.
 */
export class Plan {
  #inputs = [];
  #columns = new Map();
  #allHeaders;
  #effects = new Set();
  #headerNames;
  #topics;

  constructor(options = {}) {
    for (const key of Object.keys(options)) {
      if (!PLAN_KEYS.includes(key)) throw new TypeError(`a plan has no key \`${key}\``);
    }
    for (const input of options.inputs ?? []) this.#add(input);
    this.#allHeaders = options.allHeaders ?? false;
    if (typeof this.#allHeaders !== "boolean") throw new TypeError("allHeaders is not a boolean");
    for (const effect of options.effects ?? []) {
      if (!Object.hasOwn(EFFECTS, effect)) {
        throw new TypeError(`there is no effect \`${String(effect)}\`, only ${Object.keys(EFFECTS).join(", ")}`);
      }
      this.#effects.add(effect);
    }
    this.#headerNames = [...new Set(checkTexts(options.headerNames ?? [], "headerNames"))];
    this.#topics = [...new Set(checkTexts(options.topics ?? [], "topics"))];
    if (this.#headerNames.length > 0) this.#effects.add("headers");
    if (this.#topics.length > 0) this.#effects.add("route");
  }

  /** Returns the number of an input's column, and adds it where it is not read: for inputs that follow from the config. */
  column(input) {
    return this.#columns.get(keyOf(input)) ?? this.#add(input);
  }

  #add(input) {
    const key = keyOf(input);
    const at = this.#inputs.push(input) - 1;
    if (!this.#columns.has(key)) this.#columns.set(key, at);
    return at;
  }

  /** @internal */
  wire() {
    return {
      inputs: this.#inputs.map((input) => input.wire()),
      allHeaders: this.#allHeaders,
      effects: Object.fromEntries(Object.entries(EFFECTS).map(([word, name]) => [name, this.#effects.has(word)])),
      headerNames: this.#headerNames,
      topics: this.#topics,
    };
  }
}

function keyOf(input) {
  if (!(input instanceof Input)) throw new TypeError(`an input is ${kindOf(input)}, not an Input`);
  return JSON.stringify(input.wire());
}

// What a batch holds

function noRow(row, rows) {
  return new RangeError(`there is no row ${String(row)}: the batch has ${rows}`);
}

/** A column of byte strings, each of which may be null. Empty is not null. */
export class BytesColumn {
  #offsets;
  #nulls;
  /** The bytes of all cells, one after the other. */
  data;
  /** How many cells there are. */
  length;

  /** @internal */
  constructor(column) {
    this.#offsets = column.offsets;
    this.data = column.data;
    this.length = Math.max(column.offsets.length - 1, 0);
    this.#nulls = column.nulls.length > 0 ? column.nulls : new Uint8Array(this.length);
  }

  /** Returns the cell of a row without a copy, null where it is null. */
  get(row) {
    if (this.isNull(row)) return null;
    return this.data.subarray(this.#offsets[row], this.#offsets[row + 1]);
  }

  /** Returns the cell of a row as text, null where it is null or not UTF-8. */
  text(row) {
    const cell = this.get(row);
    return cell === null ? null : decodeUtf8(cell);
  }

  /** Returns whether the cell of a row is these bytes. Faster than to compare text. */
  equals(row, bytes) {
    if (this.isNull(row)) return false;
    const from = this.#offsets[row];
    const length = this.#offsets[row + 1] - from;
    if (length !== bytes.length) return false;
    for (let at = 0; at < length; at++) if (this.data[from + at] !== bytes[at]) return false;
    return true;
  }

  /** Returns whether the cell of a row is null. */
  isNull(row) {
    const mark = this.#nulls[row];
    if (mark === undefined) throw noRow(row, this.length);
    return mark !== 0;
  }

  /** The cells, in the order of the rows. */
  *[Symbol.iterator]() {
    for (let row = 0; row < this.length; row++) yield this.get(row);
  }
}

/**
 * A column of integers, each of which may be null.
 *
 * A cell is a number. QuickJS rounds integers beyond 2^53 before the plugin sees them, so reading such a cell is an
 * error: it is never read wrongly. Where they are expected, ask {@link IntColumn.isSafe} first, or read the member by
 * {@link Input.json} and give its text to `BigInt`.
 */
export class IntColumn {
  #values;
  #nulls;
  #at;
  /** How many cells there are. */
  length;

  /** @internal */
  constructor(column, at) {
    this.#values = column.values;
    this.#at = at;
    this.length = column.values.length;
    this.#nulls = column.nulls.length > 0 ? column.nulls : new Uint8Array(this.length);
  }

  /** Returns the cell of a row, null where it is null. Throws where it is not a safe integer. */
  get(row) {
    if (this.isNull(row)) return null;
    const value = Number(this.#values[row]);
    if (Number.isSafeInteger(value)) return value;
    throw new RangeError(
      `the integer in row ${row} of column ${this.#at} is beyond 2^53, near ${value}: read it by Input.json and BigInt`,
    );
  }

  /** Returns whether the cell of a row can be read exactly: it is null or within 2^53. */
  isSafe(row) {
    return this.isNull(row) || Number.isSafeInteger(Number(this.#values[row]));
  }

  /** Returns whether the cell of a row is null. */
  isNull(row) {
    const mark = this.#nulls[row];
    if (mark === undefined) throw noRow(row, this.length);
    return mark !== 0;
  }

  /** The cells, in the order of the rows. */
  *[Symbol.iterator]() {
    for (let row = 0; row < this.length; row++) yield this.get(row);
  }
}

/** Every header of every record of a batch. */
export class Headers {
  #table;
  #cells;

  /** @internal */
  constructor(table) {
    this.#table = table;
    this.#cells = new BytesColumn(table.cells);
  }

  /** Returns a row's headers in their order. Names may repeat, values be null. */
  row(row) {
    const { starts, names, nameIndex } = this.#table;
    const end = starts[row + 1];
    if (end === undefined) throw noRow(row, starts.length - 1);
    const headers = [];
    for (let at = starts[row]; at < end; at++) {
      headers.push({ name: names[nameIndex[at]], value: this.#cells.get(at) });
    }
    return headers;
  }

  /** Returns the last of a row's headers of that name: undefined where there is none, null where its value is null. */
  last(row, name) {
    return this.row(row).findLast((header) => header.name === name)?.value;
  }
}

/** Consecutive records of one partition: the columns of the plan. Never empty. */
export class Batch {
  #columns;
  /** The topic the records came from. */
  topic;
  /** The partition the records came from. */
  partition;
  /** How many records: rows are numbered from 0. */
  length;
  /** Every header of every record; null unless the plan has `allHeaders`. */
  headers;

  /** @internal */
  constructor(batch) {
    this.#columns = batch.columns;
    this.topic = batch.topic;
    this.partition = batch.partition;
    this.length = batch.count;
    this.headers = batch.headers ? new Headers(batch.headers) : null;
  }

  /** Returns column `at` of the plan, one of bytes. */
  bytes(at) {
    const column = this.#column(at);
    if (column.tag === "bytes") return new BytesColumn(column.val);
    throw new TypeError(`column ${at} holds integers: read it by ints(${at})`);
  }

  /** Returns column `at` of the plan, one of integers. */
  ints(at) {
    const column = this.#column(at);
    if (column.tag === "ints") return new IntColumn(column.val, at);
    throw new TypeError(`column ${at} holds bytes: read it by bytes(${at})`);
  }

  #column(at) {
    const column = this.#columns[at];
    if (column === undefined) throw new RangeError(`the plan has no column ${at}: it has ${this.#columns.length}`);
    return column;
  }
}

// What changes

/** What a cell may be written from. Text is written as UTF-8. Bytes are not copied before `process` returns. */
/** A row that is not written is undefined; null is written as null. */
const NOTHING = new Uint8Array(0);

function wireColumn(cells) {
  const count = cells.length;
  const offsets = new Uint32Array(count + 1);
  let nulls = NOTHING;
  let end = 0;
  for (let at = 0; at < count; at++) {
    const cell = cells[at];
    if (cell) {
      end += cell.length;
    } else {
      if (nulls.length === 0) nulls = new Uint8Array(count);
      nulls[at] = 1;
    }
    offsets[at + 1] = end;
  }
  const data = new Uint8Array(end);
  for (let at = 0; at < count; at++) {
    const cell = cells[at];
    if (cell) data.set(cell, offsets[at]);
  }
  return { offsets, data, nulls };
}

/**
 * What is written to the rows of a batch.
 *
 * Rows may be written in any order; of a row written twice, the last counts (in `appendHeader` both). A row that is not
 * written is left alone.
 */
export class Cells {
  #count;
  #append;
  #all;
  #rounds = [];
  #text;
  #bytes = NOTHING;

  /** @internal */
  constructor(count, append = false) {
    this.#count = count;
    this.#append = append;
  }

  /** Writes the same to every row that is not written on its own. Null writes null. */
  all(value) {
    this.#all = this.#cell(value);
  }

  /** Writes to a row. Null writes null; to leave a row alone, do not call it. */
  row(row, value) {
    if (!Number.isInteger(row) || row < 0 || row >= this.#count) throw noRow(row, this.#count);
    const cell = this.#cell(value);
    let round = 0;
    if (this.#append) while (this.#rounds[round]?.[row] !== undefined) round++;
    (this.#rounds[round] ??= new Array(this.#count).fill(undefined))[row] = cell;
  }

  /** Writes a column, row by row: a null cell leaves its row alone. */
  column(cells) {
    let row = 0;
    for (const cell of cells) {
      if (cell !== null) this.row(row, cell);
      row++;
    }
  }

  #cell(value) {
    if (value === null || isBytes(value)) return value;
    if (typeof value !== "string") throw new TypeError(`a cell is ${kindOf(value)}, not bytes, a string or null`);
    // Mostly the same text as the one before.
    if (value !== this.#text) [this.#text, this.#bytes] = [value, encodeUtf8(value)];
    return this.#bytes;
  }

  /** @internal */
  get isEmpty() {
    return this.#all === undefined && this.#rounds.length === 0;
  }

  /** @internal */
  wire() {
    const all = this.#all;
    const [written] = this.#rounds;
    const constant = all === undefined ? [] : [{ tag: "constant", val: all ?? undefined }];
    if (this.#append) return [...constant, ...this.#rounds.map((round) => this.#shape(round))];
    if (written === undefined) return constant;
    return [this.#shape(all === undefined ? written : written.map((cell) => (cell === undefined ? all : cell)))];
  }

  /** @internal */
  whole() {
    return wireColumn(this.#rounds[0]);
  }

  #shape(cells) {
    const rows = [];
    let hasNulls = false;
    for (let row = 0; row < this.#count; row++) {
      if (cells[row] !== undefined) rows.push(row);
      if (cells[row] === null) hasNulls = true;
    }
    // A null cell of `each` leaves its row alone, one of `sparse` writes null.
    if (!hasNulls && rows.length * 4 > this.#count) return { tag: "each", val: wireColumn(cells) };
    const sparse = wireColumn(rows.map((row) => cells[row]));
    return { tag: "sparse", val: { rows: Uint32Array.from(rows), cells: sparse } };
  }
}

/** Rows whose headers of a name are removed. */
export class Removal {
  #cells;

  /** @internal */
  constructor(cells) {
    this.#cells = cells;
  }

  /** Removes them from every row. */
  all() {
    this.#cells.all(null);
  }

  /** Removes them from one row. */
  row(row) {
    this.#cells.row(row, NOTHING);
  }

  /** Removes them from these rows. */
  rows(rows) {
    for (const row of rows) this.row(row);
  }
}

/** A topic of one batch's edits: see {@link Edits.topic}. */
export class Topic {
  /** Its name. */
  name;
  /** @internal */
  number;

  /** @internal */
  constructor(name, number) {
    this.name = name;
    this.number = number;
  }
}

/** The changes to the rows of one batch. What is not written stays as it is. */
export class Edits {
  #inputs;
  #count;
  #expand;
  #verdicts = NOTHING;
  #reasons;
  #headers = [];
  #key;
  #value;
  #timestamps;
  #untimed = NOTHING;
  #topics = new Map();
  #routes;
  #partitions;

  /** @internal */
  constructor(count) {
    this.#inputs = count;
    this.#count = count;
    this.#reasons = new Cells(count);
    this.#key = new Cells(count);
    this.#value = new Cells(count);
  }

  /** How many rows edits speak of: the batch's, or those of {@link Edits.expand}. */
  get length() {
    return this.#count;
  }

  /**
   * Makes new rows: row j is a copy of the batch's row `sources[j]`, ascending.
   *
   * A row of the batch that is not named is dropped, which needs the effect `drop`. Everything else then speaks of the
   * new rows, so call it first, and once. Needs the effect `expand`.
   */
  expand(sources) {
    if (this.#expand !== undefined || this.#isTouched()) throw new Error("expand comes before other edits, and once");
    const rows = [...sources];
    rows.forEach((row, at) => {
      if (!Number.isInteger(row) || row < 0 || row >= this.#inputs) throw noRow(row, this.#inputs);
      if (at > 0 && row < rows[at - 1]) throw new RangeError("expand names rows out of order");
    });
    this.#expand = Uint32Array.from(rows);
    this.#count = rows.length;
    this.#reasons = new Cells(this.#count);
    this.#key = new Cells(this.#count);
    this.#value = new Cells(this.#count);
  }

  /** Drops a row: it goes nowhere and is counted. Needs the effect `drop`. */
  drop(row) {
    this.#verdict(row, DROP);
  }

  /**
   * Sets the record aside, as it came, with a reason of at most 1 KiB. Needs the effect `dead-letter`.
   *
   * All rows that came from that record go with it.
   */
  deadLetter(row, reason) {
    if (reason === null) throw new TypeError("the reason of a dead letter is null");
    this.#reasons.row(row, reason);
    this.#verdict(row, DEAD_LETTER);
  }

  /**
   * Sets the headers of a name; returns the cells to write.
   *
   * The first header of that name keeps its place and takes the value, the others go; a row without one gets it at the
   * end. Called again with the same name it returns the same cells.
   */
  setHeader(name) {
    return this.#header(name, "set");
  }

  /** Adds a header at the end; returns the cells to write. A row written twice gets two headers. */
  appendHeader(name) {
    return this.#header(name, "append");
  }

  /** Removes all headers of a name; returns where to say from which rows. */
  removeHeader(name) {
    return new Removal(this.#header(name, "remove"));
  }

  /** The cells of new keys. Needs the effect `key`. */
  get key() {
    return this.#key;
  }

  /** The cells of new values. Needs the effect `value`. */
  get value() {
    return this.#value;
  }

  /** Writes a row's timestamp: ms since the epoch. Needs the effect `timestamp`. */
  timestamp(row, ms) {
    this.#check(row);
    if (!Number.isSafeInteger(ms)) throw new TypeError(`a timestamp is ${String(ms)}, not a safe integer`);
    if (this.#timestamps === undefined) {
      this.#timestamps = new BigInt64Array(this.#count);
      this.#untimed = new Uint8Array(this.#count).fill(1);
    }
    this.#timestamps[row] = BigInt(ms);
    this.#untimed[row] = 0;
  }

  /** Returns a topic for {@link Edits.route}: for code that routes many rows to it. */
  topic(name) {
    let topic = this.#topics.get(name);
    if (topic === undefined) {
      topic = new Topic(checkText(name, "a topic's name"), this.#topics.size);
      this.#topics.set(name, topic);
    }
    return topic;
  }

  /** Routes a row to a topic of these edits. Needs it in the plan's `topics`. */
  route(row, topic) {
    if (!(topic instanceof Topic)) throw new TypeError(`a topic is ${kindOf(topic)}, not of Edits.topic: see routeTo`);
    if (this.#topics.get(topic.name) !== topic) {
      throw new Error("the topic is of other edits: ask for it in each batch");
    }
    this.#check(row);
    this.#routes ??= new Int32Array(this.#count).fill(LEAVE);
    this.#routes[row] = topic.number;
  }

  /** Routes a row to a topic by name. Needs it in the plan's `topics`. */
  routeTo(row, topic) {
    this.route(row, this.topic(topic));
  }

  /** Sends a row to a partition of its topic. Needs the effect `partition`. */
  partition(row, partition) {
    this.#check(row);
    const number = checkInteger(partition, "a partition", 0, I32_MAX);
    this.#partitions ??= new Int32Array(this.#count).fill(LEAVE);
    this.#partitions[row] = number;
  }

  #check(row) {
    if (!Number.isInteger(row) || row < 0 || row >= this.#count) throw noRow(row, this.#count);
  }

  #verdict(row, verdict) {
    this.#check(row);
    if (this.#verdicts.length === 0) this.#verdicts = new Uint8Array(this.#count);
    this.#verdicts[row] = verdict;
  }

  #header(name, op) {
    // Only the last edit of a name may go on: edits are applied in their order.
    const last = this.#headers.findLast((header) => header.name === name);
    if (last?.op === op) return last.cells;
    const cells = new Cells(this.#count, op === "append");
    this.#headers.push({ name: checkText(name, "a header's name"), op, cells });
    return cells;
  }

  #isTouched() {
    return (
      this.#verdicts.length > 0 ||
      this.#headers.length > 0 ||
      !this.#key.isEmpty ||
      !this.#value.isEmpty ||
      this.#timestamps !== undefined ||
      this.#routes !== undefined ||
      this.#partitions !== undefined
    );
  }

  /** @internal */
  wire() {
    const edits = {
      verdicts: this.#verdicts,
      headers: this.#headers.flatMap(({ name, op, cells }) =>
        cells.wire().map((shape) => ({ name, op, cells: shape })),
      ),
    };
    const [key] = this.#key.wire();
    const [value] = this.#value.wire();
    if (this.#expand !== undefined) edits.expand = this.#expand;
    if (!this.#reasons.isEmpty) edits.reasons = this.#reasons.whole();
    if (key !== undefined) edits.key = key;
    if (value !== undefined) edits.value = value;
    if (this.#timestamps !== undefined) edits.timestamps = { values: this.#timestamps, nulls: this.#untimed };
    if (this.#routes !== undefined) edits.route = { topics: [...this.#topics.keys()], index: this.#routes };
    if (this.#partitions !== undefined) edits.partitions = this.#partitions;
    return edits;
  }
}

// What weir gives

/** How much a log line matters. */
const LEVELS = ["debug", "info", "warn", "error"];

/** Writes a line to weir's log, once the edits of the call are accepted. At most once a batch, never once a record. */
export function log(level, message) {
  if (!LEVELS.includes(level)) throw new TypeError(`there is no level \`${String(level)}\`, only ${LEVELS.join(", ")}`);
  hostLog(level, wellFormed(String(message)));
}

/**
 * Adds to a metric of this interceptor, once the edits of the call are accepted.
 *
 * Sum up over the batch and call it once a name: at most 64 names an interceptor.
 */
export function count(name, by = 1) {
  checkInteger(by, "a count", 0, U32_MAX);
  if (by > 0) hostCount(checkText(name, "a metric's name"), by);
}

/**
 * The files that the interceptor's config names: `files` in weir.toml.
 *
 * They can be read while `configure` runs, and not afterwards.
 */
export class Files {
  #isOpen = true;

  /** Returns a file's bytes, null where the config names no such file. */
  get(name) {
    if (!this.#isOpen) throw new Error("files are read in configure only");
    return hostGet(checkText(name, "a file's name")) ?? null;
  }

  /** @internal */
  close() {
    this.#isOpen = false;
  }
}

// The plugin

/** What `configure` returns. */
/** A plugin: what it is, and how it is configured. */
const NO_CONFIG = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  additionalProperties: false,
};

/**
 * Returns what the bindings look for: `export const plugin = definePlugin({ … })`.
 *
 * Checks what `describe` returns, so a mistake there fails the build.
 */
export function definePlugin(definition) {
  const description = {
    name: checkText(definition.name, "name"),
    version: checkText(definition.version, "version"),
    summary: checkText(definition.summary, "summary"),
    configSchema: JSON.stringify(definition.configSchema ?? NO_CONFIG),
  };
  let configured;
  return {
    describe: () => description,
    configure: (config) =>
      guarded(() => {
        forbidClock();
        configured = configure(definition, config);
        return configured.plan.wire();
      }),
    process: (batch) =>
      guarded(() => {
        if (configured === undefined) throw new Error("process was called before configure");
        const edits = new Edits(batch.count);
        // What a plugin returns is most likely a mistake, so it is not passed over.
        const returned = configured.process(new Batch(batch), edits);
        if (returned !== undefined) {
          throw new TypeError(`process returned a value ${kindOf(returned)}: write into edits instead`);
        }
        return edits.wire();
      }),
  };
}

function configure(definition, text) {
  const config = new Config(parse(text));
  const files = new Files();
  let configured;
  try {
    configured = definition.configure(config, files);
  } catch (error) {
    // A mistake that was noted may be the cause: it says more.
    if (!(error instanceof Mistakes) && config.hasMistakes) config.finish();
    throw error;
  } finally {
    files.close();
  }
  config.finish();
  if (!(configured?.plan instanceof Plan) || typeof configured.process !== "function") {
    throw new TypeError("configure returned something else than { plan, process }");
  }
  return configured;
}

function parse(text) {
  let members;
  try {
    members = JSON.parse(text);
  } catch (error) {
    throw new Mistakes([{ pointer: "", message: `the config is not JSON: ${String(error)}` }]);
  }
  if (isMembers(members)) return members;
  throw new Mistakes([{ pointer: "", message: `the config is ${jsonKind(members)}, expected an object` }]);
}

/** Turns an error into the interface's: a string is what both engines take for it. */
function guarded(call) {
  try {
    return call();
  } catch (error) {
    throw error instanceof Mistakes ? wellFormed(error.message) : explain(error);
  }
}

/** Returns an error's text and the places it came from. */
function explain(error) {
  if (!(error instanceof Error)) return wellFormed(String(error));
  const text = wellFormed(`${error.name}: ${error.message}`.slice(0, MOST_TEXT));
  const lines = (error.stack ?? "").split("\n").filter((line) => /:\d+/.test(line));
  // The frame before `guarded` is the function that it was given.
  const own = lines.findIndex((line) => line.includes("guarded"));
  const told = own > 0 ? lines.slice(0, own - 1) : lines;
  const places = told.map((line) => line.trim().replace(/^at /, "")).slice(0, MOST_PLACES);
  return places.length > 0 ? `${text} (at ${places.join(", ")})` : text;
}

let isClockForbidden = false;

/** A plugin has no clock. Without this, asking for the time is a trap without a message. */
function forbidClock() {
  if (isClockForbidden) return;
  isClockForbidden = true;
  const forbidden = () => {
    throw new Error("a plugin has no clock: read Input.received() or Input.timestamp()");
  };
  globalThis.Date = new Proxy(globalThis.Date, {
    apply: forbidden,
    construct: (target, given, derived) =>
      given.length === 0 ? forbidden() : Reflect.construct(target, given, derived),
    get: (target, key) => (key === "now" ? forbidden : Reflect.get(target, key)),
  });
}
