// SPDX-License-Identifier: Apache-2.0
// Runs a file of tests where parts of the machine are its own, so that it can do with them what it likes.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import type { TestContext } from "node:test";

export interface NamespaceParts {
  /** For `unshare`. */
  readonly flags: readonly string[];
  /** Directories that are copies in there. */
  readonly copied?: readonly string[];
  /** Directories that are empty in there. */
  readonly empty?: readonly string[];
  /** Programs without which it cannot be tried. */
  readonly programs?: readonly string[];
  /** Variables for the file beside those of this process. */
  readonly environment?: Readonly<Record<string, string>>;
}

const programDirectories = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];

export function runInNamespace(context: TestContext, script: string, parts: NamespaceParts): void {
  const reason = whyNot(parts);
  if (reason !== undefined) {
    context.diagnostic(`not tried: ${reason}`);
    return;
  }
  // The command gets what is left of the arguments after the directories.
  const prepare = [
    "set -e",
    "mount --make-rprivate / 2>/dev/null || true",
    "copies=$(mktemp -d)",
    "mount -t tmpfs copies $copies",
    ...(parts.copied ?? []).map((path) => `cp -a ${path} $copies/ && mount --bind $copies${path} ${path}`),
    ...(parts.empty ?? []).map((path) => `mount -t tmpfs empty ${path}`),
    'exec "$@"',
  ].join("\n");
  const { status, stdout, stderr } = spawnSync(
    "unshare",
    [...parts.flags, "sh", "-c", prepare, "", process.execPath, "--test-reporter=spec", "--test-force-exit", script],
    { encoding: "utf8", timeout: 170_000, env: { ...process.env, ...parts.environment, NODE_TEST_CONTEXT: undefined } },
  );
  assert.equal(status, 0, `${stdout}\n${stderr}`);
  // A file in which no test has run would be a success too.
  assert.match(stdout, /pass [1-9]/);
}

function whyNot({ flags, programs = [] }: NamespaceParts): string | undefined {
  const missing = programs.find((name) => !programDirectories.some((directory) => existsSync(`${directory}/${name}`)));
  if (missing !== undefined) return `there is no program ${missing}`;
  if (spawnSync("unshare", [...flags, "mount", "-t", "tmpfs", "none", "/mnt"]).status === 0) return undefined;
  return "this user may make no namespaces";
}
