/** Loaded before a program (`--import`): a file is removed only `REMOVAL_MS` after that was decided, as by a process that has lost its processor. */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const ms = Number(process.env["REMOVAL_MS"]);
const { rmSync } = fs;

fs.rmSync = (...removed) => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  rmSync(...removed);
};
syncBuiltinESMExports();
