// SPDX-License-Identifier: Apache-2.0
// Unification of types: union-find over type variables with an occurs check. Knows nothing of programs; a reason is
// whatever the caller says about a constraint, and comes back with the mismatch.
//
// A variable of this solver is a `TypeVariable` whose id is at least `firstSolverVariable`; smaller ids belong to
// written signatures (`func(?1, []?1) bool`) and have to be instantiated first.

import { invariant } from "../../base/invariant.ts";
import { type FunctionType, functionType, listType, mapType, structType, type Type } from "../../values/type.ts";

const firstSolverVariable = 1_000_000;

type Variable = Extract<Type, { kind: "variable" }>;

/** The innermost parts that differ. A reason says which constraint gave that side its type, if it was a variable. */
export interface Mismatch<Reason> {
  /** `endless`: the left type would have to contain itself. */
  readonly kind: "different" | "endless";
  readonly left: Type;
  readonly right: Type;
  readonly leftSince: Reason | undefined;
  readonly rightSince: Reason | undefined;
}

/** A type with the reason for which it has come into the place of a variable. */
interface Side<Reason> {
  readonly type: Type;
  readonly since: Reason | undefined;
}

export class Solver<Reason> {
  /** By variable: a variable that it is equal to; itself when it stands for its class. */
  readonly #parents: number[] = [];
  /** By variable that stands for its class: what the class is. */
  readonly #types: (Type | undefined)[] = [];
  readonly #reasons: (Reason | undefined)[] = [];
  /** Variables that stand where a mistake was reported: equal to everything. */
  readonly #poisoned = new Set<number>();
  /** Composite types that hold no variable at all. */
  readonly #closed = new WeakSet<Type>();
  /** Composite types that met already in the present unification. */
  #met: Map<Type, Set<Type>> | undefined;
  readonly #resolved = new WeakMap<Type, Type>();

  fresh(): Variable {
    const index = this.#parents.length;
    this.#parents.push(index);
    this.#types.push(undefined);
    this.#reasons.push(undefined);
    return { kind: "variable", id: firstSolverVariable + index };
  }

  /** A type that fits everything, so that one mistake gives one message. */
  poison(): Variable {
    const variable = this.fresh();
    this.#poisoned.add(variable.id - firstSolverVariable);
    return variable;
  }

  /** Every variable in the type that nothing has determined yet becomes poison. */
  spoil(type: Type): void {
    for (const variable of this.unsolvedIn(type)) this.#poisoned.add(variable.id - firstSolverVariable);
  }

  isPoison(type: Type): boolean {
    const head = this.head(type);
    return head.kind === "variable" && this.#poisoned.has(head.id - firstSolverVariable);
  }

  /** The type itself, or what the variable has become: again a variable as long as nothing determines it. */
  head(type: Type): Type {
    if (type.kind !== "variable") return type;
    const index = this.#find(type.id - firstSolverVariable);
    return this.#types[index] ?? { kind: "variable", id: firstSolverVariable + index };
  }

  /** Makes both equal, or says where they differ; what was unified before that stays. */
  unify(left: Type, right: Type, reason: Reason): Mismatch<Reason> | undefined {
    if (left === right) return undefined;
    this.#met = undefined;
    return this.#unify({ type: left, since: undefined }, { type: right, since: undefined }, reason);
  }

