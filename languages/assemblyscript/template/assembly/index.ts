// Routes records by their type: drops those of one type, and sets aside those without a user.

import { Batch, Config, Description, Edits, Effects, Input, Plan, Plugin, Text, register } from "./weir";

// What weir calls.
export { cabi_realloc, configure, describe, post_configure, post_process, process } from "./weir";

const CONFIG_SCHEMA = `{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "properties": {
    "drop": { "type": "string", "default": "debug", "description": "Records of this type are dropped." }
  },
  "additionalProperties": false
}`;

const CLICK = new Text("click");
const VIEW = new Text("view");
const WEIR = new Text("weir");

class MyPlugin extends Plugin {
  private drop: Text = new Text("debug");

  describe(): Description {
    return new Description("my-plugin", "0.1.0", "Routes records by their type.", CONFIG_SCHEMA);
  }

  configure(config: Config, plan: Plan): void {
    this.drop = new Text(config.string("drop", "debug"));
    plan
      .input(Input.header("type"))
      .input(Input.json("/userId"))
      .effects(Effects.DROP | Effects.DEAD_LETTER)
      .headerNames(["seen-by"])
      .topics(["clicks", "views"]);
  }

  process(batch: Batch, edits: Edits): void {
    const types = batch.bytes(0);
    const users = batch.bytes(1);
    const seenBy = edits.setHeader("seen-by");
    const clicks = edits.topic("clicks");
    const views = edits.topic("views");
    for (let row = 0; row < batch.length; row++) {
      if (types.equals(row, this.drop)) {
        edits.drop(row);
        continue;
      }
      if (users.isNull(row)) {
        edits.deadLetter(row, "no userId");
        continue;
      }
      seenBy.rowText(row, WEIR);
      if (types.equals(row, CLICK)) edits.route(row, clicks);
      else if (types.equals(row, VIEW)) edits.route(row, views);
    }
  }
}

register(new MyPlugin());
