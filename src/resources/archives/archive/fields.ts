// SPDX-License-Identifier: Apache-2.0
// The declared schema of `archive`, and the mistakes in it that its types cannot tell.

import { field, fromName, type Want } from "../../../contract/field.ts";
import type { WantProblem } from "../../../contract/resource.ts";
import { cleanPath, isAbsolute, isBelow, isDirectoryPath } from "../../files/path.ts";
import { accountProblems } from "../../accounts/account-fields.ts";
import { pathProblems } from "../../files/possible-path.ts";

export const archiveFields = {
  path: field.str({
    default: fromName,
    doc: "The directory into which it is extracted, absolute. It is made if it is missing; what else is in it stays.",
    example: '"/opt/app/"',
  }),
  source: field.str({
    doc: "The archive: a tar file, also one that gzip, zstd, xz or bzip2 has packed, or a zip file, whatever its name.",
    example: '"/var/cache/app-1.4.tar.gz"',
  }),
  sha256: field.str({
    doc: "The SHA-256 that the archive must have, in hexadecimal digits. With another one nothing is extracted.",
  }),
  strip: field.int({
    bits: 32,
    doc: "So many directories at the beginning of each name in the archive are left out, and what has no more of a name.",
    example: "1",
  }),
  owner: field.str({ doc: "The user to whom all of it belongs: a name or a number.", example: '"app"' }),
  group: field.str({ doc: "The group to which all of it belongs: a name or a number." }),
  same_owner: field.bool({
    doc:
      "Gives all of it the owner, group and set-id bits that the archive says: by name where such a user is here, else " +
      "by number. Not with `owner` and `group`.",
  }),
  links: field.str({
    default: "inside",
    choices: ["inside", "any"],
    doc: "Whether symbolic links in the archive may lead out of the directory. They are never followed while extracting.",
  }),
  force: field.bool({
    doc: "Lets a file, directory or symbolic link be removed when one of another sort must be in its place.",
  }),
};

export type ArchiveWant = Want<typeof archiveFields>;

export function checkArchive(want: ArchiveWant): readonly WantProblem[] {
  const found: WantProblem[] = [];
  if (!isAbsolute(want.path)) {
    found.push({
      field: "path",
      title: `\`path\` must be the absolute path of a directory, not "${want.path}"`,
      hint: 'Write it like "/opt/app/".',
    });
  }
  if (!isAbsolute(want.source) || isDirectoryPath(want.source)) {
    const title =
      want.source === ""
        ? "an archive needs `source`, the file to extract"
        : `\`source\` must be the absolute path of a file, not "${want.source}"`;
    found.push({ field: "source", title, hint: 'Write it like "/srv/app-1.4.tar.gz".' });
  } else if (isAbsolute(want.path) && isBelow(cleanPath(want.path), cleanPath(want.source))) {
    found.push({ field: "path", title: "an archive cannot be extracted below itself" });
  }
  if (want.sha256 !== "" && !/^[0-9a-f]{64}$/.test(want.sha256)) {
    found.push({
      field: "sha256",
      title: `"${want.sha256}" is no SHA-256`,
      hint: "It has 64 digits from 0 to 9 and a to f, as `sha256sum` prints it.",
    });
  }
  if (want.strip < 0)
    found.push({
      field: "strip",
      title: `\`strip\` cannot be less than 0, but is ${want.strip}`,
      hint: "0 keeps the paths of the archive whole.",
    });
  if (want.same_owner && (want.owner !== "" || want.group !== "")) {
    found.push({
      field: "same_owner",
      title: "`same_owner` cannot go with `owner` or `group`",
      hint: "`same_owner` takes the owners that the archive names.",
    });
  }
  const { path, source, owner, group } = want;
  found.push(...pathProblems({ path, source }), ...accountProblems({ owner, group }));
  return found;
}
