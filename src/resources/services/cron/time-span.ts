// SPDX-License-Identifier: Apache-2.0
// Time spans as systemd writes them: `5min`, `1h 30min`, `90`.

const secondsOf: Readonly<Record<string, number>> = {
  usec: 1e-6,
  us: 1e-6,
  µs: 1e-6,
  μs: 1e-6,
  msec: 1e-3,
  ms: 1e-3,
  seconds: 1,
  second: 1,
  sec: 1,
  s: 1,
  "": 1,
  minutes: 60,
  minute: 60,
  min: 60,
  m: 60,
  hours: 3600,
  hour: 3600,
  hr: 3600,
  h: 3600,
  days: 86_400,
  day: 86_400,
  d: 86_400,
  weeks: 604_800,
  week: 604_800,
  w: 604_800,
  // As systemd counts them.
  months: 2_629_800,
  month: 2_629_800,
  M: 2_629_800,
  years: 31_557_600,
  year: 31_557_600,
  y: 31_557_600,
};

/** Seconds, or undefined when it is no time span. */
export function parseTimeSpan(text: string): number | undefined {
  const trimmed = text.trim();
  if (trimmed === "infinity") return Number.POSITIVE_INFINITY;
  if (trimmed === "") return undefined;
  let seconds = 0;
  let at = 0;
  while (at < trimmed.length) {
    const [whole, number = "", unit = ""] = /^(\d+(?:\.\d+)?)\s*([A-Za-zµμ]*)\s*/.exec(trimmed.slice(at)) ?? [];
    const factor = secondsOf[unit];
    if (whole === undefined || factor === undefined) return undefined;
    seconds += Number(number) * factor;
    at += whole.length;
  }
  return seconds;
}
