// SPDX-License-Identifier: Apache-2.0
// `nftables`: a table of the packet filter, which is exactly as declared. Other tables are left alone, so several
// programs can each have their own.

import { Failure } from "../../contract/failure.ts";
import { field, fromName, type Want } from "../../contract/field.ts";
import type { FilterFamily, FilterTable, FilterText } from "../../contract/packet-filter.ts";
import {
  defineResource,
  type ResourceEnv,
  type Step,
  type StepText,
  type WantProblem,
} from "../../contract/resource.ts";
import { bytesOf } from "../../values/bytes.ts";
import { joinPath } from "../files/path.ts";
import { readText } from "../files/read-text.ts";
import { wrongContent } from "./nftables/content.ts";

const families = ["inet", "ip", "ip6", "arp", "bridge", "netdev"] as const satisfies readonly FilterFamily[];

const fields = {
  state: field.str({ choices: ["exists", "absent"], doc: "Whether it must be there. Not given: it must." }),
  family: field.str({ choices: families, default: "inet", doc: "Which packets it sees." }),
  table: field.str({ default: fromName, doc: "Its name; that of the resource if absent.", example: '"web"' }),
  content: field.str({
    doc: "What stands between its braces: chains, sets and maps, as nft(8) has them. It is loaded in one piece or not at all.",
    example: '"chain input { type filter hook input priority 0; tcp dport 22 accept; }"',
  }),
};

type NftablesWant = Want<typeof fields>;

interface NftablesHave {
  readonly table: FilterTable;
  readonly present: FilterText | undefined;
  /** Whether what is there is what is declared. */
  readonly isWanted: boolean;
  /** As it will be, where that can be told. */
  readonly tried: FilterText | undefined;
}

type NftablesStep =
  | (Step & {
      readonly do: "load";
      readonly table: FilterTable;
      readonly before: string | undefined;
      readonly after: string;
    })
  | (Step & { readonly do: "remove"; readonly table: FilterTable; readonly before: string });

export const nftables = defineResource({
  kind: "nftables",
  summary: "A table of the packet filter, with exactly the chains, sets and rules that are declared.",
  fields,
  traits: {},
  watchedFields: [],
  check: checkNftables,
  observe: observeNftables,
  plan: (want: NftablesWant, { table, present, isWanted, tried }): readonly NftablesStep[] => {
    if (want.state === "absent") return present === undefined ? [] : [{ do: "remove", table, before: present.text }];
    if (isWanted) return [];
    return [{ do: "load", table, before: present?.text, after: tried?.text ?? `${want.content.trim()}\n` }];
  },
  explain: explainNftables,
  apply: applyNftables,
  watch: (_want: NftablesWant, { host, signal }) => host.packetFilter.changes(signal),
});

/** Of the kernel. */
const longestName = 255;

function tableOf(want: NftablesWant): FilterTable {
  return { family: families.find((family) => family === want.family) ?? "inet", name: want.table };
}

function checkNftables(want: NftablesWant): readonly WantProblem[] {
  const found: WantProblem[] = [];
  if (!/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(want.table)) {
    found.push({
      field: "table",
      title: `"${want.table}" cannot be the name of a table`,
      hint: "It has letters, digits, and _ . -, and begins with a letter or _.",
    });
  }
  if (want.table.length > longestName) {
    found.push({
      field: "table",
      title: `the name of a table has ${longestName} letters at most, and this one has ${want.table.length}`,
    });
  }
  const wrong = wrongContent(want.content);
  if (wrong !== undefined) found.push({ field: "content", ...wrong });
  return found;
}

async function observeNftables(want: NftablesWant, env: ResourceEnv): Promise<NftablesHave> {
  const { packetFilter } = env.host;
  const table = tableOf(want);
  const present = await packetFilter.table(table, env.signal);
  if (want.state === "absent") return { table, present, isWanted: false, tried: undefined };
  const form = await wantedForm(want, env);
  const isWanted = present !== undefined && present.form === form?.form;
  return {
    table,
    present,
    isWanted,
    tried: form?.text === undefined ? undefined : { form: form.form, text: form.text },
  };
}

/** It is tried once; where it cannot be, it is what came of it when it was last loaded. */
async function wantedForm(
  want: NftablesWant,
  env: ResourceEnv,
): Promise<{ readonly form: string; readonly text?: string } | undefined> {
  const { memory, host, signal } = env;
  const { content, family, table } = want;
  const key = `${family} ${table} ${content}`;
  if (memory.get("tried of") !== key) {
    const tried = await host.packetFilter.tried(tableOf(want), content, signal);
    memory.set("tried of", key);
    memory.set("tried form", tried?.form ?? "");
    memory.set("tried text", tried?.text ?? "");
  }
  const [form, text] = [memory.get("tried form"), memory.get("tried text")];
  if (typeof form === "string" && form !== "" && typeof text === "string") return { form, text };
  const kept = await readText(await keptFile(env), host.files, signal);
  const [of, ...lines] = (kept ?? "").split("\n");
  return of === JSON.stringify(key) ? { form: lines.join("\n") } : undefined;
}

async function keptFile(env: ResourceEnv): Promise<string> {
  return joinPath((await env.stateDirectory()).replace(/\/$/, ""), "loaded");
}

function explainNftables(step: NftablesStep): StepText {
  switch (step.do) {
    case "load":
      return {
        mark: step.before === undefined ? "+" : "~",
        text: step.before === undefined ? "load the table" : "load the table anew",
        content: { before: step.before ?? "", after: step.after },
      };
    case "remove":
      return { mark: "-", text: "remove the table", content: { before: step.before, after: "" } };
  }
}

async function applyNftables(step: NftablesStep, want: NftablesWant, env: ResourceEnv): Promise<void> {
  const { packetFilter, files } = env.host;
  if (step.do === "remove") {
    try {
      await packetFilter.remove(step.table, env.signal);
    } catch (reason) {
      if (!(reason instanceof Failure) || reason.code !== "not-found") throw reason;
    }
    return;
  }
  await packetFilter.load(step.table, want.content, env.signal);
  if (env.memory.get("tried form") !== "") return;
  const loaded = await packetFilter.table(step.table, env.signal);
  const key = `${want.family} ${want.table} ${want.content}`;
  const text = `${JSON.stringify(key)}\n${loaded?.form ?? ""}`;
  await files.write(await keptFile(env), bytesOf(text), { mode: 0o600 }, env.signal);
}
