// SPDX-License-Identifier: Apache-2.0
// `http:server:invitation`: an invitation into the cluster of this host, made for the one who asks for it and at that moment, so
// that nobody keeps one. How it is served: server/invitation-member.ts.

import { field, fromName } from "../../contract/field.ts";
import type { WantProblem } from "../../contract/resource.ts";
import { defineMember } from "../member.ts";
import type { InvitationWant } from "./server/invitation-member.ts";
import { tokenFields, tokenProblems } from "./server/token.ts";

const fields = {
  server: field.str({ doc: "The name of the `http:server`. Not given: any.", example: '":8080"' }),
  path: field.str({ default: fromName, doc: "The path in the URL.", example: '"/invitation/web1"' }),
  hostname: field.str({ doc: "The name of the host that it lets in.", example: '"web1"' }),
  entrance: field.str({
    doc: "Where that host finds this one: an address, and a port behind a colon if it is another one than 2381. Not given: where hosts are let in here.",
    example: '"192.168.42.1"',
  }),
  ...tokenFields(1n),
  valid: field.int64({
    unsigned: true,
    default: 1440n,
    doc: "Minutes within which the invitation must be used.",
  }),
};

export const httpServerInvitation = defineMember({
  kind: "http:server:invitation",
  summary: "An invitation into the cluster, made for one host when it asks a web server for it.",
  fields,
  traits: {},
  partOf: { kind: "http:server", field: "server" },
  check: (want: InvitationWant) => checkInvitation(want),
});

function checkInvitation(want: InvitationWant): readonly WantProblem[] {
  const { path, hostname, entrance, token, valid } = want;
  const found: WantProblem[] = [...tokenProblems(want)];
  if (!path.startsWith("/"))
    found.push({ field: "path", title: `"${path}" does not begin with \`/\``, hint: "It is the path in the URL." });
  if (!/^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(hostname))
    found.push({ field: "hostname", title: `"${hostname}" is no name of a host`, hint: 'Write it like "web1".' });
  if (token === "")
    found.push({
      field: "token",
      title: "an invitation needs a `token`, so that nobody else takes it",
      hint: "It is a long text that only the host knows, sent by a resource of the kind `password`, for example.",
    });
  if (entrance !== "" && !/^(?:\[[0-9A-Fa-f:.]+\]|[^@:[\]\s]+)(?::[0-9]{1,5})?$/.test(entrance))
    found.push({
      field: "entrance",
      title: `"${entrance}" is no address`,
      hint: 'As "192.168.42.1" or "192.168.42.1:2381".',
    });
  if (valid < 1n || valid > 10_080n)
    found.push({ field: "valid", title: `\`valid\` must be from 1 to 10080 minutes, but is ${valid}` });
  return found;
}
