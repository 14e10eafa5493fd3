// SPDX-License-Identifier: Apache-2.0
// The table of what is mounted at the start, as text. Every line that an entry is not about keeps its bytes.

import type { MountOptions } from "../../../contract/mounts.ts";
import { cleanPath } from "../../files/path.ts";
import type { Entry } from "./fields.ts";

/** The lines about the place, without their ends. */
export function linesAbout(text: string, place: string): readonly string[] {
  return linesOf(text)
    .map(withoutEnd)
    .filter((line) => placeOf(line) === place);
}

/** Whether there is one line about the place, which says the same as the entry. */
export function saysTheSame(text: string, entry: Entry): boolean {
  const [line, ...more] = linesAbout(text, entry.place);
  if (line === undefined || more.length > 0) return false;
  const [device = "", , type = "", options = "", freq = "0", passno = "0"] = wordsOf(line);
  return (
    unescaped(device) === entry.device &&
    unescaped(type) === entry.type &&
    sameOptions(unescaped(options), entry.options) &&
    Number(freq) === entry.freq &&
    Number(passno) === entry.passno
  );
}

/** The first line about the place becomes this entry, others go; without one it comes at the end. */
export function withEntry(text: string, entry: Entry): string {
  if (saysTheSame(text, entry)) return text;
  const line = renderEntry(entry);
  let done = false;
  const lines = linesOf(text).flatMap((each) => {
    if (placeOf(withoutEnd(each)) !== entry.place) return [each];
    if (done) return [];
    done = true;
    return [line + (/\r?\n$/.exec(each)?.[0] ?? "")];
  });
  if (done) return lines.join("");
  return `${text}${text === "" || text.endsWith("\n") ? "" : "\n"}${line}\n`;
}

export function withoutPlace(text: string, place: string): string {
  return linesOf(text)
    .filter((line) => placeOf(withoutEnd(line)) !== place)
    .join("");
}

export function renderEntry({ device, place, type, options, freq, passno }: Entry): string {
  const list = Array.from(options, ([name, value]) => (value === "" ? name : `${name}=${value}`)).join(",");
  return [...[device, place, type, list].map(escaped), String(freq), String(passno)].join("\t");
}

function sameOptions(text: string, options: MountOptions): boolean {
  const listed: readonly string[] = text.match(/(?:[^,"]|"[^"]*"?)+/g) ?? [];
  const wanted = Array.from(options, ([name, value]) => (value === "" ? name : `${name}=${value}`));
  return listed.length === wanted.length && wanted.every((option) => listed.includes(option));
}

function placeOf(line: string): string | undefined {
  const [, place] = wordsOf(line);
  return place?.startsWith("/") === true ? cleanPath(unescaped(place)) : undefined;
}

/** None of a comment. */
function wordsOf(line: string): readonly string[] {
  const text = line.trim();
  return text === "" || text.startsWith("#") ? [] : text.split(/[ \t]+/);
}

function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function withoutEnd(line: string): string {
  return line.replace(/\r?\n$/, "");
}

function escaped(text: string): string {
  return text.replaceAll(/[ \t\n\\#]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`);
}

function unescaped(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
