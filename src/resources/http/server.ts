// SPDX-License-Identifier: Apache-2.0
// `http:server`: a web server. What it serves are its members, the kinds `http:server:…`, and files below a root.

import { Pulses } from "../../base/pulse.ts";
import { Failure } from "../../contract/failure.ts";
import { field, fromName, optional, type Want } from "../../contract/field.ts";
import { defineResource, type ResourceEnv, type WantProblem } from "../../contract/resource.ts";
import { parseSocketAddress } from "../../protocols/socket-address.ts";
import { expectRoot, rootEdges, rootProblems } from "../files/served-root.ts";
import { answerOf, type Route } from "./server/routes.ts";
import { telling } from "./server/telling.ts";
import { stateOf, tellWaiting } from "./server/state.ts";
import { inputMember, membersBelow } from "./server/input-member.ts";
import { uiRoute } from "./server/ui-member.ts";
import { fileMember, fileRoute } from "./server/file-member.ts";
import { flagMember, flagRoute } from "./server/flag-member.ts";
import { invitationRoute } from "./server/invitation-member.ts";
import { reportMember, reportRoute } from "./server/report-member.ts";
import { proxyRoute } from "./server/proxy-member.ts";
import type { MemberPart, MemberStep } from "./server/part.ts";

const seconds = (what: string) => optional(field.int64({ unsigned: true, doc: what, example: "30" }));

const fields = {
  address: field.str({
    default: fromName,
    doc: "Where it listens: a literal address and a port, or a port alone behind a colon for all addresses.",
    example: '"127.0.0.1:8080"',
  }),
  timeout: seconds("Seconds for each of the three below that is not given."),
  read_timeout: seconds("Seconds that a whole request may take."),
  write_timeout: seconds("Seconds that a whole answer may take."),
  shutdown_timeout: seconds("Seconds that answers under way get at the end. Not given: they are cut off."),
  root: field.str({
    doc: "A directory whose files are served where no member answers; ends with `/`.",
    example: '"/srv/www/"',
  }),
};

type ServerWant = Want<typeof fields>;

const parts: ReadonlyMap<string, MemberPart> = new Map([
  ["http:server:file", fileMember],
  ["http:server:flag", flagMember],
  ["http:server:report", reportMember],
  ["http:server:ui:input", inputMember],
]);
const routes: ReadonlyMap<string, Route> = new Map([
  ["http:server:file", fileRoute],
  ["http:server:flag", flagRoute],
  ["http:server:proxy", proxyRoute],
  ["http:server:invitation", invitationRoute],
  ["http:server:report", reportRoute],
  ["http:server:ui", uiRoute],
]);

export const httpServer = defineResource({
  kind: "http:server",
  summary: "A web server; what it serves are the resources `http:server:file` and others that name it.",
  fields,
  traits: {},
  watchedFields: Object.keys(fields) as (keyof typeof fields)[],
  grouping: { reads: [], run: "together", watchesThrough: true },
  edges: rootEdges,
  check: checkServer,
  observe: async (want: ServerWant, env) => {
    await expectRoot(want.root, env);
    const found = membersBelow(env.members).map(
      async (member) => (await parts.get(member.kind)?.observe(member, member.env, env)) ?? [],
    );
    const steps = (await Promise.all(found)).flat();
    tellWaiting(stateOf(env)); // What is shown may be another without a step of ours.
    return { steps };
  },
  plan: (_want, have): readonly MemberStep[] => have.steps,
  explain: ({ text }) => ({ mark: "~", text }),
  apply: async (step, _want, env) => {
    const member = membersBelow(env.members).find(({ resource }) => resource === step.member);
    if (member !== undefined) await parts.get(member.kind)?.apply(step, member.env, env);
    tellWaiting(stateOf(env));
  },
  watch: serve,
});

/** Answers as long as it is watched. */
async function* serve(want: ServerWant, env: ResourceEnv): AsyncGenerator<void> {
  const pulses = new Pulses(env.signal);
  const address = parseSocketAddress(want.address);
  if (address === undefined) throw new Failure(`"${want.address}" is no address`, { code: "invalid" });
  const limit = (own: bigint | undefined): number | undefined => {
    const given = own ?? want.timeout;
    return given === undefined ? undefined : Number(given) * 1000;
  };
  const options = {
    ...address,
    readTimeoutMs: limit(want.read_timeout),
    writeTimeoutMs: limit(want.write_timeout),
    shutdownMs: limit(want.shutdown_timeout) ?? 0,
    onError: (reason: unknown) => env.say(reason instanceof Error ? reason.message : String(reason), "stderr"),
  };
  const state = stateOf(env);
  state.serving = { signal: env.signal, pulse: pulses.pulse };
  const answer = telling(answerOf(want.root, routes, { env, state, pulse: pulses.pulse }), env);
  const { closed } = await env.host.serving.http(options, answer, env.signal);
  pulses.pulse();
  yield* pulses;
  await closed;
}

function checkServer(want: ServerWant): readonly WantProblem[] {
  const found: WantProblem[] = [...rootProblems(want.root)];
  if (parseSocketAddress(want.address) === undefined) {
    found.push({
      field: "address",
      title: `"${want.address}" is no address to listen on`,
      hint: 'Write a literal address and a port, "192.0.2.1:80" or "[::1]:80", or ":80" for all addresses.',
    });
  }
  return found;
}
