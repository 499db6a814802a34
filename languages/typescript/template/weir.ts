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

/** The interface as the bindings of componentize-qjs and componentize-js pass it: this type and those below. */
interface WireBytes {
  offsets: ArrayLike<number>;
  data: Uint8Array;
  nulls: ArrayLike<number>;
}

interface WireInts {
  // QuickJS gives an array of numbers, rounded beyond 2^53; SpiderMonkey gives a BigInt64Array.
  values: ArrayLike<number | bigint>;
  nulls: ArrayLike<number>;
}

type WireColumn = { tag: "bytes"; val: WireBytes } | { tag: "ints"; val: WireInts };

interface WireHeaders {
  starts: ArrayLike<number>;
  names: string[];
  nameIndex: ArrayLike<number>;
  cells: WireBytes;
}

interface WireBatch {
  topic: string;
  partition: number;
  count: number;
  columns: WireColumn[];
  headers?: WireHeaders | null;
}

type WireCells =
  | { tag: "constant"; val: Uint8Array | undefined }
  | { tag: "each"; val: WireBytes }
  | { tag: "sparse"; val: { rows: Uint32Array; cells: WireBytes } };

interface WireHeaderEdit {
  name: string;
  op: HeaderOp;
  cells: WireCells;
}

interface WireEdits {
  expand?: Uint32Array;
  verdicts: Uint8Array;
  reasons?: WireBytes;
  headers: WireHeaderEdit[];
  key?: WireCells;
  value?: WireCells;
  timestamps?: { values: BigInt64Array; nulls: Uint8Array };
  route?: { topics: string[]; index: Int32Array };
  partitions?: Int32Array;
}

interface WirePlan {
  inputs: object[];
  allHeaders: boolean;
  effects: Record<string, boolean>;
  headerNames: string[];
  topics: string[];
}

interface WireDescription {
  name: string;
  version: string;
  summary: string;
  configSchema: string;
}

/** What the bindings look for under the name `plugin`. */
export interface PluginExport {
  describe(): WireDescription;
  configure(config: string): WirePlan;
  process(batch: WireBatch): WireEdits;
}

type HeaderOp = "set" | "append" | "remove";

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
function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array || Object.prototype.toString.call(value) === "[object Uint8Array]";
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `of type ${typeof value}`;
}

function checkText(value: unknown, what: string): string {
  if (typeof value !== "string") throw new TypeError(`${what} is ${kindOf(value)}, not a string`);
  if (/[\ud800-\udfff]/u.test(value)) throw new TypeError(`${what} holds half of a surrogate pair`);
  return value;
}

function checkTexts(values: unknown, what: string): string[] {
  if (!Array.isArray(values)) throw new TypeError(`${what} is ${kindOf(values)}, not an array of strings`);
  return values.map((value) => checkText(value, `an entry of ${what}`));
}

function checkInteger(value: unknown, what: string, least: number, most: number): number {
  if (!Number.isInteger(value)) throw new TypeError(`${what} is ${String(value)}, not an integer`);
  const integer = value as number;
  if (integer < least || integer > most) {
    throw new RangeError(`${what} is ${integer}, which is not in ${least} to ${most}`);
  }
  return integer;
}

function wellFormed(text: string): string {
  return text.replace(/[\ud800-\udfff]/gu, "\ufffd");
}

// UTF-8: QuickJS has neither TextEncoder nor TextDecoder.

/** Returns text as UTF-8. Half of a surrogate pair becomes U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
  const length = text.length;
  const ascii = new Uint8Array(length);
  for (let at = 0; at < length; at++) {
    const unit = text.charCodeAt(at);
    if (unit > 0x7f) return encodeLong(text, at, ascii);
    ascii[at] = unit;
  }
  return ascii;
}

function encodeLong(text: string, from: number, ascii: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(from + (text.length - from) * 3);
  bytes.set(ascii.subarray(0, from));
  let end = from;
  for (let at = from; at < text.length; at++) {
    let code = text.codePointAt(at)!;
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
export function decodeUtf8(bytes: Uint8Array): string | null {
  const units: number[] = [];
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at]!;
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
      const byte = bytes[at + next]!;
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
export function pointer(...parts: (string | number)[]): string {
  return parts.map((part) => "/" + String(part).replaceAll("~", "~0").replaceAll("/", "~1")).join("");
}

/** One thing that is wrong in a config. */
export interface Mistake {
  /** Where, as an RFC 6901 pointer; empty for the config as a whole. */
  pointer: string;
  /** What is wrong, and best what to write instead: lower case, no full stop. */
  message: string;
}

