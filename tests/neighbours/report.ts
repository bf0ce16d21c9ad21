/** The matrix's final report: how many cases each neighbour had, how many passed, what is declared and why. */
import type { Cell } from "./product.ts";

/** Counts while the matrix is played. */
export interface Report {
  begun(cell: Cell): void;
  passed(cell: Cell): void;
  declared(cell: Cell, reason: string): void;
  /** How often each of the three was counted. */
  counts(): { begun: number; passed: number; declared: number };
  /** @param whole how many cells the product has */
  print(whole: number): void;
}

interface Row {
  begun: number;
  passed: number;
  reasons: Map<string, number>;
}

/** A report with nothing in it. */
export function createReport(): Report {
  const rows = new Map<string, Row>();
  const rowOf = ({ neighbour }: Cell): Row => {
    const row = rows.get(neighbour) ?? { begun: 0, passed: 0, reasons: new Map() };
    rows.set(neighbour, row);
    return row;
  };
  const sum = (value: (row: Row) => number) => [...rows.values()].reduce((all, row) => all + value(row), 0);
  const counts = () => ({
    begun: sum((row) => row.begun),
    passed: sum((row) => row.passed),
    declared: sum(countDeclared),
  });
  return {
    begun: (cell) => void rowOf(cell).begun++,
    passed: (cell) => void rowOf(cell).passed++,
    declared: (cell, reason) => {
      const { reasons } = rowOf(cell);
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    },
    counts,
    print: (whole) => {
      const lines = [...rows].flatMap(([neighbour, row]) => toLines(neighbour, row));
      const { begun, passed, declared } = counts();
      const left = whole - begun - declared;
      const rest = left === 0 ? "" : `, ${left} played with SESSIONS_FIELD=true only`;
      const total = `${whole} cells: ${begun} cases, ${passed} passed, ${declared} declared impossible${rest}`;
      console.log([toLine("neighbour", "cases", "passed", "declared, and why"), ...lines, total].join("\n"));
    },
  };
}

function countDeclared({ reasons }: Row): number {
  return [...reasons.values()].reduce((all, count) => all + count, 0);
}

function toLines(neighbour: string, row: Row): string[] {
  const [first = "", ...others] = [...row.reasons].map(([reason, count]) => `${count} ${reason}`);
  return [
    toLine(neighbour, row.begun, row.passed, first),
    ...others.map((reason) => toLine("", "", "", reason)),
  ];
}

function toLine(
  neighbour: string,
  begun: number | string,
  passed: number | string,
  declared: string,
): string {
  return `${neighbour.padEnd(24)}${String(begun).padStart(6)}${String(passed).padStart(8)}  ${declared}`;
}
