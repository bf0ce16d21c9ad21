// @vitest-environment happy-dom
/** Names with invisible characters in the panel's texts, and sentences that may contain such characters. */
import { signal } from "@preact/signals";
import { render, screen } from "@testing-library/preact";
import { expect, it } from "vitest";
import { Toast } from "../../../components/common/Toast.tsx";
import { Notice } from "../../../components/notice/Notice.tsx";
import { CookieForm } from "../../../components/session/CookieForm.tsx";
import { Reasons } from "../../../components/session/Reasons.tsx";
import { createModels } from "../../../extension/models/index.ts";
import { turns } from "../memory-ports/turns.ts";
import { createMemoryWorld, fillCookie } from "../memory-ports/world.ts";

const COOKIE = fillCookie({ id: "c", name: "sessionid\u2800" });
const SHOWN = "sessionid\\u{2800}";

function start() {
  const world = createMemoryWorld();
  world.setCookies([COOKIE]);
  return { world, models: createModels(world.ports) };
}

it("a cookie's form is named with its invisible characters made visible", async () => {
  const { models } = start();
  await turns();
  models.cookieEditor.begin(COOKIE);
  render(<CookieForm editor={models.cookieEditor} />);
  expect(screen.getByRole("form", { name: `Edit cookie ${SHOWN}` })).toBeDefined();
});

it("the line about a change to a cookie shows its name that way", async () => {
  const { world, models } = start();
  await turns();
  const said = () => models.undo.offered.value?.text;
  await models.cookieEditor.expireIn(COOKIE, 60);
  expect(said()).toBe(`${SHOWN} expires in 60 s`);
  await models.cookieEditor.remove(COOKIE);
  expect(said()).toBe(`Deleted the cookie ${SHOWN}`);
  world.refuseCookies = `The browser refused it: cookie named "${COOKIE.name}".`;
  await models.cookieEditor.expireIn(COOKIE, 60);
  expect(said()).toContain(`cookie named "${SHOWN}"`);
});

it("sentences keep emoji, Persian text and the spaces in numbers", () => {
  const sentence = "می\u200cخواهم ❤\ufe0f 👩\u200d💻 1\u202f000\u00a0B";
  const offered = signal({ text: sentence, undo: false });
  const undo = { offered, busy: signal(false), undo: async () => {}, dismiss: () => {} };
  const { container } = render(
    <>
      <Toast undo={undo} />
      <Notice title="Title" sentence={sentence} />
      <Reasons about="now" reasons={[{ rule: "a", sentence }]} />
    </>,
  );
  expect(container.textContent?.split(sentence)).toHaveLength(4);
});
