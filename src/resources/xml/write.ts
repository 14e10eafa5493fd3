// SPDX-License-Identifier: Apache-2.0
// XML for programs that read it.

/** An element with all that is in it. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Attributes = Readonly<Record<string, string | undefined>>;

/** Attributes, texts and elements, in any order; what is undefined is left out. */
export function element(name: string, ...parts: readonly (Markup | Attributes | string | undefined)[]): Markup {
  let attributes = "";
  let content = "";
  for (const part of parts) {
    if (part === undefined) continue;
    if (typeof part === "string") content += escaped(part);
    else if (part instanceof Markup) content += part.text;
    else {
      for (const [key, value] of Object.entries(part)) {
        if (value !== undefined) attributes += ` ${key}="${escapedValue(value)}"`;
      }
    }
  }
  return new Markup(content === "" ? `<${name}${attributes}/>` : `<${name}${attributes}>${content}</${name}>`);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

function escapedValue(text: string): string {
  return escaped(text).replaceAll("\t", "&#9;").replaceAll("\n", "&#10;");
}
