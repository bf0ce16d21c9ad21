/** An emitter calls everyone who is listening, in the order in which they subscribed. */
import { expect, it } from "vitest";
import { createEmitter } from "../../../extension/models/emitter.ts";

it("calls every listener, but not with earlier events", () => {
  const emitter = createEmitter<[text: string, count: number]>();
  const heard: string[] = [];
  emitter.tell("no one listens", 0);
  emitter.listen((text, count) => heard.push(`first ${text} ${count}`));
  emitter.tell("one listens", 1);
  emitter.listen((text, count) => heard.push(`second ${text} ${count}`));
  emitter.tell("both listen", 2);
  expect(heard).toEqual(["first one listens 1", "first both listen 2", "second both listen 2"]);
});
