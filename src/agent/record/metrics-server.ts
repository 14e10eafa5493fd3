// SPDX-License-Identifier: Apache-2.0
// Gives the figures of a run to whoever asks for them over HTTP, at one address and one path.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Failure } from "../../contract/failure.ts";
import type { Metrics } from "./metrics.ts";

/** That of the original. */
export const usualAddress = "127.0.0.1:9233";

export interface MetricsServer {
  /** Where it can be asked. */
  readonly url: string;
  readonly close: () => void;
}

/** Fails with a `Failure` when the address is none or somebody else has it. It alone keeps no process running. */
export async function serveMetrics(address: string, metrics: Metrics): Promise<MetricsServer> {
  const { host, port } = parseAddress(address);
  const server = createServer((request, response) => {
    const path = request.url?.split("?")[0];
    if (path !== "/metrics") {
      response.writeHead(404, { "content-type": "text/plain" }).end("The figures are at /metrics.\n");
    } else if (request.method !== "GET" && request.method !== "HEAD") {
      response.writeHead(405, { allow: "GET, HEAD" }).end();
    } else {
      metrics.text().then(
        (text) => response.writeHead(200, { "content-type": metrics.contentType }).end(text),
        (reason: unknown) => response.writeHead(500, { "content-type": "text/plain" }).end(`${String(reason)}\n`),
      );
    }
  });
  const { promise: listening, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(port, host, resolve);
  try {
    await listening;
  } catch (reason) {
    const why = reason instanceof Error ? reason.message : String(reason);
    throw new Failure(`The metrics cannot be served at ${address}: ${why}.`, {
      code: "busy",
      hint: "Give another address: --metrics=127.0.0.1:0 takes any port that is free.",
    });
  }
  server.unref();
  const { address: at, family, port: taken } = server.address() as AddressInfo; // It listens on a port, not on a path.
  return {
    url: `http://${family === "IPv6" ? `[${at}]` : at}:${taken}/metrics`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** `HOST:PORT`, `[::1]:PORT`, `:PORT` for every address, or a port of this machine alone. */
export function parseAddress(address: string): { readonly host: string | undefined; readonly port: number } {
  const [, bracketed, plain, digits] = /^(?:(?:\[([^\]]+)\]|([^:[\]]*)):)?(\d{1,5})$/.exec(address) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) {
    throw new Failure(`${address} is not an address for the metrics.`, {
      code: "invalid",
      hint: `Write HOST:PORT, for example --metrics=${usualAddress}.`,
    });
  }
  const given = bracketed ?? plain;
  return { host: given === undefined ? "127.0.0.1" : given === "" ? undefined : given, port };
}
