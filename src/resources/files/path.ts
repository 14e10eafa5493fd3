// SPDX-License-Identifier: Apache-2.0
// Paths as texts: absolute, `/` separated. A trailing slash says "directory". Knows nothing of any disk.

/** As the host takes it: no empty, `.` or `..` parts and no trailing slash, except in `/` itself. */
export function cleanPath(path: string): string {
  if (!/\/\/|\/\.|.\/$/.test(path)) return path;
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

export function isAbsolute(path: string): boolean {
  return path.startsWith("/");
}

export function isDirectoryPath(path: string): boolean {
  return path.endsWith("/");
}

/** `/a/b` and `/a/b/` give `/a/`; `/` gives `/`. */
export function directoryPart(path: string): string {
  return path.slice(0, lastPartStart(path));
}

/** `/a/b` gives `b`, `/a/b/` gives `b/`; `/` gives "". */
export function lastPart(path: string): string {
  return path.slice(lastPartStart(path));
}

/** The directory that holds a clean path. */
export function parentOf(path: string): string {
  return cleanPath(directoryPart(path));
}

/** Of a clean directory and a name, or several names with slashes between. */
export function joinPath(directory: string, name: string): string {
  return directory === "/" ? `/${name}` : `${directory}/${name}`;
}

/** True for what is inside the directory at any depth, not for the directory itself. Both clean. */
export function isBelow(path: string, directory: string): boolean {
  return path !== directory && path.startsWith(directory === "/" ? "/" : `${directory}/`);
}

function lastPartStart(path: string): number {
  return path.lastIndexOf("/", path.length - 2) + 1;
}
