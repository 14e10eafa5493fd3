// SPDX-License-Identifier: Apache-2.0
// Stands in for apk where there is none: a program with its documented commands, texts and forms of files, on a real tree.
// Its solver is small: it takes one candidate for each name and never goes back. It proves our half of the conversation,
// and nothing about the real program.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { compareApkVersions } from "../../src/host/packages/compare-apk.ts";

interface Package {
  readonly name: string;
  readonly version: string;
  readonly depends: readonly string[];
  /** Where its archive is; undefined: it is only in the database. */
  readonly archive?: string;
  /** The files of its record, each `F:` and `R:` line and what follows. */
  readonly record?: readonly string[];
  readonly flags?: string;
}

const flags = new Set<string>();
const values = new Map<string, string>();
const operands: string[] = [];
const args = process.argv.slice(2);
for (let at = 0; at < args.length; at += 1) {
  const each = args[at] ?? "";
  if (["--root", "--wait", "--output"].includes(each)) values.set(each, args[(at += 1)] ?? "");
  else if (each.startsWith("--")) flags.add(each);
  else operands.push(each);
}
const [command = "", ...words] = operands;
const root = values.get("--root") ?? "";
const place = {
  installed: `${root}/lib/apk/db/installed`,
  world: `${root}/etc/apk/world`,
  index: `${root}/var/cache/apk/APKINDEX.00000001.tar.gz`,
};
const source = readFileSync(`${root}/etc/apk/repositories`, "utf8").trim();

function tar(...options: readonly string[]): Buffer {
  const ended = spawnSync("tar", options, { maxBuffer: 2 ** 26 });
  return ended.status === 0 ? ended.stdout : fail(1, `ERROR: ${options.at(-1)}: BAD archive`);
}

function fail(status: number, ...lines: readonly string[]): never {
  process.stderr.write(lines.map((line) => `${line}\n`).join(""));
  process.exit(status);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function put(path: string, content: string | Buffer): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, content);
  renameSync(`${path}.new`, path);
}

