// SPDX-License-Identifier: Apache-2.0
// The content of a table as text: it must not reach out of its table.

/** What is wrong with it, for a person; undefined: nothing that can be told without the kernel. */
export function wrongContent(content: string): { readonly title: string; readonly hint: string } | undefined {
  let depth = 0;
  let atStart = true;
  // Quoted texts and comments are skipped, as they may have anything in them.
  for (const [token, word] of content.matchAll(/"[^"]*"|#[^\n]*|[{};\n]|([^\s{};"#]+)|\s/g)) {
    if (token === "{") depth += 1;
    if (token === "}") depth -= 1;
    if (depth < 0) return { title: "the content has a closing brace too many", hint: bounds };
    if (word === "include" && atStart) {
      return { title: "the content includes another file", hint: "Give it as text, for example with `os.readfile`." };
    }
    if (/^[{};\n]$/.test(token)) atStart = true;
    else if (!/^(?:\s|#.*)$/s.test(token)) atStart = false;
  }
  if (depth > 0) return { title: "the content lacks a closing brace", hint: bounds };
  const quoted = content.replaceAll(/"[^"]*"|#[^\n]*/g, (text) => (text.startsWith("#") ? "" : text));
  return (quoted.match(/"/g)?.length ?? 0) % 2 === 1
    ? { title: "the content has a quotation mark without its second one", hint: bounds }
    : undefined;
}

const bounds = "It is what stands between the braces of the table, with all its own braces closed.";
