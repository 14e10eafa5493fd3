// SPDX-License-Identifier: Apache-2.0
// How a web server takes reports for a `http:server:report`. Anybody may send one, so nothing of it is believed: how many, how
// long and of which characters they are is bounded here. They live as long as their clients tell them again.

import type { Clock } from "../../../contract/host.ts";
import type { Member, MemberWant, ResourceEnv } from "../../../contract/resource.ts";
import { Failure } from "../../../contract/failure.ts";
import type { IncomingRequest, Reply } from "../../../contract/serving.ts";
import { type Form, parseForm } from "../../../protocols/http/form.ts";
import type { Target } from "../../../protocols/http/target.ts";
import { bytesOf } from "../../../values/bytes.ts";
import { MapValue } from "../../../values/value.ts";
import { answerWith, contentOfText } from "./content.ts";
import type { MemberPart } from "./part.ts";
import { type Route, said, type Serving } from "./routes.ts";

export interface ReportWant {
  readonly path: string;
  readonly key: string;
  readonly key_is: string;
  readonly fields: readonly string[];
  readonly data: string;
  readonly most: bigint;
  readonly longest: bigint;
  readonly forget: bigint;
}

/** In the order of the fields, the key first. */
type Report = Readonly<Record<string, string>>;

interface Heard {
  readonly report: Report;
  readonly atMs: number;
}

interface Reports {
  readonly heard: Map<string, Heard>;
  cancelForgetting: (() => void) | undefined;
}

const kept = "reports";
const longestForm = 16 * 1024;
const urlEncoded = "application/x-www-form-urlencoded";

export const reportMember: MemberPart = {
  async observe(member, env) {
    const before = keptBy(env);
    send(before, env);
    const now = present(member, env);
    const value = JSON.stringify(now);
    if (value === JSON.stringify(before)) return [];
    const { key } = wantOf(member);
    return [{ do: "take", member: member.resource, text: difference(before, now, key), value }];
  },
  async apply({ value }, env) {
    env.memory.set(kept, value);
    send(keptBy(env), env);
  },
};

/** With GET too: the smallest boot loaders can do nothing else. */
export const reportRoute: Route = {
  isFor: (member, { path }, { method }) => ["GET", "POST"].includes(method) && wantOf(member).path === path,
  answer: take,
};

async function take(member: Member, { query }: Target, request: IncomingRequest, serving: Serving): Promise<Reply> {
  const { env } = member;
  const { most, data, path, longest } = wantOf(member);
  const form = await formOf(query, request);
  if (form === undefined) return said(413, `a report may have ${longestForm} bytes at the most`);
  const report = readReport(form, wantOf(member));
  if (report === undefined) return said(400, "this is no report");
  const [key, values] = report;
  const { heard } = reportsOf(env);
  forgetOld(member, env);
  const before = heard.get(key);
  if (before === undefined && BigInt(heard.size) >= most)
    return said(503, "there are too many reports already", { "retry-after": "60" });
  heard.set(key, { report: values, atMs: env.host.clock.monotonicMs() });
  if (before === undefined || JSON.stringify(before.report) !== JSON.stringify(values)) serving.pulse();
  forgetInTime(member, serving);
  if (data === "") return said(200, `taken; it has ${longest} characters of each value at the most`);
  const reply = await answerWith(contentOfText(bytesOf(data), path, 0), {
    ...request,
    method: "GET",
    headers: new Map(),
  });
  return { ...reply, headers: { ...reply.headers, "cache-control": "no-store" } };
}

/** The key and the report; undefined when it is none. Total, whatever was sent. */
export function readReport(
  form: Form,
  { key, key_is, fields, longest }: Pick<ReportWant, "key" | "key_is" | "fields" | "longest">,
): readonly [string, Report] | undefined {
  const value = (name: string): string => cleaned(form.get(name) ?? "", Number(longest));
  const who = key_is === "mac" ? hardwareAddressOf(form.get(key) ?? "") : value(key);
  if (who === "") return undefined;
  return [who, Object.fromEntries([[key, who], ...fields.map((name) => [name, value(name)] as const)])];
}

