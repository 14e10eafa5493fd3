// SPDX-License-Identifier: Apache-2.0
// A machine in memory, with time that a test drives and hands that change things behind the engine's back.

import type { Host, NetworkInterface } from "../../contract/host.ts";
import type { NetworkRoute } from "../../contract/network-setup.ts";
import { bytesOf, textOf } from "../../values/bytes.ts";
import { packAtOnce, zlibCompression } from "../compression.ts";
import { hashing } from "../hashing.ts";
import { createPasswords } from "../passwords.ts";
import type { Refusal } from "../refusal.ts";
import { memoryAccounts } from "./accounts.ts";
import { MemoryBus } from "./bus.ts";
import { type DrivenClock, drivenClock } from "./clock.ts";
import { memoryFiles, type Moods } from "./files.ts";
import { memoryHttp, type Server } from "./http.ts";
import { memoryIdentity } from "./identity.ts";
import { MemoryMounts } from "./mounts.ts";
import { MemoryNetwork } from "./network.ts";
import { MemoryPackages, type OutsidePackages } from "./packages.ts";
import { MemoryPacketFilter } from "./packet-filter.ts";
import { memoryProcesses, type Program, simplePrograms } from "./processes.ts";
import { memoryServing, type Strangers } from "./serving.ts";
import { memoryPrompt, type Person } from "./prompt.ts";
import { memorySsh, type OutsideSsh } from "./ssh.ts";
import { seededRandom } from "./random.ts";
import { MemoryServices } from "./services.ts";
import { root, Tree } from "./tree.ts";

export type { DrivenClock } from "./clock.ts";
export { drivenClock } from "./clock.ts";
export type { Program, ProgramCall } from "./processes.ts";

export interface MemoryHostOptions {
  /** Shared by the machines of one test; else the host has its own. */
  readonly clock?: DrivenClock;
  /** For `random`. */
  readonly seed?: number;
  readonly hostname?: string;
  /** Who the engine is; 0, who may do everything, if absent. */
  readonly uid?: number;
  readonly gid?: number;
  readonly umask?: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** As this process was started. */
  readonly arguments?: readonly string[];
  /** What runs where nothing is installed under the name; absent: nothing can. */
  readonly otherProgram?: Program;
}

export interface MemoryHost extends Host {
  readonly clock: DrivenClock;
  readonly outside: Outside;
}

/** Somebody else on the machine: root, who changes things without asking us. Nothing here waits. */
export interface Outside {
  /** The content of a file as text; undefined when there is none. */
  read(path: string): string | undefined;
  exists(path: string): boolean;
  /** Into the file that is there, or a new one, as `>` of a shell does. Makes no directories. */
  write(path: string, content: string | Uint8Array): void;
  /** With its parents. */
  makeDirectory(path: string): void;
  link(path: string, target: string): void;
  /** A pipe, socket or device. */
  makeOther(path: string): void;
  rename(from: string, to: string): void;
  /** With everything in it. */
  remove(path: string): void;
  setMode(path: string, mode: number): void;
  setOwner(path: string, uid: number, gid: number): void;
  setModified(path: string, atMs: number): void;
  /** A disk of its own at this directory. `readOnly` and a smaller `capacityBytes` can be set on what it returns. */
  mount(path: string, capacityBytes?: number): { capacityBytes: number; readOnly: boolean; readonly usedBytes: number };
  /** From now on every attempt of the engine on this path is refused so; undefined: no longer. */
  refuse(path: string, refusal: Refusal | undefined): void;
  /** From now on every attempt of the engine on this path waits until the function returned is called. */
  stall(path: string): () => void;
  /** How many directories the engine may watch from now on. */
  limitWatches(count: number): void;
  /** How many directories the engine watches now. */
  readonly watched: number;
  /** What runs under this name, with or without the directory of a program. Undefined: not installed any more. */
  install(name: string, program: Program | undefined): void;
  /** What answers at this origin, `http://example.com`, or at this socket. Undefined: nobody any more. */
  serve(place: string, server: Server | undefined): void;
  addUser(name: string, uid: number): void;
  addGroup(name: string, gid: number): void;
  setHostname(name: string): void;
  setLoad(load: readonly [number, number, number]): void;
  /** What is mounted: `become` and `hold` change it as somebody else does. */
  readonly mounts: MemoryMounts;
  readonly packetFilter: MemoryPacketFilter;
  /** All of them; at first there is but `lo`. */
  setInterfaces(interfaces: readonly NetworkInterface[], routes?: readonly NetworkRoute[]): void;
  /** Units are files below /etc/systemd/system and /usr/lib/systemd/system. */
  readonly services: { readonly system: MemoryServices; readonly session: MemoryServices };
  readonly buses: { readonly system: MemoryBus; readonly session: MemoryBus };
  /** There is no package manager until something is published. */
  readonly packages: OutsidePackages;
  readonly strangers: Strangers;
  /** Other machines, to be reached over SSH. */
  readonly ssh: OutsideSsh;
  /** Who sits at the terminal; undefined: there is none. */
  readonly terminal: { person: Person | undefined };
}

