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
/** The interface as the bindings of componentize-qjs and componentize-js pass it: this type and those below. */
interface WireBytes {
  offsets: ArrayLike<number>;
  data: Uint8Array;
  nulls: ArrayLike<number>;
}
interface WireInts {
  values: ArrayLike<number | bigint>;
  nulls: ArrayLike<number>;
}
type WireColumn =
  | {
      tag: "bytes";
      val: WireBytes;
    }
  | {
      tag: "ints";
      val: WireInts;
    };
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
  | {
      tag: "constant";
      val: Uint8Array | undefined;
    }
  | {
      tag: "each";
      val: WireBytes;
    }
  | {
      tag: "sparse";
      val: {
        rows: Uint32Array;
        cells: WireBytes;
      };
    };
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
  timestamps?: {
    values: BigInt64Array;
    nulls: Uint8Array;
  };
  route?: {
    topics: string[];
    index: Int32Array;
  };
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
/** Returns text as UTF-8. Half of a surrogate pair becomes U+FFFD. */
export declare function encodeUtf8(text: string): Uint8Array;
/** Returns UTF-8 as text, null where the bytes are not valid UTF-8. */
export declare function decodeUtf8(bytes: Uint8Array): string | null;
/** Returns an RFC 6901 pointer: `pointer("rules", 3)` is `"/rules/3"`. */
export declare function pointer(...parts: (string | number)[]): string;
/** One thing that is wrong in a config. */
export interface Mistake {
  /** Where, as an RFC 6901 pointer; empty for the config as a whole. */
  pointer: string;
  /** What is wrong, and best what to write instead: lower case, no full stop. */
  message: string;
}
/** Thrown in `configure`: everything that is wrong in a config. */
export declare class Mistakes extends Error {
  constructor(mistakes: Mistake[]);
}
/**
 * An object of the config, read key by key.
 *
 * A key that is missing or has the wrong type is noted as a mistake, and the method returns an empty value of its type,
 * so that reading goes on and all mistakes are reported at once. A key that was never read is unknown: a mistake too.
 * Read every key, also those that do not matter in every case.
 */
export declare class Config {
  #private;
  /** Returns a string. Without a fallback the key is required. */
  string(key: string, fallback?: string): string;
  /** Returns a number. Without a fallback the key is required. */
  number(key: string, fallback?: number): number;
  /** Returns an integer that a number can hold exactly. Without a fallback the key is required. */
  integer(key: string, fallback?: number): number;
  /** Returns a boolean. Without a fallback the key is required. */
  boolean(key: string, fallback?: boolean): boolean;
  /** Returns an array of strings. Without a fallback the key is required. */
  strings(key: string, fallback?: string[]): string[];
  /** Returns an object. One that is missing is a mistake where it is required, else it is empty. */
  object(key: string, required?: boolean): Config;
  /** Returns an array of objects. One that is missing is a mistake where it is required, else it is empty. */
  objects(key: string, required?: boolean): Config[];
  /** Returns whatever JSON stands there, undefined where the key is missing. */
  value(key: string): unknown;
  /** Returns the keys, for an object whose keys are not known in advance. */
  keys(): string[];
  /** Notes a mistake at a key, or with null at this object as a whole. */
  mistake(key: string | number | null, message: string): void;
  /**
   * Throws {@link Mistakes} where any were noted or any key was never read.
   *
   * It is called after `configure`. Call it yourself only where the rest of `configure` needs a config without mistakes.
   */
  finish(): void;
}
/** A column that weir extracts for every batch. Made by the static methods. */
export declare class Input {
  #private;
  private constructor();
  /** Returns the key (bytes), null where the record has none. */
  static key(): Input;
  /** Returns the value (bytes), null in a tombstone. */
  static value(): Input;
  /** Returns the last header of that name (bytes). */
  static header(name: string): Input;
  /** Returns the record's timestamp (ints): ms since the epoch, or null. */
  static timestamp(): Input;
  /** Returns the timestamp's type (ints): 0 create time, 1 log append time, null unknown. */
  static timestampType(): Input;
  /**
   * Returns when weir fetched the record (ints): ms since the epoch. A plugin has no other clock.
   *
   * A plan that reads it makes `weir replay` differ from `weir run`.
   */
  static received(): Input;
  /** Returns the record's offset in its partition (ints). */
  static offset(): Input;
  /**
   * Returns a member of the value as JSON, by RFC 6901 pointer (bytes).
   *
   * Strings come unescaped, all else as its JSON text. Null where the value is not JSON, the member is missing, or it
   * is `null`. Read integers beyond 2^53 so, and give the text to `BigInt`.
   */
  static json(pointer: string): Input;
  /** Returns the same as an integer (ints), also of a string of digits. See {@link IntColumn} for large ones. */
  static jsonInt(pointer: string): Input;
  /**
   * Returns a group of a regular expression's first match in the value (bytes). Group 0 is the whole match.
   *
   * weir runs the expression: the syntax is that of Rust's regex crate, without look-around and back-references.
   */
  static capture(pattern: string, group?: number): Input;
  /** Looks in the key instead: for json, jsonInt and capture. */
  ofKey(): Input;
  /** Looks in the last header of that name instead: for json, jsonInt and capture. */
  ofHeader(name: string): Input;
}
declare const EFFECTS: {
  readonly key: "key";
  readonly value: "value";
  readonly timestamp: "timestamp";
  readonly headers: "headers";
  readonly route: "route";
  readonly partition: "partition";
  readonly drop: "drop";
  readonly "dead-letter": "deadLetter";
  readonly expand: "expand";
};
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
/**
 * What a plugin reads and may change.
 *
 * Nothing else enters the sandbox, and an edit that the plan does not declare is a fault of the record.
 */
