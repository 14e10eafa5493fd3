// SPDX-License-Identifier: Apache-2.0
// What programs say to a log on another machine (RFC 5424, and the older form that RFC 3164 tells of). Knows no sockets.
//
//     <30>Nov 27 17:05:01 web1 cron[7]: text            RFC 3164; small systems leave out the name of the machine
//     <30>1 2026-11-27T17:05:01Z web1 cron 7 ID - text  RFC 5424
//
// The number is eight times the facility, plus the severity.

export interface LogMessage {
  /** As `severities` has them. */
  readonly severity: Severity;
  /** Who says it, as it was told: `base-installer`. Empty: nobody says. */
  readonly program: string;
  /** Without controls and ends of lines, of `longestText` characters at the most. */
  readonly text: string;
}

/** RFC 5424, table 2, from 0. */
export const severities = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"] as const;

export type Severity = (typeof severities)[number];

/** What receivers should take at least (RFC 5424, 6.1). What is behind it is not looked at. */
export const longestMessage = 8192;
const longestText = 2048;
const longestProgram = 48;

const priority = /^<(\d{1,3})>/;
const newForm = /^1 \S+ \S+ (\S+) \S+ \S+ (.*)$/s;
/** A time without the year, and perhaps the name of a machine, which ends with no colon. */
const oldTime = /^[A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} (?:[^\s:[]+ (?=[^\s:[]+(?:\[[^\]]*\])?: ))?/;
const tag = /^([^\s:[]+)(?:\[[^\]]*\])?: ?/;
const decoder = new TextDecoder();

/** Total: whatever the bytes are. What has no number is a notice, as RFC 3164 wants it; undefined when there is nothing to say. */
export function decodeMessage(bytes: Uint8Array): LogMessage | undefined {
  const whole = decoder.decode(bytes.subarray(0, longestMessage));
  const [start = "", digits] = priority.exec(whole) ?? [];
  const number = Number(digits ?? "13");
  const severity = (number > 191 ? undefined : severities[number % 8]) ?? "notice";
  const rest = whole.slice(start.length);
  const [, name, tail] = newForm.exec(rest) ?? [];
  const { program, text } = name === undefined ? oldForm(rest) : { program: name, text: withoutData(tail ?? "") };
  const said = plain(text, longestText);
  return said === ""
    ? undefined
    : { severity, program: program === "-" ? "" : plain(program, longestProgram), text: said };
}

function oldForm(rest: string): { readonly program: string; readonly text: string } {
  const untimed = rest.replace(oldTime, "");
  const [start = "", program = ""] = tag.exec(untimed) ?? [];
  return { program, text: untimed.slice(start.length) };
}

/** Structured data stand before the text: `-`, or `[id name="value"]` one after the other, in whose values `\` escapes. */
function withoutData(tail: string): string {
  if (tail.startsWith("-")) return tail.slice(1).replace(/^ \ufeff?/, "");
  return tail.replace(/^(?:\[(?:[^\]"]|"(?:[^"\\]|\\.)*")*\])+ ?\ufeff?/s, "");
}

/** Controls, directions of writing and ends of lines could make a terminal or a file show what is not so. */
function plain(text: string, longest: number): string {
  const clean = text.replaceAll(/[\p{C}\p{Zl}\p{Zp}\ufffd]+/gu, " ").trim();
  return [...clean].slice(0, longest).join("");
}
