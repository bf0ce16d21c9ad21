/** The repository's Python: linted, formatted, and short enough to read. */
import { describe, expect, it } from "vitest";
import { readText } from "./files.ts";
import { checkPython, formatPython, listPython, repairPython } from "./python-style.ts";

/** Lines of a file, as for TypeScript (`sizes.test.ts`). */
const WALL = 350;
const IN_PACKAGE = "server-bridge/django-package/session_bridge/planted.py";
const IN_TESTS = "server-bridge/django-package/tests/planted.py";

const files = listPython().map((path) => ({ path, text: readText(path) }));

describe("Python", () => {
  it("keeps the rules. `npm run python` repairs what can be repaired", () => {
    expect(files.flatMap(({ path, text }) => checkPython(path, text))).toEqual([]);
  });

  it("is formatted. `npm run python` does it", () => {
    const others = files.filter(({ path, text }) => formatPython(path, text) !== text);
    expect(others.map(({ path }) => path)).toEqual([]);
  });

  it(`has no file longer than ${WALL} lines`, () => {
    const long = files.filter(({ text }) => text.trimEnd().split("\n").length > WALL);
    expect(long.map(({ path }) => path)).toEqual([]);
  });

  it("is read in the package, in the example and in the tests", () => {
    for (const place of [/^server-bridge\/django-package\/session_bridge\//, /^examples\//, /^tests\//])
      expect(files.filter(({ path }) => place.test(path))).not.toEqual([]);
  });

  it.each([
    ["a name that is not used", '"""A."""\n\nimport os\n', "F401"],
    ["imports out of order", '"""A."""\n\nimport sys\nimport os\n\nprint(os, sys)\n', "I001"],
    ["a default that is shared", '"""A."""\n\n\ndef _f(a: list = []) -> None:\n    print(a)\n', "B006"],
    ["an argument without a type", '"""A."""\n\n\ndef _f(a) -> None:\n    print(a)\n', "ANN001"],
    ["a module without a docstring", "a = 1\n", "D100"],
    ["a public function without one", '"""A."""\n\n\ndef f() -> None:\n    print()\n', "D103"],
    ["a type of an older Python", '"""A."""\n\nfrom typing import Dict\n\na: Dict[str, int] = {}\n', "UP006"],
    [
      "a syntax that Python 3.9 has not",
      '"""A."""\n\nmatch 1:\n    case 1:\n        pass\n',
      "invalid-syntax",
    ],
    ["a long line", `"""${"A long line. ".repeat(10)}"""\n`, "E501"],
  ])("of the package is not accepted with %s", (_, text, code) => {
    expect(checkPython(IN_PACKAGE, text).join("\n")).toContain(` ${code}: `);
  });

  it("of tests needs no types and no docstrings", () => {
    expect(checkPython(IN_TESTS, "def f(a):\n    return a\n")).toEqual([]);
  });

  it("is repaired: imports, types and spaces", () => {
    const text =
      'from typing import Dict\nimport sys, os\na: Dict[str, int] = {  }\nprint( sys, os,"ä‹", a )\n';
    const repaired = repairPython(IN_TESTS, text);
    expect(checkPython(IN_TESTS, repaired)).toEqual([]);
    expect(repaired).toContain("import os\nimport sys\n");
    expect(repaired).toContain("a: dict[str, int] = {}\n");
    expect(repaired).toContain('print(sys, os, "ä‹", a)');
  });

  it("that is none is left alone", () => {
    expect(formatPython(IN_TESTS, "def (")).toBeNull();
    expect(repairPython(IN_TESTS, "def (")).toBe("def (");
  });
});
