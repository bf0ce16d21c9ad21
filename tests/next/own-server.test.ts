/** The file that the panel offers for Next.js, saved and started as it stands: the page comes, and its bridge answers. */
import { execFile } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { howToAdd } from "../../extension/logic/notices/add-bridge.ts";
import rootPackage from "../../package.json" with { type: "json" };
import { type Program, startProgram } from "../bundles/program.ts";
import { call } from "../sources/panel-client.ts";
import { NextProject } from "./next-project.ts";

const PASSWORD = "a password of these tests, longer than thirty-two characters";

/** An app with one page that has a session of iron-session. */
const ROUTE = `import { cookies } from "next/headers";
import { getIronSession } from "iron-session";
export async function GET() {
  const session = await getIronSession(await cookies(), {
    password: process.env.SESSION_PASSWORD, cookieName: "crumb", cookieOptions: { secure: false },
  });
  session.user_id = 123;
  await session.save();
  return new Response("ok");
}
`;

/** Prints the port, and takes a free one in place of 3000. */
const FREE_PORT = `import { Server } from "node:http";
const { listen } = Server.prototype;
Server.prototype.listen = function () {
  return listen.call(this, 0, "127.0.0.1", () => console.log("port " + this.address().port));
};
`;

let project: NextProject;
let program: Program | null = null;
beforeAll(async () => {
  project = await NextProject.create();
}, 300_000);
afterAll(async () => {
  await program?.stop();
  await project?.remove();
});

it("shows the session of a route handler", async () => {
  const [file, command] =
    howToAdd(
      { server: ["x-powered-by: Next.js"], cookie: { framework: "iron-session", name: "crumb", value: "" } },
      "http://localhost:3000",
    ).lines ?? [];
  expect(command?.text).toBe("NODE_ENV=development node server.mjs");
  const { directory } = project;
  await rm(join(directory, "app"), { recursive: true });
  await mkdir(join(directory, "app/login"), { recursive: true });
  await writeFile(join(directory, "app/login/route.js"), ROUTE);
  const iron = `iron-session@${rootPackage.devDependencies["iron-session"]}`;
  await promisify(execFile)("npm", ["install", iron, "--prefer-offline", "--no-audit", "--no-fund"], {
    cwd: directory,
  });
  await writeFile(join(directory, "server.mjs"), file?.text ?? "");
  await writeFile(join(directory, "free-port.mjs"), FREE_PORT);
  program = await startProgram(["--import", "./free-port.mjs", "server.mjs"], {
    cwd: directory,
    env: { NODE_ENV: "development", NEXT_TELEMETRY_DISABLED: "1", SESSION_PASSWORD: PASSWORD },
  });
  expect(program.port, program.output()).not.toBeNull();
  const base = `http://127.0.0.1:${program.port}`;
  const page = await fetch(`${base}/login`);
  expect(page.status, program.output()).toBe(200);
  expect(page.headers.get("session-trace")).toContain("id=");
  const hello = await call(base, "hello", { protocol: 1 });
  expect(hello.answer.cookieNames).toEqual(["crumb"]);
  const cookie = /crumb=([^;]*)/.exec(page.headers.getSetCookie().join())?.[1] ?? "";
  const { answer } = await call(base, "session", { protocol: 1, cookie });
  expect(answer).toMatchObject({ session: { dataJson: expect.stringContaining('"user_id":123') } });
}, 120_000);
