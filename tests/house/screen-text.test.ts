/** The page of everything that the panel says is up to date, and leaves out nothing that is read. */
import { describe, expect, it } from "vitest";
import { readText } from "./files.ts";
import { SCREEN_TEXT_PAGE, screenTextPage, stringsOnScreen } from "./screen-text.ts";

describe("the page of what the panel says", () => {
  it("is the code's; npm run words writes it again", () => {
    expect(readText(SCREEN_TEXT_PAGE)).toBe(screenTextPage());
  });

  it("lists labels, sentences with their values, and words between tags, each once", () => {
    const code = `
      import { a } from "no words of a module";
      const one = { title: "Saved", sentence: \`\${count} rows are shown\`, kind: "single" };
      const two = count > 1 ? "two words" : "Saved";
      const Part = () => <p class="row row-odd" title={wide ? "Wide" : "Narrow"}>Read it <b>now</b></p>;
      throw new Error("The browser refused it.");
    `;
    expect(stringsOnScreen("part.tsx", code)).toEqual([
      "Saved",
      "… rows are shown",
      "two words",
      "Wide",
      "Narrow",
      "Read it",
      "now",
      "The browser refused it.",
    ]);
  });
});
