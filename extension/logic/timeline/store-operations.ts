/** What a request did to its own session in the store, according to its trace. */
import type { Trace, TraceOperation } from "session-bridge/protocol";

/** Without what it did to other sessions, for example an admin who closes someone's session. */
export function ownOperations({ operations }: Trace): readonly TraceOperation[] {
  return operations.filter(({ reason = "" }) => !reason.startsWith("another session "));
}

/** True when it did this, for a reason that matches if one is given. */
export function hasOperation(trace: Trace, name: TraceOperation["name"], reason?: RegExp): boolean {
  return ownOperations(trace).some(
    (done) => done.name === name && (reason === undefined || reason.test(done.reason ?? "")),
  );
}

/** True when it put data into the store. */
export function wasStored(trace: Trace): boolean {
  return ownOperations(trace).some(({ name }) => ["create", "save", "cycle"].includes(name));
}
