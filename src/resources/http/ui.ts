// SPDX-License-Identifier: Apache-2.0
// `http:server:ui`: a small form in a web browser; its elements are the resources `http:server:ui:input`. How it is served:
// server/ui-member.ts.

import { field, fromName } from "../../contract/field.ts";
import type { WantProblem } from "../../contract/resource.ts";
import { parseType } from "../../values/parse-type.ts";
import { defineMember } from "../member.ts";

const fields = {
  server: field.str({ doc: "The name of the `http:server`. Not given: any.", example: '":8080"' }),
  path: field.str({ default: fromName, doc: "The path in the URL; it ends with `/`.", example: '"/ui/"' }),
  data: field.value(parseType("struct{title str; head str}"), {
    doc: "The title of the page, and HTML that is put into its head.",
    example: 'struct{title => "Machines", head => ""}',
  }),
};

export const httpServerUi = defineMember({
  kind: "http:server:ui",
  summary: "A form in a web browser whose values others can receive.",
  fields,
  traits: {},
  partOf: { kind: "http:server", field: "server" },
  check({ path }) {
    const found: WantProblem[] = [];
    if (!/^\/(?:.*\/)?$/s.test(path)) {
      const hint = "It is the path in the URL, and begins and ends with `/`.";
      found.push({ field: "path", title: `"${path}" is no path of a page`, hint });
    }
    return found;
  },
});