/** Controls, directions of writing and line ends could make a terminal or a log show what is not so. */
function cleaned(text: string, longest: number): string {
  const plain = text
    .slice(0, longestForm)
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}\ufffd]+/gu, " ")
    .replaceAll(/\s+/g, " ");
  return [...plain.trim()].slice(0, longest).join("").trim();
}

function hardwareAddressOf(text: string): string {
  const address = text.toLowerCase().replaceAll("-", ":");
  return /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/.test(address) ? address : "";
}

/** The body counts before what stands behind the `?`. Undefined when there is too much of it. */
async function formOf(query: string, request: IncomingRequest): Promise<Form | undefined> {
  if (query.length > longestForm) return undefined;
  const form = new Map(parseForm(urlEncoded, bytesOf(query)));
  if (request.method === "GET") return form;
  try {
    const posted = parseForm(request.headers.get("content-type"), await request.body(longestForm));
    for (const [name, value] of posted ?? []) form.set(name, value);
    return form;
  } catch (reason) {
    if (reason instanceof Failure && reason.code === "too-large") return undefined;
    throw reason;
  }
}

/** The engine keeps the memory of a resource as long as the resource, so this is as good as a part of it. */
const known = new WeakMap<ResourceEnv["memory"], Reports>();

function reportsOf({ memory }: ResourceEnv): Reports {
  const found = known.get(memory) ?? { heard: new Map<string, Heard>(), cancelForgetting: undefined };
  known.set(memory, found);
  return found;
}

function forgetOld(member: MemberWant, env: ResourceEnv): boolean {
  const { heard } = reportsOf(env);
  const limit = env.host.clock.monotonicMs() - Number(wantOf(member).forget) * 1000;
  const old = [...heard].filter(([, { atMs }]) => atMs <= limit);
  for (const [key] of old) heard.delete(key);
  return old.length > 0;
}

/** One timer for all of them, and none when nobody has told anything. */
function forgetInTime(member: Member, serving: Serving): void {
  const reports = reportsOf(member.env);
  if (reports.cancelForgetting !== undefined || reports.heard.size === 0) return;
  const { clock } = member.env.host;
  const cancel = clock.after(msToOldest(reports, member, clock), () => {
    end();
    if (forgetOld(member, member.env)) serving.pulse();
    if (!serving.env.signal.aborted) forgetInTime(member, serving);
  });
  const end = (): void => {
    cancel();
    serving.env.signal.removeEventListener("abort", end);
    reports.cancelForgetting = undefined;
  };
  reports.cancelForgetting = end;
  serving.env.signal.addEventListener("abort", end, { once: true });
}

function msToOldest({ heard }: Reports, member: Member, clock: Clock): number {
  let oldest = Number.POSITIVE_INFINITY;
  for (const { atMs } of heard.values()) oldest = Math.min(oldest, atMs);
  return Math.max(oldest + Number(wantOf(member).forget) * 1000 - clock.monotonicMs(), 1);
}

/** What is listed now, in the order of the keys. */
function present(member: MemberWant, env: ResourceEnv): readonly Report[] {
  forgetOld(member, env);
  const all = [...reportsOf(env).heard].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return all.map(([, { report }]) => report);
}

function keptBy({ memory }: ResourceEnv): readonly Report[] {
  const text = memory.get(kept);
  return typeof text === "string" ? (JSON.parse(text) as readonly Report[]) : [];
}

function send(reports: readonly Report[], env: ResourceEnv): void {
  env.send({ reports: reports.map((report) => new MapValue(Object.entries(report))) });
}

function difference(before: readonly Report[], now: readonly Report[], key: string): string {
  const keys = (list: readonly Report[]): readonly string[] => list.map((report) => report[key] ?? "");
  const come = keys(now).filter((each) => !keys(before).includes(each));
  const gone = keys(before).filter((each) => !keys(now).includes(each));
  const parts = [
    ...(come.length === 0 ? [] : [`list ${some(come)}`]),
    ...(gone.length === 0 ? [] : [`forget ${some(gone)}`]),
  ];
  return parts.length === 0 ? "take what is told anew" : parts.join(", ");
}

function some(keys: readonly string[]): string {
  const shown = keys.slice(0, 3).join(", ");
  return keys.length > 3 ? `${shown} and ${keys.length - 3} more` : shown;
}

function wantOf({ want }: MemberWant): ReportWant {
  return want as unknown as ReportWant;
}