function read(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

function records(text: string): Package[] {
  return text.split("\n\n").flatMap((block) => {
    const lines = block.split("\n").filter((line) => line !== "");
    const of = (key: string) => lines.find((line) => line.startsWith(`${key}:`))?.slice(2);
    const [name, version] = [of("P"), of("V")];
    if (name === undefined || version === undefined) return [];
    const record = lines.filter((line) => /^[FRZ]:/.test(line));
    const state = of("f");
    return [{ name, version, depends: split(of("D") ?? ""), record, ...(state === undefined ? {} : { flags: state }) }];
  });
}

function split(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

function offered(): Package[] {
  if (!existsSync(place.index)) return [];
  return records(tar("-xzOf", place.index, "APKINDEX").toString("utf8")).map((each) => ({
    ...each,
    archive: `${source}/${each.name}-${each.version}.apk`,
  }));
}

function described(path: string): Package {
  const text = tar("-xzOf", path, ".PKGINFO").toString("utf8");
  const of = (key: string) => [...text.matchAll(new RegExp(`^${key} = (.*)$`, "gm"))].map(([, value = ""]) => value);
  return { name: of("pkgname")[0] ?? "", version: of("pkgver")[0] ?? "", depends: of("depend"), archive: path };
}

interface Constraint {
  readonly text: string;
  readonly owner: string;
  readonly name: string;
  readonly isConflict: boolean;
  readonly exactly: string | undefined;
}

function constraint(text: string, owner: string): Constraint {
  const [, mark, name = "", exactly] = /^(!?)([^=<>~@]+)(?:><.*|=(.*))?$/.exec(text) ?? [];
  return { text, owner, name, isConflict: mark === "!", exactly };
}

/** All that the world needs; `ERROR: unable to select packages` when it cannot be had. */
function solve(
  world: readonly string[],
  candidates: readonly Package[],
  upgraded: ReadonlySet<string>,
): Map<string, Package> {
  const there = new Set(records(read(place.installed)).map(({ name, version }) => `${name}-${version}`));
  const constraints = world.map((text) => constraint(text, "world"));
  const selected = new Map<string, Package>();
  const problems = new Map<string, string[]>();
  for (const { name, owner, text, isConflict, exactly } of constraints) {
    if (isConflict) continue;
    const all = candidates.filter((each) => each.name === name);
    if (all.length === 0) {
      problems.set(`${name} (no such package)`, [`required by: ${owner}[${text}]`]);
      continue;
    }
    const fixed = exactly ?? constraints.find((each) => each.name === name && each.exactly !== undefined)?.exactly;
    const fitting = all.filter(({ version }) => fixed === undefined || version === fixed);
    fitting.sort((a, b) => compareApkVersions(b.version, a.version));
    const isKept = !upgraded.has(name);
    const best = fitting.find((each) => isKept && there.has(`${name}-${each.version}`)) ?? fitting[0];
    if (best === undefined) problems.set(`${name}-${all[0]?.version}`, [`breaks: ${owner}[${text}]`]);
    else if (!selected.has(name)) {
      selected.set(name, best);
      constraints.push(...best.depends.map((each) => constraint(each, `${name}-${best.version}`)));
    }
  }
  for (const { name, owner, text, isConflict } of constraints) {
    const one = selected.get(name);
    if (!isConflict || one === undefined) continue;
    const needs = constraints.filter((each) => !each.isConflict && each.name === name);
    problems.set(`${name}-${one.version}`, [
      `breaks: ${owner}[${text}]`,
      `satisfies: ${needs.map((each) => `${each.owner}[${each.text}]`).join("\n               ")}`,
    ]);
  }
  if (problems.size > 0) {
    const lines = [...problems].flatMap(([head, reasons]) => [`  ${head}:`, ...reasons.map((line) => `    ${line}`)]);
    fail(problems.size, "ERROR: unable to select packages:", ...lines);
  }
  return selected;
}

function filesOf({ record = [] }: Package): { path: string; sum: string | undefined }[] {
  const found: { path: string; sum: string | undefined }[] = [];
  let directory = "";
  for (const line of record) {
    if (line.startsWith("F:")) directory = line.slice(2);
    else if (line.startsWith("R:")) found.push({ path: `${root}/${directory}/${line.slice(2)}`, sum: undefined });
    else found.splice(-1, 1, { path: found.at(-1)?.path ?? "", sum: line.slice(2) });
  }
  return found;
}

function sumOf(content: Buffer): string {
  return `Q1${createHash("sha1").update(content).digest("base64")}`;
}

function isChanged({ path, sum }: { path: string; sum: string | undefined }): boolean {
  return path.startsWith(`${root}/etc/`) && existsSync(path) && sumOf(readFileSync(path)) !== sum;
}

function unpack(one: Package, old: Package | undefined): Package {
  const { archive = "" } = one;
  const names = tar("--quoting-style=literal", "-tzf", archive).toString("utf8").split("\n");
  const kept = new Set(
    filesOf(old ?? one)
      .filter(isChanged)
      .map(({ path }) => path),
  );
  const record: string[] = [];
  for (const name of names.filter((each) => each !== "" && !each.endsWith("/") && !/^\.[^/]*$/.test(each))) {
    const content = tar("--no-wildcards", "-xzOf", archive, name);
    const path = `${root}/${name}`;
    put(kept.has(path) ? `${path}.apk-new` : path, content);
    record.push(`F:${dirname(name)}`, `R:${name.slice(dirname(name).length + 1)}`, `Z:${sumOf(content)}`);
  }
  return { name: one.name, version: one.version, depends: one.depends, record };
}

function take(one: Package): void {
  for (const file of filesOf(one)) if (flags.has("--purge") || !isChanged(file)) rmSync(file.path, { force: true });
}

function commit(world: readonly string[], selected: ReadonlyMap<string, Package>, again: readonly string[] = []): void {
  const old = new Map(records(read(place.installed)).map((each) => [each.name, each]));
  const going = [...old.values()].filter(({ name }) => !selected.has(name));
  const coming = [...selected.values()].filter(
    ({ name, version }) => old.get(name)?.version !== version || again.includes(name),
  );
  for (const { name, version, archive } of coming) {
    const isSigned = archive !== undefined && /^\.SIGN\.RSA\./m.test(tar("-tzf", archive).toString("utf8"));
    if (!isSigned && !flags.has("--allow-untrusted")) fail(1, `ERROR: ${name}-${version}: UNTRUSTED signature`);
  }
  const result = new Map(old);
  const count = going.length + coming.length;
  const isReal = !flags.has("--simulate");
  let step = 0;
  for (const one of going) {
    say(`(${(step += 1)}/${count}) Purging ${one.name} (${one.version})`);
    result.delete(one.name);
    if (isReal) take(one);
  }
  for (const one of coming) {
    const before = old.get(one.name);
    const is = before === undefined ? "Installing" : before.version === one.version ? "Reinstalling" : "Upgrading";
    const from = is === "Upgrading" ? `${before?.version} -> ` : "";
    say(`(${(step += 1)}/${count}) ${is} ${one.name} (${from}${one.version})`);
    if (isReal) result.set(one.name, unpack(one, before));
  }
  if (!isReal) return;
  const blocks = [...result.values()].map(({ name, version, depends, record = [], flags: state }) =>
    [
      `P:${name}`,
      `V:${version}`,
      "A:noarch",
      ...(depends.length === 0 ? [] : [`D:${depends.join(" ")}`]),
      ...(state === undefined ? [] : [`f:${state}`]),
      ...record,
    ].join("\n"),
  );
  put(place.installed, blocks.map((block) => `${block}\n\n`).join(""));
  if (read(place.world) !== `${world.join("\n")}\n`) put(place.world, `${world.join("\n")}\n`);
  say(`OK: 1 MiB in ${result.size} packages`);
}

const world = split(read(place.world));
const installed = records(read(place.installed));
switch (command) {
  case "update":
    put(place.index, readFileSync(`${source}/APKINDEX.tar.gz`));
    say(`OK: ${offered().length} distinct packages available`);
    break;
  case "policy":
    for (const name of words) {
      const known = offered().filter((each) => each.name === name);
      const here = installed.find((each) => each.name === name);
      const versions = [...new Set([...known, ...(here === undefined ? [] : [here])].map(({ version }) => version))];
      if (versions.length > 0) say(`${name} policy:`);
      for (const version of versions) {
        say(`  ${version}:`);
        if (here?.version === version) say("    lib/apk/db/installed");
        if (known.some((each) => each.version === version)) say(`    ${source}`);
      }
    }
    break;
  case "list":
    for (const { name, version } of offered()) say(`${name}-${version} noarch {${name}} (MIT)`);
    break;
  case "fetch":
    for (const name of words) {
      const [best] = offered()
        .filter((each) => each.name === name)
        .sort((a, b) => compareApkVersions(b.version, a.version));
      if (best?.archive === undefined) fail(1, "ERROR: unable to select packages:", `  ${name} (no such package):`);
      put(`${values.get("--output")}/${name}-${best.version}.apk`, readFileSync(best.archive));
    }
    break;
  case "add": {
    const archives = words.filter((word) => word.startsWith("/")).map(described);
    const specifications = words.map((word) => {
      const one = archives.find(({ archive }) => archive === word);
      return one === undefined ? word : `${one.name}><Q1AAAA`;
    });
    const named = new Set(specifications.map((text) => constraint(text, "").name));
    const next = [...world.filter((text) => !named.has(constraint(text, "").name)), ...specifications];
    const candidates = [...archives, ...offered(), ...installed];
    commit(next, solve(next, candidates, flags.has("--upgrade") ? named : new Set()));
    break;
  }
  case "del": {
    const names = words.map((text) => constraint(text, "").name);
    const next = world.filter((text) => !names.includes(constraint(text, "").name));
    const selected = solve(next, [...offered(), ...installed], new Set());
    const staying = names.filter((name) => selected.has(name));
    if (staying.length > 0) say("World updated, but the following packages are not removed due to:");
    for (const name of staying) {
      const why = [...selected.values()].filter(({ depends }) => depends.includes(name));
      say(`  ${name}: ${why.map((each) => each.name).join(" ")}`);
    }
    commit(next, selected);
    break;
  }
  case "fix":
    commit(world, solve(world, [...offered(), ...installed], new Set()), words);
    break;
  default:
    fail(1, `ERROR: '${command}' is not an apk command. See 'apk --help'.`);
}
