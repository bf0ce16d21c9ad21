/** The models' public door: builds every model from the ports, joined to each other. */
import type { Ports } from "../ports/ports.ts";

/** Everything the panel knows and can do. Ends with `Symbol.dispose`. */
export interface Models {
  [Symbol.dispose](): void;
}

/** Builds the models and starts listening to the ports. */
export function createModels(ports: Ports): Models {
  void ports;
  return { [Symbol.dispose]() {} };
}
