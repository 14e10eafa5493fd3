// SPDX-License-Identifier: Apache-2.0
// What a page of the reference is made of, before it is markdown or text for a terminal.

export interface Page {
  /** Below docs/reference, without its ending: `kinds/file`. */
  readonly path: string;
  readonly title: string;
  /** One sentence for the lists that lead here. */
  readonly summary: string;
  /** What `mgmt docs` takes for it. */
  readonly words: readonly string[];
  readonly blocks: readonly Block[];
}

/** Texts may hold code in backticks, and nothing else that is marked up. */
export type Block =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "heading"; readonly text: string }
  | { readonly kind: "code"; readonly language: "mcl" | "yaml" | "sh" | "json" | "text"; readonly text: string }
  | { readonly kind: "table"; readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] }
  | { readonly kind: "links"; readonly to: readonly Link[] };

export interface Link {
  readonly path: string;
  readonly title: string;
  /** What to write behind `mgmt docs`. */
  readonly word: string;
  readonly summary: string;
}

export const text = (content: string): Block => ({ kind: "text", text: content });
export const heading = (content: string): Block => ({ kind: "heading", text: content });

/** A program, with its last line ended. */
export const program = (content: string): Block => code("mcl", content);

export function code(language: "mcl" | "yaml" | "sh" | "json" | "text", content: string): Block {
  return { kind: "code", language, text: content.replace(/\n*$/, "\n") };
}

/** A table without rows is nothing. */
export function table(columns: readonly string[], rows: readonly (readonly string[])[]): readonly Block[] {
  return rows.length === 0 ? [] : [{ kind: "table", columns, rows }];
}

export function links(to: readonly Page[]): Block {
  return {
    kind: "links",
    to: to.map(({ path, title, summary, words: [word = title] }) => ({ path, title, word, summary })),
  };
}
