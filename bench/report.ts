// SPDX-License-Identifier: Apache-2.0
// How the figures of all benchmarks are printed: what, the middle, the rare, and whether an aim was met.

/** `aimMs`: what the middle should stay below on a machine at rest. */
export function report(what: string, times: readonly number[], aimMs?: number): void {
  const sorted = times.toSorted((left, right) => left - right);
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  const aim = aimMs === undefined ? "" : `   aim ${aimMs} ms: ${at(0.5) < aimMs ? "met" : "MISSED"}`;
  const figures =
    sorted.length === 1
      ? `${at(0).toFixed(3)} ms`
      : `best ${at(0).toFixed(3)} ms, p50 ${at(0.5).toFixed(3)} ms, p99 ${at(0.99).toFixed(3)} ms (${sorted.length} runs)`;
  process.stdout.write(`  ${what.padEnd(54)} ${figures}${aim}\n`);
}

/** Of the processor and not of the clock, so that what else the machine does counts little. For what does not wait. */
export function timed(runs: number, task: (run: number) => void): readonly number[] {
  return Array.from({ length: runs }, (_, run) => {
    const start = process.threadCpuUsage();
    task(run);
    const { user, system } = process.threadCpuUsage(start);
    return (user + system) / 1000;
  });
}
