// SPDX-License-Identifier: Apache-2.0
// How to undo resources with `Meta:reverse`: kept in their state directories from before their first step, so that it
// survives everything, until it has been done. Knows nothing of graphs; leaving.ts decides what is to be undone.

import type { Span } from "../base/span.ts";
import type { Listener } from "../contract/event.ts";
import { Failure } from "../contract/failure.ts";
import type { Host } from "../contract/host.ts";
import { defaultMeta } from "../contract/meta.ts";
import type { AnyWant, ResourceEnv, ResourceKind, Step } from "../contract/resource.ts";
import type { ReverseFields } from "../contract/reversal.ts";
import { defaultsOf } from "../resource-graph/read-declaration.ts";
import type { Vertex } from "../resource-graph/vertex.ts";
import { conforms } from "../values/conforms.ts";
import { bytesOf, textOf } from "../values/bytes.ts";
import { failureFrom } from "./failures.ts";
import { statePath } from "./state-directory.ts";

/** The file in the state directory of a resource. */
const fileName = "reverse.json";
const longestRecordBytes = 64 * 1024 * 1024;

interface StoredReversal {
  readonly version: 1;
  readonly kind: string;
  readonly name: string;
  readonly subject: string;
  readonly fields: ReverseFields;
}

interface Known {
  readonly subject: string;
  /** The resource that undoes it. */
  readonly vertex: Vertex;
}

export interface ReversalsOptions {
  readonly host: Host;
  readonly stateRoot: string;
  /** Those that may be named by what former runs have kept. */
  readonly kinds: readonly ResourceKind[];
  /** Told of what is kept but cannot be read. */
  readonly emit: Listener;
}

const forget: Step = { do: "forget how to undo" };

export class Reversals {
  readonly #options: ReversalsOptions;
  /** By the key of the resource that is to be undone when it leaves. */
  readonly #known = new Map<string, Known>();
  /** Undefined when what former runs have kept is known. */
  #loading: AbortController | undefined;

  constructor(options: ReversalsOptions) {
    this.#options = options;
  }

  get areLoading(): boolean {
    return this.#loading !== undefined;
  }

  has(key: string): boolean {
    return this.#known.has(key);
  }

