// SPDX-License-Identifier: Apache-2.0
// `http:server:flag`: a value that somebody posts to a web server, and others receive. How: server/flag-member.ts.

import { field, fromName } from "../../contract/field.ts";
import { strType } from "../../values/type.ts";
import { defineMember } from "../member.ts";
import { tokenFields, tokenProblems } from "./server/token.ts";

const fields = {
  server: field.str({ doc: "The name of the `http:server`. Not given: any.", example: '":8080"' }),
  path: field.str({ default: fromName, doc: "The path in the URL that is posted to.", example: '"/done"' }),
  key: field.str({
    doc: "The field of the form whose value is taken. Several flags may have one path, each with its key.",
    example: '"state"',
  }),
  ...tokenFields(1n),
};

export const httpServerFlag = defineMember({
  kind: "http:server:flag",
  summary: "A value that somebody posts to a web server as a form; others can receive it.",
  fields,
  traits: { sends: { value: strType } },
  partOf: { kind: "http:server", field: "server" },
  check(want) {
    const { path } = want;
    const found = [...tokenProblems(want)];
    if (!path.startsWith("/"))
      found.push({ field: "path", title: `"${path}" does not begin with \`/\``, hint: "It is the path in the URL." });
    return found;
  },
});
