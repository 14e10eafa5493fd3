// SPDX-License-Identifier: Apache-2.0
// `tftp:file`: a file or a text that a TFTP server hands out. How: server.ts.

import { field, fromName } from "../../contract/field.ts";
import type { WantProblem } from "../../contract/resource.ts";
import { pathIdentity } from "../files/path-identities.ts";
import { defineMember } from "../member.ts";
import { pathProblems } from "../files/possible-path.ts";

const fields = {
  server: field.str({ doc: "The name of the `tftp:server`. Not given: any.", example: '":69"' }),
  filename: field.str({ default: fromName, doc: "What clients ask for, letter by letter.", example: '"/pxelinux.0"' }),
  path: field.str({ doc: "A file on the disk.", example: '"/usr/lib/PXELINUX/pxelinux.0"' }),
  data: field.str({ doc: "The content, instead of a file.", example: '"default linux\\n"' }),
};

export const tftpFile = defineMember({
  kind: "tftp:file",
  summary: "A file or a text that a TFTP server hands out.",
  fields,
  traits: {},
  partOf: { kind: "tftp:server", field: "server" },
  edges: {
    reads: ["path"],
    offers: () => [],
    *wishes(want) {
      if (want.path !== "") yield { order: "before", anyOf: [pathIdentity(want.path)], why: "is what it serves" };
    },
  },
  check({ filename, path, data }) {
    const found: WantProblem[] = pathProblems({ path });
    if (filename.includes("\0")) {
      found.push({ field: "filename", title: "nobody can ask for a name with a null byte in it" });
    }
    if (filename === "")
      found.push({
        field: "filename",
        title: "a file that is served needs a `filename`",
        hint: "Not given, it is the name of the resource.",
      });
    if (path !== "" && data !== "")
      found.push({
        field: "data",
        title: "only one of `path` and `data` can be served",
        hint: "`path` is a file, `data` the content itself.",
      });
    if (path !== "" && !/^\/.*[^/]$/s.test(path))
      found.push({
        field: "path",
        title: `"${path}" is not the absolute path of a file`,
        hint: 'Write it like "/srv/tftp/pxelinux.0".',
      });
    return found;
  },
});
