// What weir.js makes of what a plugin writes: `node --import ./host.mjs --test` in this folder.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { count, decodeUtf8, definePlugin, encodeUtf8, Input, log, Mistakes, Plan, pointer } from "../template/weir.js";

/** A column as weir sends it: with a mark for every cell. */
function column(...cells) {
  const data = [];
  const offsets = [0];
  for (const cell of cells) {
    data.push(...Buffer.from(cell ?? ""));
    offsets.push(data.length);
  }
  return { offsets, data: Uint8Array.from(data), nulls: cells.map((cell) => Number(cell === null)) };
}

/** What a wire column holds, as text. */
function texts({ offsets, data, nulls }) {
  return Array.from(offsets.slice(1), (end, at) =>
    nulls.length > 0 && nulls[at] === 1 ? null : Buffer.from(data.slice(offsets[at], end)).toString(),
  );
}

function shape(cells) {
  if (cells === undefined) return undefined;
  const { tag, val } = cells;
  if (tag === "constant") return [tag, val && Buffer.from(val).toString()];
  return tag === "each" ? [tag, texts(val)] : [tag, [...val.rows], texts(val.cells)];
}

const ABOUT = { name: "p", version: "1.0.0", summary: "A test." };

/** The plugin of one function. */
function plugin(process, plan = {}) {
  const made = definePlugin({ ...ABOUT, configure: () => ({ plan: new Plan(plan), process }) });
  made.configure("{}");
  return made;
}

/** What a plugin that writes so answers for a batch of that many rows. */
function edited(count, write, batch = {}) {
  const made = plugin((batch, edits) => void write(edits, batch));
  return made.process({ topic: "in", partition: 3, count, columns: [], ...batch });
}

/** The error of that plugin, as weir receives it. */
function failed(count, write, batch) {
  try {
    edited(count, write, batch);
  } catch (error) {
    assert.equal(typeof error, "string");
    return error;
  }
  assert.fail("nothing was refused");
}

test("the shape follows from what was written", () => {
  const value = (count, write) => shape(edited(count, (edits) => write(edits.value)).value);
  assert.deepEqual(value(3, () => {}), undefined);
  assert.deepEqual(value(3, (cells) => cells.all("x")), ["constant", "x"]);
  assert.deepEqual(value(3, (cells) => cells.all(null)), ["constant", undefined]);
  assert.deepEqual(value(3, (cells) => cells.row(1, "")), ["each", [null, "", null]]);
  assert.deepEqual(value(9, (cells) => cells.row(7, "é")), ["sparse", [7], ["é"]]);
  assert.deepEqual(value(2, (cells) => cells.row(1, null)), ["sparse", [1], [null]]);
  const anyOrder = (cells) => {
    cells.row(2, "c");
    cells.row(0, null);
    cells.row(1, "b");
    cells.row(2, Uint8Array.of(67));
  };
  assert.deepEqual(value(3, anyOrder), ["sparse", [0, 1, 2], [null, "b", "C"]]);
  const rest = (cells) => {
    cells.row(1, "b");
    cells.all("x");
  };
  assert.deepEqual(value(3, rest), ["each", ["x", "b", "x"]]);
  assert.deepEqual(value(3, (cells) => cells.column(["a", null, "c"])), ["each", ["a", null, "c"]]);
});

test("nothing written is nothing changed", () => {
  const edits = edited(5, (edits) => {
    edits.setHeader("h");
    edits.topic("t");
  });
  assert.deepEqual(edits, { verdicts: new Uint8Array(0), headers: [] });
});

test("verdicts, reasons, times, routes and partitions have one entry a row", () => {
  const edits = edited(3, (edits) => {
    edits.drop(0);
    edits.deadLetter(2, "why");
    edits.timestamp(1, 7);
    edits.route(1, edits.topic("a"));
    edits.routeTo(2, "b");
    edits.partition(0, 4);
  });
  assert.deepEqual([...edits.verdicts], [1, 0, 2]);
  assert.deepEqual(texts(edits.reasons), [null, null, "why"]);
  assert.deepEqual([...edits.timestamps.values], [0n, 7n, 0n]);
  assert.deepEqual([...edits.timestamps.nulls], [1, 0, 1]);
  assert.deepEqual(edits.route, { topics: ["a", "b"], index: Int32Array.of(-1, 0, 1) });
  assert.deepEqual([...edits.partitions], [4, -1, -1]);
});

