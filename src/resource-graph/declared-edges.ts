// SPDX-License-Identifier: Apache-2.0
// The edges that a program writes: both ends exist, equal ones become one, sent values have one sender a field.

import { nearest } from "../base/nearest.ts";
import { type EdgeDeclaration, renderReference, type ResourceReference } from "../contract/declaration.ts";
import type { Field } from "../contract/field.ts";
import { canArriveAs } from "../values/sending.ts";
import { renderType, type Type } from "../values/type.ts";
import {
  cannotReceive,
  hiddenSender,
  mismatchedSend,
  twoSenders,
  unknownEdgeEnd,
  unknownField,
  unknownSentKey,
} from "./problems.ts";
import type { Draft } from "./passes.ts";
import { edgeKey, type Send, type Vertex } from "./vertex.ts";

export function addDeclaredEdges(draft: Draft): void {
  const senders = new Map<string, EdgeDeclaration>();
  for (const { output } of draft.statements) {
    for (const edge of output.edges) {
      const tails = endsOf(draft, edge, edge.from);
      const heads = endsOf(draft, edge, edge.to);
      for (const tail of tails) {
        for (const head of heads) {
          const send = edge.send === undefined ? undefined : checkSend(draft, edge, edge.send, tail, head, senders);
          addEdge(draft, edge, tail, head, send);
        }
      }
    }
  }
}

/** A reference means the visible resource and all hidden ones that share it. */
function endsOf(draft: Draft, edge: EdgeDeclaration, end: ResourceReference): readonly Vertex[] {
  const reference = renderReference(end);
  const found = draft.byReference.get(reference);
  if (found !== undefined) return found;
  if (!draft.unsound.has(reference)) {
    const suggestion = nearest(reference, draft.byReference.keys());
    draft.problems.report(unknownEdgeEnd, edge.at, {
      resource: reference,
      suggestion,
      kind: unknownKindOf(draft, end),
    });
  }
  return [];
}

function unknownKindOf({ catalog }: Draft, { kind }: ResourceReference) {
  if (catalog.kind(kind) !== undefined) return undefined;
  const suggestion = nearest(kind, catalog.kinds);
  return { name: kind, suggestion: suggestion && suggestion.charAt(0).toUpperCase() + suggestion.slice(1) };
}

function addEdge(draft: Draft, edge: EdgeDeclaration, tail: Vertex, head: Vertex, send: Send | undefined): void {
  const key = edgeKey({ from: tail.key, to: head.key });
  const former = draft.edges.get(key);
  const sends = former?.sends ?? [];
  const known = send === undefined || sends.some(({ key, field }) => key === send.key && field === send.field);
  draft.edges.set(key, {
    from: tail.key,
    to: head.key,
    notify: edge.notify || (former?.notify ?? false),
    sends: known ? sends : [...sends, send],
    at: former?.at ?? edge.at,
  });
}

/** The send when it is sound, else undefined after a report. */
function checkSend(
  draft: Draft,
  edge: EdgeDeclaration,
  send: Send,
  tail: Vertex,
  head: Vertex,
  senders: Map<string, EdgeDeclaration>,
): Send | undefined {
  const { problems } = draft;
  if (tail.meta.hidden) {
    problems.report(hiddenSender, edge.at, { resource: tail.reference });
    return undefined;
  }
  const sent = tail.kind.traits.sends ?? {};
  const type = Object.hasOwn(sent, send.key) ? sent[send.key] : undefined;
  const field = Object.hasOwn(head.kind.fields, send.field) ? head.kind.fields[send.field] : undefined;
  if (type === undefined) {
    problems.report(unknownSentKey, edge.at, { kind: tail.kind.kind, key: send.key, known: Object.keys(sent) });
  } else if (head.kind.traits.receives !== true) {
    problems.report(cannotReceive, edge.at, { kind: head.kind.kind });
  } else if (field === undefined) {
    const suggestion = nearest(send.field, Object.keys(head.kind.fields));
    problems.report(unknownField, edge.at, { kind: head.kind.kind, field: send.field, suggestion });
  } else if (!canTake(field, type)) {
    const taken = field.type === "any" ? "any value" : renderType(field.type);
    problems.report(mismatchedSend, edge.at, { key: send.key, sent: renderType(type), field: send.field, taken });
  } else if (isOnlySender(draft, edge, send, head, senders)) {
    return send;
  }
  return undefined;
}

/** What is only known when it is sent is checked then. */
function canTake(field: Field<unknown>, sent: Type): boolean {
  return field.type === "any" || canArriveAs(sent, field.type);
}

function isOnlySender(
  draft: Draft,
  edge: EdgeDeclaration,
  send: Send,
  head: Vertex,
  senders: Map<string, EdgeDeclaration>,
): boolean {
  const receiver = `${head.key}.${send.field}`;
  const former = senders.get(receiver);
  senders.set(receiver, former ?? edge);
  if (former === undefined) return true;
  const source = `${renderReference(edge.from)}.${send.key}`;
  const formerSource = `${renderReference(former.from)}.${former.send?.key}`;
  if (source === formerSource) return true;
  draft.problems.report(twoSenders, edge.at, {
    resource: head.reference,
    field: send.field,
    senders: [formerSource, source],
    other: former.at,
  });
  return false;
}
