// SPDX-License-Identifier: Apache-2.0
// A resource as a program in TypeScript has declared it. Nothing of it has been checked against the kind's schema.

import type { Span } from "../base/span.ts";
import { type Captured, capturePlace } from "./place.ts";
import type { Resource, ResourceOptions, Sent } from "./resource.ts";

export type Fields = Readonly<Record<string, unknown>>;

export class DeclaredResource<out Sends extends object = object> implements Resource<Sends> {
  readonly kind: string;
  readonly name: string;
  readonly fields: Fields;
  readonly options: ResourceOptions;
  readonly #place: Captured;

  constructor(kind: string, name: string, fields: Fields, options: ResourceOptions, place: Captured) {
    this.kind = kind;
    this.name = name;
    this.fields = fields;
    this.options = options;
    this.#place = place;
  }

  /** Where it was declared. */
  get at(): Span {
    return this.#place();
  }

  get sends(): { readonly [Key in keyof Sends]: Sent<Sends[Key]> } {
    const from = this;
    // The keys are those of the type: whoever asks for another one finds out when the program runs.
    return new Proxy({} as { readonly [Key in keyof Sends]: Sent<Sends[Key]> }, {
      get: (_, key) => (typeof key === "string" ? new SentValue(from, key) : undefined),
    });
  }

  toString(): string {
    return `${this.kind}[${this.name}]`;
  }
}

export class SentValue implements Sent<never> {
  readonly from: DeclaredResource;
  readonly key: string;

  constructor(from: DeclaredResource, key: string) {
    this.from = from;
    this.key = key;
  }
}

/** `constructor` is the function that the program called: its caller is the place. */
export function declare<Sends extends object>(
  constructor: (...given: never) => unknown,
  kind: string,
  name: string,
  fields: object | undefined,
  options: ResourceOptions | undefined,
): Resource<Sends> {
  if (typeof name !== "string") throw new TypeError(`the name of a ${kind} must be a string`);
  // Each property is looked at when the program runs.
  return new DeclaredResource<Sends>(kind, name, (fields ?? {}) as Fields, options ?? {}, capturePlace(constructor));
}
