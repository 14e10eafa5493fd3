// SPDX-License-Identifier: Apache-2.0
// A page of the reference as a markdown file.

import type { Block, Page } from "./page.ts";

export const generatedNotice = "<!-- Written by `npm run docs`; change what it is made from instead. -->";

/** Ends with a line break. */
export function renderMarkdown(page: Page): string {
  const blocks = page.blocks.map((block) => renderBlock(block, page));
  return `${[generatedNotice, `# ${page.title}`, ...blocks].join("\n\n")}\n`;
}

function renderBlock(block: Block, page: Page): string {
  switch (block.kind) {
    case "text":
      return escapeOutsideCode(block.text);
    case "heading":
      return `## ${block.text}`;
    case "code":
      return renderFence(block.language, block.text);
    case "table":
      return [
        row(block.columns),
        row(block.columns.map(() => "---")),
        ...block.rows.map((cells) => row(cells.map(escapeCell))),
      ].join("\n");
    case "links":
      return block.to
        .map((link) => `- [${link.title}](${relativePath(page.path, link.path)}): ${escapeOutsideCode(link.summary)}`)
        .join("\n");
  }
}

function renderFence(language: string, content: string): string {
  const longest = Math.max(2, ...[...content.matchAll(/`{3,}/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${content}${fence}`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

/** In a table a bar ends the cell, even inside of code. */
function escapeCell(content: string): string {
  return escapeOutsideCode(content.replaceAll("\n", " ")).replaceAll("|", "\\|");
}

function escapeOutsideCode(content: string): string {
  return content
    .split(/(`[^`]*`)/)
    .map((part, index) => (index % 2 === 1 ? part : part.replaceAll(/[<>*_[\]\\]/g, "\\$&")))
    .join("");
}

/** From one page to another, both below docs/reference. */
function relativePath(from: string, to: string): string {
  const up = from.split("/").length - 1;
  return `${"../".repeat(up)}${to}.md`;
}
