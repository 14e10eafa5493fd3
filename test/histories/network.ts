// SPDX-License-Identifier: Apache-2.0
// Hosts with a network of their own on one bridge, and which of them cannot reach one another. Everything is made in the
// network namespace of this process and gone with it; needs root there.

import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What a name on the bridge is, and its address. */
export interface NetworkHost {
  readonly name: string;
  readonly address: string;
  /** In front of a command that is to run there. */
  readonly through: readonly string[];
}

export class Network {
  readonly hosts: readonly NetworkHost[];
  readonly #number: number;
  readonly #cuts = new Set<readonly (readonly [string, string])[]>();
  /** One after the other, so that the last word counts. */
  #applied: Promise<unknown> = Promise.resolve();

  private constructor(number: number, names: readonly string[]) {
    this.#number = number;
    this.hosts = names.map((name, at) => {
      const space = `h${number}-${name}`;
      return { name, address: `10.77.${number}.${at + 1}`, through: ["nsenter", `--net=/run/netns/${space}`] };
    });
  }

  /** `number`: no other network has it now; from 0 to 250. */
  static async make(number: number, names: readonly string[]): Promise<Network> {
    const network = new Network(number, names);
    const bridge = `h${number}`;
    const commands = [
      "set -e",
      `ip link add ${bridge} type bridge forward_delay 0`,
      `ip addr add 10.77.${number}.254/24 dev ${bridge}`,
      `ip link set ${bridge} up`,
      ...network.hosts.flatMap(({ address, name }, at) => {
        const space = `${bridge}-${name}`;
        return [
          `ip netns add ${space}`,
          `ip link add ${bridge}.${at} type veth peer name eth0 netns ${space}`,
          `ip link set ${bridge}.${at} master ${bridge} up`,
          `ip -n ${space} link set lo up`,
          `ip -n ${space} addr add ${address}/24 dev eth0`,
          `ip -n ${space} link set eth0 up`,
        ];
      }),
      `nft -f - <<'rules'`,
      `table bridge ${bridge} {`,
      "  set cut { type ipv4_addr . ipv4_addr; }",
      "  chain forward {",
      "    type filter hook forward priority 0; policy accept;",
      "    ip saddr . ip daddr @cut drop",
      "  }",
      "}",
      "rules",
    ];
    await run("sh", ["-c", commands.join("\n")]);
    return network;
  }

  /** These and all others do not hear each other any more, until the returned function is called. */
  async cut(addresses: readonly string[]): Promise<() => Promise<void>> {
    const others = this.hosts.map(({ address }) => address).filter((address) => !addresses.includes(address));
    const pairs = addresses.flatMap((one) => others.flatMap((other) => [[one, other] as const, [other, one] as const]));
    this.#cuts.add(pairs);
    await this.#apply();
    return async () => {
      this.#cuts.delete(pairs);
      await this.#apply();
    };
  }

  async remove(): Promise<void> {
    const bridge = `h${this.#number}`;
    const spaces = this.hosts.map(({ name }) => `ip netns del ${bridge}-${name}`);
    await run("sh", ["-c", [...spaces, `ip link del ${bridge}`, `nft delete table bridge ${bridge}`].join("\n")]);
  }

  #apply(): Promise<void> {
    const applying = this.#applied.then(async () => {
      const set = `bridge h${this.#number} cut`;
      const pairs = new Set([...this.#cuts].flat().map(([from, to]) => `${from} . ${to}`));
      const add = pairs.size === 0 ? "" : `add element ${set} { ${[...pairs].join(", ")} }\n`;
      const running = run("nft", ["-f", "-"]);
      running.child.stdin?.end(`flush set ${set}\n${add}`);
      await running;
    });
    this.#applied = applying.catch(() => {});
    return applying;
  }
}
