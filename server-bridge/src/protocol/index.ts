/** The protocol's public door. */
export * from "./address.ts";
export * from "./marks.ts";
export * from "./messages.ts";
export * from "./parse.ts";
export {
  faultAt,
  type JsonFault,
  type JsonKind,
  type JsonNode,
  type JsonResult,
  parseJson,
  stringOf,
} from "./scan-json.ts";
