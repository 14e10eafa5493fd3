// SPDX-License-Identifier: Apache-2.0
// The options that say how a deploy goes from host to host.

import type { RolloutPlan } from "../agent/deploys/deploy.ts";
import { Failure } from "../contract/failure.ts";
import type { Invocation } from "./command.ts";

/** Undefined: to all at once. Fails with a `Failure`. */
export function rolloutOf({ options }: Invocation): RolloutPlan | undefined {
  const waves = wordsOf(options.waves).map(waveOf);
  const first = wordsOf(options.canary);
  const splayMs = seconds(options.splay);
  const health = typeof options.health === "string" ? { health: options.health } : {};
  if (waves.length === 0 && first.length === 0 && splayMs === 0 && options.health === undefined) return undefined;
  return {
    waves: waves.length === 0 ? [{ percent: 100 }] : waves,
    first,
    splayMs,
    soakMs: seconds(options.soak),
    patienceMs: seconds(options.patience),
    mayFail: Number(options.mayFail ?? 0),
    ...health,
  };
}

function waveOf(word: string): RolloutPlan["waves"][number] {
  const [, digits, percent] = /^([0-9]{1,6})(%?)$/.exec(word) ?? [];
  const number = Number(digits);
  if (percent === "%" && number >= 1 && number <= 100) return { percent: number };
  if (percent === "" && number >= 1) return { hosts: number };
  throw new Failure(`${word} is no wave.`, {
    code: "invalid",
    hint: "A wave is a number of hosts or a share of them: --waves=1,10%,50%.",
  });
}

function wordsOf(value: unknown): readonly string[] {
  return typeof value === "string" ? value.split(/[,\s]+/).filter((word) => word !== "") : [];
}

function seconds(value: unknown): number {
  return typeof value === "number" ? value * 1000 : 0;
}
