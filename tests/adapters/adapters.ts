/** Every adapter that the library has. */
import { NODE_ADAPTERS } from "./node-adapters.ts";
import { OTHER_ADAPTERS } from "./other-adapters.ts";

export const ADAPTERS = [...NODE_ADAPTERS, ...OTHER_ADAPTERS];