  /** Each variable of the written signature becomes a fresh one of this solver; those of the solver stay. */
  instantiate(signature: FunctionType): FunctionType {
    if (this.#closed.has(signature)) return signature;
    // Most signatures need neither, and there is one for each call.
    let fresh: Map<number, Variable> | undefined;
    let isOpen = false;
    // Types of arguments stand in computed signatures: what is shared in them must stay shared, and costs once.
    let copied: Map<Type, Type> | undefined;
    const copy = (type: Type): Type => {
      if (type.kind === "variable") {
        isOpen = true;
        if (type.id >= firstSolverVariable) return type;
        const known = fresh?.get(type.id) ?? this.fresh();
        fresh ??= new Map();
        fresh.set(type.id, known);
        return known;
      }
      if (isScalar(type) || this.#closed.has(type)) return type;
      const result = copied?.get(type) ?? mapParts(type, copy);
      copied ??= new Map();
      copied.set(type, result);
      return result;
    };
    const result = mapParts(signature, copy);
    invariant(result.kind === "func", "an instance of a signature is a signature");
    if (!isOpen) this.#closed.add(result);
    return result;
  }

  /** With all that is known; equal objects stay equal, so a type that is shared many times costs once. */
  resolve(type: Type): Type {
    let done: Map<Type, Type> | undefined;
    const resolve = (part: Type): Type => {
      const head = this.head(part);
      if (head.kind === "variable" || isScalar(head) || this.#closed.has(head)) return head;
      done ??= new Map();
      const known = this.#resolved.get(head) ?? done.get(head);
      if (known !== undefined) return known;
      const result = mapParts(head, resolve);
      done.set(head, result);
      if (everyPart(result, (inner) => isScalar(inner) || this.#closed.has(inner))) {
        this.#closed.add(result);
        this.#resolved.set(head, result);
      }
      return result;
    };
    return resolve(type);
  }

  resolveFunction(type: FunctionType): FunctionType {
    const result = this.resolve(type);
    invariant(result.kind === "func", "a resolved function type is a function type");
    return result;
  }

  isClosed(type: Type): boolean {
    return this.unsolvedIn(type).length === 0;
  }

  /** The variables in the type that nothing has determined, each once. */
  unsolvedIn(type: Type): readonly Variable[] {
    const start = this.head(type);
    if (isScalar(start) || this.#closed.has(start)) return nothing;
    const found = new Map<number, Variable>();
    const seen = new Set<Type>();
    const visit = (part: Type): void => {
      const head = this.head(part);
      if (head.kind === "variable") found.set(head.id, head);
      else if (!isScalar(head) && !this.#closed.has(head) && !seen.has(head)) {
        seen.add(head);
        for (const inner of partsOf(head)) visit(inner);
      }
    };
    visit(start);
    return [...found.values()];
  }

  #unify(leftGiven: Side<Reason>, rightGiven: Side<Reason>, reason: Reason): Mismatch<Reason> | undefined {
    const left = this.#side(leftGiven);
    const right = this.#side(rightGiven);
    if (left.type === right.type) return undefined;
    if (left.type.kind === "variable") return this.#unifyVariable(left.type, left, right, reason, "left");
    if (right.type.kind === "variable") return this.#unifyVariable(right.type, right, left, reason, "right");
    if (!sameShape(left.type, right.type)) return mismatch("different", left, right);
    if (isScalar(left.type)) return undefined;
    if (!everyPart(left.type, isScalar) && this.#haveMet(left.type, right.type)) return undefined;
    const leftParts = partsOf(left.type);
    const rightParts = partsOf(right.type);
    for (let index = 0; index < leftParts.length; index += 1) {
      const part = leftParts[index];
      const other = rightParts[index];
      invariant(part !== undefined && other !== undefined, "types of one shape have the same number of parts");
      const found = this.#unify({ type: part, since: left.since }, { type: other, since: right.since }, reason);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** A type that is built of the same parts over and over is exponential when taken as a tree. */
  #haveMet(left: Type, right: Type): boolean {
    this.#met ??= new Map();
    const met = this.#met.get(left) ?? new Set();
    if (met.has(right)) return true;
    this.#met.set(left, met.add(right));
    return false;
  }

  /** `side` has the variable, which nothing determines yet. */
  #unifyVariable(
    variable: Variable,
    side: Side<Reason>,
    other: Side<Reason>,
    reason: Reason,
    role: "left" | "right",
  ): Mismatch<Reason> | undefined {
    const index = variable.id - firstSolverVariable;
    if (this.#poisoned.has(index)) {
      this.spoil(other.type);
      return undefined;
    }
    if (other.type.kind === "variable") {
      const otherIndex = other.type.id - firstSolverVariable;
      if (otherIndex !== index) this.#parents[index] = otherIndex;
      return undefined;
    }
    if (!isScalar(other.type) && this.unsolvedIn(other.type).some((inner) => inner.id === variable.id)) {
      return role === "left" ? mismatch("endless", side, other) : mismatch("endless", other, side);
    }
    this.#types[index] = other.type;
    this.#reasons[index] = other.since ?? reason;
    return undefined;
  }

  #side(given: Side<Reason>): Side<Reason> {
    if (given.type.kind !== "variable") return given;
    const index = this.#find(given.type.id - firstSolverVariable);
    const type = this.#types[index];
    if (type !== undefined) return { type, since: this.#reasons[index] ?? given.since };
    return { type: { kind: "variable", id: firstSolverVariable + index }, since: given.since };
  }

  /** Halves the way on each walk, which keeps all of them near constant. */
  #find(start: number): number {
    let at = start;
    for (;;) {
      const parent = this.#parents[at];
      invariant(parent !== undefined, "every type variable is of this solver");
      if (parent === at) return at;
      const next = this.#parents[parent];
      invariant(next !== undefined, "every type variable is of this solver");
      this.#parents[at] = next;
      at = next;
    }
  }
}

const nothing: readonly never[] = [];

function mismatch<Reason>(kind: Mismatch<Reason>["kind"], left: Side<Reason>, right: Side<Reason>): Mismatch<Reason> {
  return { kind, left: left.type, right: right.type, leftSince: left.since, rightSince: right.since };
}

function isScalar(type: Type): boolean {
  return type.kind === "bool" || type.kind === "str" || type.kind === "int" || type.kind === "float";
}

/** Equal but for their parts. `variant` is a reserved word that is equal to itself alone. */
function sameShape(left: Type, right: Type): boolean {
  if (left.kind === "struct" && right.kind === "struct") {
    return (
      left.fields.length === right.fields.length &&
      left.fields.every((field, index) => field.name === right.fields[index]?.name)
    );
  }
  if (left.kind === "func" && right.kind === "func") return left.params.length === right.params.length;
  return left.kind === right.kind;
}

/** What the type is made of, in the order in which it is written. */
export function partsOf(type: Type): readonly Type[] {
  switch (type.kind) {
    case "list":
      return [type.element];
    case "map":
      return [type.key, type.value];
    case "struct":
      return type.fields.map((field) => field.type);
    case "func":
      return [...type.params.map((param) => param.type), type.result];
    case "bool":
    case "str":
    case "int":
    case "float":
    case "variant":
    case "variable":
      return [];
  }
}

/** The same object when no part changes. */
function mapParts(type: Type, change: (part: Type) => Type): Type {
  switch (type.kind) {
    case "list": {
      const element = change(type.element);
      return element === type.element ? type : listType(element);
    }
    case "map": {
      const key = change(type.key);
      const value = change(type.value);
      return key === type.key && value === type.value ? type : mapType(key, value);
    }
    case "struct": {
      const fields = mapTypes(type.fields, change);
      return fields === type.fields ? type : structType(fields);
    }
    case "func": {
      const params = mapTypes(type.params, change);
      const result = change(type.result);
      return params === type.params && result === type.result ? type : functionType(params, result);
    }
    case "bool":
    case "str":
    case "int":
    case "float":
    case "variant":
    case "variable":
      return type;
  }
}

/** The same list when no type in it changes. */
function mapTypes<Part extends { readonly type: Type }>(
  parts: readonly Part[],
  change: (part: Type) => Type,
): readonly Part[] {
  let changed: Part[] | undefined;
  for (let index = 0; index < parts.length; index += 1) {
    const part = parts[index] as Part;
    const type = change(part.type);
    if (type === part.type) continue;
    changed ??= [...parts];
    changed[index] = { ...part, type };
  }
  return changed ?? parts;
}

function everyPart(type: Type, holds: (part: Type) => boolean): boolean {
  switch (type.kind) {
    case "list":
      return holds(type.element);
    case "map":
      return holds(type.key) && holds(type.value);
    case "struct":
      return type.fields.every((field) => holds(field.type));
    case "func":
      return type.params.every((param) => holds(param.type)) && holds(type.result);
    case "bool":
    case "str":
    case "int":
    case "float":
    case "variant":
    case "variable":
      return true;
  }
}
