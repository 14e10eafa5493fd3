// SPDX-License-Identifier: Apache-2.0
// Infers resources and edges against the schemas of their kinds. Reference: mcl language, 4.2 to 4.5 and 9.4.

import type { FunctionDefinition } from "../../contract/function.ts";
import { metaParameters } from "../../contract/meta.ts";
import type { ResourceKind } from "../../contract/resource.ts";
import { parseType } from "../../values/parse-type.ts";
import { canArriveAs } from "../../values/sending.ts";
import { functionType, listType, strType, structType, type Type } from "../../values/type.ts";
import type * as Named from "../names/tree.ts";
import { expectCondition } from "./call-value.ts";
import { inferExpression } from "./expressions.ts";
import type { Frame } from "./frames.ts";
import { expect, type Inference, keep, report, textAt } from "./inference.ts";
import { knownType, knownValue } from "./known.ts";
import * as problem from "./problems.ts";
import type { Reason } from "./reason.ts";
import type * as Typed from "./tree.ts";

export function inferResource(inference: Inference, frame: Frame, resource: Named.Resource): Typed.Resource {
  const definition = inference.catalog.kind(resource.type);
  // Without fields it is left to the run, which may never come to the statement; what is collected is asked for by kind.
  if (definition === undefined && (resource.fields.length > 0 || resource.collects !== undefined)) {
    reportUnknownKind(inference, frame, resource.typeAt, resource.type);
  }
  return {
    kind: "resource",
    at: resource.at,
    type: resource.type,
    ...(definition === undefined ? {} : { definition }),
    ...inferWhat(inference, frame, resource),
    fields: resource.fields.map((field) => inferField(inference, frame, definition, field)),
    meta: resource.meta.map((meta) => inferMeta(inference, frame, meta)),
    edges: resource.edges.map((edge) => ({
      at: edge.at,
      relation: edge.relation,
      ...inferCondition(inference, frame, edge.condition),
      target: inferHalf(inference, frame, edge.target),
    })),
  };
}

export function inferEdge(inference: Inference, frame: Frame, edge: Named.Edge): Typed.Edge {
  const halves = edge.halves.map((half) => inferHalf(inference, frame, half));
  const [from, to] = edge.halves;
  if (from !== undefined && to === undefined) report(inference, frame, problem.edgeWithOneHalf, edge.at, {});
  if (from?.field !== undefined && to?.field !== undefined) {
    checkSending(inference, frame, { ...from, field: from.field }, { ...to, field: to.field });
  }
  return { kind: "edge", at: edge.at, halves };
}

// ---- The parts of a resource ----

const namesType = listType(strType);

/**
 * One name or a list of names. It is one name only if that is known before types are solved; everything else has to be a
 * list, so a name that is the result of a call is written in brackets.
 */
function inferNames(inference: Inference, frame: Frame, expression: Named.Expression): Typed.Names {
  // First, because it remembers what is known of a long chain of variables.
  const value = inferExpression(inference, frame, expression);
  const known = knownType(expression, frame, () => inference.solver.fresh());
  const reason: Reason = { at: value.at, kind: "resource-name" };
  if (known !== undefined && known.kind !== "list") {
    expect(inference, frame, strType, value, reason);
    return { list: false, value };
  }
  if (known === undefined && inference.solver.head(value.type).kind === "str") {
    report(inference, frame, problem.nameMustBeList, expression.at, {
      text: textAt(expression.at),
      variable: expression.kind === "reference" ? expression.name : undefined,
    });
    return { list: true, value };
  }
  expect(inference, frame, namesType, value, reason);
  return { list: true, value };
}

/** Names of resources, or what is collected. */
function inferWhat(
  inference: Inference,
  frame: Frame,
  resource: Named.Resource,
): Pick<Typed.Resource, "name" | "collected"> {
  if (resource.collects === undefined) return { name: inferNames(inference, frame, resource.name) };
  const collected = inferCollected(inference, frame, resource, resource.collects);
  return { name: { list: true, value: collected.args[1] ?? collected }, collected };
}

const pairsType = parseType("[]struct{name str; host str}");

/** A name or a list of names, if that is known by now; else pairs of names and hosts. */
function inferCollected(
  inference: Inference,
  frame: Frame,
  { at, type, typeAt, name }: Named.Resource,
  collects: FunctionDefinition,
): Typed.CallBuiltin {
  const { solver } = inference;
  const names = inferExpression(inference, frame, name);
  const head = solver.head(knownType(name, frame, () => solver.fresh()) ?? names.type);
  const element = head.kind === "list" ? solver.head(head.element) : undefined;
  const expected = head.kind === "str" ? strType : element?.kind === "str" ? namesType : pairsType;
  expect(inference, frame, expected, names, { at: names.at, kind: "collected-names" });
  inference.impure += 1; // Other hosts may export something else the next time.
  return keep(inference, frame, {
    kind: "call-builtin",
    at,
    type: collects.type.result,
    shownAs: "collect",
    function: collects,
    solved: {
      type: functionType([{ type: strType }, { type: expected }], collects.type.result),
      argumentValues: [type, knownValue(name, frame)],
    },
    args: [{ kind: "constant", at: typeAt, type: strType, value: type }, names],
  });
}

