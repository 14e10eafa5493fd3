// SPDX-License-Identifier: Apache-2.0
// Which part of a content is asked for (RFC 9110 section 14). Knows no bytes.

/** `from` and `length` in bytes. */
export interface Part {
  readonly from: number;
  readonly length: number;
}

/** `whole`: the header says nothing that we understand, so all of it is sent. */
export type Ranges = "whole" | "unsatisfiable" | readonly Part[];

/** More parts than this, or parts that overlap, are an attack or a mistake. */
const mostParts = 16;

/** `header` is that of `Range`; the parts are in the order in which they were asked for. */
export function parseRanges(header: string | undefined, size: number): Ranges {
  const specification = /^bytes[ \t]*=[ \t]*(.*)$/i.exec(header ?? "")?.[1];
  if (specification === undefined) return "whole";
  const texts = specification.split(",").map((text) => text.trim());
  if (texts.length > mostParts) return "whole";
  const parts: Part[] = [];
  for (const text of texts) {
    const found = /^(\d{0,15})-(\d{0,15})$/.exec(text);
    if (found === null || text === "-") return "whole";
    const [, first = "", last = ""] = found;
    if (first !== "" && last !== "" && Number(last) < Number(first)) return "whole";
    const part =
      first === ""
        ? lastBytes(Number(last), size)
        : between(Number(first), last === "" ? size - 1 : Number(last), size);
    if (part !== undefined) parts.push(part);
  }
  if (parts.length === 0) return "unsatisfiable";
  return overlap(parts) ? "whole" : parts;
}

/** `bytes 0-499/1234` */
export function renderContentRange({ from, length }: Part, size: number): string {
  return `bytes ${from}-${from + length - 1}/${size}`;
}

function lastBytes(count: number, size: number): Part | undefined {
  const length = Math.min(count, size);
  return length === 0 ? undefined : { from: size - length, length };
}

function between(first: number, last: number, size: number): Part | undefined {
  return first >= size ? undefined : { from: first, length: Math.min(last, size - 1) - first + 1 };
}

function overlap(parts: readonly Part[]): boolean {
  const sorted = parts.toSorted((a, b) => a.from - b.from);
  return sorted.some(({ from, length }, index) => {
    const next = sorted[index + 1];
    return next !== undefined && next.from < from + length;
  });
}
