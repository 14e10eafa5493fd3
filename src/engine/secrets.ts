// SPDX-License-Identifier: Apache-2.0
// What must never be shown: values that a kind declares secret, and what was received from such. Every event and report
// of the engine goes through here, so no kind and no subscriber has to think of it.

import type { EngineEvent, Listener } from "../contract/event.ts";
import { Failure } from "../contract/failure.ts";
import type { ResourceKind, StepText } from "../contract/resource.ts";
import { MapValue, StructValue, type Value } from "../values/value.ts";
import { type Part, wantOf } from "./part.ts";

const concealed = "<secret>";

/** Shorter ones could be part of any word, so only resources that hold them take care not to show them. */
const shortestEverywhere = 6;

export class Secrets {
  /** The longest first: one may be a part of another. */
  #texts: readonly string[] = [];

  /** From now on these texts are in no event. */
  keep(value: unknown): void {
    const fresh = textsIn(value).filter((text) => text.length >= shortestEverywhere && !this.#texts.includes(text));
    if (fresh.length > 0) this.#texts = [...this.#texts, ...fresh].sort((left, right) => right.length - left.length);
  }

  keepFieldsOf(part: Part): void {
    const want = wantOf(part);
    for (const field of secretFieldsOf(part.vertex.kind)) {
      // What stands in the name is shown everywhere: a field that is the name is none.
      if (want[field] !== part.vertex.name) this.keep(want[field]);
    }
  }

  step(text: StepText, holders: readonly Part[]): StepText {
    const own = holders.flatMap(secretTextsOf);
    // What stands in a file that holds a secret may be an older one, which we have never seen.
    const holds = own.length > 0 || holders.some(({ secrets }) => secrets.size > 0);
    const { content, ...rest } = text;
    const line = this.text(replaceAll(text.text, own));
    const shown = { ...rest, text: line === text.text ? line : line.replace(/ \(was .*\)$/s, ` (was ${concealed})`) };
    if (content === undefined || holds) return shown;
    return { ...shown, content: { before: this.text(content.before), after: this.text(content.after) } };
  }

  text(text: string): string {
    return replaceAll(text, this.#texts);
  }

  failure(failure: Failure): Failure {
    const message = this.text(failure.message);
    const hint = failure.hint === undefined ? undefined : this.text(failure.hint);
    if (message === failure.message && hint === failure.hint) return failure;
    const { code, retry } = failure;
    return new Failure(message, { code, retry, ...(hint === undefined ? {} : { hint }) });
  }

  listener(next: Listener): Listener {
    return (event) => next(this.#event(event));
  }

  #event(event: EngineEvent): EngineEvent {
    switch (event.type) {
      case "said":
        return { ...event, line: this.text(event.line) };
      case "failed":
        return { ...event, failure: this.failure(event.failure) };
      case "mistake":
        return { ...event, message: this.text(event.message) };
      default:
        return event; // Steps are concealed when they are explained, sent values when they are published.
    }
  }
}

/** What a part has sent, as it may be shown. One that holds a secret may have made what it sends of it. */
export function shownValues({ sent, secrets, vertex }: Part): Record<string, Value | undefined> {
  const { secretSends = [] } = vertex.kind.traits;
  const show = (key: string, value: Value | undefined): Value | undefined =>
    value !== undefined && (secrets.size > 0 || secretSends.includes(key)) ? concealed : value;
  return Object.fromEntries(Array.from(sent, ([key, value]) => [key, show(key, value)]));
}

/** Whether what a sender sends under this key must not be shown by whoever receives it. */
export function isSecretSend({ secrets, vertex }: Part, key: string): boolean {
  return secrets.size > 0 || vertex.kind.traits.secretSends?.includes(key) === true;
}

const fieldsByKind = new WeakMap<ResourceKind, readonly string[]>();

function secretFieldsOf(kind: ResourceKind): readonly string[] {
  const known = fieldsByKind.get(kind);
  if (known !== undefined) return known;
  const fields = Object.entries(kind.fields)
    .filter(([, field]) => field.secret)
    .map(([name]) => name);
  fieldsByKind.set(kind, fields);
  return fields;
}

function secretTextsOf(part: Part): readonly string[] {
  const want = wantOf(part);
  const own = secretFieldsOf(part.vertex.kind).filter((field) => want[field] !== part.vertex.name);
  return [...part.secrets, ...own].flatMap((field) => textsIn(want[field]));
}

function replaceAll(text: string, secrets: readonly string[]): string {
  return secrets.reduce((shown, secret) => shown.replaceAll(secret, concealed), text);
}

/** Every text in a value, as it is, as it stands in quotes, and its lines by themselves. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") {
    if (value === "") return [];
    const quoted = JSON.stringify(value).slice(1, -1);
    const lines = value.includes("\n") ? value.split("\n").filter((line) => line !== "") : [];
    return [...new Set([value, quoted, ...lines])];
  }
  if (value instanceof Map) return [...value.values()].flatMap(textsIn);
  if (value instanceof MapValue) return [...value.entries()].flatMap(([, item]) => textsIn(item));
  if (value instanceof StructValue) return value.values.flatMap(textsIn);
  return Array.isArray(value) ? value.flatMap(textsIn) : [];
}
