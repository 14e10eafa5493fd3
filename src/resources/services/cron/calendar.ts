// SPDX-License-Identifier: Apache-2.0
// Calendar events as systemd writes them: `Mon..Fri *-*-* 09:00`, `daily`, `*:0/15`.

/** One part of a date or time: what it may be. `every` is any value. */
export type Part = "every" | readonly Span[];

/** From the first to the last, in steps: a single value has the same twice; `0/15` ends with the highest there is. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

export interface Calendar {
  /** 1 is Monday, 7 is Sunday. */
  readonly weekdays: Part;
  readonly year: Part;
  readonly month: Part;
  readonly day: Part;
  /** Days are counted from the end of the month. */
  readonly isFromEnd: boolean;
  readonly hour: Part;
  readonly minute: Part;
  readonly second: Part;
  /** `UTC` or `Europe/Berlin`. */
  readonly zone: string | undefined;
}

const shorthands: Readonly<Record<string, string>> = {
  minutely: "*-*-* *:*:00",
  hourly: "*-*-* *:00:00",
  daily: "*-*-* 00:00:00",
  monthly: "*-*-01 00:00:00",
  weekly: "Mon *-*-* 00:00:00",
  yearly: "*-01-01 00:00:00",
  annually: "*-01-01 00:00:00",
  quarterly: "*-01,04,07,10-01 00:00:00",
  semiannually: "*-01,07-01 00:00:00",
};

const weekdayNames = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/** Undefined when systemd would not understand it. */
export function parseCalendar(text: string): Calendar | undefined {
  const words = text.trim().split(/\s+/);
  const first = (words[0] ?? "").toLowerCase();
  const expanded = shorthands[first];
  const parts = expanded === undefined ? words : [...expanded.split(" "), ...words.slice(1)];
  let zone: string | undefined;
  const last = parts.at(-1) ?? "";
  if (parts.length > 1 && /^(?:UTC|[A-Za-z_]+(?:\/[A-Za-z0-9_+-]+)+)$/.test(last)) zone = parts.pop();
  if (parts.length === 0 || parts.length > 3 || parts[0] === "") return undefined;
  const weekdays = /^[A-Za-z]/.test(parts[0] ?? "") ? parseWeekdays((parts.shift() ?? "").replace(/,$/, "")) : "every";
  if (weekdays === undefined) return undefined;
  const date = parts[0] !== undefined && !parts[0].includes(":") ? parts.shift() : "*-*-*";
  const time = parts.shift() ?? "00:00:00";
  if (parts.length > 0 || date === undefined) return undefined;
  const days = parseDate(date);
  const clock = parseTime(time);
  return days === undefined || clock === undefined ? undefined : { weekdays, ...days, ...clock, zone };
}

function parseWeekdays(text: string): Part | undefined {
  const spans: Span[] = [];
  for (const piece of text.split(",")) {
    const [from, to, ...more] = piece.split(/\.\.|-/).map(weekday);
    if (from === undefined || more.length > 0 || (piece.match(/\.\.|-/) !== null && to === undefined)) return undefined;
    if (to !== undefined && to < from) return undefined;
    spans.push({ from, to: to ?? from, step: 1 });
  }
  return spans;
}

function weekday(name: string): number | undefined {
  const index = weekdayNames.findIndex(
    (each) => each === name.toLowerCase() || each.slice(0, 3) === name.toLowerCase(),
  );
  return index < 0 ? undefined : index + 1;
}

function parseDate(text: string): Pick<Calendar, "year" | "month" | "day" | "isFromEnd"> | undefined {
  const [, yearText = "*", monthText, mark, dayText] = /^(?:([^-~]+)-)?([^-~]+)([-~])([^-~]+)$/.exec(text) ?? [];
  if (monthText === undefined || dayText === undefined) return undefined;
  const year = parsePart(yearText, 1970, 2199);
  const month = parsePart(monthText, 1, 12);
  const day = parsePart(dayText, 1, 31);
  if (year === undefined || month === undefined || day === undefined) return undefined;
  return { year, month, day, isFromEnd: mark === "~" };
}

function parseTime(text: string): Pick<Calendar, "hour" | "minute" | "second"> | undefined {
  const [hourText = "", minuteText, secondText = "00", ...more] = text.split(":");
  if (minuteText === undefined || more.length > 0) return undefined;
  const hour = parsePart(hourText, 0, 23);
  const minute = parsePart(minuteText, 0, 59);
  const second = parsePart(secondText, 0, 59);
  return hour === undefined || minute === undefined || second === undefined ? undefined : { hour, minute, second };
}

function parsePart(text: string, least: number, most: number): Part | undefined {
  if (text === "*") return "every";
  const spans: Span[] = [];
  for (const piece of text.split(",")) {
    const [, from, to, step] = /^(\*|\d+(?:\.\d+)?)(?:\.\.(\d+(?:\.\d+)?))?(?:\/(\d+(?:\.\d+)?))?$/.exec(piece) ?? [];
    if (from === undefined) return undefined;
    const start = from === "*" ? least : Number(from);
    const end = to === undefined ? (step === undefined && from !== "*" ? start : most) : Number(to);
    const width = step === undefined ? 1 : Number(step);
    if (start < least || end > most + 0.999_999 || end < start || width === 0) return undefined;
    spans.push({ from: start, to: end, step: width });
  }
  return spans;
}
