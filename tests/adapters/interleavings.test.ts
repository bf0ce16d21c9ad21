/** A hundred random mixtures of logins, polls and logouts of one browser: only a logout logs anyone out. */
import fc from "fast-check";
import { cache } from "session-bridge";
import { expect, it } from "vitest";
import type { Page } from "./adapter.ts";
import { JarVisitor } from "./jar-visitor.ts";
import { serveKept } from "./kept-site.ts";
import { asyncEngine } from "./stores.ts";

type Kind = "login" | "logout" | "read" | "poll";

/**
 * What happens next. A request leaves the browser; reaches the server, which may hold it before or after its work; and is
 * answered. `at` chooses among the requests that wait for it.
 */
type Step =
  | { step: "send"; kind: Kind; holds: "before" | "after" }
  | { step: "arrive" | "answer"; at: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    step: fc.constant("send" as const),
    kind: fc.constantFrom<Kind>("login", "read", "poll", "read", "poll", "logout"),
    holds: fc.constantFrom("before" as const, "after" as const),
  }),
  fc.record({ step: fc.constantFrom("arrive" as const, "answer" as const), at: fc.nat(9) }),
  fc.record({ step: fc.constantFrom("arrive" as const, "answer" as const), at: fc.nat(9) }),
);

/** A request under way. */
interface Traveller {
  kind: Kind;
  /** True if every logout was over when it left. */
  isClean: boolean;
  arrive(): Promise<void>;
  answer(): Promise<number>;
}

/** A site whose pages wait at gates, and one browser. */
class World {
  readonly #gates = new Map<string, { reached: () => void; opened: Promise<void> }>();
  readonly #visitor: JarVisitor;
  #count = 0;

  constructor(port: number) {
    this.#visitor = new JarVisitor(port);
  }

  static pages(world: () => World): Record<string, Page> {
    const page = (work: (given: Parameters<Page>[0]) => unknown): Page => {
      return async (given) => {
        await work(given);
        return {};
      };
    };
    const work = {
      login: page(async ({ session }) => {
        session["user_id"] = 123;
        await session.cycleKey();
      }),
      logout: page(({ session }) => session.flush()),
      read: page(({ session }) => session.get("user_id")),
      poll: page(() => {}),
    };
    const pages: Record<string, Page> = {
      "/who": ({ session }) => ({ body: String(session.get("user_id")) }),
    };
    for (let count = 1; count < 40; count += 1) {
      for (const [kind, act] of Object.entries(work)) {
        pages[`/${kind}/before/${count}`] = async (given) => {
          await world().#pass(count);
          return act(given);
        };
        pages[`/${kind}/after/${count}`] = async (given) => {
          const answer = await act(given);
          await world().#pass(count);
          return answer;
        };
      }
    }
    return pages;
  }

  async #pass(count: number): Promise<void> {
    const gate = this.#gates.get(String(count));
    gate?.reached();
    await gate?.opened;
  }

  async send(kind: Kind, holds: string, isClean: boolean): Promise<Traveller> {
    this.#count += 1;
    const sent = await this.#visitor.send(`/${kind}/${holds}/${this.#count}`);
    const arrival = Promise.withResolvers<void>();
    const opening = Promise.withResolvers<void>();
    this.#gates.set(String(this.#count), { reached: arrival.resolve, opened: opening.promise });
    let answering: ReturnType<typeof sent.arrive> | undefined;
    return {
      kind,
      isClean,
      async arrive() {
        answering = sent.arrive();
        await Promise.race([arrival.promise, answering]);
      },
      async answer() {
        opening.resolve();
        const seen = await answering;
        if (seen === undefined) throw new Error("it has not arrived");
        await sent.receive(seen);
        return seen.status;
      },
    };
  }

  async isLoggedIn(): Promise<boolean> {
    return (await this.#visitor.ask("/who")).body === "123";
  }
}

it.each([
  ["loads at once", () => cache("memory:")],
  ["is awaited", asyncEngine],
] as const)(
  "is logged out by nothing but a logout, on an engine that %s",
  async (_, make) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 8, maxLength: 32, size: "max" }),
        fc.boolean(),
        async (steps, saveEveryRequest) => {
          let world: World | null = null;
          const site = await serveKept(
            make(),
            World.pages(() => world as World),
            { saveEveryRequest },
          );
          world = new World(site.port);
          const sent: Traveller[] = [];
          const arrived: Traveller[] = [];
          let logouts = 0;
          let isIn = true;
          const first = await world.send("login", "before", true);
          await first.arrive();
          await first.answer();
          const finish = async (one: Traveller) => {
            const status = await one.answer();
            if (one.kind === "logout") logouts -= 1;
            if (one.kind === "login" && one.isClean && logouts === 0 && status === 200) isIn = true;
          };
          const take = (from: Traveller[], at: number) => from.splice(at % from.length, 1)[0] as Traveller;
          const isLoginUnderWay = () => arrived.some(({ kind }) => kind === "login");
          for (const each of steps) {
            if (each.step === "send") {
              if (each.kind === "logout") {
                logouts += 1;
                isIn = false;
                for (const one of [...sent, ...arrived]) one.isClean = false;
              }
              sent.push(await world.send(each.kind, each.holds, logouts === 0));
            } else if (each.step === "arrive" && sent.length > 0) {
              const one = take(sent, each.at);
              await one.arrive();
              arrived.push(one);
            } else if (each.step === "answer" && arrived.length > 0) await finish(take(arrived, each.at));
            // while a login is under way, the browser's key may be one that it has ended already
            if (isIn && !isLoginUnderWay()) expect(await world.isLoggedIn()).toBe(true);
          }
          for (const one of sent.splice(0)) {
            await one.arrive();
            arrived.push(one);
          }
          for (const one of arrived.splice(0)) await finish(one);
          if (isIn) expect(await world.isLoggedIn()).toBe(true);
          await site.close();
        },
      ),
      { numRuns: 50 }, // what fails names the seed
    );
  },
  120_000,
);
