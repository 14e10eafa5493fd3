// SPDX-License-Identifier: Apache-2.0
// What the provisioner serves (test/cases/provisioner), judged by the programs whose business it is.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const cases = join(import.meta.dirname, "../cases/provisioner");

interface Served {
  readonly name: string;
  readonly text: string;
}

const served: readonly Served[] = globSync("*.md", { cwd: cases }).flatMap((file) =>
  [...readFileSync(join(cases, file), "utf8").matchAll(/^## (?:http|tftp) (\S+)\n\n(`{3,})\w*\n([^]*?)^\2$/gm)].map(
    ([, path = "", , text = ""]) => ({ name: `${file}: ${path}`, text }),
  ),
);

const judges = [
  { what: "a shell script", ending: /\.sh$/, program: "dash", args: ["-n"] },
  { what: "answers for Debian", ending: /preseed.*\.cfg$/, program: "debconf-set-selections", args: ["--checkonly"] },
  { what: "answers for Fedora", ending: /\.ks$/, program: "ksvalidator", args: ["--version", "F43"] },
];

for (const { what, ending, program, args } of judges) {
  test(`${program} has nothing to say about ${what}`, (context) => {
    const own = served.filter(({ name }) => ending.test(name));
    assert.ok(own.length >= 3, `${own.length} files`);
    const directory = mkdtempSync(join(tmpdir(), "mgmt-served-"));
    try {
      for (const { name, text } of own) {
        const file = join(directory, "file");
        writeFileSync(file, text);
        const { error, status, stdout, stderr } = spawnSync(program, [...args, file], { encoding: "utf8" });
        if (error !== undefined) {
          context.diagnostic(`not tried: there is no program ${program}`);
          return;
        }
        assert.deepEqual([name, status, stdout.replace(/^Checking .*$/m, "").trim(), stderr.trim()], [name, 0, "", ""]);
      }
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
}
