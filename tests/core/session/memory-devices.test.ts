/** The sessions of a user, in memory. */
import { cache, memory } from "session-bridge";
import { describeDevices } from "./devices-law.ts";

describeDevices("memory", { make: () => cache(memory()) });
