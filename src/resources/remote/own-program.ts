// SPDX-License-Identifier: Apache-2.0
// The file that we are, when it is one file that runs wherever it is put.

import { Failure } from "../../contract/failure.ts";
import type { Host } from "../../contract/host.ts";

export interface OwnProgram {
  readonly path: string;
  /** SHA-256 in lower-case hexadecimal. */
  readonly digest: string;
}

/** A file does not change while it runs: who replaces it puts another one in its place. */
const digests = new WeakMap<Host, { readonly mark: string; readonly digest: Promise<string> }>();

/** Fails with `unsupported` when we run from sources. `what` needs it. */
export async function ownProgram(host: Host, what: string, signal: AbortSignal): Promise<OwnProgram> {
  const path = await ownSingleFile(host, what, signal);
  const state = await host.files.inspectTarget(path, signal);
  const mark = `${path} ${state?.inode} ${state?.size} ${state?.modifiedNs}`;
  for (;;) {
    const known = digests.get(host);
    if (known?.mark !== mark) {
      // Of all that ask at once the first does the work.
      const digest = host.files.digest(path, signal);
      digests.set(host, { mark, digest });
      return { path, digest: await digest.catch(forgets(host)) };
    }
    const digest = await known.digest.catch(() => undefined);
    signal.throwIfAborted();
    if (digest !== undefined) return { path, digest };
  }
}

function forgets(host: Host): (reason: unknown) => never {
  return (reason) => {
    digests.delete(host);
    throw reason;
  };
}

export async function ownSingleFile(host: Host, what: string, signal: AbortSignal): Promise<string> {
  const { executable } = host.system.process;
  const isSingleFile = executable.startsWith("/") && !/\.[cm]?[jt]s$/.test(executable);
  if (isSingleFile && (await host.files.inspectTarget(executable, signal))?.kind === "file") return executable;
  throw new Failure(`only mgmt as a single file can ${what}`, {
    code: "unsupported",
    hint: "Run the file that `npm run build` makes.",
  });
}
