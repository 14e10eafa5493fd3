// SPDX-License-Identifier: Apache-2.0
// Hosts and ranges of a server as the list of handlers that answers its clients. Ranges keep their leases while hosts and
// other ranges come and go; a range that has changed keeps those that are still in it.

import { Failure } from "../../../contract/failure.ts";
import type { AnyWant, Member } from "../../../contract/resource.ts";
import {
  type Answer,
  bootProgram,
  type BootProgram,
  pooledAddress,
  type Reservation,
  reservedAddress,
} from "../../../protocols/dhcp/answers.ts";
import { Leases } from "../../../protocols/dhcp/leases.ts";
import { option } from "../../../protocols/dhcp/options.ts";
import type { Request } from "../../../protocols/dhcp/request.ts";
import { type Ipv4, parseIpv4Network, renderIpv4 } from "../../../protocols/ipv4.ts";
import { parseBootProgram } from "../fields.ts";
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

export class Addresses {
  readonly #pools = new Map<string, Pool>();
  readonly #ours: readonly Ipv4[];
  readonly #leaseMs: number;
  #members: readonly Member[] = [];
  #answers: readonly Answer[] = [];

  /** `ours` are addresses of this machine, which nobody else gets. */
  constructor(ours: readonly Ipv4[], leaseMs: number) {
    this.#ours = ours;
    this.#leaseMs = leaseMs;
  }

  /** The handlers for these members. `nbp` is the boot program of those that have none of their own. */
  async answersFor(members: readonly Member[], nbp: string): Promise<readonly Answer[]> {
    const isSame =
      members.length === this.#members.length && members.every(({ want }, at) => want === this.#members[at]?.want);
    if (isSame && this.#answers.length > 0) return this.#answers;
    const hosts = members.filter(({ kind }) => kind === "dhcp:host");
    const reserved = reservationsOf(hosts);
    const taken = new Set([...this.#ours, ...[...reserved.values()].map(({ address }) => address)]);
    const answers: Answer[] = [programsOf(hosts, nbp), reservedAddress(reserved)];
    for (const member of members.filter(({ kind }) => kind === "dhcp:range")) {
      const { range, leases, want } = await this.#poolFor(member, taken);
      answers.push(programFor(want.nbp === "" ? nbp : want.nbp, want.nbp_path));
      answers.push(pooledAddress(leases, range.network, this.#leaseMs));
    }
    this.#members = members;
    this.#answers = answers;
    return answers;
  }

  /** Resolves when what clients are about to be told is on the disk. */
  async keep(): Promise<void> {
    for (const { file } of this.#pools.values()) await file?.keep();
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

/** Fails when two have the same address. */
export function reservationsOf(hosts: readonly Pick<Member, "want" | "resource">[]): ReadonlyMap<string, Reservation> {
  const reserved = new Map<string, Reservation>();
  const owners = new Map<Ipv4 | string, string>();
  for (const { want, resource } of hosts) {
    const { mac, ip } = want as unknown as HostWant;
    const network = parseIpv4Network(ip);
    if (network === undefined) continue;
    const other = owners.get(network.address) ?? owners.get(mac);
    if (other !== undefined) {
      const what = owners.has(mac) ? `the hardware address ${mac}` : `the address ${renderIpv4(network.address)}`;
      throw new Failure(`${other} and ${resource} both have ${what}`, { code: "conflict" });
    }
    owners.set(network.address, resource).set(mac, resource);
    reserved.set(mac, network);
  }
  return reserved;
}

function programsOf(hosts: readonly Member[], nbp: string): Answer {
  const programs = new Map<string, BootProgram | undefined>();
  for (const { want } of hosts) {
    const { mac, nbp: own, nbp_path: path } = want as unknown as HostWant;
    programs.set(mac, parseBootProgram(own === "" ? nbp : own, path));
  }
  return bootProgram((request) => suited(programs.get(request.message.hardwareAddress), request));
}

function programFor(nbp: string, path: string): Answer {
  const program = parseBootProgram(nbp, path);
  return bootProgram((request) => suited(program, request));
}

/** A system that has booted needs none. Firmware that boots over HTTP takes URLs alone, and one that boots over TFTP paths alone; iPXE takes both. */
function suited(program: BootProgram | undefined, { boot, type, asked }: Request): BootProgram | undefined {
  const wants = boot.loader !== "none" || type === "bootp" || asked.has(option.bootFileName);
  if (program === undefined || !wants) return undefined;
  const isUrl = program.server === undefined;
  if (boot.loader === "http") return isUrl ? program : undefined;
  return isUrl && boot.loader === "pxe" ? undefined : program;
}
