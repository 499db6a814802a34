// Reads a config of every type, and does what the SDK refuses; `cases` say what is told.

import { Batch, Config, Description, Edits, Effects, Input, Plan, Plugin, register } from "../template/assembly/weir";

export { cabi_realloc, configure, describe, post_configure, post_process, process } from "../template/assembly/weir";

class Test extends Plugin {
  private share: f64 = 0;
  private more: string = "";

  describe(): Description {
    return new Description("test", "0.1.0", "Does what the SDK refuses.", "{}");
  }

  configure(config: Config, plan: Plan): void {
    this.more = config.requireString("name");
    config.strings("names");
    const inner = config.object("inner");
    this.share = inner.number("share", 0.5);
    if (inner.integer("small", 1) > 255) inner.mistake("small", "is above 255");
    this.more += inner.boolean("on", true) ? " on" : " off";
    const rules = config.objects("rules");
    for (let i = 0; i < rules.length; i++) this.more += " " + rules[i].requireInteger("n").toString();
    plan
      .input(Input.value())
      .effects(Effects.DROP | Effects.EXPAND)
      .headerNames(["x"]);
  }

  process(batch: Batch, edits: Edits): void {
    const values = batch.bytes(0);
    const header = edits.appendHeader("x");
    for (let row = 0; row < batch.length; row++) {
      const what = values.text(row)!;
      if (what == "config") header.row(row, this.more + " " + this.share.toString());
      else if (what == "append twice") {
        header.row(row, "first");
        header.row(row, "second");
      } else if (what == "no row") edits.drop(batch.length);
      else if (what == "late expand") edits.expand([0]);
    }
  }
}

register(new Test());
