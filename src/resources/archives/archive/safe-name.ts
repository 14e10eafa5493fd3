// SPDX-License-Identifier: Apache-2.0
// Where a member of an archive would come to lie. Archives may be made to write elsewhere: nothing that leads out of the
// directory is accepted. Texts only.

/**
 * The path in the directory, without the first `strip` parts; "" for what is left out by that. `wrong`: it would lead
 * out of the directory.
 */
export function safeName(name: string, strip: number): { readonly path: string } | { readonly wrong: string } {
  if (name.startsWith("/")) return { wrong: `${name} has an absolute path` };
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) return { wrong: `${name} leads out of the directory` };
  if (name.includes("\0")) return { wrong: `${name.replaceAll("\0", "?")} has a null byte in its name` };
  return { path: parts.slice(strip).join("/") };
}

/** Whether a symbolic link at `path` with this text stays in the directory, wherever the directory is. */
export function staysInside(path: string, linkText: string): boolean {
  if (linkText.startsWith("/")) return false;
  let depth = path.split("/").length - 1;
  for (const part of linkText.split("/")) {
    if (part === "" || part === ".") continue;
    depth += part === ".." ? -1 : 1;
    if (depth < 0) return false;
  }
  return true;
}
