/**
 * Turns incoming data into the protocol's types or refuses it: the only place where either side trusts the other's
 * bytes.
 */
export { ProtocolError } from "./fields.ts";
export { parseAnswer, parseRefusal, parseStreamEvent } from "./parse-answers.ts";
export { MAX_OPERATIONS, MAX_PATH, parseRequest, type RequestOf, readProtocol } from "./parse-requests.ts";
export { readTrace } from "./parse-trace.ts";
