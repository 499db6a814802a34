// Routes records by their type.

import { definePlugin, encodeUtf8, Input, Plan } from "./weir.js";

// The plan's inputs, by their place.
const TYPE = 0;
const USER = 1;

const CLICK = encodeUtf8("click");
const VIEW = encodeUtf8("view");

export const plugin = definePlugin({
  name: "my-plugin",
  version: "0.1.0",
  summary: "Routes records by their type.",
  configSchema: {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    properties: {
      drop: {
        description: "Records of this type are dropped.",
        type: "string",
        default: "debug",
      },
    },
    additionalProperties: false,
  },

  configure(config) {
    const drop = encodeUtf8(config.string("drop", "debug"));
    return {
      plan: new Plan({
        inputs: [Input.header("type"), Input.json("/userId")],
        effects: ["drop", "dead-letter"],
        headerNames: ["seen-by"],
        topics: ["clicks", "views"],
      }),

      process(batch, edits) {
        const types = batch.bytes(TYPE);
        const users = batch.bytes(USER);
        for (let row = 0; row < batch.length; row++) {
          if (types.equals(row, drop)) {
            edits.drop(row);
          } else if (users.isNull(row)) {
            edits.deadLetter(row, "no userId");
          } else {
            edits.setHeader("seen-by").row(row, "weir");
            if (types.equals(row, CLICK)) edits.routeTo(row, "clicks");
            else if (types.equals(row, VIEW)) edits.routeTo(row, "views");
          }
        }
      },
    };
  },
});
