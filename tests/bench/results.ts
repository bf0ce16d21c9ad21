/** The samples of a run, by contestant and workload, in the order of the passes. */
import type { Contestant } from "./contestants.ts";
import type { Sample, WorkloadName } from "./workloads.ts";

/** How the run was made; printed above its tables. */
export interface RunFacts {
  passes: number;
  durationMs: number;
  connections: number;
  sessions: number;
  pinned: boolean;
}

export interface Results {
  facts: RunFacts;
  contestants(): Contestant[];
  workloads(): WorkloadName[];
  /** Processor time of the server, µs for each request, one number for each pass; empty when it was not measured. */
  cpu(id: string, workload: WorkloadName): number[];
  requestsPerSecond(id: string, workload: WorkloadName): number[];
  add(contestant: Contestant, workload: WorkloadName, sample: Sample): void;
}

export function toResults(facts: RunFacts): Results {
  const contestants = new Map<string, Contestant>();
  const workloads = new Set<WorkloadName>();
  const samples = new Map<string, Sample[]>();
  const at = (id: string, workload: WorkloadName) => samples.get(`${id} ${workload}`) ?? [];
  return {
    facts,
    contestants: () => [...contestants.values()],
    workloads: () => [...workloads],
    cpu: (id, workload) => at(id, workload).map(({ cpuMicroseconds }) => cpuMicroseconds),
    requestsPerSecond: (id, workload) => at(id, workload).map(({ requestsPerSecond }) => requestsPerSecond),
    add: (contestant, workload, sample) => {
      contestants.set(contestant.id, contestant);
      workloads.add(workload);
      samples.set(`${contestant.id} ${workload}`, [...at(contestant.id, workload), sample]);
    },
  };
}
