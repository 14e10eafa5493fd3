// SPDX-License-Identifier: Apache-2.0
// `json:edit`: members of a JSON document in a file, or in a text that all hosts share; the rest of the document belongs
// to somebody else.

import { Failure } from "../../contract/failure.ts";
import { field, fromName, type Want } from "../../contract/field.ts";
import type { Guard } from "../../contract/host.ts";
import {
  defineResource,
  type ResourceEnv,
  type Step,
  type StepText,
  type WantProblem,
} from "../../contract/resource.ts";
import { bytesOf } from "../../values/bytes.ts";
import { oneAtATime } from "../files/one-at-a-time.ts";
import { fileOrDirectoriesAbove } from "../files/path-identities.ts";
import { readText } from "../files/read-text.ts";
import { trustedPlace } from "../files/trusted-place.ts";
import { isObject, isSameJson, type JsonObject, parseJson, renderJson } from "./document.ts";
import { type Edit, editJson, parseEdit } from "./edits.ts";
import { parseStore } from "./store.ts";
import { pathProblems } from "../files/possible-path.ts";

const fields = {
  store: field.str({
    default: fromName,
    doc:
      "The document: the absolute path of a file, or a URL such as `file:///etc/app.json`. The file must be there. With " +
      "`etcd:///key` it is the text that all hosts share under that key; without one the document is empty.",
    example: '"/etc/docker/daemon.json"',
  }),
  edits: field.strings({
    doc:
      "What must be in it, in this order: `.a.b = VALUE` sets a member, `del(.a.b)` removes one. VALUE is JSON. A key that " +
      'is no plain word is written `.a["x y"]`. Objects above the member are made.',
    example: '[".log.level = 3", "del(.debug)"]',
  }),
};

type JsonEditWant = Want<typeof fields>;

/** Where the document is. */
type Place = { readonly path: string; readonly guard: Guard } | { readonly key: string };

type JsonEditHave =
  | { readonly kind: "unavailable"; readonly reason: string; readonly code: "not-found" | "invalid" }
  | { readonly kind: "read"; readonly place: Place; readonly document: JsonObject; readonly text: string };

type JsonEditStep =
  | (Step & {
      readonly do: "edit";
      readonly place: Place;
      readonly done: readonly string[];
      readonly before: string;
      readonly after: string;
    })
  | (Step & { readonly do: "refuse"; readonly reason: string; readonly code: "not-found" | "invalid" });

export const jsonEdit = defineResource({
  kind: "json:edit",
  summary: "Members of a JSON document, in a file or shared by all hosts; the rest of the document is left as it is.",
  fields,
  traits: {},
  watchedFields: ["store"],
  edges: {
    reads: ["store"],
    offers: () => [], // What is in a file is not the file.
    *wishes({ store }) {
      const place = parseStore(store);
      if ("path" in place) yield { order: "before", anyOf: fileOrDirectoriesAbove(place.path), why: "is edited in" };
    },
  },
  check: checkJsonEdit,
  observe: observeJsonEdit,
  plan: planJsonEdit,
  explain: (step: JsonEditStep): StepText =>
    step.do === "refuse"
      ? { mark: "!", text: step.reason }
      : { mark: "~", text: step.done.join(", "), content: { before: step.before, after: step.after } },
  apply: applyJsonEdit,
  watch(want: JsonEditWant, { host, exchange, signal }) {
    const store = storeOf(want);
    return "key" in store ? exchange.texts.changes(store, signal) : host.files.watch([store], signal);
  },
});

function checkJsonEdit(want: JsonEditWant): readonly WantProblem[] {
  const found: WantProblem[] = [];
  const place = parseStore(want.store);
  if ("wrong" in place) found.push({ field: "store", title: place.wrong, ...place.advice });
  else if ("path" in place) found.push(...pathProblems({ store: place.path }));
  if (want.edits.length === 0) {
    found.push({ field: "edits", title: "there is nothing to edit", hint: "Write `edits`, such as `.a.b = 1`." });
  }
  for (const edit of want.edits) {
    const parsed = parseEdit(edit);
    if ("wrong" in parsed) {
      found.push({ field: "edits", title: parsed.wrong, hint: "Write it like `.a.b = 1` or `del(.a.b)`." });
    }
  }
  return found;
}

