// SPDX-License-Identifier: Apache-2.0
// How people write where another machine is: `[ssh://][USER[:PASSWORD]@]HOST[:PORT]`, with `?hostkey=KEY` behind it or not.

export interface SshUrl {
  readonly user: string;
  readonly password?: string;
  readonly host: string;
  readonly port: number;
  /** Base64. */
  readonly hostKey?: string;
}

const usualUser = "root";
const usualPort = 22;

/** Undefined when it is none. */
export function parseSshUrl(text: string): SshUrl | undefined {
  const [, identity, bracketed, plain, port, query] =
    /^(?:ssh:\/\/)?(?:([^@/?#]*|[^/?#]*)@)?(?:\[([0-9A-Fa-f:.]+(?:%[\w.-]+)?)\]|([A-Za-z0-9_](?:[\w.-]*[A-Za-z0-9_.])?))(?::([0-9]{1,5}))?\/?(?:\?(.*))?$/.exec(
      text,
    ) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || (port !== undefined && (Number(port) < 1 || Number(port) > 65_535))) return undefined;
  const hostKey = query === undefined ? undefined : hostKeyIn(query);
  if (query !== undefined && hostKey === undefined) return undefined;
  const [written = "", ...rest] = identity?.split(":") ?? [];
  const [user, password] = [decoded(written), rest.length === 0 ? undefined : decoded(rest.join(":"))];
  if (user === undefined || (identity !== undefined && user === "") || (rest.length > 0 && password === undefined)) return undefined; // biome-ignore format: one line
  return {
    user: user === "" ? usualUser : user,
    ...(password === undefined ? {} : { password }),
    host,
    port: port === undefined ? usualPort : Number(port),
    ...(hostKey === undefined ? {} : { hostKey }),
  };
}

/** A `+` of Base64 that nobody has encoded stays what it is. */
function hostKeyIn(query: string): string | undefined {
  const [name = "", ...value] = query.split("=");
  const key = decoded(value.join("="));
  return name === "hostkey" && key !== undefined && isHostKey(key) ? key : undefined;
}

/** Base64 of a key with its type in front, as in `known_hosts`. */
export function isHostKey(text: string): boolean {
  return /^AAAA[A-Za-z0-9+/]{20,}={0,2}$/.test(text);
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** `web1`, or `web1:2222`. */
export function shownSshHost({ host, port }: Pick<SshUrl, "host" | "port">): string {
  if (port === usualPort) return host;
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}
