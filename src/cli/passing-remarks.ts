// SPDX-License-Identifier: Apache-2.0
// Remarks that are over when another one comes: that others took this host for lost, that the store does not answer. Where a
// table stays in its place they would stay in it for ever.

const passing: readonly { readonly remark: RegExp; readonly isOverBy: RegExp }[] = [
  { remark: /^nothing was heard of this host /, isOverBy: /^others know again that this host is alive$/ },
  {
    remark: /: what was known of other hosts stays in force until it does$/,
    isOverBy: /^the cluster's store answers again$/,
  },
];

/** Which remarks this one ends; undefined: none, and it is to be shown itself. */
export function endedBy(line: string): ((remark: string) => boolean) | undefined {
  const machine = /^(\S+) is reached over SSH again$/.exec(line)?.[1];
  if (machine !== undefined) return (remark) => remark.includes(machine);
  const ended = passing.filter(({ isOverBy }) => isOverBy.test(line)).map(({ remark }) => remark);
  return ended.length === 0 ? undefined : (other) => ended.some((remark) => remark.test(other));
}
