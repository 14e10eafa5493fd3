// SPDX-License-Identifier: Apache-2.0
// What a run is called with, and what it is for those who hold it: how it ends, and what can be seen of it. Runs nothing.

import type { Problem } from "../base/problem.ts";
import type { Catalog } from "../contract/catalog.ts";
import type { Cluster } from "../contract/cluster.ts";
import type { Listener } from "../contract/event.ts";
import type { StoreDoors } from "../contract/exchange.ts";
import type { Host } from "../contract/host.ts";
import type { Engine } from "../engine/engine.ts";
import type { ResourceReport } from "../engine/report.ts";
import type { Approve } from "../engine/work.ts";
import type { StoreState } from "../exchange/index.ts";
import type { Remembered } from "../exchange/remembered.ts";
import type { PassOptions } from "../resource-graph/passes.ts";
import type { ReadingWithModules } from "./compile-program.ts";
import type { LiveProgram, Program } from "./live-program.ts";
import type { ProgramSource, SourceParts } from "./program-source.ts";

export interface RunOptions {
  /** As written on the command line; see `findProgram`. */
  readonly path: string;
  /** Run instead of what is at the path, which is then only a name. */
  readonly program?: Program;
  /** Where programs come from; absent: from the path. */
  readonly source?: (parts: SourceParts) => ProgramSource;
  readonly reading: Omit<ReadingWithModules, "host" | "signal">;
  readonly host: Host;
  readonly catalog: Catalog;
  readonly hostname: string;
  /** Where this program keeps what must survive a restart. */
  readonly prefix: string;
  /** What earlier runs have known of what is shared. */
  readonly remembered?: Remembered;
  /** What is shared with other hosts; closed at the end. Absent: an empty one, which is gone then. */
  readonly cluster?: Cluster;
  /** How other machines get to it; absent: not at all. */
  readonly doors?: StoreDoors;
  readonly noop: boolean;
  /** What of automatic edges and groups is wanted; absent: all. */
  readonly automatic?: PassOptions;
  /** How many resources may run at once. */
  readonly sema?: number | undefined;
  /** Holds the run to a plan. */
  readonly approve?: Approve;
  /** At the end, undo what the program wants undone when it leaves. */
  readonly reverseOnExit?: boolean;
  /** Take up edits of the program's file and of its modules. */
  readonly watchProgram: boolean;
  /** End when converged for this long. */
  readonly convergedMs: number | undefined;
  /** Who has to be: this host alone, or all that are alive. */
  readonly convergedScope?: "host" | "cluster";
  readonly maxRuntimeMs: number | undefined;
  /** An absolute path that is written whenever the graph changes. */
  readonly graphvizFile: string | undefined;
  /** What one of several throws is nothing to the others, nor to the run. */
  readonly emit: Listener | readonly Listener[];
  /** Problems of the program, as they are found; the run may go on with what it had. */
  readonly onProblems: (problems: readonly Problem[]) => void;
  /** A program is about to begin: its files by their paths, also those that were looked for and are not there. */
  readonly onProgram?: (files: ReadonlyMap<string, string | undefined>) => void;
  /** A program was taken up after an edit. */
  readonly onReload: () => void;
  /** A sentence for the person who runs it: something is wrong beside the program. */
  readonly onTrouble?: (message: string) => void;
}

/** Why a run ended. */
export type Ending = "stopped" | "converged" | "wrong" | "max-runtime" | "exited";

export interface RunEnd {
  readonly ending: Ending;
  readonly report: readonly ResourceReport[];
  /** The exit status that a resource asked for, when it has ended the run. */
  readonly status: number | undefined;
}

/** The handle on a run: `ended` resolves when nothing of it runs any more. */
export interface Run {
  /** What can be seen of it while it runs. */
  readonly view: RunView;
  readonly ended: Promise<RunEnd>;
  /** Ends it in order: running steps are finished. */
  stop(): void;
  /** Ends it at once: running steps are cut off. */
  interrupt(): void;
}

export interface RunView extends Pick<Engine, "graph" | "converged" | "report" | "census"> {
  /** Of the program that runs now. */
  readonly functions: Pick<LiveProgram, "counts" | "streams">;
  /** What is shared with other hosts. */
  readonly store: StoreState;
}
