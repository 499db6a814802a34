// The reference plugin of the conformance kit: does what the script in its config says. The commands are those of
// conformance/README.md.

import {
  Batch,
  Cells,
  Config,
  Description,
  Edits,
  Effects,
  Input,
  Level,
  Plan,
  Plugin,
  Text,
  count,
  log,
  lookup,
  register,
} from "./weir";

// What weir calls.
export { cabi_realloc, configure, describe, post_configure, post_process, process } from "./weir";

const CONFIG_SCHEMA = `{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "properties": { "script": { "type": "array", "items": { "type": "string" } } },
  "required": ["script"],
  "additionalProperties": false
}`;

/** The inputs that are columns of integers. */
const INTS = ["timestamp", "timestamp-type", "received", "offset", "json-int"];

/** The commands that do something to every row of which a WHERE holds. */
const OF_ROWS = ["fail", "panic", "drop", "dead-letter", "remove", "timestamp", "partition", "route"];

class Reference extends Plugin {
  /** What is left of the script after configuring. */
  private commands: string[] = [];
  /** Which columns are of integers. */
  private ints: bool[] = [];
  private files: Map<string, Uint8Array | null> = new Map<string, Uint8Array | null>();

  describe(): Description {
    return new Description("reference", "0.1.0", "Does what its script says.", CONFIG_SCHEMA);
  }

  configure(config: Config, plan: Plan): void {
    this.commands = [];
    this.ints = [];
    if (!config.has("script")) config.mistake("script", "is missing");
    const script = config.strings("script");
    for (let i = 0; i < script.length; i++) {
      const command = head(script[i]);
      const rest = tail(script[i]);
      if (command == "input") {
        this.ints.push(INTS.includes(head(rest)));
        plan.input(input(rest));
      } else if (command == "all-headers") plan.allHeaders();
      else if (command == "effects") {
        const names = rest.split(" ");
        for (let j = 0; j < names.length; j++) plan.effects(effect(names[j]));
      } else if (command == "header-name") plan.headerNames([rest]);
      else if (command == "topic") plan.topics([rest]);
      else if (command == "file") this.files.set(rest, lookup.get(rest));
      else if (command == "mistake") config.mistakeAt("script", i, rest);
      else this.commands.push(script[i]);
    }
  }

  process(batch: Batch, edits: Edits): void {
    const rows = new Rows(batch, this.ints, this.files);
    for (let i = 0; i < this.commands.length && edits.failure == null; i++) {
      const command = head(this.commands[i]);
      const rest = tail(this.commands[i]);
      const first = head(rest);
      const last = tail(rest);
      if (command == "log") log(level(first), last);
      else if (command == "count") count(first, U32.parseInt(last));
      else if (command == "expand") rows.expand(int(first), edits);
      else if (command == "set") rows.write(edits.setHeader(first), last);
      else if (command == "append") rows.write(edits.appendHeader(first), last);
      else if (command == "remove" && last == "all") edits.removeHeader(first).all();
      else if (command == "key") rows.write(edits.key, rest);
      else if (command == "value") rows.write(edits.value, rest);
      else if (OF_ROWS.includes(command)) {
        const matching = rows.matching(command == "remove" ? tail(last) : first);
        for (let j = 0; j < matching.length; j++) edit(matching[j], command, first, last, edits);
      } else edits.fail("no such command: " + this.commands[i]);
    }
  }
}

/** Does to a row what one of `OF_ROWS` says. */
function edit(row: i32, command: string, first: string, last: string, edits: Edits): void {
  if (command == "fail") edits.fail(last);
  else if (command == "panic") throw new Error(last);
  else if (command == "drop") edits.drop(row);
  else if (command == "dead-letter") edits.deadLetter(row, last);
  else if (command == "remove") edits.removeHeader(first).row(row);
  else if (command == "timestamp") edits.timestamp(row, I64.parseInt(last));
  else if (command == "partition") edits.partition(row, int(last));
  else edits.routeTo(row, last);
}

/** The rows that edits speak of. */
class Rows {
  /** For each, the row of the batch that it was made of. */
  private sources: i32[] = [];

  constructor(
    private batch: Batch,
    private ints: bool[],
    private files: Map<string, Uint8Array | null>,
  ) {
    for (let row = 0; row < batch.length; row++) this.sources.push(row);
  }

  /** Makes of each row as many as a column says. */
  expand(at: i32, edits: Edits): void {
    const counts = this.batch.ints(at);
    this.sources = [];
    for (let row = 0; row < counts.length; row++) {
      if (counts.isNull(row)) continue;
      for (let n = counts.get(row); n > 0; n--) this.sources.push(row);
    }
    edits.expand(this.sources);
  }

  /** The rows of which a WHERE holds. */
  matching(where: string): i32[] {
    const rows: i32[] = [];
    const equals = where.indexOf("=");
    const text = where.substring(equals + 1);
    for (let row = 0; row < this.sources.length; row++) {
      const source = this.sources[row];
      if (where == "*" || (equals < 0 ? this.isNull(where, source) : this.equals(where, source, text))) rows.push(row);
    }
    return rows;
  }

  private isNull(where: string, source: i32): bool {
    return (this.cell(int(where), source) == null) == where.endsWith("!");
  }

