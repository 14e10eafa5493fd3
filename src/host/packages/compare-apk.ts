// SPDX-License-Identifier: Apache-2.0
// The order of versions of apk, `1.2.3a_rc1~hash-r4`, by the rules of its documentation: numbers, a letter, suffixes of
// which some come before the version itself, the hash of a commit, and the number of the build.

const suffixes = ["alpha", "beta", "pre", "rc", "", "cvs", "svn", "git", "hg", "p"];
const noSuffix = suffixes.indexOf("");

/** Where two versions part, the one that goes on with the higher of these is newer. */
const ranks = { end: 0, build: 1, hash: 2, suffixNumber: 3, suffix: 4, letter: 5, number: 6 } as const;

interface Part {
  readonly kind: keyof typeof ranks;
  readonly text: string;
}

/** Texts that are no versions come after those that are, in the order of their characters. */
export function compareApkVersions(left: string, right: string): number {
  const [ours, others] = [partsOf(left), partsOf(right)];
  if (ours === undefined || others === undefined) {
    if (ours === undefined && others === undefined) return order(left, right);
    return ours === undefined ? 1 : -1;
  }
  for (let at = 0; ; at += 1) {
    const [one, other] = [ours[at] ?? end, others[at] ?? end];
    if (one.kind === "end" && other.kind === "end") return 0;
    const by = one.kind === other.kind ? compareParts(one, other, at === 0) : compareKinds(one, other);
    if (by !== 0) return by;
  }
}

const end: Part = { kind: "end", text: "" };

function partsOf(version: string): readonly Part[] | undefined {
  const found =
    /^(\d+(?:\.\d+)*)([a-z]?)((?:_(?:alpha|beta|pre|rc|cvs|svn|git|hg|p)\d*)*)(?:~([0-9a-f]+))?(?:-r(\d+))?$/.exec(
      version,
    );
  if (found === null) return undefined;
  const [, numbers = "", letter = "", more = "", hash, build] = found;
  const parts: Part[] = numbers.split(".").map((text) => ({ kind: "number", text }));
  if (letter !== "") parts.push({ kind: "letter", text: letter });
  for (const [, name = "", number = ""] of more.matchAll(/_([a-z]+)(\d*)/g)) {
    parts.push({ kind: "suffix", text: name });
    if (number !== "") parts.push({ kind: "suffixNumber", text: number });
  }
  if (hash !== undefined) parts.push({ kind: "hash", text: hash });
  if (build !== undefined) parts.push({ kind: "build", text: build });
  return parts;
}

function compareParts(one: Part, other: Part, isFirst: boolean): number {
  switch (one.kind) {
    case "number": {
      // After the first one, `05` is a fraction: before `1`.
      const isFraction = !isFirst && (one.text.startsWith("0") || other.text.startsWith("0"));
      return isFraction ? order(one.text, other.text) : order(BigInt(one.text), BigInt(other.text));
    }
    case "suffixNumber":
    case "build":
      return order(BigInt(one.text), BigInt(other.text));
    case "suffix":
      return suffixes.indexOf(one.text) - suffixes.indexOf(other.text);
    default:
      return order(one.text, other.text);
  }
}

function compareKinds(one: Part, other: Part): number {
  if (isBefore(one)) return -1;
  if (isBefore(other)) return 1;
  return ranks[one.kind] - ranks[other.kind];
}

/** `_rc` is older than what has no suffix there. */
function isBefore({ kind, text }: Part): boolean {
  return kind === "suffix" && suffixes.indexOf(text) < noSuffix;
}

function order<Value extends string | bigint>(one: Value, other: Value): number {
  return one < other ? -1 : Number(one > other);
}
