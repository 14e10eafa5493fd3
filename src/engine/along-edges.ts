// SPDX-License-Identifier: Apache-2.0
// What goes along edges: refreshes, and values from sender to receiver. A receiver reads when it is about to observe,
// so it never works with a value older than its sender's last success.

import { failureFrom } from "./failures.ts";
import { invariant } from "../base/invariant.ts";
import type { Cause } from "../contract/event.ts";
import { Failure } from "../contract/failure.ts";
import type { AnyWant, WantProblem } from "../contract/resource.ts";
import type { Send } from "../resource-graph/vertex.ts";
import { readWanted, sameWanted } from "../resource-graph/wanted.ts";
import { defaultsOf } from "../resource-graph/read-declaration.ts";
import { sameValue, type Value } from "../values/value.ts";
import { isSecretSend } from "./secrets.ts";
import type { Link, Node } from "./node.ts";
import { type Inputs, noKeys, type Part } from "./part.ts";
import { isExported } from "./publication.ts";

/** What an observation that begins now is given, for each part, or why it cannot begin. */
export function takeInputs(node: Node, turn: number): ReadonlyMap<Part, Inputs> | Failure {
  const all = new Map<Part, Inputs>();
  const { hidden } = node.vertex.meta;
  // Hidden resources are not carried out, so what they could receive matters only to those who collect them.
  const unsure = new Map<Part, string[]>();
  const receivedBy = hidden && !isExported(node.vertex) ? nothingReceived : readAllSent(node, unsure);
  if (receivedBy instanceof Failure) return receivedBy;
  const refresh = !hidden && hasPendingRefresh(node);
  for (const part of node.parts.values()) {
    const inputs = inputsOf(part, receivedBy.get(part), refresh, turn);
    if (inputs instanceof Failure) return inputs;
    all.set(part, { ...inputs, unsure: unsure.get(part) ?? nothingUnsure });
  }
  return all;
}

type Received = ReadonlyMap<string, unknown>;
const nothingReceived: ReadonlyMap<Part, Received> = new Map();
const noFields: Received = new Map();
const nothingUnsure: readonly string[] = [];
const noNames: ReadonlySet<string> = new Set();

function hasPendingRefresh(node: Node): boolean {
  for (const link of node.parents.values()) {
    if (link.edge.notify && (link.refreshedAt > 0 || wouldRefresh(link))) return true;
  }
  return false;
}

/** With noop on both sides, what would be changed would also refresh. */
function wouldRefresh({ edge, from, to }: Link): boolean {
  return edge.notify && from.wouldWork && from.state.meta.noop && to.state.meta.noop;
}

/** Values that cannot be known go into `unsure`. */
function readAllSent(node: Node, unsure: Map<Part, string[]>): ReadonlyMap<Part, Received> | Failure {
  let received: Map<Part, Map<string, unknown>> | undefined;
  for (const part of node.parts.values()) if (part.secrets.size > 0) part.secrets = noNames;
  for (const { from, edge } of node.parents.values()) {
    for (const { key, field, sender, receiver } of edge.sends) {
      const part = partOf(node, receiver);
      const source = partOf(from, sender);
      if (isSecretSend(source, key)) part.secrets = new Set([...part.secrets, field]);
      if (node.state.meta.noop && source.unsure.has(key)) {
        unsure.set(part, [...(unsure.get(part) ?? []), `${source.vertex.reference}.${key}`]);
        continue;
      }
      const value = readSent(part, source, key, field);
      if (value instanceof Failure) return value;
      received ??= new Map();
      const fields = received.get(part) ?? new Map<string, unknown>();
      received.set(part, fields);
      fields.set(field, value.wanted);
    }
  }
  return received ?? nothingReceived;
}

function partOf(node: Node, key: string | undefined): Part {
  const part = key === undefined ? node.own : node.parts.get(key);
  invariant(part !== undefined, "an edge ends at the members of its vertices");
  return part;
}

function inputsOf(
  part: Part,
  received: Received | undefined,
  refresh: boolean,
  turn: number,
): Omit<Inputs, "unsure"> | Failure {
  const declared = part.vertex.want;
  if (received === undefined)
    return { want: declared, hints: { refresh, received: noNames }, received: noFields, turn };
  const changed = new Set<string>();
  for (const [field, wanted] of received) {
    if (!part.received.has(field) || !sameWanted(part.received.get(field), wanted)) changed.add(field);
  }
  const want = { ...declared, ...Object.fromEntries(received) };
  const wrong = part.vertex.meta.hidden ? undefined : firstProblem(part, want);
  if (wrong instanceof Failure) return wrong;
  if (wrong !== undefined) return new Failure(`${titleOf(wrong)}, with the values received`, failureOptions(wrong));
  return { want, hints: { refresh, received: changed }, received, turn };
}