  private equals(where: string, source: i32, text: string): bool {
    const at = int(where);
    if (!this.ints[at]) return this.batch.bytes(at).equals(source, new Text(text));
    const ints = this.batch.ints(at);
    return !ints.isNull(source) && ints.get(source).toString() == text;
  }

  /** Writes CELLS. */
  write(cells: Cells, spec: string): void {
    const form = head(spec);
    const rest = tail(spec);
    if (form == "all") return cells.all(rest);
    if (form == "all-null") return cells.allNull();
    if (form == "column") return cells.column(this.batch.bytes(int(rest)));
    const matching = this.matching(head(rest));
    for (let i = 0; i < matching.length; i++) {
      const row = matching[i];
      const value = this.value(tail(rest), this.sources[row]);
      if (value) cells.rowBytes(row, value);
      else cells.rowNull(row);
    }
  }

  /** A VALUE of a row of the batch. */
  private value(spec: string, source: i32): Uint8Array | null {
    const kind = head(spec);
    const rest = tail(spec);
    if (kind == "text") return utf8(rest);
    if (kind == "column") return this.cell(int(rest), source);
    if (kind == "file") return this.files.get(rest);
    if (kind == "last") {
      const headers = this.batch.headers;
      const entry = headers.last(source, new Text(rest));
      return entry < 0 ? null : headers.values.copy(entry);
    }
    if (kind == "headers") return this.headers(source);
    if (kind == "seen") return this.seen(source);
    return null;
  }

  private headers(source: i32): Uint8Array {
    const headers = this.batch.headers;
    const parts: Uint8Array[] = [];
    for (let entry = headers.begin(source); entry < headers.end(source); entry++) {
      if (parts.length) parts.push(utf8(","));
      parts.push(utf8(headers.name(entry)));
      const value = headers.values.copy(entry);
      if (!value) continue;
      parts.push(utf8("="));
      parts.push(value);
    }
    return concat(parts);
  }

  private seen(source: i32): Uint8Array {
    const parts = [utf8(this.batch.topic + " " + this.batch.partition.toString())];
    for (let at = 0; at < this.ints.length; at++) {
      const cell = this.cell(at, source);
      parts.push(utf8(cell ? "|" : "|-"));
      if (cell) parts.push(cell);
    }
    return concat(parts);
  }

  private cell(at: i32, source: i32): Uint8Array | null {
    if (!this.ints[at]) return this.batch.bytes(at).copy(source);
    const ints = this.batch.ints(at);
    return ints.isNull(source) ? null : utf8(ints.get(source).toString());
  }
}

/** A line's first word. */
function head(line: string): string {
  const space = line.indexOf(" ");
  return space < 0 ? line : line.substring(0, space);
}

/** What comes after a line's first word. */
function tail(line: string): string {
  const space = line.indexOf(" ");
  return space < 0 ? "" : line.substring(space + 1);
}

/** The number that a text begins with. */
function int(text: string): i32 {
  return I32.parseInt(text);
}

function utf8(text: string): Uint8Array {
  return Uint8Array.wrap(String.UTF8.encode(text));
}

function concat(parts: Uint8Array[]): Uint8Array {
  let length = 0;
  for (let i = 0; i < parts.length; i++) length += parts[i].length;
  const all = new Uint8Array(length);
  let at = 0;
  for (let i = 0; i < parts.length; i++) {
    all.set(parts[i], at);
    at += parts[i].length;
  }
  return all;
}

function input(spec: string): Input {
  const kind = head(spec);
  const rest = tail(spec);
  const last = tail(rest);
  if (kind == "key") return Input.key();
  if (kind == "value") return Input.value();
  if (kind == "header") return Input.header(rest);
  if (kind == "timestamp") return Input.timestamp();
  if (kind == "timestamp-type") return Input.timestampType();
  if (kind == "received") return Input.received();
  if (kind == "offset") return Input.offset();
  if (kind == "json") return inSource(head(rest), Input.json(last));
  if (kind == "json-int") return inSource(head(rest), Input.jsonInt(last));
  if (kind == "capture") return inSource(head(rest), Input.capture(tail(last), int(head(last))));
  throw new Error("no such input: " + spec);
}

function inSource(source: string, input: Input): Input {
  if (source == "key") return input.ofKey();
  return source == "value" ? input : input.ofHeader(source.substring("header:".length));
}

function effect(name: string): u16 {
  if (name == "key") return Effects.KEY;
  if (name == "value") return Effects.VALUE;
  if (name == "timestamp") return Effects.TIMESTAMP;
  if (name == "headers") return Effects.HEADERS;
  if (name == "route") return Effects.ROUTE;
  if (name == "partition") return Effects.PARTITION;
  if (name == "drop") return Effects.DROP;
  if (name == "dead-letter") return Effects.DEAD_LETTER;
  if (name == "expand") return Effects.EXPAND;
  throw new Error("no such effect: " + name);
}

function level(name: string): Level {
  if (name == "debug") return Level.DEBUG;
  if (name == "info") return Level.INFO;
  return name == "warn" ? Level.WARN : Level.ERROR;
}

register(new Reference());