test("headers keep their order, and a row appended to twice gets two", () => {
  const { headers } = edited(2, (edits) => {
    edits.setHeader("h").row(0, "a");
    edits.setHeader("g").row(0, "g");
    edits.setHeader("h").row(1, "b");
    edits.removeHeader("h").row(1);
    edits.setHeader("h").row(0, "c");
    edits.removeHeader("g").all();
    edits.appendHeader("a").row(0, "a");
    edits.appendHeader("a").row(1, "b");
    edits.appendHeader("a").row(0, "c");
  });
  assert.deepEqual(
    headers.map(({ name, op, cells }) => [name, op, ...shape(cells)]),
    [
      ["h", "set", "each", ["a", "b"]],
      ["g", "set", "each", ["g", null]],
      ["h", "remove", "each", [null, ""]],
      ["h", "set", "each", ["c", null]],
      ["g", "remove", "constant", undefined],
      ["a", "append", "each", ["a", "b"]],
      ["a", "append", "each", ["c", null]],
    ],
  );
});

test("after an expansion rows are the new ones", () => {
  const edits = edited(2, (edits) => {
    const topic = edits.topic("t");
    edits.expand([0, 0, 0, 1]);
    assert.equal(edits.length, 4);
    edits.drop(3);
    edits.route(2, topic);
  });
  assert.deepEqual([...edits.expand], [0, 0, 0, 1]);
  assert.deepEqual([...edits.verdicts], [0, 0, 0, 1]);
  assert.deepEqual([...edits.route.index], [-1, -1, 0, -1]);
});

test("what is wrong is refused with its text and place", () => {
  let other;
  edited(1, (edits) => (other = edits.topic("t")));
  for (const [text, write] of [
    ["there is no row 2: the batch has 2", (edits) => edits.drop(2)],
    ["there is no row -1", (edits) => edits.drop(-1)],
    ["there is no row 0.5", (edits) => edits.value.row(0.5, "")],
    ["there is no row 2", (edits) => edits.deadLetter(2, "why")],
    ["the reason of a dead letter is null", (edits) => edits.deadLetter(0, null)],
    ["a cell is of type number", (edits) => edits.key.row(0, 7)],
    ["a cell is of type undefined", (edits) => edits.key.all(undefined)],
    ["a cell is an array", (edits) => edits.key.row(0, [1])],
    ["a timestamp is 1.5, not a safe integer", (edits) => edits.timestamp(0, 1.5)],
    ["a timestamp is 9007199254740992", (edits) => edits.timestamp(0, 2 ** 53)],
    ["a timestamp is 1, not", (edits) => edits.timestamp(0, 1n)],
    ["a partition is -1, which is not in 0 to 2147483647", (edits) => edits.partition(0, -1)],
    ["a topic is of type string", (edits) => edits.route(0, "t")],
    ["the topic is of other edits", (edits) => edits.route(0, other)],
    ["a header's name is of type undefined", (edits) => edits.setHeader()],
    ["half of a surrogate pair", (edits) => edits.routeTo(0, "\ud800")],
    ["there is no row 2", (edits) => edits.expand([0, 2])],
    ["expand names rows out of order", (edits) => edits.expand([1, 0])],
    ["expand comes before other edits", (edits) => (edits.drop(0), edits.expand([0]))],
    ["there is no level `loud`", () => log("loud", "text")],
    ["a count is -1", () => count("n", -1)],
    ["the plan has no column 0", (_, batch) => batch.bytes(0)],
    ["a plugin has no clock", () => Date.now()],
    ["a plugin has no clock", () => new Date()],
    ["just text", () => { throw "just text"; }],
  ]) {
    const error = failed(2, write);
    assert.ok(error.includes(text), error);
    assert.ok(text === "just text" || error.includes("weir.test.mjs:"), error);
  }
  assert.equal(new Date(0).toISOString(), "1970-01-01T00:00:00.000Z");
});

