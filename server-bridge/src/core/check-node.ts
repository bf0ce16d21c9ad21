/**
 * Refuses a Node that is too old. Entry points import it before everything else: such a Node would fail later, in words that do
 * not name the reason.
 */
import { sayOldNode } from "./errors.ts";

const oldNode = sayOldNode();
if (oldNode !== null) throw new Error(oldNode);
