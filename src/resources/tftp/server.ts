// SPDX-License-Identifier: Apache-2.0
// `tftp:server`: hands files to machines that boot from the network. Only reading is possible.

import { Pulses } from "../../base/pulse.ts";
import type { Asked } from "../../contract/asked.ts";
import { Failure } from "../../contract/failure.ts";
import { field, fromName, type Want } from "../../contract/field.ts";
import type { Datagrams, SocketAddress } from "../../contract/serving.ts";
import { defineResource, type ResourceEnv, type WantProblem } from "../../contract/resource.ts";
import { parseSocketAddress } from "../../protocols/socket-address.ts";
import { decodePacket, encodePacket, errorCodes, type Request } from "../../protocols/tftp/packet.ts";
import { bytesOf } from "../../values/bytes.ts";
import { openBelow } from "../files/open-below.ts";
import { cleanPath } from "../files/path.ts";
import { expectRoot, rootEdges, rootProblems } from "../files/served-root.ts";
import { type Content, Transfers } from "./server/transfers.ts";
import { withoutSteps } from "../without-steps.ts";

const fields = {
  address: field.str({
    default: fromName,
    doc: "Where it listens: a literal address and a port, or a port alone behind a colon for all addresses.",
    example: '":69"',
  }),
  timeout: field.int64({
    unsigned: true,
    default: 5n,
    doc: "Seconds after which what was not acknowledged is sent again, unless the client asks for another time.",
  }),
  root: field.str({
    doc: "A directory whose files are served where no member is; ends with `/`.",
    example: '"/srv/tftp/"',
  }),
};

type ServerWant = Want<typeof fields>;

/** Of a member; see tftp/file.ts. */
interface FileWant {
  readonly filename: string;
  readonly path: string;
  readonly data: string;
}

export const tftpServer = defineResource({
  kind: "tftp:server",
  summary: "A TFTP server for machines that boot from the network; it serves the resources `tftp:file` and a root.",
  fields,
  traits: {},
  watchedFields: Object.keys(fields) as (keyof typeof fields)[],
  grouping: { reads: [], run: "together", watchesThrough: true },
  edges: rootEdges,
  check: checkServer,
  observe: async (want: ServerWant, env) => {
    await expectRoot(want.root, env);
    for (const { want: member, resource } of env.members)
      await expectFile(member as unknown as FileWant, resource, env);
    return {};
  },
  ...withoutSteps,
  watch: serve,
});

/** Answers as long as it is watched. */
async function* serve(want: ServerWant, env: ResourceEnv): AsyncGenerator<void> {
  const address = parseSocketAddress(want.address);
  if (address === undefined) throw new Failure(`"${want.address}" is no address`, { code: "invalid" });
  const pulses = new Pulses(env.signal);
  const { serving, clock } = env.host;
  const transfers = new Transfers({
    serving,
    clock,
    host: address.host,
    timeoutMs: Number(want.timeout) * 1000,
    signal: env.signal,
    onEnd: (file, to, { failure, sent }) => {
      const answer = failure ?? (sent === undefined ? "told the size" : "sent");
      tell(env, to, file, answer, failure === undefined ? "good" : "failed", sent);
      if (failure !== undefined) env.say(`${to.host} did not get ${file}: ${failure}`, "stderr");
    },
  });
  const receive = (bytes: Uint8Array, from: SocketAddress): void => {
    answer(bytes, from, want.root, transfers, socket, env).catch((reason: unknown) => {
      refuse(socket, from, errorCodes.undefined, "the server has failed");
      env.say(reason instanceof Error ? reason.message : String(reason), "stderr");
    });
  };
  const socket = await serving.datagrams(address, receive, env.signal);
  pulses.pulse();
  yield* pulses;
  await socket.closed;
}

async function answer(
  bytes: Uint8Array,
  from: SocketAddress,
  root: string,
  transfers: Transfers,
  socket: Datagrams,
  env: ResourceEnv,
): Promise<void> {
  const packet = decodePacket(bytes);
  if (packet.type === "write") return refuse(socket, from, errorCodes.accessViolation, "this server only lets read");
  if (packet.type !== "read" || transfers.isServing(from)) return; // Nothing that begins a transfer, or an echo of that.
  if (packet.mode !== "octet" && packet.mode !== "netascii") {
    return refuse(socket, from, errorCodes.illegalOperation, `there is no mode ${packet.mode}`);
  }
  const content = await contentFor(packet, root, env);
  if (content !== undefined) {
    if (await transfers.begin(packet, content, from)) return undefined;
    tell(env, from, packet.file, "too many transfers", "failed");
    return refuse(socket, from, errorCodes.undefined, "too many transfers; try again");
  }
  tell(env, from, packet.file, "not found", "refused");
  env.say(`${from.host} asks for ${packet.file}, which is not here`, "stderr");
  refuse(socket, from, errorCodes.notFound, "file not found");
}

function tell(
  { host, resource }: ResourceEnv,
  from: SocketAddress,
  file: string,
  answer: string,
  outcome: Asked["outcome"],
  bytes?: number,
): void {
  const what = `for ${file}`;
  const size = bytes === undefined ? {} : { bytes };
  host.serving.asked.tell({ server: resource, from: from.host, what, answer, outcome, ...size });
}

function refuse(socket: Datagrams, to: SocketAddress, code: number, message: string): void {
  socket.send(encodePacket({ type: "error", code, message }), to);
}

async function contentFor({ file }: Request, root: string, env: ResourceEnv): Promise<Content | undefined> {
  for (const { want } of env.members) {
    const { filename, path, data } = want as unknown as FileWant;
    if (filename !== file) continue;
    return path === "" ? contentOfText(bytesOf(data)) : contentOfFile(cleanPath(path), env);
  }
  const parts = file.split("/").filter((part) => part !== "");
  if (root === "" || parts.length === 0 || parts.some((part) => part === "." || part === ".." || part.includes("\0"))) {
    return undefined;
  }
  const open = await openBelow(cleanPath(root), parts.join("/"), env);
  return open === undefined
    ? undefined
    : {
        size: open.size,
        read: (at, length, into) => open.read(at, length, into),
        release: () => open[Symbol.dispose](),
      };
}

function contentOfText(bytes: Uint8Array): Content {
  return { size: bytes.length, read: async (at, length) => bytes.subarray(at, at + length), release: () => {} };
}

async function contentOfFile(path: string, { host, signal }: ResourceEnv): Promise<Content> {
  const open = await host.files.open(path, signal);
  return {
    size: open.size,
    read: (at, length, into) => open.read(at, length, into),
    release: () => open[Symbol.dispose](),
  };
}

function checkServer({ address, root, timeout }: ServerWant): readonly WantProblem[] {
  const found: WantProblem[] = [...rootProblems(root)];
  if (parseSocketAddress(address) === undefined) {
    found.push({
      field: "address",
      title: `"${address}" is no address to listen on`,
      hint: 'Write a literal address and a port, "192.0.2.1:69", or ":69" for all addresses.',
    });
  }
  if (timeout < 1n || timeout > 255n)
    found.push({ field: "timeout", title: `\`timeout\` must be from 1 to 255 seconds, but is ${timeout}` });
  return found;
}

async function expectFile({ path }: FileWant, resource: string, { host, signal }: ResourceEnv): Promise<void> {
  if (path === "" || (await host.files.inspectTarget(cleanPath(path), signal))?.kind === "file") return;
  throw new Failure(`there is no file ${path} for ${resource} to serve`, { code: "not-found", retry: "backoff" });
}
