// SPDX-License-Identifier: Apache-2.0
// A graph as DOT text, the language of graphviz. Same picture, same bytes.

import type { Picture } from "./picture.ts";

export function renderDot(picture: Picture): string {
  const lines = [
    `digraph ${quoteDot(picture.name)} {`,
    `\tlabel=${quoteDot(picture.name)};`,
    "\tnewrank=true;",
    ...picture.vertices.map(({ key, label, dashed }) => {
      return `\t${quoteDot(key)} [label=${quoteDot(label ?? key)}${dashed ? ", style=dashed" : ""}];`;
    }),
    ...picture.edges.map(({ from, to, label, bold, dashed }) => {
      const attributes = [
        ...(label === undefined ? [] : [`label=${quoteDot(label)}`]),
        ...(bold ? ["style=bold"] : []),
        ...(dashed ? ["style=dashed"] : []),
      ];
      const suffix = attributes.length === 0 ? "" : ` [${attributes.join(", ")}]`;
      return `\t${quoteDot(from)} -> ${quoteDot(to)}${suffix};`;
    }),
    "}",
  ];
  return `${lines.join("\n")}\n`;
}

/**
 * A quoted DOT name. The backslash is an escape in labels, so it is doubled; bytes that are no text become the
 * replacement character, because graphviz refuses them.
 */
function quoteDot(text: string): string {
  const shown = text.toWellFormed().replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
  return `"${shown.replaceAll("\r", "\\r").replaceAll("\0", "�")}"`;
}
