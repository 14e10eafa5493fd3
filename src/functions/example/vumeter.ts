// SPDX-License-Identifier: Apache-2.0
// example.vumeter: how loud it is at the microphone, as a bar.

import { Failure } from "../../contract/failure.ts";
import { defineFunction } from "../../contract/function.ts";
import type { Host } from "../../contract/host.ts";
import { textOf } from "../../values/bytes.ts";
import { printFloat, quote } from "../../values/print.ts";
import { fatal, floatAt, intAt, textAt } from "../arguments.ts";
import { each, every } from "../streams.ts";

const recording = "/dev/shm/mgmt_rec.wav";

/** No terminal is wider. */
const widthLimit = 10_000;

export const vumeter = defineFunction({
  module: "example",
  name: "vumeter",
  type: "func(symbol str, multiplier int, peak float) str",
  doc: "How loud it is at the microphone of this machine, from 0 to 1, and a bar that is as long as that times the multiplier. Beyond the peak it says so. New after each second; needs the programs rec and sox.",
  example: '$meter = example.vumeter("#", 40, 0.9)',
  stream: (args, { host, signal }) =>
    each(every(1000, host.clock, signal), async () => {
      const [symbol, multiplier, peak] = [textAt(args, 0), intAt(args, 1), floatAt(args, 2)];
      const ratio = await amplitude(host, signal);
      const width = Math.min(widthLimit, Math.max(1, Math.round(ratio * Number(multiplier))));
      const bar = symbol.repeat(width) + (ratio > peak ? " PEAK!!!" : "");
      return `(${printFloat(ratio)}):\n${bar}\n${bar}`;
    }),
});

async function amplitude(host: Host, signal: AbortSignal): Promise<number> {
  const run = async (...argv: [string, ...string[]]): Promise<string> => {
    const { status, stderr } = await host.processes.run({ argv }, signal);
    if (status === 0) return textOf(stderr);
    throw new Failure(`${argv[0]} failed: ${textOf(stderr).trim()}`, { code: "command-failed" });
  };
  await run("/usr/bin/rec", "-q", recording, "trim", "0", "1");
  const statistics = await run("/usr/bin/sox", "-t", "wav", recording, "-n", "stat");
  const [, found = ""] = /^Maximum amplitude:\s*(-?[0-9.]+)\s*$/m.exec(statistics) ?? [];
  if (found === "") throw fatal(`/usr/bin/sox should tell the maximum amplitude, but says ${quote(statistics)}`);
  return Number(found);
}
