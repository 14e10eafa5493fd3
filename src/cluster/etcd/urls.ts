// SPDX-License-Identifier: Apache-2.0
// Addresses of servers as people write them.

import { Failure } from "../../contract/failure.ts";

/** Where etcd listens for clients, and for other servers, when nothing else is said. */
export const clientPort = 2379;
export const serverPort = 2380;

/**
 * Each text is one or several addresses, divided by commas, semicolons or spaces; `host`, `host:port`, `http://…`,
 * `https://…` or `unix:PATH`. As URLs with a port, each once. `option` is what they belong to, for a message; `scheme` that
 * of those without one.
 */
export function parseUrls(
  texts: readonly string[],
  port: number,
  option: string,
  scheme: "http" | "https" = "http",
): readonly string[] {
  const parts = texts.flatMap((text) => text.split(/[,;\s]+/)).filter((part) => part !== "");
  return [...new Set(parts.map((part) => parseUrl(part, port, option, scheme)))];
}

function parseUrl(text: string, port: number, option: string, scheme: string): string {
  if (/^unix:./.test(text)) return text;
  const withScheme = /^[a-z]+:\/\//i.test(text) ? text : `${scheme}://${text}`;
  const url = URL.parse(withScheme);
  const isOne =
    (url?.protocol === "http:" || url?.protocol === "https:") &&
    (url.pathname === "/" || url.pathname === "") &&
    `${url.search}${url.hash}${url.username}${url.password}` === "" &&
    url.hostname !== "";
  if (url === null || !isOne) {
    throw new Failure(`${JSON.stringify(text)} is no address of ${option}.`, {
      code: "invalid",
      hint: `Write it as http://192.0.2.7:${port}, or https:// when it uses TLS.`,
    });
  }
  // The usual port of the scheme is not kept in a URL.
  const given = /:(\d+)\/?$/.exec(withScheme)?.[1];
  return `${url.protocol}//${url.hostname}:${given ?? port}`;
}

/** Whether two lists listen at a same place. */
export function shareAnAddress(some: readonly string[], others: readonly string[]): string | undefined {
  return some.find((url) => others.includes(url));
}
