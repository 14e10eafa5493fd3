// SPDX-License-Identifier: Apache-2.0
// Consecutive lines in a text: found, added and removed. Everything else keeps its bytes, line ends included.

/** What is between line ends. A last line end does not begin another line. */
export type Block = readonly string[];

export function blockOf(content: string): Block {
  if (content === "") return [];
  return content.replace(/\r?\n$/, "").split(/\r?\n/);
}

/** How often it is there, without overlaps; also those that come about where others of it are taken out of the middle. */
export function countBlock(text: string, block: Block): number {
  return withoutBlock(text, block).count;
}

/** At the end, on lines of its own, with the line ends that the text has. */
export function addBlock(text: string, block: Block): string {
  const ending = /\r?\n/.exec(text)?.[0] ?? "\n";
  const seam = text === "" || text.endsWith("\n") ? "" : ending;
  return text + seam + block.map((line) => line + ending).join("");
}

/** Every one of them: afterwards there is none, whatever has come together. */
export function removeBlock(text: string, block: Block): string {
  return withoutBlock(text, block).left.join("");
}

/** With their ends. */
function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** What is left never has the block in it: as soon as its end is one, that is taken off. */
function withoutBlock(text: string, block: Block): { readonly left: readonly string[]; readonly count: number } {
  const left: string[] = [];
  let count = 0;
  for (const line of linesOf(text)) {
    left.push(line);
    const from = left.length - block.length;
    if (block.length === 0 || from < 0) continue;
    if (!block.every((wanted, offset) => left[from + offset]?.replace(/\r?\n$/, "") === wanted)) continue;
    left.length = from;
    count += 1;
  }
  return { left, count };
}
