// SPDX-License-Identifier: Apache-2.0
// What `known_hosts` files say of the keys of hosts, as OpenSSH reads them: names with `*` and `?`, `!` for exceptions, `[host]:port`,
// names that are hidden by a hash, keys that are revoked. Keys of authorities for hosts are not used.

import { createHash, createHmac } from "node:crypto";

export interface KnownHostsFile {
  readonly path: string;
  readonly text: string;
}

export interface KnownKey {
  /** `ssh-ed25519` */
  readonly type: string;
  /** Base64. */
  readonly key: string;
  readonly isRevoked: boolean;
  /** `PATH:LINE` */
  readonly at: string;
}

/** Keys of this host, in the order in which they stand. */
export function knownKeysOf(host: string, port: number, files: readonly KnownHostsFile[]): readonly KnownKey[] {
  const name = port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;
  return files.flatMap(({ path, text }) =>
    text.split("\n").flatMap((line, number): readonly KnownKey[] => {
      const fields = line.trim().split(/[ \t]+/);
      const marker = fields[0]?.startsWith("@") === true ? fields.shift() : undefined;
      const [names = "", type = "", key = ""] = fields;
      if (names === "" || names.startsWith("#") || key === "" || marker === "@cert-authority") return [];
      if (!isNamed(name, names)) return [];
      return [{ type, key, isRevoked: marker === "@revoked", at: `${path}:${number + 1}` }];
    }),
  );
}

function isNamed(name: string, names: string): boolean {
  const hidden = /^\|1\|([^|]+)\|([^|]+)$/.exec(names);
  if (hidden !== null) {
    const [, salt = "", hash = ""] = hidden;
    return createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest("base64") === hash;
  }
  let isMatched = false;
  for (const pattern of names.toLowerCase().split(",")) {
    if (pattern.startsWith("!") && isLike(name, pattern.slice(1))) return false;
    isMatched ||= isLike(name, pattern);
  }
  return isMatched;
}

/** `*` any text, `?` any character; one look back is enough, for the last `*` can take whatever former ones could. */
function isLike(name: string, pattern: string): boolean {
  let [at, next, star, resume] = [0, 0, -1, 0];
  while (at < name.length) {
    if (pattern[next] === "*") [star, resume, next] = [next, at, next + 1];
    else if (next < pattern.length && (pattern[next] === "?" || pattern[next] === name[at]))
      [at, next] = [at + 1, next + 1];
    else if (star >= 0) [next, resume, at] = [star + 1, resume + 1, resume + 1];
    else return false;
  }
  while (pattern[next] === "*") next += 1;
  return next === pattern.length;
}

/** As `ssh-keygen -l` shows it. */
export function fingerprintOf(key: string): string {
  return `SHA256:${createHash("sha256").update(Buffer.from(key, "base64")).digest("base64").replace(/=+$/, "")}`;
}

/** The type that is written in a key; undefined when this is no key. */
export function typeOfKey(key: string): string | undefined {
  const bytes = Buffer.from(key, "base64");
  const length = bytes.length >= 4 ? bytes.readUInt32BE(0) : 0;
  const type = bytes.toString("latin1", 4, 4 + length);
  return length > 0 && type.length === length && /^[a-z0-9@.-]+$/.test(type) ? type : undefined;
}
