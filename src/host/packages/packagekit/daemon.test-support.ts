// SPDX-License-Identifier: Apache-2.0
// The daemon PackageKit on the bus of a machine in memory: as much of it as our back end asks for, over the packages of that
// machine. A real one is held to the same contract in test/lab/; of older versions, of which this one tells, that over apt does not.

import { Failure } from "../../../contract/failure.ts";
import type { PackageChange, PackageManager } from "../../../contract/packages.ts";
import { never } from "../../bench.test-support.ts";
import type { MemoryAnswer, MemoryCall } from "../../memory/bus.ts";
import type { MemoryHost } from "../../memory/index.ts";
import { exits, filters, flags, happening } from "./identifiers.ts";
import { daemonPath, destination } from "./transactions.ts";

const nothing: MemoryAnswer = { signature: "", values: [] };
const infos = { installed: 1, available: 2 } as const;
/** Of `PkErrorEnum`. */
const errors = { internal: 4, notFound: 8, unsigned: 30 } as const;
const exitFailed = 2;
const neverRefreshed = 0xffff_ffff;
const database = "/var/lib/dpkg/status";

/** From now on the daemon is there. */
export function servePackageKit(host: MemoryHost, store: PackageManager): void {
  const daemon = new Daemon(host, store);
  host.outside.buses.system.serve(destination, async (call) => daemon.answer(call));
}

class Daemon {
  readonly #host: MemoryHost;
  readonly #store: PackageManager;
  readonly #underWay = new Set<string>();
  #count = 0;
  #refreshedMs: number | undefined;

  constructor(host: MemoryHost, store: PackageManager) {
    this.#host = host;
    this.#store = store;
  }

