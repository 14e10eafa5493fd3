// SPDX-License-Identifier: Apache-2.0
// One connection to a D-Bus daemon, from its beginning to its end: calls, match rules that are counted, and who has which
// name. The only file that knows the library; it is loaded with the first connection.

import type { Socket } from "node:net";
import type { DBusError, MessageBus, Variant } from "dbus-native";
import type { BusArgument, BusCall, BusMatch, BusValue } from "../../contract/bus.ts";
import {
  argumentsDoNotConform,
  busRefusesUs,
  type BusScope,
  connectionLost,
  noAnswer,
  noBus,
  otherAnswer,
  refusedCall,
} from "../bus-failures.ts";
import type { HeardSignal } from "../bus-news.ts";
import { conform, mapVariants } from "../bus-signature.ts";
import { errorName } from "./failures.ts";

const openWithinMs = 10_000;
const daemon = "org.freedesktop.DBus";
const signalType = 4;

export interface LinkEvents {
  readonly heard: (signal: HeardSignal) => void;
  /** A name that somebody listens to has got an owner, maybe again. */
  readonly nameTaken: (name: string) => void;
  /** Nothing comes over this link any more. */
  readonly lost: (reason: unknown) => void;
}

export class BusLink {
  readonly #scope: BusScope;
  readonly #client: MessageBus;
  readonly #variant: typeof Variant;
  readonly #rules = new Map<string, { uses: number; readonly ready: Promise<void> }>();
  readonly #owners = new Map<string, string>();
  #uses = 0;

  static async open(scope: BusScope, address: string, events: LinkEvents): Promise<BusLink> {
    const { createClient, Variant: variant } = await import("dbus-native");
    const { promise, resolve, reject } = Promise.withResolvers<BusLink>();
    const client = createClient({ busAddress: address });
    const { connection } = client;
    const timer = setTimeout(() => {
      connection.stream.destroy(new Error(`no greeting within ${openWithinMs} ms`));
    }, openWithinMs);
    let link: BusLink | undefined;
    connection.on("error", (reason) => reject(openingFailure(scope, address, reason)));
    connection.on("close", (reason) => {
      clearTimeout(timer);
      reject(openingFailure(scope, address, reason));
      if (link !== undefined) events.lost(reason);
    });
    connection.on("connect", () => {
      clearTimeout(timer);
      link = new BusLink(scope, client, variant, events);
      resolve(link);
    });
    return promise;
  }

  private constructor(scope: BusScope, client: MessageBus, variant: typeof Variant, events: LinkEvents) {
    this.#scope = scope;
    this.#client = client;
    this.#variant = variant;
    client.connection.on("message", (message) => {
      if (message.type !== signalType) return;
      const { sender = "", path = "", interface: of = "", member = "", signature = "", body = [] } = message;
      const values = body as readonly BusValue[];
      if (sender === daemon && member === "NameOwnerChanged") this.#ownerChanged(values, events);
      events.heard({
        isFrom: (name) => sender === name || this.#owners.get(name) === sender,
        path,
        interface: of,
        member,
        signature,
        arguments: values,
      });
    });
    (client.connection.stream as Socket).unref();
  }

