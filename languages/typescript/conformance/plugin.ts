// The reference plugin of the conformance kit: does what the script in its config says. The commands are those of
// conformance/README.md.

import {
  type Batch,
  type Bytes,
  type Cells,
  count,
  definePlugin,
  type Edits,
  type Effect,
  encodeUtf8,
  type Headers,
  Input,
  type Level,
  log,
  type Mistake,
  Mistakes,
  Plan,
  type PlanOptions,
  pointer,
} from "./weir.js";

/** What is left of the script after configuring. */
interface Script {
  commands: string[];
  /** Which columns are of integers. */
  ints: boolean[];
  files: Map<string, Uint8Array | null>;
}

const INTS = ["timestamp", "timestamp-type", "received", "offset", "json-int"];
const WHERE = /^(\d+)([=!?])(.*)$/s;

export const plugin = definePlugin({
  name: "reference",
  version: "0.1.0",
  summary: "Does what its script says.",
  configSchema: {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    properties: {
      script: {
        description: "A command a line.",
        type: "array",
        items: { type: "string" },
      },
    },
    required: ["script"],
    additionalProperties: false,
  },

  configure(config, files) {
    const options: Required<PlanOptions> = { inputs: [], allHeaders: false, effects: [], headerNames: [], topics: [] };
    const script: Script = { commands: [], ints: [], files: new Map() };
    const mistakes: Mistake[] = [];
    config.strings("script").forEach((line, at) => {
      const [command, rest] = split(line);
      switch (command) {
        case "input":
          script.ints.push(INTS.includes(split(rest)[0]));
          options.inputs.push(input(rest));
          break;
        case "all-headers":
          options.allHeaders = true;
          break;
        case "effects":
          options.effects.push(...(rest.split(" ") as Effect[]));
          break;
        case "header-name":
          options.headerNames.push(rest);
          break;
        case "topic":
          options.topics.push(rest);
          break;
        case "file":
          script.files.set(rest, files.get(rest));
          break;
        case "mistake":
          mistakes.push({ pointer: pointer("script", at), message: rest });
          break;
        default:
          script.commands.push(line);
      }
    });
    if (mistakes.length > 0) throw new Mistakes(mistakes);
    return {
      plan: new Plan(options),
      process(batch, edits) {
        const rows = new Rows(script, batch);
        for (const line of script.commands) run(line, batch, rows, edits);
      },
    };
  },
});

function run(line: string, batch: Batch, rows: Rows, edits: Edits): void {
  const [command, rest] = split(line);
  const [first, last] = split(rest);
  switch (command) {
    case "log":
      log(first as Level, last);
      break;
    case "count":
      count(first, Number(last));
      break;
    case "fail":
      // A string is told as it is, an Error with its name and place.
      if (rows.matching(first).length > 0) throw last;
      break;
    case "panic":
      if (rows.matching(first).length > 0) throw new Error(last);
      break;
    case "expand": {
      const counts = batch.ints(Number(first));
      rows.sources = rows.sources.flatMap((row) => new Array<number>(counts.get(row) ?? 0).fill(row));
      edits.expand(rows.sources);
      break;
    }
    case "drop":
      for (const row of rows.matching(first)) edits.drop(row);
      break;
    case "dead-letter":
      for (const row of rows.matching(first)) edits.deadLetter(row, last);
      break;
    case "set":
      rows.write(edits.setHeader(first), last);
      break;
    case "append":
      rows.write(edits.appendHeader(first), last);
      break;
    case "remove":
      if (last === "all") edits.removeHeader(first).all();
      else edits.removeHeader(first).rows(rows.matching(split(last)[1]));
      break;
    case "key":
      rows.write(edits.key, rest);
      break;
    case "value":
      rows.write(edits.value, rest);
      break;
    case "timestamp":
      for (const row of rows.matching(first)) edits.timestamp(row, Number(last));
      break;
    case "partition":
      for (const row of rows.matching(first)) edits.partition(row, Number(last));
      break;
    case "route": {
      const topic = edits.topic(last);
      for (const row of rows.matching(first)) edits.route(row, topic);
      break;
    }
    default:
      throw `no such command: ${line}`;
  }
}

/** The rows that edits speak of. */
class Rows {
  readonly #script: Script;
  readonly #batch: Batch;
  /** For each, the row of the batch that it was made of. */
  sources: number[];

