/**
 * `session-bridge django --by-command`: the bridge for a Django site, as a child of `manage.py session_bridge`. It reads and
 * edits through that command, and takes the site's traces over the channel.
 *
 * Standard input and output are the pipe to the command, so every line for people goes to standard error.
 */
import { openLoopbackServer } from "../bridge/servers/loopback-server.ts";
import { PREFIX } from "../core/errors.ts";
import { openChannel } from "../sources/django/channel.ts";
import { type CommandPipe, openCommandPipe } from "../sources/django/command-pipe.ts";
import { commandSource } from "../sources/django/command-source.ts";
import { refuseProduction, type Terminal, UsageError } from "./terminal.ts";

/** Runs until the command ends or the terminal says stop; returns the exit code. */
export async function runDjangoByCommand(terminal: Terminal): Promise<number> {
  refuseProduction(terminal);
  if (terminal.openPipe === undefined) throw new UsageError("--by-command needs standard input as a pipe.");
  const pipe = await openCommandPipe(terminal.openPipe());
  try {
    return await serve(pipe, terminal);
  } finally {
    pipe.close();
  }
}

async function serve(pipe: CommandPipe, terminal: Terminal): Promise<number> {
  const { site } = pipe;
  const log = terminal.complain;
  const stopped = terminal.untilStopped(); // from now on: a signal must not end it while the channel's file is there
  const channel = await openChannel(site.channel, { isCarried: site.carried, log });
  try {
    const source = commandSource(pipe, channel);
    const server = await openLoopbackServer(source, { log, env: terminal.environment });
    try {
      channel.announce(server.port);
      log(
        `${PREFIX}tracing Django ${site.version} (engine ${site.engine}) for ${site.serves.join(", ")} on port ${server.port}. Open DevTools there, on the Sessions tab. Ctrl-C ends it.`,
      );
      if (site.note !== null) log(site.note);
      const misfit = await Promise.race([pipe.ended, stopped]);
      if (!misfit) return 0;
      log(misfit.message);
      return 1;
    } finally {
      await server.close();
    }
  } finally {
    await channel.close();
  }
}
