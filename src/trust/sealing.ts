// SPDX-License-Identifier: Apache-2.0
// Secrets for some hosts, in a place that others can read: X25519 agrees on a key with each reader, AES-256-GCM keeps the
// secret. What is sealed is bound to a purpose, so it cannot be put elsewhere and opened there.

import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from "node:crypto";

/** In PEM. */
export interface SealKeys {
  readonly key: string;
  readonly publicKey: string;
}

export interface Sealed {
  readonly version: 1;
  /** Of the one that sealed, made for this alone; the rest is in base64, too. */
  readonly sender: string;
  readonly content: Boxed;
  /** The key of the content, for each reader. */
  readonly readers: Readonly<Record<string, Boxed>>;
}

interface Boxed {
  readonly nonce: string;
  readonly box: string;
}

export function makeSealKeys(): SealKeys {
  const { privateKey, publicKey } = generateKeyPairSync("x25519");
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    publicKey: publicKey.export({ type: "spki", format: "pem" }).toString(),
  };
}

/** `readers`: public keys in PEM, by host. */
export function seal(secret: Uint8Array, purpose: string, readers: ReadonlyMap<string, string>): Sealed {
  const { privateKey, publicKey } = generateKeyPairSync("x25519");
  const contentKey = randomBytes(32);
  const boxes = [...readers].map(([host, reader]): readonly [string, Boxed] => {
    const agreed = agreement(privateKey, createPublicKey(reader), purpose, host);
    return [host, boxed(contentKey, agreed, purpose)];
  });
  return {
    version: 1,
    sender: publicKey.export({ type: "spki", format: "der" }).toString("base64"),
    content: boxed(secret, contentKey, purpose),
    readers: Object.fromEntries(boxes.sort(([left], [right]) => (left < right ? -1 : 1))),
  };
}

/** Undefined when it is not for this host, or not whole. */
export function unseal(
  { sender, content, readers }: Sealed,
  purpose: string,
  host: string,
  key: string,
): Uint8Array | undefined {
  try {
    const box = Object.hasOwn(readers, host) ? readers[host] : undefined;
    if (box === undefined) return undefined;
    const from = createPublicKey({ key: Buffer.from(sender, "base64"), type: "spki", format: "der" });
    const contentKey = unboxed(box, agreement(createPrivateKey(key), from, purpose, host), purpose);
    return unboxed(content, contentKey, purpose);
  } catch {
    return undefined; // Whatever was changed, it cannot be opened.
  }
}

function agreement(privateKey: KeyObject, publicKey: KeyObject, purpose: string, host: string): Uint8Array {
  const shared = diffieHellman({ privateKey, publicKey });
  return Buffer.from(hkdfSync("sha256", shared, "mgmt sealed", `${purpose}\n${host}`, 32));
}

function boxed(content: Uint8Array, key: Uint8Array, purpose: string): Boxed {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(purpose));
  const box = Buffer.concat([cipher.update(content), cipher.final(), cipher.getAuthTag()]);
  return { nonce: nonce.toString("base64"), box: box.toString("base64") };
}

function unboxed({ nonce, box }: Boxed, key: Uint8Array, purpose: string): Uint8Array {
  const bytes = Buffer.from(box, "base64");
  const cipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64"), { authTagLength: 16 }).setAAD(
    Buffer.from(purpose),
  );
  cipher.setAuthTag(bytes.subarray(-16));
  return Buffer.concat([cipher.update(bytes.subarray(0, -16)), cipher.final()]);
}