test("what process returns is not passed over", () => {
  const made = plugin(async () => {});
  assert.throws(
    () => made.process({ count: 1, columns: [] }),
    (error) => error.startsWith("TypeError: process returned a value an object: write into edits instead"),
  );
});

test("columns are read by their type", () => {
  const ints = { values: [5, 0, 2 ** 62, -(2 ** 53 - 1)], nulls: [0, 1, 0, 0] };
  const bigs = { values: BigInt64Array.of(5n, 0n, 2n ** 62n, 1n - 2n ** 53n), nulls: Uint8Array.of(0, 1, 0, 0) };
  const columns = [
    { tag: "bytes", val: column("a", null, "", "é") },
    { tag: "ints", val: ints },
    { tag: "ints", val: bigs },
  ];
  const seen = [];
  edited(4, (_, batch) => {
    const cells = batch.bytes(0);
    seen.push([0, 1, 2, 3].map((row) => cells.text(row)), [...cells].length, cells.isNull(1));
    assert.ok(cells.equals(0, encodeUtf8("a")) && !cells.equals(1, encodeUtf8("")) && cells.equals(2, encodeUtf8("")));
    for (const at of [1, 2]) {
      const numbers = batch.ints(at);
      seen.push([numbers.get(0), numbers.get(1), numbers.get(3)]);
      assert.deepEqual([0, 1, 2, 3].map((row) => numbers.isSafe(row)), [true, true, false, true]);
      assert.throws(() => numbers.get(2), /the integer in row 2 of column \d is beyond 2\^53/);
    }
    assert.throws(() => cells.get(4), /there is no row 4: the batch has 4/);
    assert.throws(() => cells.get(-1), /there is no row -1/);
    assert.throws(() => batch.bytes(1), /column 1 holds integers/);
    assert.throws(() => batch.ints(0), /column 0 holds bytes/);
  }, { columns });
  const numbers = [5, null, 1 - 2 ** 53];
  assert.deepEqual(seen, [["a", null, "", "é"], 4, true, numbers, numbers]);
});

test("headers come in their order", () => {
  const headers = { starts: [0, 2, 2, 3], names: ["a", "b"], nameIndex: [0, 0, 1], cells: column("1", "2", null) };
  edited(3, (_, batch) => {
    assert.deepEqual(batch.headers.row(0).map(({ name, value }) => [name, decodeUtf8(value)]), [["a", "1"], ["a", "2"]]);
    assert.deepEqual(batch.headers.row(1), []);
    assert.equal(decodeUtf8(batch.headers.last(0, "a")), "2");
    assert.equal(batch.headers.last(0, "b"), undefined);
    assert.equal(batch.headers.last(2, "b"), null);
  }, { headers });
  edited(1, (_, batch) => assert.equal(batch.headers, null));
});

test("all mistakes of a config are told at once", () => {
  const made = definePlugin({
    ...ABOUT,
    configure(config, files) {
      config.string("s");
      config.integer("i", 7);
      config.number("n", 0.5);
      config.boolean("b", false);
      config.strings("l", []);
      for (const rule of config.objects("rules", false)) {
        if (!rule.string("pattern")) rule.mistake("pattern", "is empty");
      }
      config.object("o", false).string("a/b", "");
      assert.deepEqual([...files.get("table")], [1, 2]);
      assert.equal(files.get("other"), null);
      return { plan: new Plan(), process() {} };
    },
  });
  const mistakes = (config) => {
    try {
      made.configure(config);
    } catch (error) {
      return error.split("\n");
    }
    return [];
  };
  const bad = `{"s": 1, "i": 1.5, "l": ["a", null], "o": {"a/b": [], "c": 1},
    "rules": [{}, {"pattern": ""}, 3], "__proto__": 0}`;
  assert.deepEqual(mistakes(bad), [
    "/s: is a number, expected a string",
    "/i: is a number, expected an integer within 2^53",
    "/l/1: is null, expected a string",
    "/rules/2: is a number, expected an object",
    "/rules/0/pattern: is missing: expected a string",
    "/rules/0/pattern: is empty",
    "/rules/1/pattern: is empty",
    "/rules/2/pattern: is missing: expected a string",
    "/rules/2/pattern: is empty",
    "/o/a~1b: is an array, expected a string",
    "/__proto__: unknown key, expected `s`, `i`, `n`, `b`, `l`, `rules`, `o`",
    "/o/c: unknown key, expected `a/b`",
  ]);
  assert.deepEqual(mistakes('{"s": "x"}'), []);
  assert.deepEqual(mistakes("[]"), [": the config is an array, expected an object"]);
  assert.match(mistakes("{")[0], /^: the config is not JSON: /);
  assert.equal(pointer("a/b", 0, "~"), "/a~1b/0/~0");
  assert.match(new Mistakes(Array.from({ length: 301 }, (_, at) => ({ pointer: `/${at}`, message: "no" }))).message, /and 1 more/);
});