export declare class Plan {
  #private;
  constructor(options?: PlanOptions);
  /** Returns the number of an input's column, and adds it where it is not read: for inputs that follow from the config. */
  column(input: Input): number;
}
/** A column of byte strings, each of which may be null. Empty is not null. */
export declare class BytesColumn {
  #private;
  /** The bytes of all cells, one after the other. */
  readonly data: Uint8Array;
  /** How many cells there are. */
  readonly length: number;
  /** Returns the cell of a row without a copy, null where it is null. */
  get(row: number): Uint8Array | null;
  /** Returns the cell of a row as text, null where it is null or not UTF-8. */
  text(row: number): string | null;
  /** Returns whether the cell of a row is these bytes. Faster than to compare text. */
  equals(row: number, bytes: Uint8Array): boolean;
  /** Returns whether the cell of a row is null. */
  isNull(row: number): boolean;
  /** The cells, in the order of the rows. */
  [Symbol.iterator](): Iterator<Uint8Array | null>;
}
/**
 * A column of integers, each of which may be null.
 *
 * A cell is a number. QuickJS rounds integers beyond 2^53 before the plugin sees them, so reading such a cell is an
 * error: it is never read wrongly. Where they are expected, ask {@link IntColumn.isSafe} first, or read the member by
 * {@link Input.json} and give its text to `BigInt`.
 */
export declare class IntColumn {
  #private;
  /** How many cells there are. */
  readonly length: number;
  /** Returns the cell of a row, null where it is null. Throws where it is not a safe integer. */
  get(row: number): number | null;
  /** Returns whether the cell of a row can be read exactly: it is null or within 2^53. */
  isSafe(row: number): boolean;
  /** Returns whether the cell of a row is null. */
  isNull(row: number): boolean;
  /** The cells, in the order of the rows. */
  [Symbol.iterator](): Iterator<number | null>;
}
/** Every header of every record of a batch. */
export declare class Headers {
  #private;
  /** Returns a row's headers in their order. Names may repeat, values be null. */
  row(row: number): {
    name: string;
    value: Uint8Array | null;
  }[];
  /** Returns the last of a row's headers of that name: undefined where there is none, null where its value is null. */
  last(row: number, name: string): Uint8Array | null | undefined;
}
/** Consecutive records of one partition: the columns of the plan. Never empty. */
export declare class Batch {
  #private;
  /** The topic the records came from. */
  readonly topic: string;
  /** The partition the records came from. */
  readonly partition: number;
  /** How many records: rows are numbered from 0. */
  readonly length: number;
  /** Every header of every record; null unless the plan has `allHeaders`. */
  readonly headers: Headers | null;
  /** Returns column `at` of the plan, one of bytes. */
  bytes(at: number): BytesColumn;
  /** Returns column `at` of the plan, one of integers. */
  ints(at: number): IntColumn;
}
/** What a cell may be written from. Text is written as UTF-8. Bytes are not copied before `process` returns. */
export type Bytes = Uint8Array | string;
/**
 * What is written to the rows of a batch.
 *
 * Rows may be written in any order; of a row written twice, the last counts (in `appendHeader` both). A row that is not
 * written is left alone.
 */
