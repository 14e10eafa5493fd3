// SPDX-License-Identifier: Apache-2.0
// Where something that is asked of a proxy is at the mirror, and where in the cache; and whether it may ever change.

import type { Target } from "../../../../protocols/http/target.ts";

export interface ProxyWant {
  readonly path: string;
  readonly sub: string;
  readonly head: string;
  readonly cache: string;
  readonly limit: string;
  readonly age: bigint;
  readonly immutable: readonly string[];
}

export interface Place {
  /** Below the directory of the cache; undefined: what cannot be kept, as the page of a directory. */
  readonly key: string | undefined;
  /** Undefined: there is only the cache. */
  readonly url: string | undefined;
}

/** Below the directory of the cache, for what we have to know of the files in it. */
export const ownDirectory = ".mgmt-proxy";

/** Undefined: this is not for the proxy, or it has nothing there. */
export function placeOf({ path, sub, head }: ProxyWant, { path: asked, query }: Target): Place | undefined {
  const isTree = path.endsWith("/");
  if (isTree ? !asked.startsWith(path) : asked !== path) return undefined;
  const key = isTree ? asked.slice(path.length) : asked.slice(asked.lastIndexOf("/") + 1);
  if (key.split("/")[0] === ownDirectory) return undefined;
  const whole = sub === "" ? "/" : sub.endsWith("/") ? sub : `${sub}/`;
  if (!asked.startsWith(whole)) return undefined;
  const rest = asked.slice(whole.length).split("/").map(encodeURIComponent).join("/");
  const isKept = key !== "" && !key.endsWith("/") && query === "";
  return {
    key: isKept ? key : undefined,
    url: head === "" ? undefined : `${head}${rest}${query === "" ? "" : `?${query}`}`,
  };
}

/**
 * What has its version or its digest in its name: packages of Debian, Fedora, Alpine and Arch, index files by their hash.
 * Installers' files have not: they are replaced under their name.
 */
const usuallyImmutable: readonly RegExp[] = [
  /(?:^|\/)pool\/.*\.(?:deb|udeb|ddeb|dsc|xz|gz|bz2|zst)$/,
  /(?:^|\/)by-hash\/[^/]+\/[0-9a-fA-F]{32,128}$/,
  /\.(?:rpm|drpm|apk|pkg\.tar\.(?:zst|xz))$/,
  /(?:^|\/)repodata\/[0-9a-f]{64}-[^/]+$/,
];

/** `more`: texts with `*` for anything. */
export function isImmutable(key: string, more: readonly string[]): boolean {
  return usuallyImmutable.some((pattern) => pattern.test(key)) || more.some((pattern) => matches(pattern, key));
}

/** In time that grows with the product of the lengths at the most. */
export function matches(pattern: string, text: string): boolean {
  const [first = "", ...parts] = pattern.split("*");
  if (parts.length === 0) return pattern === text;
  const last = parts.pop() ?? "";
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last)) return false;
  let at = first.length;
  for (const part of parts) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return at <= text.length - last.length;
}
