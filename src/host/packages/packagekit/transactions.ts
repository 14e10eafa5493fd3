// SPDX-License-Identifier: Apache-2.0
// One transaction of PackageKit over D-Bus, from its creation to its end. It belongs to the connection that made it, so it is
// made, followed and ended on the same bus.

import type { Bus, BusArgument, BusValue } from "../../../contract/bus.ts";
import { Failure } from "../../../contract/failure.ts";
import { packageKitFailure, type TransactionError } from "./failures.ts";
import { exits, type PackageIdentifier, parseIdentifier } from "./identifiers.ts";

export const destination = "org.freedesktop.PackageKit";
export const daemonPath = "/org/freedesktop/PackageKit";
/** More than can be under way at a time. */
const ownKept = 256;
const transactionInterface = `${destination}.Transaction`;

export interface Request {
  readonly method: string;
  readonly takes: string;
  readonly arguments: readonly BusArgument[];
  /** "install hello", for messages. */
  readonly doing: string;
}

interface Told {
  readonly packages: readonly (PackageIdentifier & { readonly info: number })[];
  /** By the texts of identifiers. */
  readonly files: ReadonlyMap<string, readonly string[]>;
  readonly details: readonly Readonly<Record<string, BusValue>>[];
}

export class Transactions {
  readonly #bus: Bus;
  /** What they do is no news. The daemon tells of one for a while after its end, so the last ones are kept. */
  readonly own = new Set<string>();

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  async run({ method, takes, arguments: given, doing }: Request, signal: AbortSignal): Promise<Told> {
    const bus = this.#bus;
    const [path] = await bus.call(
      { destination, path: daemonPath, interface: destination, method: "CreateTransaction", returns: "o" },
      signal,
    );
    this.own.add(path);
    for (const oldest of this.own) if (this.own.size > ownKept) this.own.delete(oldest);
    const over = new AbortController();
    const call = (verb: string, types: string, values: readonly BusArgument[], until: AbortSignal) =>
      bus.call(
        {
          destination,
          path,
          interface: transactionInterface,
          method: verb,
          takes: types,
          arguments: values,
          returns: "",
          timeoutMs: 0,
        },
        until,
      );
    try {
      const news = bus.signals({ sender: destination, path, interface: transactionInterface }, over.signal);
      await news.next();
      await call("SetHints", "as", [["locale=C", "background=false", "interactive=false"]], signal);
      const cancel = () => void call("Cancel", "", [], over.signal).catch(() => {});
      signal.addEventListener("abort", cancel, { once: true });
      try {
        await call(method, takes, given, signal);
        return await follow(news, doing);
      } catch (reason) {
        signal.throwIfAborted();
        throw reason;
      } finally {
        signal.removeEventListener("abort", cancel);
      }
    } finally {
      over.abort();
    }
  }
}

/** Until it has finished. */
async function follow(news: ReturnType<Bus["signals"]>, doing: string): Promise<Told> {
  const packages: (PackageIdentifier & { readonly info: number })[] = [];
  const files = new Map<string, readonly string[]>();
  const details: Readonly<Record<string, BusValue>>[] = [];
  let error: TransactionError | undefined;
  for await (const item of news) {
    // The daemon is another one than before: what it was doing is lost.
    if (item.type === "armed") throw lost(doing);
    const [first, second] = item.arguments;
    switch (item.member) {
      case "Package":
        packages.push({ ...parseIdentifier(textIn(second), Number(first)), info: Number(first) });
        break;
      case "Files":
        files.set(textIn(first), (second as readonly string[]) ?? []);
        break;
      case "Details":
        details.push(first as Readonly<Record<string, BusValue>>);
        break;
      case "ErrorCode":
        error = { code: Number(first), details: textIn(second) };
        break;
      case "Finished":
        if (error !== undefined) throw packageKitFailure(doing, error);
        if (Number(first) !== exits.success) throw lost(doing);
        return { packages, files, details };
      default:
    }
  }
  throw lost(doing);
}

function textIn(value: BusValue | undefined): string {
  return typeof value === "string" ? value : "";
}

function lost(doing: string): Failure {
  return new Failure(`cannot ${doing}: PackageKit has given it up`, {
    code: "command-failed",
    hint: "the next run finishes what was begun",
    retry: "backoff",
  });
}