function inferCondition(
  inference: Inference,
  frame: Frame,
  given: Named.Expression | undefined,
): { readonly condition?: Typed.Expression } {
  if (given === undefined) return {};
  const condition = inferExpression(inference, frame, given);
  expectCondition(inference, frame, condition);
  return { condition };
}

function inferField(
  inference: Inference,
  frame: Frame,
  definition: ResourceKind | undefined,
  field: Named.ResourceField,
): Typed.ResourceField {
  const condition = inferCondition(inference, frame, field.condition);
  const value = inferExpression(inference, frame, field.value);
  const known = definition === undefined ? undefined : fieldOf(definition, field.name);
  if (known === undefined) {
    inference.solver.spoil(value.type);
    if (definition !== undefined) {
      report(inference, frame, problem.unknownField, field.nameAt, {
        resource: definition.kind,
        field: field.name,
        known: Object.keys(definition.fields),
      });
    }
  } else if (known.type !== "any") {
    const resource = definition?.kind ?? "";
    expect(inference, frame, known.type, value, { at: field.nameAt, kind: "field", resource, field: field.name });
  }
  return { at: field.at, name: field.name, ...condition, value };
}

function fieldOf(definition: ResourceKind, name: string) {
  return Object.hasOwn(definition.fields, name) ? definition.fields[name] : undefined;
}

const metaStruct: Type = structType(
  metaParameters.filter(({ isLater }) => isLater !== true).map(({ name, type }) => ({ name, type })),
);

function inferMeta(inference: Inference, frame: Frame, meta: Named.ResourceMeta): Typed.ResourceMeta {
  const condition = inferCondition(inference, frame, meta.condition);
  const value = inferExpression(inference, frame, meta.value);
  const known = metaParameters.find((parameter) => parameter.name === meta.parameter);
  const reason: Reason =
    known === undefined ? { at: meta.at, kind: "meta-struct" } : { at: meta.at, kind: "meta", parameter: known.name };
  expect(inference, frame, known?.type ?? metaStruct, value, reason);
  return {
    at: meta.at,
    ...(meta.parameter === undefined ? {} : { parameter: meta.parameter }),
    ...condition,
    value,
  };
}

// ---- Edges ----

function inferHalf(inference: Inference, frame: Frame, half: Named.EdgeHalf): Typed.EdgeHalf {
  return {
    at: half.at,
    type: half.type,
    name: inferNames(inference, frame, half.name),
    ...(half.field === undefined ? {} : { field: half.field.name }),
  };
}

type HalfWithField = Named.EdgeHalf & { readonly field: NonNullable<Named.EdgeHalf["field"]> };

function checkSending(inference: Inference, frame: Frame, from: HalfWithField, to: HalfWithField): void {
  const sender = inference.catalog.kind(from.type);
  const receiver = inference.catalog.kind(to.type);
  if (sender === undefined) reportUnknownKind(inference, frame, from.at, from.type);
  if (receiver === undefined) reportUnknownKind(inference, frame, to.at, to.type);
  const sends = sender?.traits.sends ?? {};
  const sent = Object.hasOwn(sends, from.field.name) ? sends[from.field.name] : undefined;
  if (sender !== undefined && sent === undefined) {
    const facts = { resource: sender.kind, key: from.field.name, known: Object.keys(sends) };
    report(inference, frame, problem.notSent, from.field.at, facts);
  }
  if (receiver === undefined) return;
  const received = fieldOf(receiver, to.field.name);
  if (receiver.traits.receives !== true) {
    report(inference, frame, problem.notReceiving, to.at, { resource: receiver.kind });
  } else if (received === undefined) {
    const facts = { resource: receiver.kind, field: to.field.name, known: Object.keys(receiver.fields) };
    report(inference, frame, problem.unknownField, to.field.at, facts);
  } else if (sent !== undefined && received.type !== "any" && !canArriveAs(sent, received.type)) {
    report(inference, frame, problem.sentTypeDiffers, to.field.at, {
      key: { resource: from.type, name: from.field.name, type: sent, at: from.field.at },
      field: { resource: to.type, name: to.field.name, type: received.type },
    });
  }
}

function reportUnknownKind(inference: Inference, frame: Frame, at: Named.Resource["at"], resource: string): void {
  report(inference, frame, problem.unknownKind, at, { resource, known: inference.catalog.kinds });
}
