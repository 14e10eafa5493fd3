// SPDX-License-Identifier: Apache-2.0
// The environment of inference: one frame for each instance of a scope. A name is found in the frame that owns the scope
// of its declaration, seen from the frame in which it is used. Knows nothing of types.

import { invariant } from "../../base/invariant.ts";
import type { Span } from "../../base/span.ts";
import type { Value } from "../../values/value.ts";
import type { Type } from "../../values/type.ts";
import type * as Named from "../names/tree.ts";
import type * as Typed from "./tree.ts";

/** An instance of a scope. Frames without a scope only carry the activation of a part of an expression. */
export interface Frame {
  readonly parent: Frame | undefined;
  /** The scopes it owns: a body, and the scope of its parameters or loop variables if that is another one. */
  readonly scopes: readonly Named.Scope[];
  readonly activation: Typed.Activation;
  /** The call or include that made this instance and the frame in which it stands; for messages. */
  readonly madeBy: Origin | undefined;
  /** What the declarations of its scopes have become; filled in when they are first used. */
  readonly nodes: Map<Named.Declaration, Typed.Bind | Typed.Parameter>;
  /** The arguments of a class, by parameter. */
  readonly arguments: Map<Named.Declaration, ArgumentOf>;
  /** What is known of its binds before types are solved; undefined: looked at, and nothing is. */
  readonly knownTypes: Map<Named.Declaration, Type | undefined>;
  readonly knownValues: Map<Named.Declaration, Value | undefined>;
  /** Instances of the classes and modules that are included and imported here; made when first needed. */
  readonly instances: Map<Named.Include | Named.Block, Frame>;
}

/** An argument belongs to the place of the include, not to the class. */
export interface ArgumentOf {
  readonly value: Named.Expression;
  readonly frame: Frame;
}

export interface Origin {
  readonly name: string;
  readonly at: Span;
  readonly frame: Frame;
}

export function createFrame(options: {
  readonly parent: Frame | undefined;
  readonly scopes: readonly Named.Scope[];
  readonly activation: Typed.Activation;
  readonly madeBy?: Origin;
}): Frame {
  return {
    parent: options.parent,
    scopes: options.scopes,
    activation: options.activation,
    madeBy: options.madeBy ?? options.parent?.madeBy,
    nodes: new Map(),
    arguments: new Map(),
    knownTypes: new Map(),
    knownValues: new Map(),
    instances: new Map(),
  };
}

/** The same names, alive only as long as a part of an expression. */
export function activate(frame: Frame, kind: Typed.Activation["kind"]): Frame {
  return { ...ofNoScope, parent: frame, activation: { kind, parent: frame.activation }, madeBy: frame.madeBy };
}

/** Whoever looks for a declaration or an include goes to the frame that owns its scope, so nothing is ever put in here. */
const ofNoScope = {
  scopes: [],
  nodes: new Map<never, never>(),
  arguments: new Map<never, never>(),
  knownTypes: new Map<never, never>(),
  knownValues: new Map<never, never>(),
  instances: new Map<never, never>(),
};

/** The frame, from here outwards, that owns the scope. */
export function owner(frame: Frame, scope: Named.Scope): Frame {
  const found = findOwner(frame, scope);
  invariant(found !== undefined, `a ${scope.kind} scope that is named from here has a frame`);
  return found;
}

/** Undefined when the scope has no instance yet that is seen from here. */
export function findOwner(frame: Frame, scope: Named.Scope): Frame | undefined {
  for (let at: Frame | undefined = frame; at !== undefined; at = at.parent) {
    if (at.scopes.includes(scope)) return at;
  }
  return undefined;
}

/** The frame that owns a declaration which was named here: through instances, then outwards. */
export function ownerOf(frame: Frame, path: Named.Path, scope: Named.Scope): Frame {
  let at = frame;
  for (const step of path) at = instanceOf(at, step);
  return owner(at, scope);
}

/** The frame of the class's body or of the module, as seen from somewhere inside the scope of the include or import. */
export function instanceOf(from: Frame, step: Named.Include | Named.Import): Frame {
  if (step.kind === "import") return moduleOf(from, step.module);
  const place = owner(from, step.scope);
  const known = place.instances.get(step);
  if (known !== undefined) return known;
  const made = createClassInstance(place, step);
  place.instances.set(step, made);
  return made;
}

/** A module that sees nothing of who imports it is one for the whole program, however it is reached. */
function moduleOf(from: Frame, module: Named.Block): Frame {
  const outer = module.scope.parent;
  const place = outer === undefined ? outermost(from) : owner(from, outer);
  const known = place.instances.get(module);
  if (known !== undefined) return known;
  const made = createFrame({ parent: place, scopes: [module.scope], activation: place.activation });
  place.instances.set(module, made);
  return made;
}

function outermost(frame: Frame): Frame {
  let at = frame;
  while (at.parent !== undefined) at = at.parent;
  return at;
}

function createClassInstance(place: Frame, include: Named.Include): Frame {
  const declaration = include.class;
  invariant(declaration.body !== undefined, "the body of a class that is included was resolved");
  const definition = ownerOf(place, include.path, declaration.scope);
  const frame = createFrame({
    parent: definition,
    scopes: scopesBetween(declaration.body.scope, declaration.scope),
    activation: place.activation,
    madeBy: { name: declaration.name, at: include.at, frame: place },
  });
  for (const [index, parameter] of declaration.parameters.entries()) {
    // One that is missing was reported.
    const value = include.args[index] ?? { kind: "broken", at: include.at };
    frame.arguments.set(parameter, { value, frame: place });
  }
  return frame;
}

/** The inner scope and those around it, without the outer one. */
export function scopesBetween(inner: Named.Scope, outer: Named.Scope): readonly Named.Scope[] {
  const found: Named.Scope[] = [];
  for (let at: Named.Scope | undefined = inner; at !== undefined && at !== outer; at = at.parent) found.push(at);
  return found;
}
