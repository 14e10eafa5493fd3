// SPDX-License-Identifier: Apache-2.0
// Where the keys for deploys lie.

import { generateKeyPairSync } from "node:crypto";
import { Failure } from "../../contract/failure.ts";
import type { Host } from "../../contract/host.ts";
import type { Signature } from "../../exchange/deploy-record.ts";
import { bytesOf, textOf } from "../../values/bytes.ts";
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

/** A new private key in a file that only its owner can read. Returns the public one, in PEM. Fails with `exists`. */
export async function makeDeployKey(path: string, host: Host, signal: AbortSignal): Promise<string> {
  const { files } = host;
  if ((await files.inspect(path, signal)) !== undefined) {
    throw new Failure(`${path} is there already.`, { code: "exists", hint: "A key is never overwritten: name another file." });
  } // biome-ignore format: one line
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  await files.write(path, bytesOf(pem), { mode: 0o600, durable: true }, signal);
  return publicKey.export({ type: "spki", format: "pem" }).toString();
}
