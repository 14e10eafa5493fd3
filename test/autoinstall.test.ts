// SPDX-License-Identifier: Apache-2.0
// The answers that machines with Ubuntu are given, held to what the documentation of its installer says of them: which keys there
// are, and of which form each is. A key that the installer does not know is left aside by it without a word.

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";

type Form =
  | "text"
  | "yes or no"
  | "command"
  | "anything"
  | { readonly each: Form }
  | { readonly one: string }
  | { readonly keys: Readonly<Record<string, Form>>; readonly needed: readonly string[] };

const commands: Form = { each: "command" };

/** "Autoinstall configuration reference manual", of what the provisioner uses and of its neighbours. */
const autoinstall: Form = {
  needed: ["version"],
  keys: {
    version: { one: "1" },
    locale: "text",
    timezone: "text",
    keyboard: { needed: ["layout"], keys: { layout: "text", variant: "text", toggle: "text" } },
    apt: {
      needed: [],
      keys: {
        preserve_sources_list: "yes or no",
        geoip: "yes or no",
        primary: { each: { needed: ["arches", "uri"], keys: { arches: { each: "text" }, uri: "text" } } },
        sources: "anything",
      },
    },
    identity: {
      needed: ["username", "hostname", "password"],
      keys: { realname: "text", username: "text", hostname: "text", password: "text" },
    },
    ssh: {
      needed: [],
      keys: { "install-server": "yes or no", "allow-pw": "yes or no", "authorized-keys": { each: "text" } },
    },
    storage: {
      needed: [],
      keys: { layout: { needed: ["name"], keys: { name: { one: "lvm direct zfs" }, password: "text" } } },
    },
    packages: { each: "text" },
    "early-commands": commands,
    "late-commands": commands,
    "error-commands": commands,
  },
};

/** What is wrong, each with its place. */
function judged(found: unknown, form: Form, place: string): readonly string[] {
  if (form === "anything") return [];
  if (form === "text") return typeof found === "string" ? [] : [`${place} is no text`];
  if (form === "yes or no") return typeof found === "boolean" ? [] : [`${place} is neither true nor false`];
  if (form === "command") return typeof found === "string" ? [] : judged(found, { each: "text" }, place);
  if ("one" in form) return form.one.split(" ").includes(String(found)) ? [] : [`${place} is none of ${form.one}`];
  if ("each" in form) {
    if (!Array.isArray(found)) return [`${place} is no list`];
    return found.flatMap((each: unknown, index) => judged(each, form.each, `${place}[${index}]`));
  }
  if (typeof found !== "object" || found === null || Array.isArray(found)) return [`${place} has no keys`];
  return [
    ...form.needed.filter((key) => !(key in found)).map((key) => `${place}.${key} is missing`),
    ...Object.entries(found).flatMap(([key, value]) => {
      const own = form.keys[key];
      return own === undefined ? [`${place}.${key} is not known`] : judged(value, own, `${place}.${key}`);
    }),
  ];
}

function judge(text: string): readonly string[] {
  if (!text.startsWith("#cloud-config\n")) return ["it does not begin with #cloud-config"];
  const form: Form = { needed: ["autoinstall"], keys: { autoinstall } };
  return judged(parse(text), form, "user-data");
}

const cases = join(import.meta.dirname, "cases/provisioner");
const served = globSync("*.md", { cwd: cases }).flatMap((file) =>
  [...readFileSync(join(cases, file), "utf8").matchAll(/^## http (\S+\/user-data)\n\n(`{3,})\w*\n([^]*?)^\2$/gm)].map(
    ([, path = "", , text = ""]) => ({ name: `${file}: ${path}`, text }),
  ),
);

test("the answers for Ubuntu are what its installer understands", () => {
  assert.ok(served.length >= 1);
  for (const { name, text } of served) assert.deepEqual([name, ...judge(text)], [name]);
});

test("a mistake in them would be found", () => {
  const [first = { text: "" }] = served;
  const wrong = (from: string | RegExp, to: string): readonly string[] => judge(first.text.replace(from, to));
  assert.deepEqual(wrong("#cloud-config\n", ""), ["it does not begin with #cloud-config"]);
  assert.deepEqual(wrong("  timezone:", "  time_zone:"), ["user-data.autoinstall.time_zone is not known"]);
  assert.deepEqual(wrong(/^ {4}username: .*\n/m, ""), ["user-data.autoinstall.identity.username is missing"]);
  assert.deepEqual(wrong("version: 1", "version: 2"), ["user-data.autoinstall.version is none of 1"]);
  assert.deepEqual(wrong(/packages: \[.*\]/, "packages: wget"), ["user-data.autoinstall.packages is no list"]);
  assert.deepEqual(wrong(/allow-pw: \w+/, "allow-pw: 'no'"), [
    "user-data.autoinstall.ssh.allow-pw is neither true nor false",
  ]);
});
