// SPDX-License-Identifier: Apache-2.0
// The files of the program that runs, for all local stores: whoever runs it says which one that is.

import { Pulses } from "../base/pulse.ts";
import { Failure } from "../contract/failure.ts";
import type { DeployFile, DeployFiles } from "../contract/local-store.ts";

/** Reads the files of a program when somebody wants them. */
export type Packing = (signal: AbortSignal) => Promise<readonly DeployFile[]>;

export interface OwnDeployFiles extends DeployFiles {
  /** Another program has been taken up; undefined: one without files. */
  take(packing: Packing | undefined): void;
}

export function createDeployFiles(): OwnDeployFiles {
  let present: Packing | undefined;
  const watches = new Set<Pulses>();
  return {
    async files(signal) {
      if (present !== undefined) return present(signal);
      throw new Failure("this program has no files that could be packed", {
        code: "unsupported",
        hint: "Run it from a file or a directory.",
      });
    },
    changes(signal) {
      const pulses: Pulses = new Pulses(signal, () => watches.delete(pulses));
      watches.add(pulses);
      pulses.pulse();
      return pulses;
    },
    take(packing) {
      present = packing;
      for (const pulses of watches) pulses.pulse();
    },
  };
}