function readSent(part: Part, sender: Part, key: string, field: string): { readonly wanted: unknown } | Failure {
  if (!sender.sent.has(key)) {
    return new Failure(`the field "${field}" receives "${key}" of ${sender.vertex.reference}, which has not sent it`, {
      code: "invalid",
      hint: "A resource sends when it does its work: look at why the sender had nothing to send.",
    });
  }
  const { kind, name } = part.vertex;
  const value = sender.sent.get(key);
  const declared = kind.fields[field];
  if (value === undefined || declared === undefined) return { wanted: defaultsOf(kind.fields, name)[field] };
  const reading = readWanted(declared, value);
  if (reading.ok) return reading;
  return new Failure(`the field "${field}" ${reading.why}, sent by ${sender.vertex.reference}`, { code: "invalid" });
}

function firstProblem({ vertex }: Part, want: AnyWant): WantProblem | Failure | undefined {
  try {
    return vertex.kind.check?.(want, vertex.name)[0];
  } catch (reason) {
    return failureFrom(reason); // A mistake of the kind is that of its resource alone.
  }
}

function titleOf({ field, title }: WantProblem): string {
  return field === undefined || title.includes(`\`${field}\``) ? title : `the field \`${field}\`: ${title}`;
}

function failureOptions({ hint }: WantProblem): { readonly code: "invalid"; readonly hint?: string } {
  return hint === undefined ? { code: "invalid" } : { code: "invalid", hint };
}

/** What a part has published. */
export interface Published {
  readonly part: Part;
  readonly changed: ReadonlySet<string>;
}

/**
 * To be called after each success: publishes what was sent, marks served refreshes, hands on new ones. `wake` is called
 * for each child with something new. Returns what was published and is new.
 */
export function handOn(
  node: Node,
  worked: boolean,
  turn: number,
  wake: (child: Node, cause: Cause) => void,
): readonly Published[] {
  const published: Published[] = [];
  noteWouldWork(node, wake);
  for (const part of node.parts.values()) {
    if (part.inputs !== undefined) part.received = part.inputs.received;
    const changed = publish(part);
    if (changed.size > 0) published.push({ part, changed });
  }
  const { inputs } = node.own;
  if (inputs !== undefined && !node.state.meta.noop) serveRefreshes(node, inputs.turn);
  if (worked || published.length > 0) wakeChildren(node, worked, turn, published, wake);
  return published;
}

function wakeChildren(
  node: Node,
  worked: boolean,
  turn: number,
  published: readonly Published[],
  wake: (child: Node, cause: Cause) => void,
): void {
  for (const [child, link] of node.children) {
    if (worked && link.edge.notify && servesRefresh(child)) {
      link.refreshedAt = turn;
      wake(child, { kind: "refresh", from: node.vertex.reference });
    }
    const isNew = ({ key, sender = node.key }: Send): boolean =>
      published.some(({ part, changed }) => part.key === sender && changed.has(key));
    const send = link.edge.sends.find(isNew);
    if (send !== undefined) wake(child, { kind: "received", from: partOf(node, send.sender).vertex.reference });
  }
}

/** What a noop would do, and what nobody can know because of that, is told to those below once. */
function noteWouldWork(node: Node, wake: (child: Node, cause: Cause) => void): void {
  const isUnsure = node.parts
    .values()
    .some(({ unsure, inputs }) => unsure.size > 0 || (inputs?.unsure.length ?? 0) > 0);
  const wouldWork = node.state.meta.noop && (node.plan.length > 0 || isUnsure);
  if (wouldWork === node.wouldWork) return;
  node.wouldWork = wouldWork;
  for (const [child, link] of node.children) {
    if (wouldRefresh(link) && servesRefresh(child)) wake(child, { kind: "refresh", from: node.vertex.reference });
    else if (link.edge.sends.length > 0) wake(child, { kind: "received", from: node.vertex.reference });
  }
}

function servesRefresh({ parts }: Node): boolean {
  return parts.values().some(({ vertex }) => vertex.kind.traits.refresh === true);
}

function serveRefreshes(node: Node, turn: number): void {
  for (const link of node.parents.values()) if (link.refreshedAt <= turn) link.refreshedAt = 0;
}

/** The keys whose value is new. */
function publish(part: Part): ReadonlySet<string> {
  if (part.outbox === undefined) return noKeys;
  const changed = new Set<string>();
  for (const [key, value] of part.outbox) {
    if (!part.sent.has(key) || !sameSent(part.sent.get(key), value)) changed.add(key);
    part.sent.set(key, value);
  }
  part.outbox = undefined;
  return changed;
}

function sameSent(left: Value | undefined, right: Value | undefined): boolean {
  return left === undefined || right === undefined ? left === right : sameValue(left, right);
}

/** Whether the watch that was begun last serves these wants too. */
export function isWatchedAlike({ watchedWants, vertex: own }: Node, inputs: ReadonlyMap<Part, Inputs>): boolean {
  if (watchedWants === undefined) return false;
  const { watchesThrough = false } = own.kind.grouping ?? {};
  if (!watchesThrough && watchedWants.size !== inputs.size) return false;
  for (const [{ key, vertex }, { want }] of inputs) {
    if (watchesThrough && key !== own.key) continue;
    const watched = watchedWants.get(key);
    if (watched === undefined) return false;
    if (watched === want) continue;
    const fields = vertex.kind.watchedFields ?? Object.keys(vertex.kind.fields);
    if (!fields.every((field) => sameWanted(watched[field], want[field]))) return false;
  }
  return true;
}
