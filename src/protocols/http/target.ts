// SPDX-License-Identifier: Apache-2.0
// The target of a request, `/a%20b?c=d`, as a path that is safe to look up: decoded once, absolute, without `.` and `..`.

export interface Target {
  /** Decoded. `/` separates its parts; it may end with one. */
  readonly path: string;
  /** As it was sent, without the `?`. */
  readonly query: string;
}

const longest = 8192;
/** Nearly all are so: nothing is to be decoded, and no part leads nowhere. */
const plainTarget = /^(?:\/[A-Za-z0-9_~+:=,@-][A-Za-z0-9_~+:=,@.-]*)+$/;

/** Undefined when the target must not be served: it is no path, or leads elsewhere than it says. */
export function parseTarget(text: string): Target | undefined {
  if (text.length > longest) return undefined;
  const mark = text.indexOf("?");
  const before = mark === -1 ? text : text.slice(0, mark);
  const query = mark === -1 ? "" : text.slice(mark + 1);
  if (plainTarget.test(before)) return { path: before, query };
  const encoded = /^https?:\/\/[^/]*(\/.*)?$/i.exec(before)?.[1] ?? before;
  if (!encoded.startsWith("/")) return undefined;
  const plain = decoded(encoded);
  if (plain === undefined || /[\0\\]/.test(plain)) return undefined;
  const path = withoutNothings(plain);
  const parts = path.split("/").slice(1);
  // An encoded `/` would be a separator that a reader of the target does not see.
  if (/%2f/i.test(encoded) || parts.includes("..")) return undefined;
  return { path, query };
}

/**
 * Parts that lead nowhere: apt asks for `/./Packages` (RFC 3986 section 5.2.4), and shim, booted over HTTP, for
 * `//grubx64.efi`.
 */
function withoutNothings(path: string): string {
  const parts = path.split("/").slice(1);
  const last = parts.at(-1);
  const end = last === "." || last === "" ? [""] : [];
  return `/${[...parts.filter((part) => part !== "." && part !== ""), ...end].join("/")}`;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined; // An escape that is none, or bytes that are no UTF-8.
  }
}
