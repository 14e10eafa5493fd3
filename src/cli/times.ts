// SPDX-License-Identifier: Apache-2.0
// Instants and durations as people say them.

import type { Clock } from "../contract/host.ts";

/** `12:03:05`, of another day `2026-11-20 12:03:05`; in the time zone of the machine. */
export function timeText(timeMs: number, nowMs: number, clock: Pick<Clock, "offsetMinutes">): string {
  const text = localText(timeMs, clock);
  return text.slice(0, 10) === localText(nowMs, clock).slice(0, 10) ? text.slice(11) : text;
}

function localText(timeMs: number, clock: Pick<Clock, "offsetMinutes">): string {
  const shifted = new Date(timeMs + clock.offsetMinutes(timeMs) * 60_000);
  return shifted.toISOString().slice(0, 19).replace("T", " ");
}

/** `3 s`, `2 min`, `5 h`, `4 days`. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}

const unitMs = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Milliseconds of `30s`, `5m`, `1h` or `2d`; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  const [, number, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  return number === undefined ? undefined : Number(number) * unitMs[unit as keyof typeof unitMs];
}