  answer({ path, method, arguments: given }: MemoryCall): MemoryAnswer {
    switch (method) {
      case "Get":
        return { signature: "v", values: [{ type: "s", value: "apt" }] };
      case "GetTimeSinceAction": {
        const since = this.#refreshedMs;
        const seconds = since === undefined ? neverRefreshed : Math.floor((this.#host.clock.now() - since) / 1000);
        return { signature: "u", values: [seconds] };
      }
      case "CreateTransaction":
        this.#count += 1;
        return { signature: "o", values: [`/${this.#count}_twin`] };
      case "SetHints":
      case "Cancel":
        return nothing;
      default:
        // What goes wrong is told by the transaction itself.
        this.#run(path, method, given).catch(() => {});
        return nothing;
    }
  }

  async #run(path: string, method: string, given: MemoryCall["arguments"]): Promise<void> {
    this.#change(() => this.#underWay.add(path));
    let exit: number = exits.success;
    try {
      await this.#work(path, method, given);
    } catch (reason) {
      exit = exitFailed;
      const code = reason instanceof Failure ? reason.code : "unexpected";
      const number = code === "not-found" ? errors.notFound : code === "denied" ? errors.unsigned : errors.internal;
      this.#tell(path, "ErrorCode", "us", number, reason instanceof Error ? reason.message : String(reason));
    }
    this.#tell(path, "Finished", "uu", exit, 0);
    this.#change(() => this.#underWay.delete(path));
  }

  async #work(path: string, method: string, given: MemoryCall["arguments"]): Promise<void> {
    switch (method) {
      case "Resolve":
        return this.#resolve(path, given[0] as bigint, given[1] as readonly string[]);
      case "SearchNames": {
        const [part = ""] = given[1] as readonly string[];
        const names = this.#host.outside.packages.offered.filter((name) => name.includes(part));
        return this.#resolve(path, filters.none, names);
      }
      case "RefreshCache":
        this.#host.outside.packages.refresh();
        this.#refreshedMs = this.#host.clock.now();
        return;
      case "InstallPackages": {
        const ids = (given[1] as readonly string[]).map((id) => id.split(";"));
        return this.#transact(
          path,
          given[0] as bigint,
          ids.map(([name = "", version = ""]) => ({ do: "install", name, version })),
        );
      }
      case "RemovePackages": {
        const ids = (given[1] as readonly string[]).map((id) => id.split(";"));
        return this.#transact(
          path,
          given[0] as bigint,
          ids.map(([name = ""]) => ({ do: "remove", name })),
        );
      }
      case "InstallFiles": {
        const archives = (given[1] as readonly string[]).map(async (file): Promise<PackageChange> => {
          const { name } = await this.#store.inspectArchive(file, never());
          return { do: "install-archive", name, path: file };
        });
        return this.#transact(path, given[0] as bigint, await Promise.all(archives));
      }
      case "GetDetailsLocal":
      case "GetFilesLocal":
        for (const file of given[0] as readonly string[]) {
          const { name, version, files } = await this.#store.inspectArchive(file, never());
          const id = `${name};${version};all;local`;
          if (method === "GetFilesLocal") this.#tell(path, "Files", "sas", id, withDirectories(files));
          else this.#tell(path, "Details", "a{sv}", { "package-id": id });
        }
        return;
      case "GetFiles": {
        const ids = given[0] as readonly string[];
        const lists = await this.#store.files(
          ids.map((id) => id.slice(0, id.indexOf(";"))),
          never(),
        );
        for (const id of ids) {
          const files = lists.get(id.slice(0, id.indexOf(";"))) ?? [];
          this.#tell(path, "Files", "sas", id, withDirectories(files));
        }
        return;
      }
      default:
        throw new Error(`the twin knows no ${method}`);
    }
  }

  async #resolve(path: string, filter: bigint, names: readonly string[]): Promise<void> {
    const [installed, available] = await Promise.all([
      this.#store.installed(names, never()),
      this.#store.available(names, never()),
    ]);
    for (const name of names) {
      const version = installed.get(name)?.version;
      if (version !== undefined) {
        this.#tell(path, "Package", "uss", infos.installed, `${name};${version};all;installed:memory`, "");
      }
      if (filter === filters.installed) continue;
      for (const offer of available.get(name) ?? []) {
        if (offer.version === version) continue;
        this.#tell(path, "Package", "uss", infos.available, `${name};${offer.version};all;${offer.from}`, "");
      }
    }
  }

  async #transact(path: string, bits: bigint, changes: readonly PackageChange[]): Promise<void> {
    const { outside } = this.#host;
    const leaving = outside.packages.leaving(changes);
    if ((bits & flags.simulate) !== 0n) {
      for (const name of leaving) {
        this.#tell(path, "Package", "uss", happening.removing, `${name};0;all;installed:memory`, "");
      }
      return;
    }
    const allowUntrusted = (bits & flags.onlyTrusted) === 0n;
    await this.#store.transact({ changes, mayRemove: leaving, allowUntrusted }, () => {}, never());
    changeDatabase(this.#host);
  }

  /** The daemon tells who is under way. */
  #change(how: () => void): void {
    how();
    const { system } = this.#host.outside.buses;
    const from = { sender: destination, path: daemonPath, interface: destination };
    system.emit({ ...from, member: "TransactionListChanged", signature: "as", arguments: [[...this.#underWay]] });
  }

  #tell(path: string, member: string, signature: string, ...values: readonly unknown[]): void {
    const from = { sender: destination, path, interface: `${destination}.Transaction` };
    this.#host.outside.buses.system.emit({ ...from, member, signature, arguments: values });
  }
}

/** What whoever changes packages leaves on the disk, and the daemon does not tell of others. */
export function changeDatabase({ outside, clock }: MemoryHost): void {
  outside.makeDirectory(database.slice(0, database.lastIndexOf("/")));
  outside.write(database, `as of ${clock.now()}, after ${outside.packages.transactions.length}\n`);
}

/** As dpkg lists them. */
function withDirectories(files: readonly string[]): readonly string[] {
  return [...new Set(files.flatMap((file) => ["/", ...above(file), file]))];
}

function above(path: string): readonly string[] {
  const parts = path.split("/").slice(1, -1);
  return parts.map((_, at) => `/${parts.slice(0, at + 1).join("/")}`);
}
