// SPDX-License-Identifier: Apache-2.0
// Hosts and ranges of a server as the list of handlers that answers its clients. Ranges keep their leases while hosts and
// other ranges come and go; a range that has changed keeps those that are still in it.

import { Failure } from "../../../contract/failure.ts";
import type { AnyWant, Member } from "../../../contract/resource.ts";
import { type Answer, bootProgram, type Reservation, reservedAddress } from "../../../protocols/dhcp/answers.ts";
import { Leases } from "../../../protocols/dhcp/leases.ts";
import { type Pool as NetworkPool, pooledAddress, poolsFor } from "../../../protocols/dhcp/pools.ts";
import { proxyAnswers } from "../../../protocols/dhcp/proxy.ts";
import type { Request } from "../../../protocols/dhcp/request.ts";
import { type Ipv4, parseIpv4Network, renderIpv4 } from "../../../protocols/ipv4.ts";
import { type BootWant, chooseBootProgram } from "../boot-program.ts";
import { networkAnswers } from "../fields.ts";
import type { HostWant } from "../host.ts";
import { type Range, type RangeWant, readRange } from "../range.ts";
import { LeaseFile, readLeases } from "./lease-file.ts";

interface Pool {
  readonly range: Range;
  readonly leases: Leases;
  /** Only when they are to survive a restart. */
  readonly file: LeaseFile | undefined;
  readonly want: RangeWant;
  /** The same one is the same range. */
  readonly given: AnyWant;
  readonly except: string;
}

export interface AddressesOptions {
  /** Addresses of this machine, which nobody else gets. */
  readonly ours: readonly Ipv4[];
  readonly leaseMs: number;
  /** The boot programs of those that have none of their own. */
  readonly boot: BootWant;
  /** Machines that are not declared are left alone. */
  readonly knownOnly: boolean;
  /** Told whom nothing is answered, and why. */
  readonly onSilence: (request: Request, why: string) => void;
}

export class Addresses {
  readonly #options: AddressesOptions;
  readonly #pools = new Map<string, Pool>();
  #members: readonly Member[] = [];
  #answers: readonly Answer[] = [];

  constructor(options: AddressesOptions) {
    this.#options = options;
  }

