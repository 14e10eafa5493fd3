// SPDX-License-Identifier: Apache-2.0
// What the text of an import names, and under which alias. Looks nothing up. Reference: mcl language, 8.1.

export type ImportPath =
  | { readonly kind: "module" | "file" | "directory"; readonly alias: string }
  | RemotePath
  /** `reason` stands under the import; `better` is the text that was probably meant. */
  | { readonly kind: "invalid"; readonly reason: string; readonly better?: string };

/** A module that is kept elsewhere. */
export interface RemotePath {
  readonly kind: "remote";
  readonly alias: string;
  /** What git clones: without query and fragment. */
  readonly url: string;
  /** Where it lies in a directory of modules: `host/path/`. */
  readonly directory: string;
}

export function parseImportPath(text: string): ImportPath {
  if (text === "") return { kind: "invalid", reason: "write the name of a module between the quotes" };
  if (text.startsWith("/")) {
    return { kind: "invalid", reason: "the path is relative to the importing module: it cannot begin with `/`" };
  }
  const scheme = /^[a-zA-Z][a-zA-Z0-9+.-]*:/.exec(text)?.[0];
  const path = scheme === undefined ? withoutQuery(text) : withoutQuery(pathOfUrl(text.slice(scheme.length)));
  if (path === "" || path === "/") return { kind: "invalid", reason: "there is no path in it" };
  const clean = cleanPath(path);
  if (clean !== path) {
    const better = text.replace(path, clean);
    return { kind: "invalid", reason: "the path takes a detour", ...(better === text ? {} : { better }) };
  }
  const alias = defaultAlias(path);
  if (/^_|_$/.test(alias)) {
    return { kind: "invalid", reason: "the last part of the path begins or ends with `-` or `_`" };
  }
  if (scheme !== undefined) return remotePath(withoutQuery(text), scheme, path, alias);
  if (path.endsWith("/")) return { kind: "directory", alias };
  return { kind: path.endsWith(".mcl") ? "file" : "module", alias };
}

function remotePath(url: string, scheme: string, path: string, alias: string): ImportPath {
  const authority = /^\/\/([^/]*)/.exec(url.slice(scheme.length))?.[1] ?? "";
  const host = authority.replace(/^.*@/, "").replace(/:\d*$/, "");
  const parts = `${host}/${path}`.split("/").filter((part) => part !== "");
  // It must not leave the directory of modules.
  if (parts.some((part) => part === "." || part === "..")) {
    return { kind: "invalid", reason: "`.` and `..` are no names of a host or a directory" };
  }
  return { kind: "remote", alias, url, directory: `${parts.join("/")}/` };
}

/** Of "golang/strings" it is `strings`, of "git://host/user/mgmt-web-server/" it is `web_server`. */
export function defaultAlias(path: string): string {
  const last = path.replace(/\/$/, "").split("/").at(-1) ?? "";
  const own = last.length > "mgmt-".length && last.startsWith("mgmt-") ? last.slice("mgmt-".length) : last;
  return own
    .replaceAll("-", "_")
    .toLowerCase()
    .replace(/\.mcl$/, "");
}

function pathOfUrl(rest: string): string {
  if (!rest.startsWith("//")) return rest;
  const slash = rest.indexOf("/", 2);
  return slash === -1 ? "" : rest.slice(slash);
}

function withoutQuery(text: string): string {
  return text.replace(/[?#].*$/s, "");
}

/** Without `.`, `..` and empty parts; a final slash is kept. */
function cleanPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else if (part !== ".." || !path.startsWith("/")) parts.push(part);
  }
  const first = path.startsWith("/") ? "/" : "";
  const last = path.endsWith("/") && parts.length > 0 ? "/" : "";
  return first + (parts.join("/") || (first === "" ? "." : "")) + last;
}