/** Where the kernel shows its name and takes a new one. */
const hostnameFile = "/proc/sys/kernel/hostname";

export function memoryHost(options: MemoryHostOptions = {}): MemoryHost {
  const clock = options.clock ?? drivenClock();
  const tree = new Tree(() => clock.now());
  const actor = { uid: options.uid ?? 0, gid: options.gid ?? options.uid ?? 0 };
  const umask = options.umask ?? 0o022;
  const environment = new Map(Object.entries(options.environment ?? { PATH: "/usr/bin:/bin" }));
  const moods: Moods = { refusals: new Map(), stalls: new Map(), watchLimit: Number.POSITIVE_INFINITY, watched: 0 };
  const programs = new Map(Object.entries(simplePrograms));
  const servers = new Map<string, Server>();
  const network = new MemoryNetwork();
  const mounts = new MemoryMounts(tree);
  const packetFilter = new MemoryPacketFilter();
  const buses = { system: new MemoryBus("system", clock), session: new MemoryBus("session", clock) };
  const packages = new MemoryPackages(tree, clock);
  const watchBelow = (path: string, signal: AbortSignal) => files.watch([{ path, recursive: true }], signal);
  const services = {
    system: new MemoryServices("system", tree, watchBelow),
    session: new MemoryServices("session", tree, watchBelow),
  };
  const { serving, strangers } = memoryServing((name) => network.indexOf(name));
  const startedMs = clock.monotonicMs();
  const machine = { load: [0, 0, 0] as readonly [number, number, number] };

  for (const path of ["/etc", "/home", "/proc", "/proc/sys", "/proc/sys/kernel", "/root", "/tmp", "/var"]) {
    tree.makeDirectory(path, { mode: path === "/tmp" ? 0o1777 : 0o755, ...root }, root);
  }
  tree.overwrite("/etc/passwd", bytesOf("root:x:0:0:root:/root:/bin/sh\n"), root);
  tree.overwrite("/etc/group", bytesOf("root:x:0:\n"), root);
  tree.overwrite("/etc/shadow", bytesOf("root:*:20000:0:99999:7:::\n"), root);
  tree.overwrite(hostnameFile, bytesOf(`${options.hostname ?? "localhost"}\n`), root);

  const files = memoryFiles({ tree, actor, umask, moods, monotonicMs: () => clock.monotonicMs() });
  const processes = memoryProcesses({ programs, otherProgram: options.otherProgram, tree, clock, actor, environment });
  const random = seededRandom(options.seed ?? 1);
  const identity = memoryIdentity({ tree, actor, umask, hostname: () => textOf(tree.read(hostnameFile, root)).trim() });
  const environmentOf = { environment: (name: string) => environment.get(name) };
  const { ssh, outside: sshOutside } = memorySsh({ files, identity, system: environmentOf, clock });
  const { prompt, outside: terminal } = memoryPrompt();
  return {
    files,
    processes,
    identity,
    accounts: memoryAccounts({ tree, actor, files, clock }),
    system: {
      async load(signal) {
        signal.throwIfAborted();
        return machine.load;
      },
      async uptimeSeconds(signal) {
        signal.throwIfAborted();
        return (clock.monotonicMs() - startedMs) / 1000;
      },
      environment: (name) => environment.get(name),
      environmentVariables: () => new Map(environment),
      process: {
        id: 1000,
        parentId: 1,
        userId: actor.uid,
        groupId: actor.gid,
        effectiveUserId: actor.uid,
        effectiveGroupId: actor.gid,
        arguments: options.arguments ?? ["/usr/bin/mgmt"],
        executable: "/usr/bin/mgmt",
        workingDirectory: "/",
      },
      processors: 4,
      pageBytes: 4096,
    },
    network,
    buses,
    packages,
    services,
    clock,
    random,
    mounts,
    packetFilter,
    passwords: createPasswords(processes, random),
    compression: { ...zlibCompression, pack: packAtOnce },
    hashing,
    http: memoryHttp(servers, clock),
    serving,
    ssh,
    prompt,
    outside: outsideOf(tree, moods, programs, servers, machine, network, buses, packages, services, strangers, {
      mounts,
      packetFilter,
      ssh: sshOutside,
      terminal,
    }),
  };
}

