// @vitest-environment happy-dom
/** Names with characters that cannot be seen, where the panel says them; sentences that hold such characters rightly. */
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

it("the form of a cookie is named by what its name holds", async () => {
  const { models } = start();
  await turns();
  models.cookieEditor.begin(COOKIE);
  render(<CookieForm editor={models.cookieEditor} />);
  expect(screen.getByRole("form", { name: `Edit cookie ${SHOWN}` })).toBeDefined();
});

it("the line about what was done to a cookie says its name so", async () => {
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

it("sentences keep emoji, Persian and the blanks of numbers", () => {
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
