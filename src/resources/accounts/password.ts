// SPDX-License-Identifier: Apache-2.0
// `password`: one that is generated and sent to others, together with its hash. It stands in the state directory, and as
// a secret in nothing that is shown.

import { Failure } from "../../contract/failure.ts";
import { field, optional, type Want } from "../../contract/field.ts";
import {
  defineResource,
  type Hints,
  type ResourceEnv,
  type Step,
  type StepText,
  type WantProblem,
} from "../../contract/resource.ts";
import { strType } from "../../values/type.ts";
import { bytesOf } from "../../values/bytes.ts";
import { joinPath } from "../files/path.ts";
import { readText } from "../files/read-text.ts";

const fields = {
  length: field.int({ bits: 16, unsigned: true, default: 64, doc: "How many letters it has." }),
  saved: field.bool({
    doc:
      "Keeps it in the state directory, for root alone. Otherwise only its hash is kept: after a restart `hash` is " +
      "sent, but no `password`, so a field that receives that counts as not given.",
  }),
  check_recovery: field.bool({
    doc: "Generates another one when what is kept is no such password, instead of failing.",
  }),
  format: field.str({ choices: ["sha512", "yescrypt"], default: "sha512", doc: "Of the hash that it sends." }),
  cost: optional(
    field.int({
      bits: 32,
      doc: "What the hash costs: rounds for sha512, 5000 if not given; a step from 1 to 11 for yescrypt, 5 if not given.",
      example: "10000",
    }),
  ),
};

type PasswordWant = Want<typeof fields>;
type Format = "sha512" | "yescrypt";

interface PasswordHave {
  /** Undefined: nothing is kept. Empty: only the hash is. */
  readonly kept: string | undefined;
  readonly hash: string | undefined;
  readonly candidate: string;
  /** Whether the hash is one of what is kept, in the wanted form. */
  readonly hashFits: boolean;
}

type PasswordStep =
  | (Step & { readonly do: "generate"; readonly password: string; readonly why: string })
  | (Step & { readonly do: "forget" })
  | (Step & { readonly do: "hash"; readonly password: string })
  | (Step & { readonly do: "refuse" });

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const secretMode = 0o600;

export const password = defineResource({
  kind: "password",
  summary: "A password that is generated once, and sent with its hash to whoever needs it.",
  fields,
  traits: { sends: { password: strType, hash: strType }, secretSends: ["password", "hash"], refresh: true },
  watchedFields: [],
  check: checkPassword,
  observe: observePassword,
  plan: planPassword,
  explain: explainPassword,
  apply: applyPassword,
  async *watch(_want: PasswordWant, env) {
    const { passwordFile, hashFile } = await placesOf(env);
    yield* env.host.files.watch([{ path: passwordFile }, { path: hashFile }], env.signal);
  },
});

function formatOf(want: PasswordWant): Format {
  return want.format === "yescrypt" ? "yescrypt" : "sha512";
}

function costOf(want: PasswordWant): number {
  return want.cost ?? usualCost(want);
}

function usualCost(want: PasswordWant): number {
  return formatOf(want) === "yescrypt" ? 5 : 5_000;
}

function checkPassword(want: PasswordWant): readonly WantProblem[] {
  const found: WantProblem[] = [];
  if (want.length < 1) found.push({ field: "length", title: `a password has at least one letter, not ${want.length}` });
  const [least, most] = formatOf(want) === "yescrypt" ? [1, 11] : [1_000, 999_999_999];
  const cost = costOf(want);
  if (cost < least || cost > most) {
    found.push({
      field: "cost",
      title: `the cost of ${formatOf(want)} goes from ${least} to ${most}, not ${cost}`,
      hint: `Not given, it is ${usualCost(want)}.`,
    });
  }
  return found;
}

async function observePassword(want: PasswordWant, env: ResourceEnv): Promise<PasswordHave> {
  const { passwordFile, hashFile } = await placesOf(env);
  const { files } = env.host;
  const kept = withoutEnd(await readText(passwordFile, files, env.signal));
  const hash = withoutEnd(await readText(hashFile, files, env.signal));
  const candidate = candidateFor(want, env);
  const fits = hash !== undefined && isOfForm(hash, want) && (await isHashOf(hash, kept, env));
  const have = { kept, hash, candidate, hashFits: fits };
  const [step] = planPassword(want, have, { refresh: false, received: new Set() });
  if (step === undefined || step.do === "forget") {
    env.send({ password: remembered(want, kept ?? "", hash ?? "", env), hash });
  } else if (step.do !== "refuse") {
    // Whoever receives it is planned with it; it is kept before they change anything.
    env.send({ password: step.password, hash: await candidateHash(step.password, want, env) });
  }
  return have;
}

