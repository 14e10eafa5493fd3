// SPDX-License-Identifier: Apache-2.0
// The declared schema of `user`.

import { field, optional, type Want } from "../../../contract/field.ts";

export const userFields = {
  state: field.str({ choices: ["exists", "absent"], doc: "Whether it must be there. Not given: it must." }),
  uid: optional(field.int({ bits: 32, unsigned: true, doc: "Its number. Not given: any.", example: "1001" })),
  gid: optional(field.int({ bits: 32, unsigned: true, doc: "The number of its primary group, which must be there." })),
  group: optional(
    field.str({
      doc: "Its primary group, in the place of `gid`. With neither, a new user gets a group of its own name.",
      example: '"users"',
    }),
  ),
  groups: optional(
    field.strings({
      doc: "All groups that must list it, but for its primary one. It is taken out of every other.",
      example: '["adm", "video"]',
    }),
  ),
  homedir: optional(
    field.str({
      doc: "Its home directory, with a slash at its end. What is in the old one is not moved.",
      example: '"/srv/alice/"',
    }),
  ),
  shell: optional(field.str({ doc: "The program that runs when it logs in.", example: '"/bin/bash"' })),
  allowduplicateuid: field.bool({ doc: "Its `uid` may be that of another user." }),
  comment: optional(field.str({ doc: "For people: its full name.", example: '"Alice Example"' })),
  password: optional(
    field.str({
      secret: true,
      doc: 'The hash of its password, as `crypt` makes it; `"!"` or `"*"`: nobody can log in with a password.',
      example: '"!"',
    }),
  ),
  system: field.bool({ doc: "Takes a new user's number from those of the system. No change for one that is there." }),
  createhome: field.bool({
    doc: "Makes the home directory when it is missing, with what is in /etc/skel, for the user alone.",
  }),
  removehome: field.bool({
    doc: "With `absent`: removes the home directory with everything in it, if it belongs to the user.",
  }),
};

export type UserWant = Want<typeof userFields>;
