// SPDX-License-Identifier: Apache-2.0
// Why a machine does not let us listen, in the words of the person who must put it right. Knows no error numbers.

import { Failure } from "../contract/failure.ts";
import type { SocketAddress } from "../contract/serving.ts";

export type ListenRefusal = "in-use" | "not-ours" | "only-root" | "no-such-interface";

/** `TCP` or `UDP`. */
export function listenFailure(
  refusal: ListenRefusal,
  transport: string,
  address: SocketAddress,
  cause?: unknown,
): Failure {
  const what = `cannot listen on ${renderSocketAddress(address)} (${transport})`;
  switch (refusal) {
    case "in-use":
      return new Failure(`${what}: another program does`, {
        code: "busy",
        hint: `\`ss -l${transport === "TCP" ? "t" : "u"}np\` shows which one`,
        retry: "backoff",
        cause,
      });
    case "not-ours":
      return new Failure(`${what}: this machine does not have that address`, {
        code: "not-found",
        hint: "`ip address` shows those it has",
        retry: "backoff",
        cause,
      });
    case "only-root":
      return new Failure(`${what}: the system does not permit it`, {
        code: "denied",
        hint: "ports below 1024 are for root, and for whom has the capability CAP_NET_BIND_SERVICE",
        cause,
      });
    case "no-such-interface":
      return new Failure(`${what}: this machine does not have that network interface`, {
        code: "not-found",
        hint: "`ip link` shows those it has",
        retry: "backoff",
        cause,
      });
  }
}

export function renderSocketAddress({ host, port }: SocketAddress): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
