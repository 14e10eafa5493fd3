// SPDX-License-Identifier: Apache-2.0
// The deploy that this host runs, on its own disk: for functions that read its files, and for a start without the store.
// What it says counts from one rename on; the files are believed by their hashes, so a crash at any instant leaves the deploy
// before, or this one, or one that is seen to be damaged.

import { Failure } from "../../contract/failure.ts";
import type { Host } from "../../contract/host.ts";
import { parseRecord, type StoredDeploy } from "../../exchange/deploy-record.ts";
import { bytesOf, textOf } from "../../values/bytes.ts";
import { type Bundle, unpackBundle } from "../bundle.ts";
import { fetchBundle, fileLimitBytes, parseManifest } from "./bundles.ts";

export interface LocalCopy {
  /** Where a bundle is unpacked; ends in `/`. */
  placeOf(bundle: string): string;
  unpack(bundle: Bundle, signal: AbortSignal): Promise<void>;
  /** The deploy to begin with at the next start; what belongs to none of these bundles goes. */
  keep(deploy: StoredDeploy, bundle: Bundle, alsoKept: readonly string[], signal: AbortSignal): Promise<void>;
  /** Undefined when there is none, or none that is whole. */
  load(signal: AbortSignal): Promise<{ readonly deploy: StoredDeploy; readonly bundle: Bundle } | undefined>;
}

export function localCopy(host: Host, prefix: string): LocalCopy {
  const { files } = host;
  const root = `${prefix}/deploys`;
  const recordPath = `${root}/current.json`;
  const placeOf = (bundle: string): string => `${root}/${bundle}/`;
  const makeRoot = async (signal: AbortSignal): Promise<void> => {
    if ((await files.inspect(root, signal)) !== undefined) return;
    await files.createDirectory(root, { mode: 0o700, parents: true }, signal);
  };

  return {
    placeOf,

    async unpack(bundle, signal) {
      await makeRoot(signal);
      const place = placeOf(bundle.id).slice(0, -1);
      if ((await files.inspect(place, signal)) === undefined)
        await files.createDirectory(place, { mode: 0o700 }, signal);
      await unpackBundle(bundle, placeOf(bundle.id), host, signal);
    },

    async keep({ text, signature }, bundle, alsoKept, signal) {
      await makeRoot(signal);
      const record = { version: 1, text, signature, manifest: bundle.manifest };
      const content = bytesOf(`${JSON.stringify(record)}\n`);
      await files.write(recordPath, content, { mode: 0o600, durable: true }, signal);
      const kept = new Set([bundle.id, ...alsoKept]);
      for (const name of await files.list(root, signal)) {
        if (/^[0-9a-f]{64}$/.test(name) && !kept.has(name)) await files.remove(`${root}/${name}`, { recursive: true }, signal);
      } // biome-ignore format: one line
    },

    async load(signal) {
      try {
        const { text, signature, manifest } = JSON.parse(
          textOf(await files.read(recordPath, fileLimitBytes, signal)),
        ) as { readonly text: string; readonly signature?: StoredDeploy["signature"]; readonly manifest: string };
        const record = parseRecord(text);
        if (record === undefined) return undefined;
        const deploy = { record, text, ...(signature === undefined ? {} : { signature }) };
        const paths = new Map(parseManifest(manifest).map(({ path, sha256 }) => [sha256, path]));
        const bundle = await fetchBundle(record.bundle, async (sha256) => {
          if (sha256 === record.bundle) return bytesOf(manifest);
          const path = paths.get(sha256);
          if (path === undefined) return undefined;
          return files.read(placeOf(record.bundle) + path.slice(1), fileLimitBytes, signal);
        });
        return { deploy, bundle };
      } catch (reason) {
        if (signal.aborted) throw reason;
        if (reason instanceof Failure || reason instanceof SyntaxError || reason instanceof TypeError) return undefined;
        throw reason;
      }
    },
  };
}
