// SPDX-License-Identifier: Apache-2.0
// `http:server:file`: a file, a directory or a text that a web server serves. How: server/file-member.ts.

import { field, fromName } from "../../contract/field.ts";
import type { WantProblem } from "../../contract/resource.ts";
import { pathIdentity } from "../files/path-identities.ts";
import { defineMember } from "../member.ts";
import type { FileWant } from "./server/file-member.ts";
import { tokenFields, tokenProblems } from "./server/token.ts";
import { pathProblems } from "../files/possible-path.ts";

const fields = {
  server: field.str({ doc: "The name of the `http:server`. Not given: any.", example: '":8080"' }),
  filename: field.str({
    default: fromName,
    doc: "The path in the URL; for a directory what it begins with.",
    example: '"/motd"',
  }),
  path: field.str({
    doc: "A file on the disk; a directory ends with `/`, and so does `filename` then.",
    example: '"/etc/motd"',
  }),
  data: field.str({ doc: "The content, instead of a file.", example: '"hello\\n"' }),
  longpoll: field.bool({
    doc: "Who asks with a condition (`If-Modified-Since`, `If-None-Match`) is answered when the content is another one.",
  }),
  ...tokenFields(0n),
};

export const httpServerFile = defineMember({
  kind: "http:server:file",
  summary: "A file, a directory or a text that a web server serves.",
  fields,
  traits: { receives: true },
  partOf: { kind: "http:server", field: "server" },
  edges: {
    reads: ["path"],
    offers: () => [],
    *wishes(want) {
      if (want.path !== "") yield { order: "before", anyOf: [pathIdentity(want.path)], why: "is what it serves" };
    },
  },
  check: (want: FileWant) => checkFile(want),
});

function checkFile(want: FileWant): readonly WantProblem[] {
  const { filename, path, data, longpoll } = want;
  const found: WantProblem[] = [...tokenProblems(want), ...pathProblems({ path })];
  if (!filename.startsWith("/")) {
    found.push({
      field: "filename",
      title: `"${filename}" does not begin with \`/\``,
      hint: "It is the path in the URL.",
    });
  }
  if (path !== "" && data !== "")
    found.push({
      field: "data",
      title: "only one of `path` and `data` can be served",
      hint: "`path` is a file, `data` the content itself.",
    });
  if (path !== "" && !path.startsWith("/"))
    found.push({
      field: "path",
      title: `"${path}" is not absolute`,
      hint: 'Begin it with a slash, as "/srv/packages/".',
    });
  if (path.endsWith("/") && !filename.endsWith("/")) {
    found.push({
      field: "filename",
      title: "what a directory is served as ends with `/` too",
      hint: `Write "${filename}/".`,
    });
  }
  if (path.endsWith("/") && longpoll) found.push({ field: "longpoll", title: "nobody can wait for a whole directory" });
  return found;
}
