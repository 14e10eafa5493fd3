// SPDX-License-Identifier: Apache-2.0
// A page of the reference as text for a terminal. Tables become paragraphs: a terminal is narrow.

import type { Block, Link, Page } from "./page.ts";

const width = 90;
const bold = "1";
const dim = "2";

/** Ends with a line break. */
export function renderForTerminal(page: Page, options: { readonly colour: boolean }): string {
  const paint = (codes: string, content: string): string =>
    options.colour ? `\u001b[${codes}m${content}\u001b[0m` : content;
  const blocks = page.blocks.map((block) => renderBlock(block, paint));
  return `${[paint(bold, page.title), ...blocks].join("\n\n")}\n`;
}

type Paint = (codes: string, content: string) => string;

function renderBlock(block: Block, paint: Paint): string {
  switch (block.kind) {
    case "text":
      return wrap(block.text, "");
    case "heading":
      return paint(bold, block.text);
    case "code":
      return block.text
        .trimEnd()
        .replaceAll(/^(?=.)/gm, "    ")
        .replaceAll("\t", "    ");
    case "table":
      return block.rows.map((cells) => renderRow(block.columns, cells, paint)).join("\n");
    case "links":
      return renderLinks(block.to, paint);
  }
}

/** The first cell stands out, the others are below it; short ones share a line. */
function renderRow(columns: readonly string[], [first = "", ...others]: readonly string[], paint: Paint): string {
  const cells = others
    .map((cell, index) => ({ name: columns[index + 1] ?? "", cell }))
    .filter(({ cell }) => cell !== "");
  const short = cells.filter(({ name }) => name === "Type" || name === "Default");
  const long = cells.filter(({ name }) => name !== "Type" && name !== "Default");
  const facts = short.map(({ name, cell }) => (name === "Type" ? plain(cell) : `${name.toLowerCase()} ${plain(cell)}`));
  const head = `  ${paint(bold, plain(first))}${facts.length === 0 ? "" : `  ${paint(dim, facts.join(", "))}`}`;
  const lines = long.map(({ name, cell }) =>
    name === "Example" ? `      ${paint(dim, `example: ${plain(cell)}`)}` : wrap(cell, "      "),
  );
  return [head, ...lines].join("\n");
}

function renderLinks(to: readonly Link[], paint: Paint): string {
  const longest = Math.max(0, ...to.map(({ word }) => word.length));
  const column = Math.min(longest, 28);
  return to
    .map(({ word, summary }) => {
      const lines = wrap(summary, " ".repeat(column + 4)).trimStart();
      return `  ${paint(bold, word)}${" ".repeat(Math.max(0, column - word.length) + 2)}${lines}`;
    })
    .join("\n");
}

/** A cell of a table that is code alone needs no backticks. */
function plain(cell: string): string {
  return /^`[^`]*`$/.test(cell) ? cell.slice(1, -1) : cell;
}

function wrap(content: string, indent: string): string {
  const lines: string[] = [];
  let line = indent;
  for (const word of content.match(/(?:[^\s`]*`[^`]{0,60}`[^\s`]*)+|\S+/g) ?? []) {
    if (line !== indent && line.length + 1 + word.length > width) {
      lines.push(line);
      line = indent;
    }
    line = line === indent ? indent + word : `${line} ${word}`;
  }
  return [...lines, line].join("\n");
}
