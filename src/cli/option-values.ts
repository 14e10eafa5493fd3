// SPDX-License-Identifier: Apache-2.0
// The values of single options, in the forms that commands want.

import { absolutePath } from "../agent/program-input.ts";
import type { Invocation } from "./command.ts";

export function textOption(options: Invocation["options"], name: string): string | undefined {
  const value = options[name];
  return typeof value === "string" ? value : undefined;
}

/** Of an option that can be given several times, or else by a variable: `clientUrls` by MGMT_CLIENT_URLS. */
export function listOption({ options, terminal }: Invocation, name: string): readonly string[] {
  const given = options[name];
  if (Array.isArray(given)) return given as readonly string[];
  const value = terminal.environment(variableOf(name));
  return value === undefined ? [] : [value];
}

/** The variable that stands for an option that is not given: MGMT_CLIENT_URLS for `clientUrls`. */
export function variableOf(name: string): string {
  return `MGMT_${name.replace(/[A-Z]/g, (capital) => `_${capital}`).toUpperCase()}`;
}

/** An absolute path. */
export function fileOption({ options, terminal }: Invocation, name: string): string | undefined {
  const file = textOption(options, name);
  return file === undefined ? undefined : absolutePath(file, terminal.workingDirectory);
}