function planPassword(want: PasswordWant, have: PasswordHave, { refresh }: Hints): readonly PasswordStep[] {
  const { kept, candidate, hashFits } = have;
  const generate = (why: string): PasswordStep => ({ do: "generate", password: candidate, why });
  if (kept === undefined) return [generate("")];
  if (refresh) return [generate(", as something has told to")];
  const isKnown = isPassword(kept, want);
  if (kept !== "" && !isKnown) {
    return [want.check_recovery ? generate(": what was kept is no such password") : { do: "refuse" }];
  }
  if (kept === "" && want.saved) return [generate(": only the hash of the last one was kept")];
  if (kept === "" && !hashFits) return [generate(": its hash is not kept in this form")];
  const steps: PasswordStep[] = hashFits ? [] : [{ do: "hash", password: kept }];
  return want.saved || kept === "" ? steps : [...steps, { do: "forget" }];
}

function explainPassword(step: PasswordStep): StepText {
  switch (step.do) {
    case "generate":
      return step.why === ""
        ? { mark: "+", text: `generate a password of ${step.password.length} letters`, brings: ["password", "hash"] }
        : { mark: "~", text: `generate another password${step.why}`, brings: ["password", "hash"] };
    case "hash":
      return { mark: "~", text: "hash the password again", brings: ["hash"] };
    case "forget":
      return { mark: "-", text: "keep only the hash of the password" };
    case "refuse":
      return { mark: "!", text: notOne };
  }
}

const notOne = "what is kept as password has another length or other characters than it must have";

/** The hash comes first: the password is what tells that all is there. */
async function applyPassword(step: PasswordStep, want: PasswordWant, env: ResourceEnv): Promise<void> {
  const { host, signal } = env;
  const { passwordFile, hashFile } = await placesOf(env);
  const put = (path: string, text: string) =>
    host.files.write(path, bytesOf(`${text}\n`), { mode: secretMode, durable: true }, signal);
  switch (step.do) {
    case "generate":
    case "hash": {
      const hash = await candidateHash(step.password, want, env);
      await put(hashFile, hash);
      if (step.do === "generate") await put(passwordFile, want.saved ? step.password : "");
      for (const key of ["candidate", "candidate hash", "candidate hash of"]) env.memory.delete(key);
      env.memory.set("password", step.password);
      env.memory.set("hash", hash);
      env.send({ password: step.password, hash });
      return;
    }
    case "forget":
      return put(passwordFile, "");
    case "refuse":
      throw new Failure(notOne, {
        code: "invalid",
        hint: "`check_recovery => true` generates another one; `length` must be that of the one that is kept.",
      });
  }
}

async function placesOf(env: ResourceEnv): Promise<{ readonly passwordFile: string; readonly hashFile: string }> {
  const directory = (await env.stateDirectory()).replace(/\/$/, "");
  return { passwordFile: joinPath(directory, "password"), hashFile: joinPath(directory, "hash") };
}

/** One that is not kept is known for as long as we run. */
function remembered(want: PasswordWant, kept: string, hash: string, env: ResourceEnv): string | undefined {
  if (kept !== "") return kept;
  const last = env.memory.get("password");
  return env.memory.get("hash") === hash && typeof last === "string" && last.length === want.length ? last : undefined;
}

function candidateFor(want: PasswordWant, env: ResourceEnv): string {
  const last = env.memory.get("candidate");
  if (typeof last === "string" && last.length === want.length) return last;
  const candidate = generated(want.length, env);
  env.memory.set("candidate", candidate);
  return candidate;
}

async function candidateHash(text: string, want: PasswordWant, env: ResourceEnv): Promise<string> {
  const last = env.memory.get("candidate hash");
  if (typeof last === "string" && isOfForm(last, want) && env.memory.get("candidate hash of") === text) return last;
  const hash = await env.host.passwords.hash(text, formatOf(want), costOf(want), env.signal);
  env.memory.set("candidate hash", hash);
  env.memory.set("candidate hash of", text);
  return hash;
}

/** Bytes that would make some letters likelier than others are left out. */
function generated(length: number, env: ResourceEnv): string {
  const fair = 256 - (256 % letters.length);
  let text = "";
  while (text.length < length) {
    for (const byte of env.host.random.bytes(length - text.length)) {
      if (byte < fair) text += letters[byte % letters.length];
    }
  }
  return text;
}

function isPassword(text: string, want: PasswordWant): boolean {
  return text.length === want.length && /^[A-Za-z]+$/.test(text);
}

function isOfForm(hash: string, want: PasswordWant): boolean {
  const cost = costOf(want);
  if (formatOf(want) === "sha512") {
    return cost === 5_000 ? /^\$6\$(?!rounds=)/.test(hash) : hash.startsWith(`$6$rounds=${cost}$`);
  }
  const logarithm = "789ABCDEF"[cost - (cost <= 2 ? 1 : 3)] ?? "";
  return hash.startsWith(`$y$j${logarithm}${cost <= 2 ? "5" : "T"}$`);
}

/** Hashing costs milliseconds, so what was found is remembered. */
async function isHashOf(hash: string, kept: string | undefined, env: ResourceEnv): Promise<boolean> {
  if (kept === undefined) return false;
  if (kept === "" || (env.memory.get("password") === kept && env.memory.get("hash") === hash)) return true;
  if (!(await env.host.passwords.verify(kept, hash, env.signal))) return false;
  env.memory.set("password", kept);
  env.memory.set("hash", hash);
  return true;
}

function withoutEnd(text: string | undefined): string | undefined {
  return text?.replace(/\n$/, "");
}
