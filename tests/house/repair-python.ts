/** `npm run python`: formats all Python, puts its imports in order, and prints what is left to do by hand. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, readText } from "./files.ts";
import { checkPython, listPython, repairPython } from "./python-style.ts";

const asked = process.argv.slice(2);
const left = listPython()
  .filter((path) => asked.length === 0 || asked.some((start) => path.startsWith(start)))
  .flatMap((path) => {
    const text = readText(path);
    const repaired = repairPython(path, text);
    if (repaired !== text) {
      writeFileSync(join(ROOT, path), repaired);
      console.log(`${path}: repaired`);
    }
    return checkPython(path, repaired);
  });
for (const line of left) console.log(line);
process.exitCode = left.length === 0 ? 0 : 1;