/** Thrown in `configure`: everything that is wrong in a config. */
export class Mistakes extends Error {
  constructor(mistakes: Mistake[]) {
    const lines = mistakes.map(({ pointer, message }) => `${pointer}: ${message}`.replace(/[\r\n]+/g, " "));
    const told = [...new Set(lines)];
    const more = told.length - MOST_MISTAKES;
    if (more > 0) told.splice(MOST_MISTAKES, more, `: and ${more} more mistakes in this config`);
    super(told.join("\n"));
    this.name = "Mistakes";
  }
}

function jsonKind(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

type Members = Record<string, unknown>;

function isMembers(value: unknown): value is Members {
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
  readonly #members: Members;
  readonly #at: string;
  readonly #mistakes: Mistake[];
  readonly #known = new Set<string>();
  readonly #parts: Config[] = [];

  /** @internal */
  constructor(members: Members, at = "", mistakes: Mistake[] = []) {
    this.#members = members;
    this.#at = at;
    this.#mistakes = mistakes;
  }

  /** Returns a string. Without a fallback the key is required. */
  string(key: string, fallback?: string): string {
    return this.#read(key, fallback, (value) => typeof value === "string", "a string", "");
  }

  /** Returns a number. Without a fallback the key is required. */
  number(key: string, fallback?: number): number {
    return this.#read(key, fallback, (value) => typeof value === "number", "a number", 0);
  }

  /** Returns an integer that a number can hold exactly. Without a fallback the key is required. */
  integer(key: string, fallback?: number): number {
    return this.#read(key, fallback, Number.isSafeInteger, "an integer within 2^53", 0);
  }

  /** Returns a boolean. Without a fallback the key is required. */
  boolean(key: string, fallback?: boolean): boolean {
    return this.#read(key, fallback, (value) => typeof value === "boolean", "a boolean", false);
  }

  /** Returns an array of strings. Without a fallback the key is required. */
  strings(key: string, fallback?: string[]): string[] {
    const found = this.#read<unknown[]>(key, fallback, Array.isArray, "an array of strings", []);
    return found.map((entry, at) => this.#entry(key, at, entry, (value) => typeof value === "string", "a string", ""));
  }

  /** Returns an object. One that is missing is a mistake where it is required, else it is empty. */
  object(key: string, required = true): Config {
    const members = this.#read<Members>(key, required ? undefined : {}, isMembers, "an object", {});
    return this.#part(members, pointer(key));
  }

  /** Returns an array of objects. One that is missing is a mistake where it is required, else it is empty. */
  objects(key: string, required = true): Config[] {
    const found = this.#read<unknown[]>(key, required ? undefined : [], Array.isArray, "an array of objects", []);
    return found.map((entry, at) =>
      this.#part(this.#entry<Members>(key, at, entry, isMembers, "an object", {}), pointer(key, at)),
    );
  }

  /** Returns whatever JSON stands there, undefined where the key is missing. */
  value(key: string): unknown {
    this.#known.add(key);
    return Object.hasOwn(this.#members, key) ? this.#members[key] : undefined;
  }

  /** Returns the keys, for an object whose keys are not known in advance. */
  keys(): string[] {
    return Object.keys(this.#members);
  }

  /** Notes a mistake at a key, or with null at this object as a whole. */
  mistake(key: string | number | null, message: string): void {
    this.#mistakes.push({ pointer: key === null ? this.#at : this.#at + pointer(key), message });
  }

  /**
   * Throws {@link Mistakes} where any were noted or any key was never read.
   *
   * It is called after `configure`. Call it yourself only where the rest of `configure` needs a config without mistakes.
   */
  finish(): void {
    this.#findUnknown();
    if (this.#mistakes.length > 0) throw new Mistakes(this.#mistakes);
  }

  /** @internal */
  get hasMistakes(): boolean {
    return this.#mistakes.length > 0;
  }

  #read<T>(key: string, fallback: T | undefined, is: (value: unknown) => boolean, name: string, empty: T): T {
    const value = this.value(key);
    if (value === undefined) {
      if (fallback !== undefined) return fallback;
      this.mistake(key, `is missing: expected ${name}`);
      return empty;
    }
    if (is(value)) return value as T;
    this.mistake(key, `is ${jsonKind(value)}, expected ${name}`);
    return empty;
  }

  #entry<T>(key: string, at: number, entry: unknown, is: (value: unknown) => boolean, name: string, empty: T): T {
    if (is(entry)) return entry as T;
    this.#mistakes.push({
      pointer: this.#at + pointer(key, at),
      message: `is ${jsonKind(entry)}, expected ${name}`,
    });
    return empty;
  }

  #part(members: Members, at: string): Config {
    const part = new Config(members, this.#at + at, this.#mistakes);
    this.#parts.push(part);
    return part;
  }

  #findUnknown(): void {
    const names = [...this.#known].map((key) => `\`${key}\``).join(", ") || "no key";
    for (const key of this.keys()) {
      if (!this.#known.has(key)) this.mistake(key, `unknown key, expected ${names}`);
    }
    for (const part of this.#parts) part.#findUnknown();
  }
}

// The plan

type WireSource = { tag: "key" } | { tag: "value" } | { tag: "header"; val: string };

/** A column that weir extracts for every batch. Made by the static methods. */
export class Input {
  readonly #tag: string;
  readonly #val: string | undefined;
  readonly #group: number;
  readonly #source: WireSource;

  private constructor(tag: string, val?: string, group = 0, source: WireSource = { tag: "value" }) {
    this.#tag = tag;
    this.#val = val;
    this.#group = group;
    this.#source = source;
  }

  /** Returns the key (bytes), null where the record has none. */
  static key(): Input {
    return new Input("key");
  }

  /** Returns the value (bytes), null in a tombstone. */
  static value(): Input {
    return new Input("value");
  }

  /** Returns the last header of that name (bytes). */
  static header(name: string): Input {
    return new Input("header", checkText(name, "a header's name"));
  }

  /** Returns the record's timestamp (ints): ms since the epoch, or null. */
  static timestamp(): Input {
    return new Input("timestamp");
  }

  /** Returns the timestamp's type (ints): 0 create time, 1 log append time, null unknown. */
  static timestampType(): Input {
    return new Input("timestamp-type");
  }

  /**
   * Returns when weir fetched the record (ints): ms since the epoch. A plugin has no other clock.
   *
   * A plan that reads it makes `weir replay` differ from `weir run`.
   */
  static received(): Input {
    return new Input("received");
  }

  /** Returns the record's offset in its partition (ints). */
  static offset(): Input {
    return new Input("offset");
  }

  /**
   * Returns a member of the value as JSON, by RFC 6901 pointer (bytes).
   *
   * Strings come unescaped, all else as its JSON text. Null where the value is not JSON, the member is missing, or it
   * is `null`. Read integers beyond 2^53 so, and give the text to `BigInt`.
   */
  static json(pointer: string): Input {
    return new Input("json", checkText(pointer, "a JSON pointer"));
  }

  /** Returns the same as an integer (ints), also of a string of digits. See {@link IntColumn} for large ones. */
  static jsonInt(pointer: string): Input {
    return new Input("json-int", checkText(pointer, "a JSON pointer"));
  }

  /**
   * Returns a group of a regular expression's first match in the value (bytes). Group 0 is the whole match.
   *
   * weir runs the expression: the syntax is that of Rust's regex crate, without look-around and back-references.
   */
  static capture(pattern: string, group = 0): Input {
    return new Input("capture", checkText(pattern, "a pattern"), checkInteger(group, "a capture's group", 0, U32_MAX));
  }

  /** Looks in the key instead: for json, jsonInt and capture. */
  ofKey(): Input {
    return this.#from({ tag: "key" });
  }

  /** Looks in the last header of that name instead: for json, jsonInt and capture. */
  ofHeader(name: string): Input {
    return this.#from({ tag: "header", val: checkText(name, "a header's name") });
  }

  #from(source: WireSource): Input {
    if (!["json", "json-int", "capture"].includes(this.#tag)) {
      throw new TypeError(`the input ${this.#tag} is not looked for in a ${source.tag}`);
    }
    return new Input(this.#tag, this.#val, this.#group, source);
  }

  /** @internal */
  wire(): object {
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
} as const;

/**
 * What a plugin may do to a record. `headers` and `route` follow from a plan's `headerNames` and `topics`.
 */
export type Effect = keyof typeof EFFECTS;

/** What a {@link Plan} is made of. */
export interface PlanOptions {
  /** The columns of every batch; the first one is column 0. */
  inputs?: Input[];
  /** Also read every header of every record: {@link Batch.headers}. */
  allHeaders?: boolean;
  /** What the plugin may do. */
  effects?: Effect[];
  /** The headers it may write or remove; `"*"` is any name. */
  headerNames?: string[];
  /** The topics it may route to: names, or patterns with `*`. */
  topics?: string[];
}

const PLAN_KEYS = ["inputs", "allHeaders", "effects", "headerNames", "topics"];

/**
 * What a plugin reads and may change.
 *
 * Nothing else enters the sandbox, and an edit that the plan does not declare is a fault of the record.
 */
export class Plan {
  readonly #inputs: Input[] = [];
  readonly #columns = new Map<string, number>();
  readonly #allHeaders: boolean;
  readonly #effects = new Set<Effect>();
  readonly #headerNames: string[];
  readonly #topics: string[];

  constructor(options: PlanOptions = {}) {
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
  column(input: Input): number {
    return this.#columns.get(keyOf(input)) ?? this.#add(input);
  }

  #add(input: Input): number {
    const key = keyOf(input);
    const at = this.#inputs.push(input) - 1;
    if (!this.#columns.has(key)) this.#columns.set(key, at);
    return at;
  }

  /** @internal */
  wire(): WirePlan {
    return {
      inputs: this.#inputs.map((input) => input.wire()),
      allHeaders: this.#allHeaders,
      effects: Object.fromEntries(Object.entries(EFFECTS).map(([word, name]) => [name, this.#effects.has(word as Effect)])),
      headerNames: this.#headerNames,
      topics: this.#topics,
    };
  }
}

function keyOf(input: unknown): string {
  if (!(input instanceof Input)) throw new TypeError(`an input is ${kindOf(input)}, not an Input`);
  return JSON.stringify(input.wire());
}

// What a batch holds

function noRow(row: unknown, rows: number): RangeError {
  return new RangeError(`there is no row ${String(row)}: the batch has ${rows}`);
}

/** A column of byte strings, each of which may be null. Empty is not null. */
export class BytesColumn {
  readonly #offsets: ArrayLike<number>;
  readonly #nulls: ArrayLike<number>;
  /** The bytes of all cells, one after the other. */
  readonly data: Uint8Array;
  /** How many cells there are. */
  readonly length: number;

  /** @internal */
  constructor(column: WireBytes) {
    this.#offsets = column.offsets;
    this.data = column.data;
    this.length = Math.max(column.offsets.length - 1, 0);
    this.#nulls = column.nulls.length > 0 ? column.nulls : new Uint8Array(this.length);
  }

  /** Returns the cell of a row without a copy, null where it is null. */
  get(row: number): Uint8Array | null {
    if (this.isNull(row)) return null;
    return this.data.subarray(this.#offsets[row], this.#offsets[row + 1]);
  }

  /** Returns the cell of a row as text, null where it is null or not UTF-8. */
  text(row: number): string | null {
    const cell = this.get(row);
    return cell === null ? null : decodeUtf8(cell);
  }

  /** Returns whether the cell of a row is these bytes. Faster than to compare text. */
  equals(row: number, bytes: Uint8Array): boolean {
    if (this.isNull(row)) return false;
    const from = this.#offsets[row]!;
    const length = this.#offsets[row + 1]! - from;
    if (length !== bytes.length) return false;
    for (let at = 0; at < length; at++) if (this.data[from + at] !== bytes[at]) return false;
    return true;
  }

  /** Returns whether the cell of a row is null. */
  isNull(row: number): boolean {
    const mark = this.#nulls[row];
    if (mark === undefined) throw noRow(row, this.length);
    return mark !== 0;
  }

  /** The cells, in the order of the rows. */
  *[Symbol.iterator](): Iterator<Uint8Array | null> {
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
  readonly #values: ArrayLike<number | bigint>;
  readonly #nulls: ArrayLike<number>;
  readonly #at: number;
  /** How many cells there are. */
  readonly length: number;

  /** @internal */
  constructor(column: WireInts, at: number) {
    this.#values = column.values;
    this.#at = at;
    this.length = column.values.length;
    this.#nulls = column.nulls.length > 0 ? column.nulls : new Uint8Array(this.length);
  }

  /** Returns the cell of a row, null where it is null. Throws where it is not a safe integer. */
  get(row: number): number | null {
    if (this.isNull(row)) return null;
    const value = Number(this.#values[row]);
    if (Number.isSafeInteger(value)) return value;
    throw new RangeError(
      `the integer in row ${row} of column ${this.#at} is beyond 2^53, near ${value}: read it by Input.json and BigInt`,
    );
  }

  /** Returns whether the cell of a row can be read exactly: it is null or within 2^53. */
  isSafe(row: number): boolean {
    return this.isNull(row) || Number.isSafeInteger(Number(this.#values[row]));
  }

  /** Returns whether the cell of a row is null. */
  isNull(row: number): boolean {
    const mark = this.#nulls[row];
    if (mark === undefined) throw noRow(row, this.length);
    return mark !== 0;
  }

  /** The cells, in the order of the rows. */
  *[Symbol.iterator](): Iterator<number | null> {
    for (let row = 0; row < this.length; row++) yield this.get(row);
  }
}

/** Every header of every record of a batch. */
export class Headers {
  readonly #table: WireHeaders;
  readonly #cells: BytesColumn;

  /** @internal */
  constructor(table: WireHeaders) {
    this.#table = table;
    this.#cells = new BytesColumn(table.cells);
  }

  /** Returns a row's headers in their order. Names may repeat, values be null. */
  row(row: number): { name: string; value: Uint8Array | null }[] {
    const { starts, names, nameIndex } = this.#table;
    const end = starts[row + 1];
    if (end === undefined) throw noRow(row, starts.length - 1);
    const headers = [];
    for (let at = starts[row]!; at < end; at++) {
      headers.push({ name: names[nameIndex[at]!]!, value: this.#cells.get(at) });
    }
    return headers;
  }

  /** Returns the last of a row's headers of that name: undefined where there is none, null where its value is null. */
  last(row: number, name: string): Uint8Array | null | undefined {
    return this.row(row).findLast((header) => header.name === name)?.value;
  }
}

/** Consecutive records of one partition: the columns of the plan. Never empty. */
export class Batch {
  readonly #columns: WireColumn[];
  /** The topic the records came from. */
  readonly topic: string;
  /** The partition the records came from. */
  readonly partition: number;
  /** How many records: rows are numbered from 0. */
  readonly length: number;
  /** Every header of every record; null unless the plan has `allHeaders`. */
  readonly headers: Headers | null;

  /** @internal */
  constructor(batch: WireBatch) {
    this.#columns = batch.columns;
    this.topic = batch.topic;
    this.partition = batch.partition;
    this.length = batch.count;
    this.headers = batch.headers ? new Headers(batch.headers) : null;
  }

  /** Returns column `at` of the plan, one of bytes. */
  bytes(at: number): BytesColumn {
    const column = this.#column(at);
    if (column.tag === "bytes") return new BytesColumn(column.val);
    throw new TypeError(`column ${at} holds integers: read it by ints(${at})`);
  }

  /** Returns column `at` of the plan, one of integers. */
  ints(at: number): IntColumn {
    const column = this.#column(at);
    if (column.tag === "ints") return new IntColumn(column.val, at);
    throw new TypeError(`column ${at} holds bytes: read it by bytes(${at})`);
  }

  #column(at: number): WireColumn {
    const column = this.#columns[at];
    if (column === undefined) throw new RangeError(`the plan has no column ${at}: it has ${this.#columns.length}`);
    return column;
  }
}

// What changes

/** What a cell may be written from. Text is written as UTF-8. Bytes are not copied before `process` returns. */
export type Bytes = Uint8Array | string;

/** A row that is not written is undefined; null is written as null. */
type Rows = (Uint8Array | null | undefined)[];

const NOTHING: Uint8Array = new Uint8Array(0);

function wireColumn(cells: Rows): WireBytes {
  const count = cells.length;
  const offsets = new Uint32Array(count + 1);
  let nulls: Uint8Array = NOTHING;
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
  readonly #count: number;
  readonly #append: boolean;
  #all: Uint8Array | null | undefined;
  #rounds: Rows[] = [];
  #text: string | undefined;
  #bytes: Uint8Array = NOTHING;

  /** @internal */
  constructor(count: number, append = false) {
    this.#count = count;
    this.#append = append;
  }

  /** Writes the same to every row that is not written on its own. Null writes null. */
  all(value: Bytes | null): void {
    this.#all = this.#cell(value);
  }

  /** Writes to a row. Null writes null; to leave a row alone, do not call it. */
  row(row: number, value: Bytes | null): void {
    if (!Number.isInteger(row) || row < 0 || row >= this.#count) throw noRow(row, this.#count);
    const cell = this.#cell(value);
    let round = 0;
    if (this.#append) while (this.#rounds[round]?.[row] !== undefined) round++;
    (this.#rounds[round] ??= new Array<undefined>(this.#count).fill(undefined))[row] = cell;
  }

  /** Writes a column, row by row: a null cell leaves its row alone. */
  column(cells: Iterable<Bytes | null>): void {
    let row = 0;
    for (const cell of cells) {
      if (cell !== null) this.row(row, cell);
      row++;
    }
  }

  #cell(value: Bytes | null): Uint8Array | null {
    if (value === null || isBytes(value)) return value;
    if (typeof value !== "string") throw new TypeError(`a cell is ${kindOf(value)}, not bytes, a string or null`);
    // Mostly the same text as the one before.
    if (value !== this.#text) [this.#text, this.#bytes] = [value, encodeUtf8(value)];
    return this.#bytes;
  }

  /** @internal */
  get isEmpty(): boolean {
    return this.#all === undefined && this.#rounds.length === 0;
  }

  /** @internal */
  wire(): WireCells[] {
    const all = this.#all;
    const [written] = this.#rounds;
    const constant: WireCells[] = all === undefined ? [] : [{ tag: "constant", val: all ?? undefined }];
    if (this.#append) return [...constant, ...this.#rounds.map((round) => this.#shape(round))];
    if (written === undefined) return constant;
    return [this.#shape(all === undefined ? written : written.map((cell) => (cell === undefined ? all : cell)))];
  }

  /** @internal */
  whole(): WireBytes {
    return wireColumn(this.#rounds[0]!);
  }

  #shape(cells: Rows): WireCells {
    const rows: number[] = [];
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
  readonly #cells: Cells;

  /** @internal */
  constructor(cells: Cells) {
    this.#cells = cells;
  }

  /** Removes them from every row. */
  all(): void {
    this.#cells.all(null);
  }

  /** Removes them from one row. */
  row(row: number): void {
    this.#cells.row(row, NOTHING);
  }

  /** Removes them from these rows. */
  rows(rows: Iterable<number>): void {
    for (const row of rows) this.row(row);
  }
}

/** A topic of one batch's edits: see {@link Edits.topic}. */
export class Topic {
  /** Its name. */
  readonly name: string;
  /** @internal */
  readonly number: number;

  /** @internal */
  constructor(name: string, number: number) {
    this.name = name;
    this.number = number;
  }
}

/** The changes to the rows of one batch. What is not written stays as it is. */
export class Edits {
  readonly #inputs: number;
  #count: number;
  #expand: Uint32Array | undefined;
  #verdicts: Uint8Array = NOTHING;
  #reasons: Cells;
  #headers: { name: string; op: HeaderOp; cells: Cells }[] = [];
  #key: Cells;
  #value: Cells;
  #timestamps: BigInt64Array | undefined;
  #untimed: Uint8Array = NOTHING;
  readonly #topics = new Map<string, Topic>();
  #routes: Int32Array | undefined;
  #partitions: Int32Array | undefined;

  /** @internal */
  constructor(count: number) {
    this.#inputs = count;
    this.#count = count;
    this.#reasons = new Cells(count);
    this.#key = new Cells(count);
    this.#value = new Cells(count);
  }

  /** How many rows edits speak of: the batch's, or those of {@link Edits.expand}. */
  get length(): number {
    return this.#count;
  }

  /**
   * Makes new rows: row j is a copy of the batch's row `sources[j]`, ascending.
   *
   * A row of the batch that is not named is dropped, which needs the effect `drop`. Everything else then speaks of the
   * new rows, so call it first, and once. Needs the effect `expand`.
   */
  expand(sources: Iterable<number>): void {
    if (this.#expand !== undefined || this.#isTouched()) throw new Error("expand comes before other edits, and once");
    const rows = [...sources];
    rows.forEach((row, at) => {
      if (!Number.isInteger(row) || row < 0 || row >= this.#inputs) throw noRow(row, this.#inputs);
      if (at > 0 && row < rows[at - 1]!) throw new RangeError("expand names rows out of order");
    });
    this.#expand = Uint32Array.from(rows);
    this.#count = rows.length;
    this.#reasons = new Cells(this.#count);
    this.#key = new Cells(this.#count);
    this.#value = new Cells(this.#count);
  }

  /** Drops a row: it goes nowhere and is counted. Needs the effect `drop`. */
  drop(row: number): void {
    this.#verdict(row, DROP);
  }

  /**
   * Sets the record aside, as it came, with a reason of at most 1 KiB. Needs the effect `dead-letter`.
   *
   * All rows that came from that record go with it.
   */
  deadLetter(row: number, reason: Bytes): void {
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
  setHeader(name: string): Cells {
    return this.#header(name, "set");
  }

  /** Adds a header at the end; returns the cells to write. A row written twice gets two headers. */
  appendHeader(name: string): Cells {
    return this.#header(name, "append");
  }

  /** Removes all headers of a name; returns where to say from which rows. */
  removeHeader(name: string): Removal {
    return new Removal(this.#header(name, "remove"));
  }

  /** The cells of new keys. Needs the effect `key`. */
  get key(): Cells {
    return this.#key;
  }

  /** The cells of new values. Needs the effect `value`. */
  get value(): Cells {
    return this.#value;
  }

  /** Writes a row's timestamp: ms since the epoch. Needs the effect `timestamp`. */
  timestamp(row: number, ms: number): void {
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
  topic(name: string): Topic {
    let topic = this.#topics.get(name);
    if (topic === undefined) {
      topic = new Topic(checkText(name, "a topic's name"), this.#topics.size);
      this.#topics.set(name, topic);
    }
    return topic;
  }

  /** Routes a row to a topic of these edits. Needs it in the plan's `topics`. */
  route(row: number, topic: Topic): void {
    if (!(topic instanceof Topic)) throw new TypeError(`a topic is ${kindOf(topic)}, not of Edits.topic: see routeTo`);
    if (this.#topics.get(topic.name) !== topic) {
      throw new Error("the topic is of other edits: ask for it in each batch");
    }
    this.#check(row);
    this.#routes ??= new Int32Array(this.#count).fill(LEAVE);
    this.#routes[row] = topic.number;
  }

  /** Routes a row to a topic by name. Needs it in the plan's `topics`. */
  routeTo(row: number, topic: string): void {
    this.route(row, this.topic(topic));
  }

  /** Sends a row to a partition of its topic. Needs the effect `partition`. */
  partition(row: number, partition: number): void {
    this.#check(row);
    const number = checkInteger(partition, "a partition", 0, I32_MAX);
    this.#partitions ??= new Int32Array(this.#count).fill(LEAVE);
    this.#partitions[row] = number;
  }

  #check(row: number): void {
    if (!Number.isInteger(row) || row < 0 || row >= this.#count) throw noRow(row, this.#count);
  }

  #verdict(row: number, verdict: number): void {
    this.#check(row);
    if (this.#verdicts.length === 0) this.#verdicts = new Uint8Array(this.#count);
    this.#verdicts[row] = verdict;
  }

  #header(name: string, op: HeaderOp): Cells {
    // Only the last edit of a name may go on: edits are applied in their order.
    const last = this.#headers.findLast((header) => header.name === name);
    if (last?.op === op) return last.cells;
    const cells = new Cells(this.#count, op === "append");
    this.#headers.push({ name: checkText(name, "a header's name"), op, cells });
    return cells;
  }

  #isTouched(): boolean {
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
  wire(): WireEdits {
    const edits: WireEdits = {
      verdicts: this.#verdicts,
      headers: this.#headers.flatMap(({ name, op, cells }) => cells.wire().map((shape) => ({ name, op, cells: shape }))),
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
export type Level = "debug" | "info" | "warn" | "error";

const LEVELS = ["debug", "info", "warn", "error"];

/** Writes a line to weir's log, once the edits of the call are accepted. At most once a batch, never once a record. */
export function log(level: Level, message: string): void {
  if (!LEVELS.includes(level)) throw new TypeError(`there is no level \`${String(level)}\`, only ${LEVELS.join(", ")}`);
  hostLog(level, wellFormed(String(message)));
}

/**
 * Adds to a metric of this interceptor, once the edits of the call are accepted.
 *
 * Sum up over the batch and call it once a name: at most 64 names an interceptor.
 */
export function count(name: string, by = 1): void {
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
  get(name: string): Uint8Array | null {
    if (!this.#isOpen) throw new Error("files are read in configure only");
    return hostGet(checkText(name, "a file's name")) ?? null;
  }

  /** @internal */
  close(): void {
    this.#isOpen = false;
  }
}

// The plugin

/** What `configure` returns. */
export interface Configured {
  /** What the plugin reads and may change. */
  plan: Plan;
  /**
   * Writes what changes in a batch into `edits`.
   *
   * An error speaks of the whole batch: weir divides the batch until it has the record that causes it. A record that is
   * wrong is no error: see {@link Edits.deadLetter}. An `Error` is told with its name and place, a string that is thrown
   * as it is.
   *
   * Keep nothing that matters between two batches: weir may make a new instance at any time, and no result may depend on
   * where a batch was cut.
   */
  process(batch: Batch, edits: Edits): void;
}

/** A plugin: what it is, and how it is configured. */
export interface Definition {
  /** Its name, in kebab-case. */
  name: string;
  /** Its own version, such as `1.2.0`. */
  version: string;
  /** What it does, in a sentence. */
  summary: string;
  /** JSON Schema (2020-12) of its config; left out: the config is empty. weir checks a config against it first. */
  configSchema?: object;
  /**
   * Reads the config. Called once an instance.
   *
   * Note what is wrong by {@link Config.mistake}, or throw {@link Mistakes}.
   */
  configure(config: Config, files: Files): Configured;
}

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
export function definePlugin(definition: Definition): PluginExport {
  const description = {
    name: checkText(definition.name, "name"),
    version: checkText(definition.version, "version"),
    summary: checkText(definition.summary, "summary"),
    configSchema: JSON.stringify(definition.configSchema ?? NO_CONFIG),
  };
  let configured: Configured | undefined;
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
        const returned: unknown = configured.process(new Batch(batch), edits);
        if (returned !== undefined) {
          throw new TypeError(`process returned a value ${kindOf(returned)}: write into edits instead`);
        }
        return edits.wire();
      }),
  };
}

function configure(definition: Definition, text: string): Configured {
  const config = new Config(parse(text));
  const files = new Files();
  let configured: Configured;
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

function parse(text: string): Members {
  let members: unknown;
  try {
    members = JSON.parse(text);
  } catch (error) {
    throw new Mistakes([{ pointer: "", message: `the config is not JSON: ${String(error)}` }]);
  }
  if (isMembers(members)) return members;
  throw new Mistakes([{ pointer: "", message: `the config is ${jsonKind(members)}, expected an object` }]);
}

/** Turns an error into the interface's: a string is what both engines take for it. */
function guarded<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw error instanceof Mistakes ? wellFormed(error.message) : explain(error);
  }
}

/** Returns an error's text and the places it came from. */
function explain(error: unknown): string {
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
function forbidClock(): void {
  if (isClockForbidden) return;
  isClockForbidden = true;
  const forbidden = (): never => {
    throw new Error("a plugin has no clock: read Input.received() or Input.timestamp()");
  };
  globalThis.Date = new Proxy(globalThis.Date, {
    apply: forbidden,
    construct: (target, given, derived) => (given.length === 0 ? forbidden() : Reflect.construct(target, given, derived)),
    get: (target, key) => (key === "now" ? forbidden : Reflect.get(target, key)),
  });
}
