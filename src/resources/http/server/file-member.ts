// SPDX-License-Identifier: Apache-2.0
// How a web server serves a `http:server:file`. A text of the program has been changed when the program changed it: its time
// grows by a whole second at least, for that is what a client can tell apart.

import type { OpenFile } from "../../../contract/host.ts";
import type { Member, MemberWant, ResourceEnv } from "../../../contract/resource.ts";
import type { IncomingRequest, Reply } from "../../../contract/serving.ts";
import { bytesOf } from "../../../values/bytes.ts";
import { parseForm } from "../../../protocols/http/form.ts";
import type { Target } from "../../../protocols/http/target.ts";
import { decide, type Validators } from "../../../protocols/http/conditions.ts";
import { cleanPath } from "../../files/path.ts";
import { answerWith, type Content, contentOfFile, contentOfText } from "./content.ts";
import type { MemberPart } from "./part.ts";
import { answerWithFile, notFound, onlyReading, type Route, type Serving } from "./routes.ts";
import { change } from "./state.ts";
import { mayEnter, refused, shownTokens, type TokenWant, use } from "./token.ts";

export interface FileWant extends TokenWant {
  readonly server: string;
  readonly filename: string;
  readonly path: string;
  readonly data: string;
  readonly longpoll: boolean;
}

const kept = { data: "data", changed: "changed" } as const;

export const fileMember: MemberPart = {
  async observe({ want, resource }: MemberWant, env) {
    const { path, data, filename } = want as unknown as FileWant;
    if (path !== "") return [];
    const before = env.memory.get(kept.data);
    if (before === undefined) keep(data, env);
    if (before === undefined || before === data) return [];
    return [
      { do: "serve", member: resource, text: `serve ${bytesOf(data).length} other bytes at ${filename}`, value: data },
    ];
  },
  async apply({ value }, env) {
    keep(value, env);
  },
};

function keep(data: string, { memory, host }: ResourceEnv): void {
  const before = memory.get(kept.changed);
  const now = BigInt(Math.floor(host.clock.now() / 1000));
  memory.set(kept.data, data);
  memory.set(kept.changed, typeof before === "bigint" && before >= now ? before + 1n : now);
}

export const fileRoute: Route = {
  isFor({ want }, { path: asked }) {
    const { filename, path } = want as unknown as FileWant;
    return path.endsWith("/") ? asked.startsWith(filename) : asked === filename;
  },
  answer: admitAndAnswer,
};

async function admitAndAnswer(member: Member, target: Target, request: IncomingRequest, serving: Serving) {
  const { token } = member.want as unknown as FileWant;
  const { path: asked, query } = target;
  const unreadable = onlyReading(request);
  if (unreadable !== undefined || token === "") return unreadable ?? answerOf(member, asked, request, serving);
  const fields = parseForm("application/x-www-form-urlencoded", new TextEncoder().encode(query));
  const admission = await mayEnter(member, shownTokens(request, fields ?? new Map<string, string>()));
  if (admission !== "admitted") return refused(admission);
  const answer = await answerOf(member, asked, request, serving);
  // Who was given the content has used the token, whatever becomes of it on the way; who only asked about it has not.
  const isGiven = request.method === "GET" && (answer.status === 200 || answer.status === 206);
  if (!isGiven || (await use(member))) return answer;
  await release(answer);
  return refused("used up");
}

function answerOf(member: Member, asked: string, request: IncomingRequest, serving: Serving): Promise<Reply> {
  const { filename, path, longpoll } = member.want as unknown as FileWant;
  if (path.endsWith("/")) return answerWithFile(path, asked.slice(filename.length), request, serving);
  return longpoll ? answerWhenOther(member, request, serving) : answerNow(member, request, serving);
}

async function release({ body }: Reply): Promise<void> {
  if (body !== undefined && !(body instanceof Uint8Array)) await body[Symbol.asyncIterator]().return?.();
}

async function answerNow(member: Member, request: IncomingRequest, { env, state }: Serving): Promise<Reply> {
  const { path } = member.want as unknown as FileWant;
  const place = cleanPath(path);
  const content =
    path === ""
      ? await contentOf(member)
      : await state.smallFiles.contentOf(place, path, () => openIfThere(place, env), env);
  return content === undefined ? notFound() : answerWith(content, request);
}

/** Whoever has the present content waits for the next one; at the end of the server they shall come back soon. */
async function answerWhenOther(member: Member, request: IncomingRequest, { env, state }: Serving): Promise<Reply> {
  const signal = AbortSignal.any([request.signal, env.signal]);
  const { path } = member.want as unknown as FileWant;
  const changes = path === "" ? undefined : env.host.files.watch([{ path: cleanPath(path) }], signal);
  try {
    for (;;) {
      await changes?.next(); // The first one says that none will be missed.
      const content = await contentOf(member);
      if (content === undefined || !isNotModified(request, content)) {
        return content === undefined ? notFound() : await answerWith(content, request);
      }
      content.release();
      if (changes === undefined) await change(state, signal);
      if (signal.aborted) return { status: 503, headers: { "retry-after": "1" } };
    }
  } finally {
    await changes?.return?.();
  }
}

function isNotModified({ headers }: IncomingRequest, validators: Validators): boolean {
  return decide(headers, validators) === "not-modified";
}

async function contentOf({ want, env }: Member): Promise<Content | undefined> {
  const { path, data, filename } = want as unknown as FileWant;
  if (path === "") {
    const text = env.memory.get(kept.data);
    const changed = env.memory.get(kept.changed) ?? 0n;
    return contentOfText(encodedOf(env, typeof text === "string" ? text : data), filename, Number(changed) * 1000);
  }
  const file: OpenFile | undefined = await openIfThere(cleanPath(path), env);
  return file === undefined ? undefined : contentOfFile(file, path);
}

/** The engine keeps the memory of a resource as long as the resource, so this is as good as a part of it. */
const encoded = new WeakMap<ResourceEnv["memory"], { readonly text: string; readonly bytes: Uint8Array }>();

function encodedOf({ memory }: ResourceEnv, text: string): Uint8Array {
  const known = encoded.get(memory);
  if (known?.text === text) return known.bytes;
  const bytes = bytesOf(text);
  encoded.set(memory, { text, bytes });
  return bytes;
}

async function openIfThere(path: string, { host: { files }, signal }: ResourceEnv): Promise<OpenFile | undefined> {
  const state = await files.inspectTarget(path, signal);
  return state?.kind === "file" ? files.open(path, signal) : undefined;
}
