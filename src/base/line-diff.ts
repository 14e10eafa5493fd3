// SPDX-License-Identifier: Apache-2.0
// What changes from one text to another, by lines, for people. Knows nothing of files.

export type DiffLine =
  | { readonly mark: "+" | "-" | " "; readonly text: string }
  /** That many equal lines are left out here. */
  | { readonly mark: "…"; readonly count: number };

/** Texts that differ in more lines than this are shown as all removed and all added: exact would cost too much. */
const exactLines = 1000;

/** Equal lines further than `context` lines from a change are left out. Equal texts give nothing. */
export function diffLines(before: string, after: string, context = 2): readonly DiffLine[] {
  const old = linesOf(before);
  const young = linesOf(after);
  let head = 0;
  while (head < old.length && head < young.length && old[head] === young[head]) head += 1;
  let tail = 0;
  const shorter = Math.min(old.length, young.length) - head;
  while (tail < shorter && old[old.length - 1 - tail] === young[young.length - 1 - tail]) tail += 1;
  const middle = differ(old.slice(head, old.length - tail), young.slice(head, young.length - tail));
  if (middle.length === 0) return [];
  const equal = (text: string): DiffLine => ({ mark: " ", text });
  return leftOut([...old.slice(0, head).map(equal), ...middle, ...old.slice(old.length - tail).map(equal)], context);
}

function linesOf(text: string): readonly string[] {
  if (text === "") return [];
  return (text.endsWith("\n") ? text.slice(0, -1) : text).split("\n");
}

/** By the longest common subsequence. */
function differ(old: readonly string[], young: readonly string[]): readonly DiffLine[] {
  const removed = (text: string): DiffLine => ({ mark: "-", text });
  const added = (text: string): DiffLine => ({ mark: "+", text });
  if (old.length > exactLines || young.length > exactLines) return [...old.map(removed), ...young.map(added)];
  // longest[i][j]: lines common to old from i on and young from j on.
  const width = young.length + 1;
  const longest = new Uint16Array((old.length + 1) * width);
  for (let i = old.length - 1; i >= 0; i -= 1) {
    for (let j = young.length - 1; j >= 0; j -= 1) {
      longest[i * width + j] =
        old[i] === young[j]
          ? (longest[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(longest[(i + 1) * width + j] ?? 0, longest[i * width + j + 1] ?? 0);
    }
  }
  const lines: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < old.length || j < young.length) {
    if (i < old.length && j < young.length && old[i] === young[j]) {
      lines.push({ mark: " ", text: old[i] ?? "" });
      i += 1;
      j += 1;
    } else if (
      j === young.length ||
      (i < old.length && (longest[(i + 1) * width + j] ?? 0) >= (longest[i * width + j + 1] ?? 0))
    ) {
      lines.push(removed(old[i] ?? ""));
      i += 1;
    } else {
      lines.push(added(young[j] ?? ""));
      j += 1;
    }
  }
  return lines;
}

function leftOut(lines: readonly DiffLine[], context: number): readonly DiffLine[] {
  const near = lines.map(() => false);
  lines.forEach((line, at) => {
    if (line.mark === " ") return;
    for (let by = -context; by <= context; by += 1) if (near[at + by] !== undefined) near[at + by] = true;
  });
  const shown: DiffLine[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at];
    const last = shown.at(-1);
    if (near[at] === true && line !== undefined) shown.push(line);
    else if (last?.mark === "…") shown[shown.length - 1] = { mark: "…", count: last.count + 1 };
    else shown.push({ mark: "…", count: 1 });
  }
  return shown;
}