async function observeJsonEdit(want: JsonEditWant, env: ResourceEnv): Promise<JsonEditHave> {
  const { host, exchange, signal } = env;
  const store = storeOf(want);
  const place = "key" in store ? store : await trustedPlace(store.path, host, signal, "follow");
  const text =
    "key" in place
      ? ((await exchange.texts.get(place, signal)) ?? emptyText)
      : await readText(place.path, host.files, signal, place.guard);
  if (text === undefined) {
    return { kind: "unavailable", reason: `the file ${titleOf(place)} does not exist`, code: "not-found" };
  }
  const read = readDocument(place, text);
  return "wrong" in read
    ? { kind: "unavailable", reason: read.wrong, code: "invalid" }
    : { kind: "read", place, text, ...read };
}

/** What is under a key that nobody has used yet. */
const emptyText = "{}";

function readDocument(place: Place, text: string): { readonly document: JsonObject } | { readonly wrong: string } {
  const title = titleOf(place);
  if (!text.isWellFormed()) return { wrong: `${title} is not UTF-8 text, as JSON must be` };
  const parsed = parseJson(text.replace(/^\uFEFF/, ""));
  if ("wrong" in parsed) return { wrong: `${title} is not JSON: ${parsed.wrong}` };
  return isObject(parsed.value)
    ? { document: parsed.value }
    : { wrong: `${title} is JSON, but not an object in braces` };
}

function planJsonEdit(want: JsonEditWant, have: JsonEditHave): readonly JsonEditStep[] {
  if (have.kind === "unavailable") return [{ do: "refuse", reason: have.reason, code: have.code }];
  const { place, document, text } = have;
  const edited = editJson(document, editsOf(want));
  if ("wrong" in edited) return [{ do: "refuse", reason: `${titleOf(place)}: ${edited.wrong}`, code: "invalid" }];
  // Edits may undo each other.
  if (isSameJson(edited.document, document)) return [];
  return [{ do: "edit", place, done: edited.done, before: text, after: renderJson(edited.document) }];
}

/** The document is read again: somebody else may have changed it since it was observed. */
async function applyJsonEdit(step: JsonEditStep, want: JsonEditWant, env: ResourceEnv): Promise<void> {
  if (step.do === "refuse") throw new Failure(step.reason, { code: step.code });
  const { host, exchange, signal } = env;
  const { place } = step;
  if ("key" in place) {
    await exchange.texts.update(place, (present) => edited(place, present ?? emptyText, want) ?? present, signal);
    return;
  }
  const { path, guard } = place;
  await oneAtATime(host.files, path, signal, async () => {
    const text = await readText(path, host.files, signal, guard);
    if (text === undefined) throw new Failure(`the file ${path} does not exist any more`, { code: "not-found" });
    const after = edited(place, text, want);
    if (after === undefined) return;
    await host.files.write(path, bytesOf(after), { durable: true, ...guard }, signal);
  });
}

/** Undefined when it says all that it must say. */
function edited(place: Place, text: string, want: JsonEditWant): string | undefined {
  const read = readDocument(place, text);
  if ("wrong" in read) throw new Failure(read.wrong, { code: "invalid" });
  const next = editJson(read.document, editsOf(want));
  if ("wrong" in next) throw new Failure(`${titleOf(place)}: ${next.wrong}`, { code: "invalid" });
  return isSameJson(next.document, read.document) ? undefined : renderJson(next.document);
}

function titleOf(place: Place): string {
  return "key" in place ? `the shared text ${place.key}` : place.path;
}

/** Both are only asked for what the check has let pass. */
function editsOf(want: JsonEditWant): readonly Edit[] {
  return want.edits.map(parseEdit).filter((edit): edit is Edit => !("wrong" in edit));
}

function storeOf(want: JsonEditWant): { readonly path: string } | { readonly key: string } {
  const store = parseStore(want.store);
  return "wrong" in store ? { path: "/" } : store;
}
