// SPDX-License-Identifier: Apache-2.0
// Consecutive lines in a text: found, added and removed. Everything else keeps its bytes, line ends included.

/** What is between line ends. A last line end does not begin another line. */
export type Block = readonly string[];

export function blockOf(content: string): Block {
  if (content === "") return [];
  return content.replace(/\r?\n$/, "").split(/\r?\n/);
}

/** How often it is there, without overlaps. */
export function countBlock(text: string, block: Block): number {
  return placesOf(linesOf(text), block).length;
}

/** At the end, on lines of its own, with the line ends that the text has. */
export function addBlock(text: string, block: Block): string {
  const ending = /\r?\n/.exec(text)?.[0] ?? "\n";
  const seam = text === "" || text.endsWith("\n") ? "" : ending;
  return text + seam + block.map((line) => line + ending).join("");
}

/** Every one of them. */
export function removeBlock(text: string, block: Block): string {
  const lines = linesOf(text);
  const left: string[] = [];
  let from = 0;
  for (const at of placesOf(lines, block)) {
    left.push(...lines.slice(from, at));
    from = at + block.length;
  }
  return [...left, ...lines.slice(from)].join("");
}

/** With their ends. */
function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function placesOf(lines: readonly string[], block: Block): readonly number[] {
  const places: number[] = [];
  if (block.length === 0) return places;
  for (let at = 0; at + block.length <= lines.length; ) {
    const found = block.every((line, offset) => lines[at + offset]?.replace(/\r?\n$/, "") === line);
    if (found) places.push(at);
    at += found ? block.length : 1;
  }
  return places;
}
