// SPDX-License-Identifier: Apache-2.0
// How a header of a tar archive is laid out, for those that write and those that read it.

export const blockBytes = 512;

/** Where a field begins and how long it is. */
export const tarFields = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  modified: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  linkText: [157, 100],
  magic: [257, 8],
  userName: [265, 32],
  groupName: [297, 32],
  prefix: [345, 155],
} as const;

export type TarField = keyof typeof tarFields;

/** The letters of the sorts of member, as they stand in the header. */
export const tarTypes = {
  file: "0",
  hardLink: "1",
  symlink: "2",
  directory: "5",
  /** Records for the next member, and for all that follow. */
  paxNext: "x",
  paxAll: "g",
  /** The name of the next member, and the text of its link. */
  gnuName: "L",
  gnuLinkText: "K",
} as const;

export const ustarMagic = "ustar\x0000";
export const gnuMagic = "ustar  \0";

/** The sum of the header's bytes, those of the sum itself counted as spaces. */
export function checksumOf(header: Uint8Array): number {
  const [start, length] = tarFields.checksum;
  let sum = 0x20 * length;
  for (let at = 0; at < header.length; at += 1) {
    if (at < start || at >= start + length) sum += header[at] ?? 0;
  }
  return sum;
}

/** So many bytes follow content of that size, up to a whole block. */
export function paddingAfter(size: number): number {
  return (blockBytes - (size % blockBytes)) % blockBytes;
}
