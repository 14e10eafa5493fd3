// SPDX-License-Identifier: Apache-2.0
// Resolves the statements of a block: fills in what it declares and returns what puts something out.
// Reference: mcl language, 4.

import type * as Syntax from "../../syntax/tree.ts";
import { edgeRelation, metaParameter } from "./check-init.ts";
import { wrongIncludeArguments } from "../problems.ts";
import type { Context } from "./context.ts";
import { callGlobal, globalFunction, resolveExpression, resolveLambda } from "./expressions.ts";
import { type OpenBlock, openBlock } from "./open-block.ts";
import { type Names, namesOfVariables } from "./scope.ts";
import type {
  Block,
  EdgeHalf,
  Expression,
  For,
  If,
  Include,
  LoopVariable,
  Panic,
  Resource,
  ResourceEdge,
  ResourceField,
  ResourceMeta,
  Scope,
  Statement,
} from "./tree.ts";

export function resolveBlock(names: OpenBlock, at: Block["at"], context: Context): Block {
  // In their order, so that a long chain of includes is no deep recursion.
  for (const include of names.includes.values()) include.open();
  const statements: Statement[] = [];
  for (const statement of names.body) {
    const resolved = resolveStatement(statement, names, context);
    if (resolved !== undefined) statements.push(resolved);
  }
  return { scope: names.scope, at, statements };
}

/** Undefined for a statement that only declares something. */
function resolveStatement(statement: Syntax.Statement, names: OpenBlock, context: Context): Statement | undefined {
  switch (statement.kind) {
    case "bind": {
      const value = resolveExpression(statement.value, names, context);
      const bind = names.binds.get(statement);
      if (bind !== undefined) bind.value = value;
      return undefined;
    }
    case "func": {
      const lambda = resolveLambda(statement, names, context);
      const declaration = names.functionsBySyntax.get(statement);
      if (declaration !== undefined) declaration.lambda = lambda;
      return undefined;
    }
    case "class":
    case "import":
      return undefined;
    case "include":
      return resolveInclude(statement, names, context);
    case "resource":
      return resolveResource(statement, names, context);
    case "edge":
      return {
        kind: "edge",
        at: statement.at,
        halves: statement.halves.map((half) => resolveHalf(half, names, context)),
      };
    case "if":
      return resolveIf(statement, names, context);
    case "for":
    case "forkv":
      return resolveLoop(statement, names, context);
    case "panic":
      return resolvePanic(statement, names, context);
    case "collect":
      return {
        ...resolveResource(statement.resource, names, context),
        at: statement.at,
        collects: globalFunction("_collect", context),
      };
  }
}

function resolveInclude(statement: Syntax.Include, names: OpenBlock, context: Context): Include | undefined {
  const args = (statement.args?.items ?? []).map((argument) => resolveExpression(argument, names, context));
  const opened = names.includes.get(statement)?.open();
  if (opened === undefined) return undefined;
  const { step: include } = opened;
  include.args = args;
  const { parameters, name, at } = include.class;
  if (args.length !== parameters.length) {
    context.problems.report(wrongIncludeArguments, statement.args?.at ?? statement.name.at, {
      name,
      parameters: parameters.map((parameter) => parameter.name),
      given: args.length,
      definition: at,
    });
  }
  return include;
}

function resolveIf(statement: Syntax.If, names: Names, context: Context): If {
  const condition = resolveExpression(statement.condition, names, context);
  const then = resolveBranch(statement.then, names, context);
  const otherwise =
    statement.otherwise === undefined ? {} : { otherwise: resolveBranch(statement.otherwise, names, context) };
  return { kind: "if", at: statement.at, condition, then, ...otherwise };
}

function resolveBranch(block: Syntax.Block, names: Names, context: Context): Block {
  const scope: Scope = { kind: "branch", parent: names.scope };
  return resolveBlock(openBlock(block.body, scope, names, context), block.at, context);
}

function resolveLoop(statement: Syntax.For | Syntax.ForKv, names: Names, context: Context): For {
  const { at, body } = statement;
  const isList = statement.kind === "for";
  const subject = resolveExpression(isList ? statement.list : statement.map, names, context);
  const scope: Scope = { kind: "loop", parent: names.scope };
  const variable = (name: Syntax.Name, role: LoopVariable["role"]): LoopVariable => {
    return { kind: "loop-variable", scope, name: name.text, at: name.at, role };
  };
  const first = isList ? variable(statement.index, "index") : variable(statement.key, "key");
  const value = variable(statement.value, "value");
  // What the body binds hides the variables of the loop.
  const outer = namesOfVariables(scope, names, [first, value]);
  const block = resolveBlock(openBlock(body.body, scope, outer, context), body.at, context);
  return { kind: "for", at, over: isList ? "list" : "map", subject, first, value, body: block };
}

function resolvePanic(statement: Syntax.Panic, names: Names, context: Context): Panic {
  const args = statement.args.items.map((argument) => resolveExpression(argument, names, context));
  const called = args.length === 2 ? "panic_debug" : "panic";
  return { kind: "panic", at: statement.at, call: callGlobal(called, "panic", statement.at, args, context) };
}

// ---- Resources and edges ----

function resolveResource(resource: Syntax.Resource, names: Names, context: Context): Resource {
  const fields: ResourceField[] = [];
  const meta: ResourceMeta[] = [];
  const edges: ResourceEdge[] = [];
  const name = resolveExpression(resource.name, names, context);
  for (const item of resource.items) {
    const { at } = item;
    const condition = resolveCondition(item.condition, names, context);
    switch (item.kind) {
      case "field": {
        const value = resolveExpression(item.value, names, context);
        fields.push({ at, name: item.name.text, nameAt: item.name.at, ...condition, value });
        break;
      }
      case "meta": {
        const parameter = metaParameter(item.name.text);
        const value = resolveExpression(item.value, names, context);
        if (parameter !== undefined) meta.push({ at, parameter, ...condition, value });
        break;
      }
      case "meta-struct":
        meta.push({ at, ...condition, value: resolveExpression(item.value, names, context) });
        break;
      case "edge": {
        const relation = edgeRelation(item.relation.text);
        const target = resolveHalf(item.target, names, context);
        if (relation !== undefined) edges.push({ at, relation, ...condition, target });
        break;
      }
    }
  }
  return {
    kind: "resource",
    at: resource.at,
    type: resource.type.text,
    typeAt: resource.type.at,
    name,
    fields,
    meta,
    edges,
  };
}

function resolveCondition(condition: Syntax.Expression | undefined, names: Names, context: Context) {
  return condition === undefined ? {} : { condition: resolveExpression(condition, names, context) };
}

function resolveHalf({ at, type, name, field }: Syntax.EdgeHalf, names: Names, context: Context): EdgeHalf {
  const value: Expression = resolveExpression(name, names, context);
  const end = field === undefined ? {} : { field: { at: field.at, name: field.text } };
  return { at, type: type.text, name: value, ...end };
}