  /** The handlers for these members. */
  async answersFor(members: readonly Member[]): Promise<readonly Answer[]> {
    const isSame =
      members.length === this.#members.length && members.every(({ want }, at) => want === this.#members[at]?.want);
    if (isSame && this.#answers.length > 0) return this.#answers;
    this.#answers = await this.#build(members);
    this.#members = members;
    return this.#answers;
  }

  /** Handlers beside a server that gives the addresses; `port` is the one that was asked. */
  proxyAnswersFor(members: readonly Member[], server: Ipv4, port: number): readonly Answer[] {
    const hosts = hostsOf(members);
    const program = (request: Request) => chooseBootProgram(this.#levels(hosts, request, undefined), request);
    return [this.#gate(hosts), ...proxyAnswers(server, port, program)];
  }

  /** Resolves when what clients are about to be told is on the disk. */
  async keep(): Promise<void> {
    for (const { file } of this.#pools.values()) await file?.keep();
  }

  async #build(members: readonly Member[]): Promise<readonly Answer[]> {
    const { ours, leaseMs } = this.#options;
    const hosts = hostsOf(members);
    const reserved = reservationsOf(members);
    const taken = new Set([...ours, ...[...reserved.values()].map(({ address }) => address)]);
    const own: Answer = (request, draft) => {
      for (const answer of hosts.get(request.message.hardwareAddress)?.answers ?? []) answer(request, draft);
      return "continue";
    };
    const programAnd = (range: RangeWant | undefined) =>
      bootProgram((request) => chooseBootProgram(this.#levels(hosts, request, range), request));
    const pools: NetworkPool[] = [];
    for (const member of members.filter(({ kind }) => kind === "dhcp:range")) {
      const { range, leases, want } = await this.#poolFor(member, taken);
      // A host says more than the range from which it has its address.
      pools.push({ leases, network: range.network, answers: [...networkAnswers(want), programAnd(want), own] });
    }
    const nobody: Answer = (request) => {
      const { relayed, message } = request;
      const isKnown = hosts.has(message.hardwareAddress);
      const behind = relayed === undefined ? "" : `behind the relay ${renderIpv4(relayed)} `;
      const near = poolsFor(request, pools, ours).length > 0;
      const why = near && request.type !== "bootp" ? "no address is left" : `no range ${behind}has an address`;
      this.#options.onSilence(request, isKnown || pools.length > 0 ? `${why} for it` : unknown);
      return "drop";
    };
    return [
      this.#gate(hosts),
      own,
      programAnd(undefined),
      reservedAddress(reserved),
      pooledAddress(pools, ours, leaseMs),
      nobody,
    ];
  }

  #gate(hosts: ReadonlyMap<string, Host>): Answer {
    return (request) => {
      if (!this.#options.knownOnly || hosts.has(request.message.hardwareAddress)) return "continue";
      this.#options.onSilence(request, unknown);
      return "drop";
    };
  }

  #levels(hosts: ReadonlyMap<string, Host>, { message }: Request, range: RangeWant | undefined): readonly BootWant[] {
    return [hosts.get(message.hardwareAddress)?.want, range, this.#options.boot].filter((level) => level !== undefined);
  }

  async #poolFor({ resource, name, want: given, env }: Member, taken: ReadonlySet<Ipv4>): Promise<Pool> {
    const want = given as unknown as RangeWant;
    const before = this.#pools.get(resource);
    const except = [...taken].sort((a, b) => a - b).join(" ");
    if (before !== undefined && before.given === given && before.except === except) return before;
    const range = readRange(want, name);
    if (!("first" in range)) throw new Failure(range.title, { code: "invalid" });
    const former =
      before !== undefined ? before.leases.bound(env.host.clock.now()) : want.persist ? await readLeases(env) : [];
    const leases = new Leases({ ...range, except: new Set([...taken, ...range.skip]) }, former);
    const pool: Pool = {
      range,
      leases,
      want,
      given,
      except,
      file: want.persist ? new LeaseFile(leases, env) : undefined,
    };
    this.#pools.set(resource, pool);
    return pool;
  }
}

const unknown = "is not declared, and is left alone";

interface Host {
  readonly want: HostWant;
  readonly answers: readonly Answer[];
}

/** By hardware address. */
function hostsOf(members: readonly Member[]): ReadonlyMap<string, Host> {
  return new Map(
    members
      .filter(({ kind }) => kind === "dhcp:host")
      .map(({ want: given }) => {
        const want = given as unknown as HostWant;
        return [want.mac, { want, answers: networkAnswers(want) }];
      }),
  );
}

/** Fails when two have the same address. */
export function reservationsOf(
  members: readonly Pick<Member, "kind" | "want" | "resource">[],
): ReadonlyMap<string, Reservation> {
  const reserved = new Map<string, Reservation>();
  const owners = new Map<Ipv4 | string, string>();
  const claim = (what: Ipv4 | string, shown: string, resource: string): void => {
    const other = owners.get(what);
    if (other !== undefined) throw new Failure(`${other} and ${resource} both have ${shown}`, { code: "conflict" });
    owners.set(what, resource);
  };
  for (const { kind, want, resource } of members) {
    if (kind !== "dhcp:host") continue;
    const { mac, ip } = want as unknown as HostWant;
    claim(mac, `the hardware address ${mac}`, resource);
    const network = parseIpv4Network(ip);
    if (network === undefined) continue;
    claim(network.address, `the address ${renderIpv4(network.address)}`, resource);
    reserved.set(mac, network);
  }
  return reserved;
}