export declare class Cells {
  #private;
  /** Writes the same to every row that is not written on its own. Null writes null. */
  all(value: Bytes | null): void;
  /** Writes to a row. Null writes null; to leave a row alone, do not call it. */
  row(row: number, value: Bytes | null): void;
  /** Writes a column, row by row: a null cell leaves its row alone. */
  column(cells: Iterable<Bytes | null>): void;
}
/** Rows whose headers of a name are removed. */
export declare class Removal {
  #private;
  /** Removes them from every row. */
  all(): void;
  /** Removes them from one row. */
  row(row: number): void;
  /** Removes them from these rows. */
  rows(rows: Iterable<number>): void;
}
/** A topic of one batch's edits: see {@link Edits.topic}. */
export declare class Topic {
  /** Its name. */
  readonly name: string;
}
/** The changes to the rows of one batch. What is not written stays as it is. */
export declare class Edits {
  #private;
  /** How many rows edits speak of: the batch's, or those of {@link Edits.expand}. */
  get length(): number;
  /**
   * Makes new rows: row j is a copy of the batch's row `sources[j]`, ascending.
   *
   * A row of the batch that is not named is dropped, which needs the effect `drop`. Everything else then speaks of the
   * new rows, so call it first, and once. Needs the effect `expand`.
   */
  expand(sources: Iterable<number>): void;
  /** Drops a row: it goes nowhere and is counted. Needs the effect `drop`. */
  drop(row: number): void;
  /**
   * Sets the record aside, as it came, with a reason of at most 1 KiB. Needs the effect `dead-letter`.
   *
   * All rows that came from that record go with it.
   */
  deadLetter(row: number, reason: Bytes): void;
  /**
   * Sets the headers of a name; returns the cells to write.
   *
   * The first header of that name keeps its place and takes the value, the others go; a row without one gets it at the
   * end. Called again with the same name it returns the same cells.
   */
  setHeader(name: string): Cells;
  /** Adds a header at the end; returns the cells to write. A row written twice gets two headers. */
  appendHeader(name: string): Cells;
  /** Removes all headers of a name; returns where to say from which rows. */
  removeHeader(name: string): Removal;
  /** The cells of new keys. Needs the effect `key`. */
  get key(): Cells;
  /** The cells of new values. Needs the effect `value`. */
  get value(): Cells;
  /** Writes a row's timestamp: ms since the epoch. Needs the effect `timestamp`. */
  timestamp(row: number, ms: number): void;
  /** Returns a topic for {@link Edits.route}: for code that routes many rows to it. */
  topic(name: string): Topic;
  /** Routes a row to a topic of these edits. Needs it in the plan's `topics`. */
  route(row: number, topic: Topic): void;
  /** Routes a row to a topic by name. Needs it in the plan's `topics`. */
  routeTo(row: number, topic: string): void;
  /** Sends a row to a partition of its topic. Needs the effect `partition`. */
  partition(row: number, partition: number): void;
}
/** How much a log line matters. */
export type Level = "debug" | "info" | "warn" | "error";
/** Writes a line to weir's log, once the edits of the call are accepted. At most once a batch, never once a record. */
export declare function log(level: Level, message: string): void;
/**
 * Adds to a metric of this interceptor, once the edits of the call are accepted.
 *
 * Sum up over the batch and call it once a name: at most 64 names an interceptor.
 */
export declare function count(name: string, by?: number): void;
/**
 * The files that the interceptor's config names: `files` in weir.toml.
 *
 * They can be read while `configure` runs, and not afterwards.
 */
export declare class Files {
  #private;
  /** Returns a file's bytes, null where the config names no such file. */
  get(name: string): Uint8Array | null;
}
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
/**
 * Returns what the bindings look for: `export const plugin = definePlugin({ … })`.
 *
 * Checks what `describe` returns, so a mistake there fails the build.
 */
export declare function definePlugin(definition: Definition): PluginExport;
export {};
