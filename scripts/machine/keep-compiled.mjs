/**
 * Loaded into the servers of the tests (`NODE_COMPILE_CACHE`): keeps what Node compiled, for the next start of the same code.
 *
 * Node writes it when a process ends by itself. These servers are killed, so they write it once they have started.
 */
import { flushCompileCache, getCompileCacheDir } from "node:module";

if (getCompileCacheDir() !== undefined) setTimeout(flushCompileCache, 1000).unref();
