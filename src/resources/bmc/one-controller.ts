// SPDX-License-Identifier: Apache-2.0
// One thing at a time is done with a controller: a machine must not be switched off while it gets new firmware.

import type { ResourceEnv } from "../../contract/resource.ts";
import { oneAtATime } from "../files/one-at-a-time.ts";

/** `names`: of the `bmc:power` resources that wait meanwhile. */
export function holding<Result>(
  names: readonly string[],
  { host, signal }: ResourceEnv,
  task: () => Promise<Result>,
): Promise<Result> {
  const [first, ...others] = [...new Set(names)].sort();
  if (first === undefined) return task();
  const rest = () => others.reduce<() => Promise<Result>>((inner, name) => () => held(name, inner), task)();
  const held = (name: string, inner: () => Promise<Result>) =>
    oneAtATime(host.files, `bmc:power[${name}]`, signal, inner);
  return held(first, rest);
}
