// SPDX-License-Identifier: Apache-2.0
// Written by `npm run docs` from src/library; do not edit it.

import type { Meta } from "./kinds.js";
import type { Reactive } from "./reactive.js";
/** Any value that programs and resources can exchange. An `int` is a `bigint` (`8080n`), a `float` is a `number`. */
export type AnyValue = boolean | string | bigint | number | readonly AnyValue[] | ReadonlyMap<AnyValue, AnyValue> | {
    readonly [name: string]: AnyValue;
};
/** What a field or meta parameter can be given. `undefined` is the same as not to give it. */
export type Given<T> = T | undefined | Reactive<T | undefined>;
/** A value that a resource sends, to be given to a field of another resource. That one then comes after it. */
export interface Sent<out T> {
    /** The resource that sends it. */
    readonly from: Resource;
    /** The name under which it does. */
    readonly key: string;
    /** Of what type it is; there is no such property when the program runs. */
    readonly type?: T;
}
/** A resource, as it is declared. It does nothing by itself: give it to `run`, `once` or `plan` of an engine. */
export interface Resource<out Sends extends object = object> {
    /** Its kind: `file`. */
    readonly kind: string;
    /** Its name among those of its kind: `/etc/motd`. */
    readonly name: string;
    /** What it sends, by the names under which it does. */
    readonly sends: {
        readonly [Key in keyof Sends]: Sent<Sends[Key]>;
    };
    /** `kind[name]` */
    toString(): string;
}
/** What every resource can be given beside its fields. */
export interface ResourceOptions {
    /** Those that come after this one. */
    readonly before?: Resource | readonly Resource[] | undefined;
    /** Those that come before this one. */
    readonly depend?: Resource | readonly Resource[] | undefined;
    /** Those that come after this one and are refreshed when it changes. */
    readonly notify?: Resource | readonly Resource[] | undefined;
    /** Those that come before this one and refresh it when they change. */
    readonly listen?: Resource | readonly Resource[] | undefined;
    /** The meta parameters. */
    readonly meta?: Meta | undefined;
}
/**
 * A program: resources, in lists of lists as it suits you. What is `undefined`, `null` or `false` is left out, so that
 * `condition && file(…)` can be written; a reactive one brings resources to life and ends them.
 */
export type Graph = Resource | undefined | null | false | readonly Graph[] | Reactive<Graph>;
