// SPDX-License-Identifier: Apache-2.0
// A graph as DOT text, the language of graphviz. Same picture, same bytes.

export interface DotPicture {
  readonly name: string;
  readonly vertices: readonly { readonly key: string; readonly label?: string; readonly dashed?: boolean }[];
  readonly edges: readonly {
    readonly from: string;
    readonly to: string;
    readonly label?: string;
    readonly bold?: boolean;
    readonly dashed?: boolean;
  }[];
}

/** Vertices and edges come out in the order given, so whoever takes them from a map sorts them first. */
export function renderDot(picture: DotPicture): string {
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
