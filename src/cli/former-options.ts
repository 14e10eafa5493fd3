// SPDX-License-Identifier: Apache-2.0
// Older spellings of `mgmt run`, so that command lines of the first articles and of cron jobs go on working, and those of
// the original's `check`. Reference: command line, 4, 12.

import { existsSync } from "node:fs";
import type { Invocation } from "./command.ts";

/** The same invocation in today's words. */
export function withoutFormerOptions(invocation: Invocation): Invocation {
  const { file, yaml, lang, t, g, convergerTimeout, convergedExit, ...more } = invocation.options;
  const { seed, peerUrls, advertisePeerUrls, ...options } = more;
  const path = file ?? yaml ?? lang;
  const seconds = t ?? (convergedExit === true ? convergerTimeout : undefined);
  return {
    ...invocation,
    arguments: typeof path === "string" ? [...invocation.arguments, path] : invocation.arguments,
    options: {
      ...options,
      ...(seed === undefined ? {} : { seeds: seed }),
      ...(peerUrls === undefined ? {} : { serverUrls: peerUrls }),
      ...(advertisePeerUrls === undefined ? {} : { advertiseServerUrls: advertisePeerUrls }),
      ...(g === undefined ? {} : { graphviz: g }),
      ...(seconds === undefined ? {} : { convergedTimeout: Number(seconds) }),
    },
  };
}

/** The one program that `mgmt run` is given: `PATH`, or `lang PATH` and `yaml PATH` as the original has it. */
export function programPath(given: readonly string[]): string | undefined {
  const [first, second, ...more] = given;
  if (more.length > 0) return undefined;
  return second === undefined ? first : first === "lang" || first === "yaml" ? second : undefined;
}

/** The programs that a command for many is given: also `lang PATH` and `yaml PATH`, unless there is a file of that name. */
export function programPaths(given: readonly string[]): readonly string[] {
  const [first, ...others] = given;
  const isWord = first === "lang" || first === "yaml";
  return isWord && others.length > 0 && !existsSync(first) ? others : given;
}
