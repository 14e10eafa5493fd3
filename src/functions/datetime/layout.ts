// SPDX-License-Identifier: Apache-2.0
// Writes a time in a layout, which is itself written as the reference time: Mon Jan 2 15:04:05 MST 2006.
//
// Knows nothing of clocks: the instant and the zone are given. Fractions of a second are always zero.

/** An instant with the zone that people there have. */
export interface Moment {
  /** Since 1970-01-01 UTC. */
  readonly seconds: number;
  /** East of UTC. */
  readonly offsetMinutes: number;
  /** `CET`; undefined when the zone has no name. */
  readonly zoneName: string | undefined;
}

export const weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] as const;

const months = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
] as const;

/** What a clock and a calendar on the wall show. */
interface Wall {
  readonly year: number;
  /** From 0. */
  readonly month: number;
  readonly day: number;
  /** From 1. */
  readonly dayOfYear: number;
  /** From 0, Sunday. */
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** Seconds that a date can have: those of the runtime's calendar. */
export const greatestSeconds = 8.64e12;

export function wallOf(moment: Moment): Wall {
  const date = new Date((moment.seconds + moment.offsetMinutes * 60) * 1000);
  const year = date.getUTCFullYear();
  // `Date.UTC` takes the years before 100 for those of the last century.
  const newYear = new Date(0).setUTCFullYear(year, 0, 1);
  return {
    year,
    month: date.getUTCMonth(),
    day: date.getUTCDate(),
    dayOfYear: 1 + Math.floor((date.getTime() - newYear) / 86_400_000),
    weekday: date.getUTCDay(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
  };
}

export function formatTime(layout: string, moment: Moment): string {
  const wall = wallOf(moment);
  let text = "";
  for (let at = 0; at < layout.length; ) {
    const token = tokenAt(layout, at);
    if (token === undefined) {
      text += layout.charAt(at);
      at += 1;
    } else {
      text += token.write(wall, moment);
      at += token.text.length;
    }
  }
  return text;
}

interface Token {
  readonly text: string;
  readonly write: (wall: Wall, moment: Moment) => string;
}

/** Where one token begins like another, the longer one stands first. */
const tokens: readonly Token[] = [
  { text: "January", write: ({ month }) => months[month] ?? "" },
  { text: "Jan", write: ({ month }) => (months[month] ?? "").slice(0, 3) },
  { text: "Monday", write: ({ weekday }) => weekdays[weekday] ?? "" },
  { text: "Mon", write: ({ weekday }) => (weekdays[weekday] ?? "").slice(0, 3) },
  { text: "MST", write: (_, moment) => zoneText(moment) },
  { text: "002", write: ({ dayOfYear }) => padded(dayOfYear, 3) },
  { text: "01", write: ({ month }) => padded(month + 1, 2) },
  { text: "02", write: ({ day }) => padded(day, 2) },
  { text: "03", write: ({ hour }) => padded(hour % 12 || 12, 2) },
  { text: "04", write: ({ minute }) => padded(minute, 2) },
  { text: "05", write: ({ second }) => padded(second, 2) },
  { text: "06", write: ({ year }) => padded(Math.abs(year) % 100, 2) },
  { text: "15", write: ({ hour }) => padded(hour, 2) },
  { text: "1", write: ({ month }) => String(month + 1) },
  { text: "2006", write: ({ year }) => (year < 0 ? `-${padded(-year, 4)}` : padded(year, 4)) },
  { text: "2", write: ({ day }) => String(day) },
  { text: "__2", write: ({ dayOfYear }) => String(dayOfYear).padStart(3, " ") },
  { text: "_2", write: ({ day }) => String(day).padStart(2, " ") },
  { text: "3", write: ({ hour }) => String(hour % 12 || 12) },
  { text: "4", write: ({ minute }) => String(minute) },
  { text: "5", write: ({ second }) => String(second) },
  { text: "PM", write: ({ hour }) => (hour >= 12 ? "PM" : "AM") },
  { text: "pm", write: ({ hour }) => (hour >= 12 ? "pm" : "am") },
  { text: "-07:00:00", write: (_, moment) => `${offsetText(moment, ":")}:00` },
  { text: "-070000", write: (_, moment) => `${offsetText(moment, "")}00` },
  { text: "-07:00", write: (_, moment) => offsetText(moment, ":") },
  { text: "-0700", write: (_, moment) => offsetText(moment, "") },
  { text: "-07", write: (_, moment) => offsetText(moment, "").slice(0, 3) },
  { text: "Z07:00:00", write: (_, moment) => orZ(moment, () => `${offsetText(moment, ":")}:00`) },
  { text: "Z070000", write: (_, moment) => orZ(moment, () => `${offsetText(moment, "")}00`) },
  { text: "Z07:00", write: (_, moment) => orZ(moment, () => offsetText(moment, ":")) },
  { text: "Z0700", write: (_, moment) => orZ(moment, () => offsetText(moment, "")) },
  { text: "Z07", write: (_, moment) => orZ(moment, () => offsetText(moment, "").slice(0, 3)) },
];

const tokensByFirst: ReadonlyMap<string, readonly Token[]> = Map.groupBy(tokens, ({ text }) => text.charAt(0));

const fraction = /[.,](?:0+|9+)(?![0-9])/y;

function tokenAt(layout: string, at: number): Token | undefined {
  const first = layout.charAt(at);
  if (first === "." || first === ",") return fractionAt(layout, at);
  const found = tokensByFirst.get(first)?.find(({ text }) => layout.startsWith(text, at));
  if (found === undefined) return undefined;
  // `Janet` and `Money` are words; `_2006` is a year after a line.
  const goesOn = /[a-z]/.test(layout.charAt(at + found.text.length));
  if ((found.text === "Jan" || found.text === "Mon") && goesOn) return undefined;
  if (found.text === "_2" && layout.startsWith("_2006", at)) return undefined;
  return found;
}

/** `.000` is written as it stands, `.999` without its zeros: not at all. */
function fractionAt(layout: string, at: number): Token | undefined {
  fraction.lastIndex = at;
  const text = fraction.exec(layout)?.[0];
  return text === undefined ? undefined : { text, write: () => (text.endsWith("9") ? "" : text) };
}

function zoneText(moment: Moment): string {
  if (moment.zoneName !== undefined) return moment.zoneName;
  if (moment.offsetMinutes === 0) return "UTC";
  const text = offsetText(moment, "");
  return text.endsWith("00") ? text.slice(0, 3) : text;
}

function offsetText({ offsetMinutes }: Moment, separator: string): string {
  const minutes = Math.abs(offsetMinutes);
  const sign = offsetMinutes < 0 ? "-" : "+";
  return `${sign}${padded(Math.floor(minutes / 60), 2)}${separator}${padded(minutes % 60, 2)}`;
}

function orZ(moment: Moment, otherwise: () => string): string {
  return moment.offsetMinutes === 0 ? "Z" : otherwise();
}

function padded(number: number, digits: number): string {
  return String(number).padStart(digits, "0");
}