function outsideOf(
  tree: Tree,
  moods: Moods,
  programs: Map<string, Program>,
  servers: Map<string, Server>,
  machine: { load: readonly [number, number, number] },
  network: MemoryNetwork,
  buses: Outside["buses"],
  { outside: packages }: MemoryPackages,
  services: Outside["services"],
  strangers: Strangers,
  parts: Pick<Outside, "mounts" | "packetFilter" | "ssh" | "terminal">,
): Outside {
  const exists = (path: string) => tree.look(path, root, true) !== undefined;
  const write = (path: string, content: string | Uint8Array) =>
    tree.overwrite(path, typeof content === "string" ? bytesOf(content) : content.slice(), root);
  const append = (path: string, line: string) => write(path, textOf(tree.read(path, root)) + line);
  const makeDirectory = (path: string) => {
    if (exists(path)) return;
    makeDirectory(path.slice(0, path.lastIndexOf("/")) || "/");
    tree.makeDirectory(path, { mode: 0o755, ...root }, root);
  };
  return {
    read: (path) => (tree.look(path, root, true)?.kind === "file" ? textOf(tree.read(path, root)) : undefined),
    exists,
    write,
    makeDirectory,
    link: (path, target) => tree.replace(path, "symlink", bytesOf(target), () => ({ mode: 0o777, ...root }), root),
    makeOther: (path) => tree.makeOther(path, root),
    rename: (from, to) => tree.rename(from, to, root),
    remove: (path) => tree.remove(path, true, root),
    setMode: (path, mode) => tree.setMode(path, mode, root),
    setOwner: (path, uid, gid) => tree.setOwner(path, { uid, gid }, root),
    setModified: (path, atMs) => tree.setModified(path, BigInt(Math.floor(atMs)) * 1_000_000n),
    mount: (path, capacityBytes) => tree.mount(path, capacityBytes === undefined ? {} : { capacityBytes }),
    refuse(path, refusal) {
      if (refusal === undefined) moods.refusals.delete(path);
      else moods.refusals.set(path, refusal);
    },
    stall(path) {
      const { promise, resolve } = Promise.withResolvers<void>();
      moods.stalls.set(path, promise);
      return () => {
        if (moods.stalls.get(path) === promise) moods.stalls.delete(path);
        resolve();
      };
    },
    limitWatches(count) {
      moods.watchLimit = count;
    },
    get watched() {
      return moods.watched;
    },
    install(name, program) {
      if (program === undefined) programs.delete(name);
      else programs.set(name, program);
    },
    serve(place, server) {
      if (server === undefined) servers.delete(place);
      else servers.set(place, server);
    },
    addUser: (name, uid) => append("/etc/passwd", `${name}:x:${uid}:${uid}::/home/${name}:/bin/sh\n`),
    addGroup: (name, gid) => append("/etc/group", `${name}:x:${gid}:\n`),
    setHostname: (name) => write(hostnameFile, `${name}\n`),
    setLoad(load) {
      machine.load = load;
    },
    ...parts,
    setInterfaces: (interfaces, routes) => network.become(interfaces, routes),
    buses,
    packages,
    services,
    strangers,
  };
}
