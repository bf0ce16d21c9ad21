/** The protocol's public door. */
export * from "./address.ts";
export * from "./marks.ts";
export * from "./messages.ts";
export * from "./parse.ts";
