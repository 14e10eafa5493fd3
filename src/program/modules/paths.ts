// SPDX-License-Identifier: Apache-2.0
// Paths of modules as texts: absolute, with `/`; a directory ends in `/`.

/** `/a/b/` of `/a/b/c.mcl`. */
export function directoryOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1);
}

/** The relative path, which may begin with `..`, seen from the directory. */
export function pathFrom(directory: string, relative: string): string {
  const parts: string[] = [];
  for (const part of `${directory}${relative}`.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") parts.pop();
    else parts.push(part);
  }
  const isDirectory = relative === "" || relative.endsWith("/") || parts.length === 0;
  return `/${parts.join("/")}${isDirectory && parts.length > 0 ? "/" : ""}`;
}
