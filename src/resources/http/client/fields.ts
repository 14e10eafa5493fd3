// SPDX-License-Identifier: Apache-2.0
// The declared schema of `http:client`, the mistakes in it that its types cannot tell, and where its file is.

import { field, fromName, optional, type Want } from "../../../contract/field.ts";
import type { ResourceEnv, WantProblem } from "../../../contract/resource.ts";
import { cleanPath, isAbsolute, isDirectoryPath } from "../../files/path.ts";
import { pathProblems } from "../../files/possible-path.ts";

export const clientFields = {
  file: field.str({
    default: fromName,
    doc:
      "Where what is downloaded is put: the absolute path of a file. If it is absent and the name is no such path, a " +
      "private place is used; the content is sent all the same.",
    example: '"/var/cache/app.tar.gz"',
  }),
  method: field.str({ default: "GET", doc: "The method of the request, in capitals.", example: '"POST"' }),
  url: field.str({ doc: "What is asked for, with http or https.", example: '"https://example.com/app.tar.gz"' }),
  body: optional(field.str({ doc: "What is sent with the request.", example: '"query=1"' })),
  mtime_check: field.bool({
    default: true,
    doc: "Asks only for what is newer than the file, or another version than the one that was downloaded.",
  }),
  sha256: field.str({
    doc: "The SHA-256 that the content must have, in hexadecimal digits. A file that has it is not asked for again.",
  }),
  longpoll: field.bool({
    doc: "Keeps a request open that the server answers when there is something new. Needs one of the next two.",
  }),
  longpoll_redirect: field.bool({ doc: "The server redirects to the place that is waited at." }),
  longpoll_conditional: field.bool({
    doc: "The server is asked to wait for 60 s, with a `Prefer` header, when there is nothing new.",
  }),
};

export type ClientWant = Want<typeof clientFields>;

export function checkClient(want: ClientWant, name: string): readonly WantProblem[] {
  const found: WantProblem[] = [];
  if (want.file !== name && !isFilePath(want.file)) {
    found.push({
      field: "file",
      title: `\`file\` must be the absolute path of a file, not "${want.file}"`,
      hint: 'Write it like "/var/cache/app.tar.gz".',
    });
  }
  const url = URL.canParse(want.url) ? new URL(want.url) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.hostname === "") {
    const title =
      want.url === "" ? "there is no `url` to ask" : `"${want.url}" is no URL with http or https and a host`;
    found.push({ field: "url", title, hint: 'Write it like "https://example.com/app.tar.gz".' });
  }
  if (!/^[A-Z]+$/.test(want.method)) {
    found.push({ field: "method", title: `"${want.method}" is no method`, hint: "Write it in capitals, such as GET." });
  }
  if (want.sha256 !== "" && !/^[0-9a-f]{64}$/.test(want.sha256)) {
    found.push({
      field: "sha256",
      title: `"${want.sha256}" is no SHA-256`,
      hint: "It has 64 digits from 0 to 9 and a to f, as `sha256sum` prints it.",
    });
  }
  found.push(...pathProblems({ file: isFilePath(want.file) ? want.file : undefined }));
  const ways = Number(want.longpoll_redirect) + Number(want.longpoll_conditional);
  if (want.longpoll && ways !== 1) {
    found.push({
      field: "longpoll",
      title: "`longpoll` needs exactly one of `longpoll_redirect` and `longpoll_conditional`",
      hint: "For what an `http:server:file` with `longpoll` serves it is the second.",
    });
  }
  if (!want.longpoll && ways > 0) {
    const which = want.longpoll_redirect ? "longpoll_redirect" : "longpoll_conditional";
    found.push({ field: which, title: `\`${which}\` needs \`longpoll => true\`` });
  }
  return found;
}

function isFilePath(path: string): boolean {
  return isAbsolute(path) && !isDirectoryPath(path);
}

/** Undefined: a private place. */
export function publicPath(file: string): string | undefined {
  return isFilePath(file) ? cleanPath(file) : undefined;
}

export async function placeOf(want: ClientWant, env: ResourceEnv): Promise<string> {
  return publicPath(want.file) ?? `${await env.stateDirectory()}/dst`;
}

/** What is asked for: an answer to something else is none to this. */
export function requestKey({ method, url, body }: ClientWant): string {
  return JSON.stringify([method, url, body ?? null]);
}

/** Asking changes nothing on the server. */
export function isReading({ method }: ClientWant): boolean {
  return method === "GET" || method === "HEAD";
}