  /** While something is in use, the connection keeps the process alive. */
  #use(change: 1 | -1): void {
    this.#uses += change;
    const socket = this.#client.connection.stream as Socket;
    if (this.#uses === 0) socket.unref();
    else if (this.#uses === 1 && change === 1) socket.ref();
  }

  /** What it returns is of the types that the call says. */
  async call(call: BusCall<string>, signal: AbortSignal): Promise<readonly BusValue[]> {
    signal.throwIfAborted();
    const takes = call.takes ?? "";
    const given: readonly BusArgument[] = call.arguments ?? [];
    if (!conform(given, takes)) throw argumentsDoNotConform(call);
    const { destination, path, interface: of, method, timeoutMs = 25_000 } = call;
    const body = [...mapVariants(given, takes, (type, value) => new this.#variant(type, value))];
    const message = {
      destination,
      path,
      interface: of,
      member: method,
      ...(takes === "" ? {} : { signature: takes, body }),
    };
    const { promise, resolve, reject } = Promise.withResolvers<readonly BusValue[]>();
    this.#use(1);
    this.#client.invoke(message, { signal, timeout: timeoutMs }, function answered(this: unknown, error, ...values) {
      const { signature = "" } = (this ?? {}) as { readonly signature?: string };
      if (error !== null) reject(error);
      else if (signature !== call.returns) reject(otherAnswer(call, call.returns, signature));
      else resolve(values as readonly BusValue[]);
    });
    try {
      return await promise;
    } catch (reason) {
      signal.throwIfAborted();
      throw this.#failureOf(reason, call);
    } finally {
      this.#use(-1);
    }
  }

  #failureOf(reason: unknown, call: BusCall<string>): unknown {
    if (!(reason instanceof Error)) return reason;
    const { dbusName } = reason as DBusError;
    switch (reason.name) {
      case "TimeoutError":
        return noAnswer(call, reason);
      case "ConnectionClosedError":
        return connectionLost(this.#scope, call, reason);
      default:
        return dbusName === undefined ? reason : refusedCall(this.#scope, call, dbusName, reason.message);
    }
  }

  /** From now on signals that match come; each call needs one `ignore`. */
  async listen(match: BusMatch, signal: AbortSignal): Promise<void> {
    this.#use(1);
    const [, passing] = rulesOf(match);
    // Somebody else listens to the same sender, so who that is is known.
    const isFollowed = passing !== undefined && this.#rules.has(passing) && this.#owners.has(match.sender ?? "");
    await Promise.all(rulesOf(match).map((rule) => this.#hold(rule)));
    if (match.sender === undefined || passing === undefined || isFollowed) return;
    try {
      const asked = { destination: daemon, path: "/org/freedesktop/DBus", interface: daemon, method: "GetNameOwner" };
      const [owner] = await this.call({ ...asked, takes: "s", arguments: [match.sender], returns: "s" }, signal);
      if (typeof owner === "string") this.#owners.set(match.sender, owner);
    } catch (reason) {
      // Nobody has the name yet: whoever takes it is told.
      signal.throwIfAborted();
      if (!(reason instanceof Error && "code" in reason && reason.code === "not-found")) throw reason;
    }
  }

  ignore(match: BusMatch): void {
    this.#use(-1);
    const [own] = rulesOf(match);
    for (const rule of rulesOf(match)) {
      const held = this.#rules.get(rule);
      if (held === undefined) continue;
      held.uses -= 1;
      if (held.uses > 0) continue;
      this.#rules.delete(rule);
      // Without that rule it is not told when the name passes on.
      if (rule !== own && match.sender !== undefined) this.#owners.delete(match.sender);
      // Nobody waits for it: when it does not work, the connection is gone and the rule with it.
      this.#client.removeMatch(rule, () => {});
    }
  }

  #hold(rule: string): Promise<void> {
    const held = this.#rules.get(rule);
    if (held !== undefined) {
      held.uses += 1;
      return held.ready;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const call = { destination: daemon, interface: daemon, method: "AddMatch" };
    this.#client.addMatch(rule, (error) => {
      if (error === null) resolve();
      else reject(connectionLost(this.#scope, call, error));
    });
    this.#rules.set(rule, { uses: 1, ready: promise });
    return promise;
  }

  #ownerChanged([name, , owner]: readonly BusValue[], events: LinkEvents): void {
    if (typeof name !== "string" || typeof owner !== "string") return;
    if (owner === "") this.#owners.delete(name);
    else {
      this.#owners.set(name, owner);
      events.nameTaken(name);
    }
  }
}

/** The rule for the signals, and one to hear when the name of the sender passes on. */
function rulesOf(match: BusMatch): readonly string[] {
  const own = rule({
    type: "signal",
    sender: match.sender,
    path: match.path,
    path_namespace: match.pathNamespace === "/" ? undefined : match.pathNamespace,
    interface: match.interface,
    member: match.member,
    arg0: match.firstArgument,
  });
  if (match.sender === undefined || match.sender.startsWith(":") || match.sender === daemon) return [own];
  const passing = { type: "signal", sender: daemon, interface: daemon, member: "NameOwnerChanged", arg0: match.sender };
  return [own, rule(passing)];
}

function rule(keys: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(keys)
    .filter((pair): pair is [string, string] => pair[1] !== undefined)
    .map(([key, value]) => `${key}='${value.replaceAll("'", String.raw`'\''`)}'`)
    .join(",");
}

function openingFailure(scope: BusScope, address: string, reason: unknown): Error {
  const name = errorName(reason);
  if (name === "EACCES" || name === "EPERM") return busRefusesUs(scope, reason);
  const isRefusal = reason instanceof Error && name === undefined && /auth|reject/i.test(reason.message);
  return isRefusal ? busRefusesUs(scope, reason) : noBus(scope, address, reason);
}
