// SPDX-License-Identifier: Apache-2.0
// The order of Debian's versions, `[epoch:]upstream[-revision]`, as dpkg has it: runs of digits by their number, all
// else by characters, where `~` comes before even the end and letters come before the rest.

export function compareDebianVersions(left: string, right: string): number {
  const [leftEpoch, leftRest] = splitAtFirst(left, ":");
  const [rightEpoch, rightRest] = splitAtFirst(right, ":");
  const [leftUpstream, leftRevision] = splitAtLast(leftRest, "-");
  const [rightUpstream, rightRevision] = splitAtLast(rightRest, "-");
  return (
    compareNumbers(leftEpoch, rightEpoch) ||
    comparePart(leftUpstream, rightUpstream) ||
    comparePart(leftRevision, rightRevision)
  );
}

/** Decimal digits of any number, by what they count. */
export function compareNumbers(left: string, right: string): number {
  const [a, b] = [left.replace(/^0+/, ""), right.replace(/^0+/, "")];
  if (a.length !== b.length) return a.length < b.length ? -1 : 1;
  return a === b ? 0 : a < b ? -1 : 1;
}

function splitAtFirst(version: string, mark: string): readonly [string, string] {
  const at = version.indexOf(mark);
  return at === -1 ? ["", version] : [version.slice(0, at), version.slice(at + 1)];
}

function splitAtLast(version: string, mark: string): readonly [string, string] {
  const at = version.lastIndexOf(mark);
  return at === -1 ? [version, ""] : [version.slice(0, at), version.slice(at + 1)];
}

function comparePart(left: string, right: string): number {
  let [a, b] = [left, right];
  while (a !== "" || b !== "") {
    const [, aText = "", aDigits = "", aRest = ""] = /^(\D*)(\d*)(.*)$/s.exec(a) ?? [];
    const [, bText = "", bDigits = "", bRest = ""] = /^(\D*)(\d*)(.*)$/s.exec(b) ?? [];
    const order = compareText(aText, bText) || compareNumbers(aDigits, bDigits);
    if (order !== 0) return order;
    [a, b] = [aRest, bRest];
  }
  return 0;
}

function compareText(left: string, right: string): number {
  for (let at = 0; at < left.length || at < right.length; at += 1) {
    const order = weightOf(left.charCodeAt(at)) - weightOf(right.charCodeAt(at));
    if (order !== 0) return order;
  }
  return 0;
}

/** Of a code, or of NaN for the end. */
function weightOf(code: number): number {
  if (Number.isNaN(code)) return 0;
  if (code === 126) return -1; // ~
  const isLetter = (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
  return isLetter ? code : code + 256;
}
