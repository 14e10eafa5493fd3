// SPDX-License-Identifier: Apache-2.0
// What is in an archive, whichever its form.

import { Failure } from "../../../contract/failure.ts";

export type MemberKind = "file" | "directory" | "symlink" | "hard link" | "special";

export interface Member {
  /** As it stands in the archive, whatever that is. */
  readonly name: string;
  readonly kind: MemberKind;
  readonly mode: number;
  /** Bytes of content. */
  readonly size: number;
  readonly uid: number;
  readonly gid: number;
  /** Empty when the archive has none. */
  readonly userName: string;
  readonly groupName: string;
  /** Of a link. */
  readonly linkText: string;
  /** To be read before the next member is asked for; what is not read is passed over. */
  readonly content: AsyncIterable<Uint8Array>;
}

/** The failure of an archive that does not make sense. */
export function damagedArchive(what: string): Failure {
  return new Failure(`the archive is damaged: ${what}`, {
    code: "invalid",
    hint: "Get it again, and compare its checksum with the one that its maker gives.",
  });
}