test("the plan as the bindings want it", () => {
  const inputs = [Input.key(), Input.jsonInt("/a").ofHeader("h"), Input.capture("a(b)", 1).ofKey(), Input.received()];
  const plan = new Plan({ inputs, effects: ["dead-letter"], headerNames: ["h", "h"], topics: ["t"] });
  assert.equal(plan.column(Input.capture("a(b)", 1).ofKey()), 2);
  assert.equal(plan.column(Input.value()), 4);
  const made = definePlugin({ ...ABOUT, configure: () => ({ plan, process() {} }) });
  assert.deepEqual(made.configure("{}"), {
    inputs: [
      { tag: "key" },
      { tag: "json-int", val: { source: { tag: "header", val: "h" }, pointer: "/a" } },
      { tag: "capture", val: { source: { tag: "key" }, pattern: "a(b)", group: 1 } },
      { tag: "received" },
      { tag: "value" },
    ],
    allHeaders: false,
    effects: {
      key: false,
      value: false,
      timestamp: false,
      headers: true,
      route: true,
      partition: false,
      drop: false,
      deadLetter: true,
      expand: false,
    },
    headerNames: ["h"],
    topics: ["t"],
  });
  assert.throws(() => new Plan({ effects: ["deadLetter"] }), /there is no effect `deadLetter`/);
  assert.throws(() => new Plan({ effect: [] }), /a plan has no key `effect`/);
  assert.throws(() => new Plan({ topics: "t" }), /topics is of type string/);
  assert.throws(() => Input.value().ofKey(), /is not looked for in a key/);
  assert.throws(() => definePlugin({ ...ABOUT, name: 1 }), /name is of type number/);
});

test("UTF-8 is what Node says it is", () => {
  const codes = [0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff];
  const all = String.fromCodePoint(...codes);
  for (const text of ["", "ascii", all, all.repeat(2000), "a\ud800b", "\udc00", "\ud83d"]) {
    const bytes = encodeUtf8(text);
    assert.deepEqual(Buffer.from(bytes), Buffer.from(text));
    assert.equal(decodeUtf8(bytes), Buffer.from(text).toString());
  }
  const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let state = 1;
  const random = (below) => (state = (state * 48271) % 0x7fffffff) % below;
  for (let round = 0; round < 20000; round++) {
    const bytes = Uint8Array.from({ length: random(5) }, () => [random(256), 0xe0 + random(32), 0x80 + random(64)][random(3)]);
    let expected = null;
    try {
      expected = strict.decode(bytes);
    } catch {}
    assert.equal(decodeUtf8(bytes), expected, [...bytes].join());
  }
});

test("what is said to weir is well formed", () => {
  globalThis.said.length = 0;
  log("warn", "half \ud800");
  count("a", 2);
  count("b", 0);
  assert.deepEqual(globalThis.said, [["warn", "half \ufffd"], ["a", 2]]);
});

test("the template holds the interface of this version", () => {
  const read = (path) => readFileSync(new URL(path, import.meta.url));
  assert.deepEqual(read("../template/wit/interceptor.wit"), read("../../../guest-sdk/wit/interceptor.wit"));
});
