// SPDX-License-Identifier: Apache-2.0
// `http:server:report`: what clients that nobody knows tell of themselves, one report of each. How: server/report-member.ts.

import { field, fromName } from "../../contract/field.ts";
import type { WantProblem } from "../../contract/resource.ts";
import { parseType } from "../../values/parse-type.ts";
import { defineMember } from "../member.ts";
import type { ReportWant } from "./server/report-member.ts";

/** More of them nobody reads, and each costs a comparison with all others. */
const mostReports = 10_000n;
const longestValue = 1024n;

const fields = {
  server: field.str({ doc: "The name of the `http:server`. Not given: any.", example: '":8080"' }),
  path: field.str({
    default: fromName,
    doc: "The path in the URL that is asked for or posted to.",
    example: '"/hello"',
  }),
  key: field.str({
    default: "mac",
    doc: "The field that tells clients apart: a later report with the same one takes the place of the former.",
    example: '"serial"',
  }),
  key_is: field.str({
    default: "text",
    choices: ["text", "mac"],
    doc: "What the key must be: any text, or a hardware address, which is kept in lower case with colons.",
  }),
  fields: field.strings({ doc: "The other fields that are kept.", example: '["vendor", "product"]' }),
  data: field.str({ doc: "What is answered, instead of a short text.", example: '"#!ipxe\\nsleep 10\\n"' }),
  most: field.int64({
    unsigned: true,
    default: 256n,
    doc: "How many reports are kept. More are refused until one is forgotten.",
  }),
  longest: field.int64({ unsigned: true, default: 64n, doc: "Characters that are kept of each value." }),
  forget: field.int64({
    unsigned: true,
    default: 120n,
    doc: "Seconds after which a client that has not told anything any more is forgotten.",
  }),
};

export const httpServerReport = defineMember({
  kind: "http:server:report",
  summary: "What clients tell of themselves in a form, one report of each; others can receive all of them.",
  fields,
  traits: { sends: { reports: parseType("[]map{str: str}") } },
  partOf: { kind: "http:server", field: "server" },
  check: (want: ReportWant) => checkReport(want),
});

function checkReport({ path, key, fields: others, most, longest, forget }: ReportWant): readonly WantProblem[] {
  const found: WantProblem[] = [];
  if (!path.startsWith("/"))
    found.push({ field: "path", title: `"${path}" does not begin with \`/\``, hint: "It is the path in the URL." });
  if (key === "")
    found.push({
      field: "key",
      title: "without a `key` clients cannot be told apart",
      hint: 'It is a field that each of them sends with a value of its own, like "mac".',
    });
  const twice = others.find((name, index) => name === key || others.indexOf(name) !== index);
  if (twice !== undefined) found.push({ field: "fields", title: `the field "${twice}" is named twice` });
  if (most < 1n || most > mostReports)
    found.push({ field: "most", title: `\`most\` must be from 1 to ${mostReports}, but is ${most}` });
  if (longest < 1n || longest > longestValue)
    found.push({
      field: "longest",
      title: `\`longest\` must be from 1 to ${longestValue} characters, but is ${longest}`,
    });
  if (forget < 1n || forget > 86_400n)
    found.push({ field: "forget", title: `\`forget\` must be from 1 to 86400 seconds, but is ${forget}` });
  return found;
}
