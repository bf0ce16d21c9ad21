/** The README's first example, taken out of the README, saved as a reader would, and visited. */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Visitor } from "../adapters/client.ts";

const README = join(import.meta.dirname, "../../server-bridge/README.md");

/** The first block of code, which is TypeScript and JavaScript alike. */
export async function firstExample(): Promise<string> {
  const code = /```ts\n([\s\S]*?)```/.exec(await readFile(README, "utf8"))?.[1];
  if (code === undefined) throw new Error("The README begins with no code.");
  return code;
}

/**
 * Runs the example in a project that has the package, and visits `/`, `/login` and `/`.
 *
 * @param node the Node to run it with
 * @returns what the three pages said
 */
export async function tryExample(project: string, node: string): Promise<string[]> {
  const folder = await mkdtemp(join(project, "example-"));
  const portFile = join(folder, "port.mjs");
  // The example listens on a fixed port; here it takes a free one and prints it.
  await writeFile(
    portFile,
    `import { Server } from "node:net";
     const { listen } = Server.prototype;
     Server.prototype.listen = function () {
       return listen.call(this, 0, "127.0.0.1", () => console.log("port", this.address().port));
     };`,
  );
  await writeFile(join(folder, "app.mjs"), await firstExample());
  const child = spawn(node, ["--no-warnings", "--import", portFile, "app.mjs"], {
    cwd: folder,
    env: { PATH: process.env["PATH"], SECRET_KEY: "only for the README's example, fifty characters" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const port = await new Promise<number>((resolve, reject) => {
      child.once("exit", (code) => reject(new Error(`The example ended with ${code}.`)));
      child.stdout.on("data", (chunk: Buffer) => {
        const found = /^port (\d+)/m.exec(chunk.toString())?.[1];
        if (found !== undefined) resolve(Number(found));
      });
    });
    const visitor = new Visitor(port);
    const pages: string[] = [];
    for (const path of ["/", "/login", "/"]) pages.push((await visitor.ask(path)).body.trim());
    return pages;
  } finally {
    child.kill();
  }
}
