// SPDX-License-Identifier: Apache-2.0
// Where the keys for deploys lie.

import type { Host } from "../../contract/host.ts";
import type { Signature } from "../../exchange/deploy-record.ts";
import { textOf } from "../../values/bytes.ts";
import { type DeployKeys, parseDeployKeys, signerOf } from "./keys.ts";

const limitBytes = 1024 * 1024;

/** Those of the file that is given, else those in the state directory, if there are any: undefined. */
export async function readDeployKeys(
  given: string | undefined,
  prefix: string,
  host: Host,
  signal: AbortSignal,
): Promise<DeployKeys | undefined> {
  const path = given ?? `${prefix}/deploy-keys.pem`;
  if (given === undefined && (await host.files.inspectTarget(path, signal)) === undefined) return undefined;
  return parseDeployKeys(textOf(await host.files.read(path, limitBytes, signal)), path);
}

export async function readSigner(
  path: string | undefined,
  host: Host,
  signal: AbortSignal,
): Promise<((text: string) => Signature) | undefined> {
  if (path === undefined) return undefined;
  return signerOf(textOf(await host.files.read(path, limitBytes, signal)), path);
}