  constructor(script: Script, batch: Batch) {
    this.#script = script;
    this.#batch = batch;
    this.sources = Array.from({ length: batch.length }, (_, row) => row);
  }

  /** Returns the rows of which a WHERE holds. */
  matching(where: string): number[] {
    const rows = [...this.sources.keys()];
    if (where === "*") return rows;
    const [, column, sign, text] = WHERE.exec(where) ?? [];
    if (text === undefined) throw `no such WHERE: ${where}`;
    const at = Number(column);
    return rows.filter((row) => {
      const source = this.sources[row]!;
      return sign === "=" ? this.#isText(at, source, text) : (this.#cell(at, source) === null) === (sign === "!");
    });
  }

  /** Writes CELLS. */
  write(cells: Cells, spec: string): void {
    const [form, rest] = split(spec);
    if (form === "all") {
      cells.all(rest);
    } else if (form === "all-null") {
      cells.all(null);
    } else if (form === "column") {
      cells.column(this.#batch.bytes(Number(rest)));
    } else {
      const [where, value] = split(rest);
      for (const row of this.matching(where)) cells.row(row, this.#value(value, this.sources[row]!));
    }
  }

  /** Returns a VALUE of a row of the batch. */
  #value(spec: string, row: number): Bytes | null {
    const [kind, rest] = split(spec);
    switch (kind) {
      case "text":
        return rest;
      case "column":
        return this.#cell(Number(rest), row);
      case "file":
        return this.#script.files.get(rest) ?? null;
      case "last":
        return this.#headers().last(row, rest) ?? null;
      case "headers": {
        const headers = this.#headers().row(row);
        const texts = headers.map(({ name, value }) => (value === null ? [name] : [name, "=", value]));
        return concat(texts.flatMap((text, at) => (at > 0 ? [",", ...text] : text)));
      }
      case "seen": {
        const cells = this.#script.ints.flatMap((_, at) => ["|", this.#cell(at, row) ?? "-"]);
        return concat([`${this.#batch.topic} ${this.#batch.partition}`, ...cells]);
      }
      default:
        return null;
    }
  }

  #headers(): Headers {
    if (this.#batch.headers === null) throw "no header table";
    return this.#batch.headers;
  }

  #isText(at: number, row: number, text: string): boolean {
    return this.#script.ints[at] ? this.#int(at, row) === text : this.#batch.bytes(at).equals(row, encodeUtf8(text));
  }

  #cell(at: number, row: number): Bytes | null {
    return this.#script.ints[at] ? this.#int(at, row) : this.#batch.bytes(at).get(row);
  }

  #int(at: number, row: number): string | null {
    const ints = this.#batch.ints(at);
    // To get it would be an error too, but one whose text changes with every line that is added above.
    if (!ints.isSafe(row)) throw `an integer of column ${at} is beyond 2^53`;
    return ints.get(row)?.toString() ?? null;
  }
}

/** Returns a line's first word and the rest. */
function split(line: string): [string, string] {
  const at = line.indexOf(" ");
  return at < 0 ? [line, ""] : [line.slice(0, at), line.slice(at + 1)];
}

function concat(parts: Bytes[]): Uint8Array {
  const cells = parts.map((part) => (typeof part === "string" ? encodeUtf8(part) : part));
  const bytes = new Uint8Array(cells.reduce((length, cell) => length + cell.length, 0));
  let end = 0;
  for (const cell of cells) {
    bytes.set(cell, end);
    end += cell.length;
  }
  return bytes;
}

function input(spec: string): Input {
  const [kind, rest] = split(spec);
  const [source, last] = split(rest);
  const [group, pattern] = split(last);
  const inputs: Record<string, () => Input> = {
    key: () => Input.key(),
    value: () => Input.value(),
    header: () => Input.header(rest),
    timestamp: () => Input.timestamp(),
    "timestamp-type": () => Input.timestampType(),
    received: () => Input.received(),
    offset: () => Input.offset(),
    json: () => from(Input.json(last), source),
    "json-int": () => from(Input.jsonInt(last), source),
    capture: () => from(Input.capture(pattern, Number(group)), source),
  };
  const make = inputs[kind];
  if (make === undefined) throw new Error(`no such input: ${spec}`);
  return make();
}

function from(input: Input, source: string): Input {
  if (source === "value") return input;
  return source === "key" ? input.ofKey() : input.ofHeader(source.slice("header:".length));
}
