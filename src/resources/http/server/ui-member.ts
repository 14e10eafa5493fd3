// SPDX-License-Identifier: Apache-2.0
// How a web server serves a `http:server:ui`: the page, the list of its elements, and their values, which a page can wait
// for. All of it below the path of the form.

import { Failure } from "../../../contract/failure.ts";
import type { Member } from "../../../contract/resource.ts";
import type { IncomingRequest, Reply } from "../../../contract/serving.ts";
import { parseForm } from "../../../protocols/http/form.ts";
import type { Target } from "../../../protocols/http/target.ts";
import { StructValue } from "../../../values/value.ts";
import { inputOf, valueOf } from "./input-member.ts";
import { notFound, onlyReading, type Route, said, type Serving } from "./routes.ts";
import { change } from "./state.ts";
import { renderPage } from "./ui-page.ts";

const longestForm = 1024 * 1024;

export const uiRoute: Route = {
  isFor: ({ want }, { path }) => path.startsWith((want as unknown as UiWant).path),
  answer: answerBelow,
};

interface UiWant {
  readonly path: string;
  readonly data: unknown;
}

async function answerBelow(member: Member, target: Target, request: IncomingRequest, serving: Serving): Promise<Reply> {
  const { path, data } = member.want as unknown as UiWant;
  const place = target.path.slice(path.length);
  if (place === "save/") return request.method === "POST" ? save(member, request, serving) : notFound();
  const refused = onlyReading(request);
  if (refused !== undefined) return refused;
  switch (place) {
    case "":
      return { status: 301, headers: { location: `${path}index.html` } };
    case "index.html":
      return page(data);
    case "ping":
      return json(200, { message: "pong" });
    case "list/":
      return json(200, elementsOf(member).map(elementOf));
    default:
      return valueAt(place, target, member, request, serving);
  }
}

function page(data: unknown): Reply {
  const text = (name: string): string => {
    const value = data instanceof StructValue ? data.get(name) : undefined;
    return typeof value === "string" ? value : "";
  };
  const body = new TextEncoder().encode(renderPage(text("title"), text("head")));
  return { status: 200, headers: { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" }, body };
}

/** `list/ID` tells the value, `watch/ID` as soon as it is another than the one that the page has. */
async function valueAt(place: string, { query }: Target, member: Member, request: IncomingRequest, serving: Serving) {
  const [, what, id] = /^(list|watch)\/(.+)$/s.exec(place) ?? [];
  const element = elementsOf(member).find((each) => inputOf(each).id === id);
  if (element === undefined) return notFound();
  if (what === "watch") {
    const known = new URLSearchParams(query).get("value") ?? valueOf(element.env);
    const signal = AbortSignal.any([request.signal, serving.env.signal]);
    while (known === valueOf(element.env) && !signal.aborted) await change(serving.state, signal);
    if (signal.aborted) return said(503, "the server ends", { "retry-after": "1" });
  }
  return json(200, { value: valueOf(element.env) });
}

async function save(member: Member, request: IncomingRequest, { state, pulse }: Serving): Promise<Reply> {
  const form = await formOf(request);
  const [id, value] = [form?.get("id"), form?.get("value")];
  if (id === undefined || value === undefined) return json(400, { error: "a form needs an `id` and a `value`" });
  const element = elementsOf(member).find((each) => inputOf(each).id === id);
  if (element === undefined) return json(400, { error: `there is no element ${id}` });
  const wrong = outOfRange(inputOf(element).type, value);
  if (wrong !== undefined) return json(400, { error: wrong });
  state.posted.set(element.resource, value);
  pulse();
  return json(200, {});
}

async function formOf(request: IncomingRequest) {
  try {
    return parseForm(request.headers.get("content-type"), await request.body(longestForm));
  } catch (reason) {
    if (reason instanceof Failure && reason.code === "too-large") return undefined;
    throw reason;
  }
}

/** A slider sends no other numbers; somebody without one might. What is no number among its limits is no limit. */
function outOfRange(type: string, value: string): string | undefined {
  const [, query] = /^range:\/\/\/?\??(.*)$/s.exec(type) ?? [];
  if (query === undefined) return undefined;
  if (!/^-?\d{1,18}$/.test(value)) return `${value} is no number`;
  const limits = new URLSearchParams(query);
  const limit = (name: string): bigint | undefined => {
    const text = limits.get(name) ?? "";
    return /^-?\d{1,18}$/.test(text) ? BigInt(text) : undefined;
  };
  const [least, most, number] = [limit("min"), limit("max"), BigInt(value)];
  if (least !== undefined && number < least) return `${value} is less than ${least}`;
  return most !== undefined && number > most ? `${value} is more than ${most}` : undefined;
}

function elementsOf({ members }: Member): readonly Member[] {
  const rank = (member: Member): string => `${inputOf(member).sort}\0${inputOf(member).id}`;
  return members
    .filter(({ kind }) => kind === "http:server:ui:input")
    .toSorted((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0));
}

function elementOf(member: Member) {
  const { id, type, sort } = inputOf(member);
  return { kind: "http:server:ui:input", id, type, sort };
}

function json(status: number, value: unknown): Reply {
  const body = new TextEncoder().encode(`${JSON.stringify(value)}\n`);
  return { status, headers: { "content-type": "application/json", "cache-control": "no-store" }, body };
}
