// A plugin that uses every part of weir.ts; `cases` say what has to come out.

import {
  Batch,
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
} from "../template/assembly/weir";

export { cabi_realloc, configure, describe, post_configure, post_process, process } from "../template/assembly/weir";

const H = new Text("h");
const KEEP = new Text("keep");
const ERROR = new Text("error");
const WRONG_COLUMN = new Text("wrong column");
const PANIC = new Text("panic");
const BOUNDS = new Text("bounds");

class Everything extends Plugin {
  private mode: string = "";
  private file: Uint8Array = new Uint8Array(0);

  describe(): Description {
    return new Description("everything", "0.1.0", "Uses every part of the interface.", "{}");
  }

  configure(config: Config, plan: Plan): void {
    this.mode = config.requireString("mode");
    config.strings("names");
    const inner = config.object("inner");
    inner.number("share", 0.5);
    if (inner.integer("small", 1) > 255) inner.mistake("small", "is above 255");
    inner.boolean("on", false);
    const rules = config.objects("rules");
    for (let i = 0; i < rules.length; i++) rules[i].requireInteger("n");
    plan
      .input(Input.key())
      .input(Input.value())
      .input(Input.header("h"))
      .input(Input.timestamp())
      .input(Input.timestampType())
      .input(Input.offset())
      .input(Input.json("/a"))
      .input(Input.jsonInt("/n"))
      .input(Input.capture('"a":"(x+)(y+)?', 2))
      .input(Input.json("").ofKey())
      .input(Input.capture("^.", 0).ofHeader("h"))
      .allHeaders()
      .effects(Effects.KEY | Effects.VALUE | Effects.TIMESTAMP | Effects.PARTITION)
      .effects(Effects.DROP | Effects.DEAD_LETTER | Effects.EXPAND)
      .headerNames(["*"])
      .topics(["to-*"]);
    const file = lookup.get("table");
    this.file = file ? file : Uint8Array.wrap(String.UTF8.encode("no table"));
    assert(!lookup.get("missing"));
  }

  process(batch: Batch, edits: Edits): void {
    count("rows", batch.length);
    count("nothing", 0);
    log(Level.DEBUG, batch.length.toString() + " rows of " + batch.topic);
    if (this.mode == "inputs") this.inputs(batch, edits);
    else if (this.mode == "headers") this.headers(batch, edits);
    else if (this.mode == "cells") this.cells(batch, edits);
    else if (this.mode == "expand") this.expand(batch, edits);
    else if (this.mode == "faults") this.faults(batch, edits);
  }

  private inputs(batch: Batch, edits: Edits): void {
    const seen = edits.setHeader("seen");
    edits.setHeader("table").allBytes(this.file);
    for (let row = 0; row < batch.length; row++) {
      let text = batch.topic + " " + batch.partition.toString();
      for (let at = 0; at < 11; at++) {
        text += "|";
        if (at == 3 || at == 4 || at == 5 || at == 7) {
          const ints = batch.ints(at);
          text += ints.isNull(row) ? "-" : ints.get(row).toString();
        } else {
          const cell = batch.bytes(at).text(row);
          text += cell ? cell : batch.bytes(at).isNull(row) ? "-" : "";
        }
      }
      seen.row(row, text);
    }
  }

  private headers(batch: Batch, edits: Edits): void {
    const table = batch.headers;
    const copies = edits.appendHeader("copy");
    edits.appendHeader("all").all("yes");
    const gone = edits.removeHeader("gone");
    const lasts = edits.setHeader("last");
    edits.removeHeader("never").all();
    for (let row = 0; row < batch.length; row++) {
      for (let entry = table.begin(row); entry < table.end(row); entry++) {
        const value = table.values.isNull(entry) ? "-" : table.values.text(entry)!;
        copies.row(row, table.name(entry) + "=" + value);
      }
      const last = table.last(row, H);
      if (last >= 0) {
        const value = table.values.copy(last);
        if (value) lasts.rowBytes(row, value);
        else lasts.rowNull(row);
      }
      if (table.last(row, KEEP) < 0) gone.row(row);
    }
  }

  private cells(batch: Batch, edits: Edits): void {
    const offsets = batch.ints(5);
    const sparse = edits.setHeader("sparse");
    const mixed = edits.setHeader("mixed");
    mixed.all("all");
    const parts = edits.setHeader("parts");
    edits.key.allNull();
    for (let row = batch.length - 1; row >= 0; row--) {
      const offset = offsets.get(row);
      if (offset % 8 == 3) sparse.row(row, "3");
      if (offset % 8 == 5) sparse.rowNull(row);
      if (offset % 2 == 1) mixed.row(row, "odd " + offset.toString());
      if (offset % 4 == 2) mixed.rowNull(row);
      parts.row(row, "forgotten");
      parts.row(row, "ab");
      edits.key.rowOf(row, batch.bytes(2));
      if (offset == 1) edits.value.rowNull(row);
      if (offset == 2) edits.value.row(row, "");
    }
  }

  private expand(batch: Batch, edits: Edits): void {
    const offsets = batch.ints(5);
    const sources: i32[] = [];
    for (let row = 0; row < batch.length; row++) {
      for (let n = offsets.get(row) % 3; n > 0; n--) sources.push(row);
    }
    edits.expand(sources);
    const to = edits.topic("to-a");
    for (let row = 0; row < sources.length; row++) {
      const offset = offsets.get(sources[row]);
      if (offset == 1) edits.route(row, to);
      if (offset == 2) edits.routeTo(row, "to-b");
      if (offset == 4) edits.timestamp(row, 1234);
      if (offset == 5) edits.partition(row, 2);
      if (offset == 7) edits.drop(row);
      if (offset == 8) edits.deadLetter(row, "eight");
    }
  }

  private faults(batch: Batch, edits: Edits): void {
    const values = batch.bytes(1);
    for (let row = 0; row < batch.length; row++) {
      if (values.equals(row, ERROR)) edits.fail("no such value: " + values.text(row)!);
      if (values.equals(row, WRONG_COLUMN)) batch.ints(1);
      if (values.equals(row, PANIC)) throw new Error("told so");
      if (values.equals(row, BOUNDS)) values.text(batch.length + 7);
    }
  }
}

register(new Everything());