  *vertices(): Iterable<Vertex> {
    for (const { vertex } of this.#known.values()) yield vertex;
  }

  /** Begins to read what former runs have kept; until `onLoaded` nobody knows what is to be undone. */
  load(onLoaded: () => void): void {
    const loading = new AbortController();
    this.#loading = loading;
    const loaded = (): void => {
      this.#loading = undefined;
      onLoaded();
    };
    this.#load(loading.signal).then(loaded, (reason: unknown) => {
      if (!loading.signal.aborted) this.#tellUnreadable(this.#options.stateRoot, failureFrom(reason));
      loaded();
    });
  }

  stop(): void {
    this.#loading?.abort();
  }

  #tellUnreadable(path: string, failure: Failure): void {
    const at: Span = { file: { path: this.#options.stateRoot, text: "" }, start: 0, end: 0 };
    this.#options.emit({ type: "failed", resource: path, failure, at, retryInMs: undefined, repeated: false });
  }

  async #load(signal: AbortSignal): Promise<void> {
    const { host, stateRoot, kinds } = this.#options;
    const prefixes = kinds.filter(({ reversal }) => reversal !== undefined).map(({ kind }) => `${kind}-`);
    if ((await host.files.inspectTarget(stateRoot, signal))?.kind !== "directory") return;
    for (const name of await host.files.list(stateRoot, signal)) {
      if (prefixes.some((prefix) => name.startsWith(prefix))) await this.#loadBelow(`${stateRoot}/${name}`, signal);
    }
  }

  /** Long names go on in directories below; only the last part has a `+`. */
  async #loadBelow(directory: string, signal: AbortSignal): Promise<void> {
    const { files } = this.#options.host;
    if (directory.slice(directory.lastIndexOf("/")).includes("+"))
      return this.#loadFile(`${directory}/${fileName}`, signal);
    if ((await files.inspect(directory, signal))?.kind !== "directory") return;
    for (const name of await files.list(directory, signal)) await this.#loadBelow(`${directory}/${name}`, signal);
  }

  async #loadFile(path: string, signal: AbortSignal): Promise<void> {
    const { files } = this.#options.host;
    try {
      if ((await files.inspect(path, signal)) === undefined) return;
      const stored = parseStored(textOf(await files.read(path, longestRecordBytes, signal)));
      const kind = this.#options.kinds.find((candidate) => candidate.kind === stored?.kind);
      if (stored === undefined || kind === undefined || !fits(kind, stored.fields)) {
        throw new Failure(`${path} does not say how to undo a resource`, {
          code: "invalid",
          hint: "Nothing is undone for it. Remove the file when it is not needed.",
        });
      }
      this.#keep(kind, stored, { file: { path, text: "" }, start: 0, end: 0 });
    } catch (reason) {
      if (!(reason instanceof Failure)) throw reason;
      this.#tellUnreadable(path, reason);
    }
  }

  /** Whether there is anything to remember or forget. */
  concerns({ key, kind, meta }: Vertex): boolean {
    return this.#known.has(key) || (meta.reverse && kind.reversal !== undefined);
  }

  /** To be called before each observation. What is known stays: it is from before the program came. */
  async remember(vertex: Vertex, want: AnyWant, env: ResourceEnv): Promise<void> {
    const { kind, name, key, meta } = vertex;
    const known = this.#known.get(key);
    if (known?.vertex === vertex) return;
    if (!meta.reverse || kind.reversal === undefined) {
      if (known !== undefined) await this.#forget(vertex, env.signal);
      return;
    }
    const subject = kind.reversal.subject(want);
    if (known !== undefined) {
      if (known.subject === subject) return;
      throw new Failure(`${known.subject} was changed for ${vertex.reference}, which is now about ${subject}`, {
        code: "conflict",
        hint: "Take it out of the program once, so that the former change is undone, or give it another name.",
      });
    }
    const fields = await kind.reversal.reverse(want, env);
    const stored: StoredReversal = { version: 1, kind: kind.kind, name, subject, fields };
    const text = `${JSON.stringify(stored, undefined, 2)}\n`;
    const path = `${await env.stateDirectory()}/${fileName}`;
    await this.#options.host.files.write(path, bytesOf(text), { mode: 0o600, durable: true }, env.signal);
    this.#keep(kind, stored, vertex.at);
  }

  #keep(kind: ResourceKind, { name, subject, fields }: StoredReversal, at: Span): void {
    const reference = `${kind.kind}[${name}]`;
    const vertex: Vertex = {
      key: reference,
      kind: this.#undoing(kind, reference),
      name,
      reference,
      want: { ...defaultsOf(kind.fields, name), ...fields },
      given: Object.keys(fields),
      meta: defaultMeta,
      at,
      statement: { at },
      members: [],
    };
    this.#known.set(reference, { subject, vertex });
  }

  /** The same kind, with one more step at the end: what has been undone is not undone again. */
  #undoing(kind: ResourceKind, key: string): ResourceKind {
    return {
      ...kind,
      plan: (want, have, hints, members) => [
        ...kind.plan(want, have, hints, members),
        ...(this.#known.has(key) ? [forget] : []),
      ],
      explain: (step) =>
        step === forget
          ? { mark: "-", text: "forget what it was before", says: true, internal: true }
          : { ...kind.explain(step), undoes: true },
      apply: async (step, want, env) => {
        const known = this.#known.get(key);
        if (step !== forget) await kind.apply(step, want, env);
        else if (known !== undefined) await this.#forget(known.vertex, env.signal);
      },
    };
  }

  async #forget({ kind, name, key }: Vertex, signal: AbortSignal): Promise<void> {
    const { host, stateRoot } = this.#options;
    await host.files.remove(`${statePath(stateRoot, kind.kind, name)}/${fileName}`, {}, signal);
    this.#known.delete(key);
  }
}

function parseStored(text: string): StoredReversal | undefined {
  let stored: Partial<StoredReversal> | undefined;
  try {
    stored = JSON.parse(text) as typeof stored; // Each part that is used is looked at below.
  } catch {
    return undefined;
  }
  const { version, kind, name, subject, fields } = stored ?? {};
  const texts = [kind, name, subject].every((part) => typeof part === "string" && part !== "");
  return version === 1 && texts && typeof fields === "object" && fields !== null
    ? (stored as StoredReversal)
    : undefined;
}

function fits(kind: ResourceKind, fields: ReverseFields): boolean {
  return Object.entries(fields).every(([name, value]) => {
    const field = Object.hasOwn(kind.fields, name) ? kind.fields[name] : undefined;
    return field !== undefined && conforms(value, field.type);
  });
}
