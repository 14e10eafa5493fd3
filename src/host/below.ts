// SPDX-License-Identifier: Apache-2.0
// Every place on the way from a directory to a path in it, for hosts that look at each of them. Texts only.

/** From the outside to the inside, `path` last. None for a path that is not below `base`; both are clean. */
export function placesBelow(base: string, path: string): readonly string[] {
  const start = base === "/" ? base : `${base}/`;
  if (!path.startsWith(start) || path === start) return [];
  const parts = path.slice(start.length).split("/");
  return parts.map((_, index) => start + parts.slice(0, index + 1).join("/"));
}
