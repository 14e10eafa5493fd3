// SPDX-License-Identifier: Apache-2.0
// Where Consul is, and which of its keys is meant: the fields say it, else the name when it is a URL, else the variables
// that Consul's own programs look at.

import type { System } from "../../contract/host.ts";

export interface ConsulPlace {
  readonly key: string;
  /** With its port, as in a URL. */
  readonly host: string;
  readonly token: string;
  /** Of the key. */
  readonly url: string;
  /** The origin alone. */
  readonly shown: string;
}

export const largestValueBytes = 512 * 1024;

interface Given {
  readonly key: string;
  readonly scheme: string;
  readonly address: string;
  readonly token: string;
}

export function placeOf(given: Given, name: string, system?: Pick<System, "environment">): ConsulPlace {
  const variable = (of: string) => system?.environment(of) ?? "";
  const fromName = urlIn(name);
  const fromEnvironment = /^(?:(https?):\/\/)?(.*)$/s.exec(variable("CONSUL_HTTP_ADDR"));
  const key = given.key || fromName?.key || (fromName === undefined ? name : "");
  const host = given.address || fromName?.host || fromEnvironment?.[2] || "127.0.0.1:8500";
  const isSecure = /^(?:1|t|true)$/i.test(variable("CONSUL_HTTP_SSL"));
  const scheme = given.scheme || fromName?.scheme || fromEnvironment?.[1] || (isSecure ? "https" : "http");
  const origin = `${scheme}://${host}`;
  const path = key.split("/").map(encodeURIComponent).join("/");
  return {
    key,
    host,
    token: given.token || variable("CONSUL_HTTP_TOKEN"),
    url: `${origin}/v1/kv/${path}`,
    shown: origin,
  };
}

function urlIn(name: string): { readonly scheme: string; readonly host: string; readonly key: string } | undefined {
  const [, scheme, host, path = ""] = /^(https?|consul):\/\/([^/]*)\/?(.*)$/s.exec(name) ?? [];
  if (scheme === undefined || host === undefined) return undefined;
  return { scheme: scheme === "consul" ? "" : scheme, host, key: path };
}
