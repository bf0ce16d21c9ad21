/** Small steps that lead the panel into a state, as a user would take them. */
import type { Models } from "../../../extension/models/index.ts";
import { turns } from "../memory-ports/turns.ts";
import type { MemoryWorld } from "../memory-ports/world.ts";

/** Id of the request with this number in the timeline. */
export function rowNumber(models: Models, number: number): string {
  const entry = models.view.rows.peek().find((each) => each.type === "request" && each.number === number);
  if (entry === undefined) throw new Error(`There is no row ${number}.`);
  return entry.id;
}

/** Opens the editor on a visible key. */
export function edit(models: Models, name: string): void {
  const row = models.tree.rows.peek().find((each) => each.name === name);
  if (row === undefined) throw new Error(`There is no key ${name}.`);
  models.tree.activate(row.id);
  models.editor.edit(row);
}

/** Presses the button of this name. In a narrow panel the tools have to be opened first. */
export async function press(label: string): Promise<void> {
  const button = document.querySelector<HTMLElement>(`button[aria-label="${label}"]`);
  if (button?.checkVisibility() === false) {
    document.querySelector<HTMLElement>('button[aria-label="Tools"]')?.click();
    await turns();
  }
  button?.click();
}

/** The demo's first cookie, the session's. */
export function requireCookie(world: MemoryWorld) {
  const [cookie] = world.cookies.cookies;
  if (cookie === undefined) throw new Error("The story has cookies.");
  return cookie;
}
