// SPDX-License-Identifier: Apache-2.0
// `syslog:server`: takes what other machines say to the log of this one, and keeps it in a file for each of them. How they are
// kept: sender-logs.ts.

import { Pulses } from "../../base/pulse.ts";
import { Failure } from "../../contract/failure.ts";
import { field, fromName, type Want } from "../../contract/field.ts";
import { defineResource, type ResourceEnv, type WantProblem } from "../../contract/resource.ts";
import { parseSocketAddress } from "../../protocols/socket-address.ts";
import { Frames } from "../../protocols/syslog/frames.ts";
import { decodeMessage } from "../../protocols/syslog/message.ts";
import { parseSize } from "../byte-size.ts";
import { cleanPath } from "../files/path.ts";
import { pathProblems } from "../files/possible-path.ts";
import { directoryIdentities } from "../files/served-root.ts";
import { SenderLogs } from "./sender-logs.ts";
import { withoutSteps } from "../without-steps.ts";

const fields = {
  address: field.str({
    default: fromName,
    doc: "Where it listens, over UDP and TCP: a literal address and a port, or a port alone behind a colon for all addresses.",
    example: '":514"',
  }),
  directory: field.str({
    doc: "Where the files are, `192.0.2.5.log` for the machine with that address; ends with `/`. It must be there. The files are for root alone, as logs may have secrets in them.",
    example: '"/var/log/machines/"',
  }),
  limit: field.str({
    default: "16MiB",
    doc: "How much is kept of each machine, in bytes or with KiB, MiB, GiB or TiB. The older half is in `192.0.2.5.log.1`.",
    example: '"100MiB"',
  }),
  most: field.int64({
    unsigned: true,
    default: 256n,
    doc: "How many machines are listened to. More are told of once, and not kept, as anybody can say anything.",
  }),
};

type ServerWant = Want<typeof fields>;

/** A file is of this size before it is put aside; less would put aside what was just written. */
const smallestLimit = 64 * 1024;
const mostMachines = 10_000n;
/** Machines that install themselves are silent for long, while they are alive. */
const silentMs = 3_600_000;

export const syslogServer = defineResource({
  kind: "syslog:server",
  summary: "Keeps what other machines say to the log of this one, in a file for each of them.",
  fields,
  traits: {},
  watchedFields: Object.keys(fields) as (keyof typeof fields)[],
  edges: {
    reads: ["directory"],
    offers: () => [],
    *wishes({ directory }) {
      yield { order: "before", anyOf: directoryIdentities(directory), why: "is where it keeps logs" };
    },
  },
  check: checkServer,
  observe: async ({ directory }, { host, signal }) => {
    if ((await host.files.inspectTarget(cleanPath(directory), signal))?.kind === "directory") return {};
    throw new Failure(`there is no directory ${directory} to keep logs in`, {
      code: "not-found",
      hint: `declare it: file "${directory}" { state => "exists" }`,
      retry: "backoff",
    });
  },
  ...withoutSteps,
  watch: serve,
});

/** Listens as long as it is watched. */
async function* serve(want: ServerWant, env: ResourceEnv): AsyncGenerator<void> {
  const address = parseSocketAddress(want.address);
  if (address === undefined) throw new Failure(`"${want.address}" is no address`, { code: "invalid" });
  const { host, signal } = env;
  const logs = new SenderLogs(
    cleanPath(want.directory),
    parseSize(want.limit) ?? smallestLimit,
    Number(want.most),
    env,
  );
  const hear = (bytes: Uint8Array, sender: string): void => {
    const message = decodeMessage(bytes);
    if (message !== undefined) logs.add(sender, message);
  };
  const datagrams = await host.serving.datagrams(address, (bytes, from) => hear(bytes, from.host), signal);
  const streams = await host.serving.streams(
    { ...address, mostConnections: Number(want.most), silentMs },
    (from) => {
      const frames = new Frames();
      return {
        receive: (bytes) => frames.push(bytes).forEach((frame) => hear(frame, from.host)),
        end: () => frames.end().forEach((frame) => hear(frame, from.host)),
      };
    },
    signal,
  );
  const pulses = new Pulses(signal);
  pulses.pulse();
  yield* pulses;
  await datagrams.closed;
  await streams.closed;
  await logs.end();
}

function checkServer({ address, directory, limit, most }: ServerWant): readonly WantProblem[] {
  const found: WantProblem[] = [];
  if (parseSocketAddress(address) === undefined) {
    found.push({
      field: "address",
      title: `"${address}" is no address to listen on`,
      hint: 'Write a literal address and a port, "192.0.2.1:514", or ":514" for all addresses.',
    });
  }
  if (directory === "")
    found.push({
      field: "directory",
      title: "a server that keeps logs needs a `directory` for them",
      hint: 'Write `directory => "/var/log/machines/"`, for example.',
    });
  else if (/^\/(?:.*\/)?$/s.test(directory)) found.push(...pathProblems({ directory }));
  else {
    const title = `"${directory}" is not the absolute path of a directory`;
    found.push({ field: "directory", title, hint: "The path of a directory ends with `/`." });
  }
  const bytes = parseSize(limit);
  if (bytes === undefined)
    found.push({ field: "limit", title: `"${limit}" is no size`, hint: 'Write "500KiB" or "16MiB".' });
  else if (bytes < smallestLimit)
    found.push({ field: "limit", title: `"${limit}" is too little to keep`, hint: 'The least is "64KiB".' });
  if (most < 1n || most > mostMachines)
    found.push({ field: "most", title: `\`most\` must be from 1 to ${mostMachines}, but is ${most}` });
  return found;
}
