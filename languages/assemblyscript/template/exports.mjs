// AssemblyScript has no export names with `:` and `#`; this gives the functions those that weir looks for.
import { Transform } from "assemblyscript/transform";

const PLUGIN = "weir:interceptor/plugin@0.1.0#";
const NAMES = {
  describe: PLUGIN + "describe",
  configure: PLUGIN + "configure",
  process: PLUGIN + "process",
  post_configure: "cabi_post_" + PLUGIN + "configure",
  post_process: "cabi_post_" + PLUGIN + "process",
};

export default class extends Transform {
  afterCompile(module) {
    for (const [from, to] of Object.entries(NAMES)) {
      const exported = module.getExport(from);
      if (!exported) throw new Error(`assembly/index.ts has to export \`${from}\` from "./weir"`);
      // What is exported is known by the function's internal name.
      const { value } = this.binaryen.getExportInfo(exported);
      module.removeExport(from);
      module.addFunctionExport(value, to);
    }
  }
}
