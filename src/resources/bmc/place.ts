// SPDX-License-Identifier: Apache-2.0
// Which controller is meant and how it is talked to: the fields say it, else the name when it is a URL.

import { field, type Want } from "../../contract/field.ts";
import type { WantProblem } from "../../contract/resource.ts";

export const placeFields = {
  hostname: field.str({
    doc: "Where the controller is. Not given: as the name says when it is a URL, `driver://user@host:port`.",
    example: '"bmc1.example.com"',
  }),
  port: field.int({ bits: 32, doc: "Its port. Not given: as the name says, else 443, or 80 without encryption." }),
  username: field.str({ doc: "Who logs in. Not given: as the name says.", example: '"admin"' }),
  password: field.str({ secret: true, doc: "With what password." }),
  insecure_password: field.bool({
    doc: "Takes the password from the name when `password` is not given. Everybody sees the names of resources.",
  }),
} as const;

export type PlaceWant = Want<typeof placeFields>;

export interface Place {
  /** As it is written, `gofishs`; empty when nothing says it. */
  readonly driver: string;
  readonly hostname: string;
  /** 0 when nothing says it. */
  readonly port: number;
  readonly username: string;
  readonly password: string;
}

export function placeOf(want: PlaceWant, name: string): Place {
  const url = urlIn(name);
  return {
    driver: url?.driver ?? "",
    hostname: want.hostname || (url?.hostname ?? ""),
    port: want.port || (url?.port ?? 0),
    username: want.username || (url?.username ?? ""),
    password: want.password || (want.insecure_password ? (url?.password ?? "") : ""),
  };
}

/** `https://host:port` */
export function originOf({ hostname, port }: Place, isSecure: boolean): string {
  const host = hostname.includes(":") && !hostname.startsWith("[") ? `[${hostname}]` : hostname;
  const usual = isSecure ? 443 : 80;
  return `${isSecure ? "https" : "http"}://${host}${port === 0 || port === usual ? "" : `:${port}`}`;
}

export function checkPlace(want: PlaceWant, name: string): readonly WantProblem[] {
  const found: WantProblem[] = [];
  const { hostname } = placeOf(want, name);
  if (hostname === "") {
    const hint = 'Give it, or let the name be a URL like "gofishs://admin@bmc1.example.com".';
    found.push({ field: "hostname", title: "a controller needs a `hostname`", hint });
  } else if (!/^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[?[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*\]?)$/.test(hostname)) {
    found.push({
      field: "hostname",
      title: `"${hostname}" is no name or address of a machine`,
      hint: 'Write it like "bmc1.example.com" or "192.0.2.7".',
    });
  }
  if (want.port < 0 || want.port > 65_535)
    found.push({
      field: "port",
      title: `there is no port ${want.port}`,
      hint: "Ports go from 1 to 65535; 0 is the usual one of the driver.",
    });
  const inName = urlIn(name)?.password ?? "";
  if (inName !== "" && !want.insecure_password) {
    const hint = "Give it with `password`, or allow it with `insecure_password => true`.";
    found.push({ title: "there is a password in the name, where everybody sees it", hint });
  }
  if (/[\r\n:]/.test(want.username)) found.push({ field: "username", title: "a user has no colon and no line ends" });
  return found;
}

interface NameUrl extends Omit<Place, "driver"> {
  readonly driver: string;
}

function urlIn(name: string): NameUrl | undefined {
  const [, driver, user = "", hostname, port] =
    /^([a-z][a-z0-9+.-]*):\/\/(?:([^/?#]*)@)?(\[[^\]]*\]|[^/?#:@]*)(?::(\d{1,5}))?\/?$/i.exec(name) ?? [];
  if (driver === undefined || hostname === undefined) return undefined;
  const [username = "", ...password] = user.split(":");
  return {
    driver: driver.toLowerCase(),
    hostname,
    port: Number(port ?? 0),
    username: decoded(username),
    password: decoded(password.join(":")),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
