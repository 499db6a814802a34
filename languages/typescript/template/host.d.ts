// What weir gives to a plugin: the imports of wit/interceptor.wit.

declare module "weir:interceptor/host@0.1.0" {
  export function log(level: "debug" | "info" | "warn" | "error", message: string): void;
  export function count(name: string, by: number): void;
}

declare module "weir:interceptor/lookup@0.1.0" {
  export function get(name: string): Uint8Array | undefined | null;
}
