// SPDX-License-Identifier: Apache-2.0
// Who may deploy: Ed25519 keys. A deploy is signed by the one who makes it; a host that has been given public keys takes
// none that is not signed by one of them, whoever can write into the store.

import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { Failure } from "../../contract/failure.ts";
import type { Signature, StoredDeploy } from "../../exchange/deploy-record.ts";
import { bytesOf } from "../../values/bytes.ts";

/** By their ids. */
export type DeployKeys = ReadonlyMap<string, KeyObject>;

/** What is signed begins so, that it can never be taken for a text of another kind. */
const context = "mgmt deploy 1\n";

/** Public keys in PEM, one after the other. `place` is for people. Fails with `invalid`. */
export function parseDeployKeys(pem: string, place: string): DeployKeys {
  const keys = new Map<string, KeyObject>();
  for (const [block] of pem.matchAll(/-----BEGIN PUBLIC KEY-----[\s\S]*?-----END PUBLIC KEY-----/g)) {
    const key = ed25519(() => createPublicKey(block), place);
    keys.set(keyId(key), key);
  }
  if (keys.size > 0) return keys;
  throw new Failure(`There is no public key in ${place}.`, {
    code: "invalid",
    hint: "It holds the keys of those who may deploy, as `mgmt cluster key FILE` prints them.",
  });
}

/** Signs with a private key in PEM. Fails with `invalid`. */
export function signerOf(pem: string, place: string): (text: string) => Signature {
  const key = ed25519(() => createPrivateKey(pem), place);
  const id = keyId(createPublicKey(key));
  return (text) => ({ key: id, value: sign(null, bytesOf(context + text), key).toString("base64") });
}

/** Undefined when it may be taken; else why not. Without keys every deploy may. */
export function refusedSignature(
  { text, signature }: Pick<StoredDeploy, "text" | "signature">,
  keys: DeployKeys | undefined,
): string | undefined {
  if (keys === undefined) return undefined;
  if (signature === undefined) return "it is not signed";
  const key = keys.get(signature.key);
  if (key === undefined) return "it is signed with a key that is not known here";
  const isTrue = verify(null, bytesOf(context + text), key, Buffer.from(signature.value, "base64"));
  return isTrue ? undefined : "its signature is not true";
}

export function keyId(publicKey: KeyObject): string {
  return createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("hex");
}

function ed25519(read: () => KeyObject, place: string): KeyObject {
  try {
    const key = read();
    if (key.asymmetricKeyType === "ed25519") return key;
  } catch {
    // Told below: whatever it is, it is no such key.
  }
  throw new Failure(`${place} is not an Ed25519 key in PEM.`, {
    code: "invalid",
    hint: "`mgmt cluster key FILE` makes one, and so does `openssl genpkey -algorithm ed25519`.",
  });
} // biome-ignore format: one line
