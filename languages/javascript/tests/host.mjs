// Stands in for what weir gives to a plugin, so that weir.js can be loaded by Node: `node --import ./host.mjs --test`.

import { register } from "node:module";

const loader = `
  const SOURCES = {
    "weir:interceptor/host@0.1.0":
      "export const said = []; globalThis.said = said;" +
      "export const log = (level, message) => said.push([level, message]);" +
      "export const count = (name, by) => said.push([name, by]);",
    "weir:interceptor/lookup@0.1.0":
      "export const get = (name) => (name === 'table' ? new Uint8Array([1, 2]) : undefined);",
  };
  export async function resolve(specifier, context, next) {
    return specifier in SOURCES ? { url: specifier, shortCircuit: true } : next(specifier, context);
  }
  export async function load(url, context, next) {
    return url in SOURCES ? { format: "module", source: SOURCES[url], shortCircuit: true } : next(url, context);
  }
`;

register("data:text/javascript," + encodeURIComponent(loader));
