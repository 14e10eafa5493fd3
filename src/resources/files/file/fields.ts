// SPDX-License-Identifier: Apache-2.0
// The declared schema of `file`, and what of it names the place on the disk.

import { field, fromName, optional, type Want } from "../../../contract/field.ts";
import { cleanPath, directoryPart, isDirectoryPath, lastPart } from "../path.ts";

export const fileFields = {
  path: field.str({
    default: fromName,
    doc: "The place, absolute. With a slash at its end it is a directory, else a file or a symbolic link.",
    example: '"/etc/motd"',
  }),
  dirname: field.str({
    doc: "Takes the place of the directory part of `path`. Must end with a slash.",
    example: '"/etc/ssh/"',
  }),
  basename: field.str({
    doc: "Takes the place of the last part of `path`. With a slash at its end it names a directory.",
    example: '"sshd_config"',
  }),
  state: field.str({
    choices: ["exists", "absent"],
    doc:
      "Whether it must be there. When not given, what is there is kept in the declared form, but nothing is made " +
      "or removed: content for a file that is missing is then an error.",
    example: "$const.res.file.state.exists",
  }),
  content: optional(
    field.str({
      doc: "What the file must contain, exactly. The empty text is an empty file; not given means any content.",
      example: '"hello world\\n"',
    }),
  ),
  source: field.str({
    doc:
      "A file to copy the content from, or with a slash at its end a directory to copy with everything in it. New " +
      "copies get the mode of their source. With `symlink` it is the text of the link, which may be relative.",
    example: '"/usr/share/base-files/motd"',
  }),
  fragments: field.strings({
    doc:
      "Files whose contents, one after the other, are the content. Of a directory, with a slash at its end, the " +
      "regular files directly in it are taken in the order of their names.",
    example: '["/etc/app.d/head", "/etc/app.d/parts/"]',
  }),
  owner: field.str({
    doc: "The user who must own it: a name or a number. With `symlink` it is the owner of the link itself.",
    example: '"root"',
  }),
  group: field.str({
    doc: "The group it must belong to: a name or a number. With `symlink` it is that of the link itself.",
    example: '"adm"',
  }),
  mode: field.str({
    doc:
      "The permissions: octal, `0644` or `4755`, or changes to those it has, `u+x,go-w`, with any of `u` `g` `o`, " +
      "then `+` or `-`, then any of `r` `w` `x` `s` `t`. A link has none of its own: with `symlink` it is the mode of what " +
      "it leads to, as with `chmod`. What must be absent has none, so it says nothing then, as `owner` and `group`.",
    example: '"0640"',
  }),
  recurse: field.bool({
    doc:
      "Goes into the depth: makes missing parent directories, copies, watches and purges everything below, and lets " +
      "`absent` remove a directory that is not empty.",
  }),
  force: field.bool({
    doc: "Lets a file, directory or symbolic link be removed when one of another sort must be in its place.",
  }),
  purge: field.bool({
    doc:
      "Removes what is in the directory but neither comes from `source` nor is managed by another file resource. " +
      "Other file systems mounted inside are left alone. Needs `recurse`.",
  }),
  symlink: field.bool({ doc: "It is a symbolic link whose text is `source`." }),
  selinux: optional(
    field.str({
      doc: "The SELinux context. The empty text takes it away; not given means any.",
      example: '"system_u:object_r:etc_t:s0"',
    }),
  ),
  validate: field.strings({
    doc:
      "A command that sees new content before it is put in place, with its arguments; `%` among them, or behind a `=`, " +
      "is the path of a file with the new content. With another status than 0 the old file stays, and this resource fails.",
    example: '["/usr/sbin/sshd", "-t", "-f", "%"]',
  }),
};

export type FileWant = Want<typeof fileFields>;

/** The place a file resource is about. */
export interface Target {
  /** As the program gives it, with the slash of a directory. */
  readonly written: string;
  /** As the host takes it. */
  readonly path: string;
  readonly directory: boolean;
}

export function targetOf(want: Pick<FileWant, "path" | "dirname" | "basename">): Target {
  const written = `${want.dirname || directoryPart(want.path)}${want.basename || lastPart(want.path)}`;
  return { written, path: cleanPath(written), directory: isDirectoryPath(written) };
}

/** The one thing that decides the content of a file, when something does. */
export type ContentOrigin = "content" | "source" | "fragments" | "none";

export function originOf(want: FileWant): ContentOrigin {
  if (want.content !== undefined) return "content";
  if (want.fragments.length > 0) return "fragments";
  return want.source !== "" && !want.symlink ? "source" : "none";
}
