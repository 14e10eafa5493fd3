// SPDX-License-Identifier: Apache-2.0
// What goes along edges: refreshes, and values from sender to receiver. A receiver reads when it is about to observe,
// so it never works with a value older than its sender's last success.

import type { Cause } from "../contract/event.ts";
import { Failure } from "../contract/failure.ts";
import type { AnyWant, WantProblem } from "../contract/resource.ts";
import { readWanted, sameWanted } from "../resource-graph/wanted.ts";
import { defaultsOf } from "../resource-graph/read-declaration.ts";
import { sameValue, type Value } from "../values/value.ts";
import type { Inputs, Node } from "./node.ts";

/** What an observation that begins now is given, or why it cannot begin. */
export function takeInputs(node: Node, turn: number): Inputs | Failure {
  const received = new Map<string, unknown>();
  // Hidden resources are not carried out, so nothing they could receive matters.
  if (node.vertex.meta.hidden)
    return { want: node.vertex.want, hints: { refresh: false, received: new Set() }, received, turn };
  let refresh = false;
  for (const { from, edge, refreshedAt } of node.parents.values()) {
    if (edge.notify && refreshedAt > 0) refresh = true;
    for (const { key, field } of edge.sends) {
      const value = readSent(node, from, key, field);
      if (value instanceof Failure) return value;
      received.set(field, value.wanted);
    }
  }
  const changed = new Set<string>();
  for (const [field, wanted] of received) {
    if (!node.received.has(field) || !sameWanted(node.received.get(field), wanted)) changed.add(field);
  }
  const want = received.size === 0 ? node.vertex.want : { ...node.vertex.want, ...Object.fromEntries(received) };
  const wrong = received.size === 0 ? undefined : firstProblem(node, want);
  if (wrong !== undefined) return new Failure(`${wrong.title}, with the values received`, failureOptions(wrong));
  return { want, hints: { refresh, received: changed }, received, turn };
}

function readSent(node: Node, sender: Node, key: string, field: string): { readonly wanted: unknown } | Failure {
  if (!sender.sent.has(key)) {
    return new Failure(`the field "${field}" receives "${key}" of ${sender.vertex.reference}, which has not sent it`, {
      code: "invalid",
      hint: "A resource sends when it does its work: look at why the sender had nothing to send.",
    });
  }
  const { kind, name } = node.vertex;
  const value = sender.sent.get(key);
  const declared = kind.fields[field];
  if (value === undefined || declared === undefined) return { wanted: defaultsOf(kind.fields, name)[field] };
  const reading = readWanted(declared, value);
  if (reading.ok) return reading;
  return new Failure(`the field "${field}" ${reading.why}, sent by ${sender.vertex.reference}`, { code: "invalid" });
}

function firstProblem(node: Node, want: AnyWant): WantProblem | undefined {
  return node.vertex.kind.check?.(want, node.vertex.name)[0];
}

function failureOptions({ hint }: WantProblem): { readonly code: "invalid"; readonly hint?: string } {
  return hint === undefined ? { code: "invalid" } : { code: "invalid", hint };
}

/**
 * To be called after each success: publishes what was sent, marks served refreshes, hands on new ones. `wake` is called
 * for each child with something new. Returns what was published, undefined when nothing changed.
 */
export function exchange(
  node: Node,
  worked: boolean,
  turn: number,
  wake: (child: Node, cause: Cause) => void,
): Readonly<Record<string, Value | undefined>> | undefined {
  const { inputs } = node;
  if (inputs !== undefined) {
    node.received = inputs.received;
    if (!node.state.meta.noop) serveRefreshes(node, inputs.turn);
  }
  const changed = publish(node);
  if (!worked && changed.size === 0) return undefined;
  const from = node.vertex.reference;
  for (const [child, link] of node.children) {
    if (worked && link.edge.notify && child.vertex.kind.traits.refresh === true) {
      link.refreshedAt = turn;
      wake(child, { kind: "refresh", from });
    }
    if (link.edge.sends.some(({ key }) => changed.has(key))) wake(child, { kind: "received", from });
  }
  return changed.size === 0 ? undefined : Object.fromEntries(node.sent);
}

function serveRefreshes(node: Node, turn: number): void {
  for (const link of node.parents.values()) if (link.refreshedAt <= turn) link.refreshedAt = 0;
}

/** The keys whose value is new. */
function publish(node: Node): ReadonlySet<string> {
  const changed = new Set<string>();
  for (const [key, value] of node.outbox ?? []) {
    if (!node.sent.has(key) || !sameSent(node.sent.get(key), value)) changed.add(key);
    node.sent.set(key, value);
  }
  node.outbox = undefined;
  return changed;
}

function sameSent(left: Value | undefined, right: Value | undefined): boolean {
  return left === undefined || right === undefined ? left === right : sameValue(left, right);
}

/** Whether a watch begun with one want still serves another. */
export function isWatchedAlike(node: Node, want: AnyWant): boolean {
  const { watchedWant } = node;
  if (watchedWant === want) return true;
  if (watchedWant === undefined) return false;
  const fields = node.vertex.kind.watchedFields ?? Object.keys(node.vertex.kind.fields);
  return fields.every((field) => sameWanted(watchedWant[field], want[field]));
}
