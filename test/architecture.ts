// SPDX-License-Identifier: Apache-2.0
// The rules of docs/architecture.md as functions over file texts. Knows no disk: the test beside it reads the files.

import { posix } from "node:path";

/** One row of the folder table. */
export interface Layer {
  readonly folder: string;
  readonly pure: boolean;
  readonly mayImport: readonly string[];
}

export interface Rules {
  /** In the order of the page: a folder may import only folders above it. */
  readonly layers: readonly Layer[];
  /** Which folders may import a package of others. */
  readonly packages: ReadonlyMap<string, readonly string[]>;
}

/** Path from the root of the repository, with `/`, to the text. */
export type Files = ReadonlyMap<string, string>;

/** Reads both tables. A page without them is a mistake, not a page that allows everything. */
export function parseRules(page: string): Rules {
  const layers = rowsBelow(page, "| `src/` | one line | may import |").map(([name = "", , imports = ""]): Layer => {
    const found = /^`([a-z-]+)\/`( P)?$/.exec(name);
    if (found === null)
      throw new Error(`docs/architecture.md: a folder is written as \`name/\` or \`name/\` P: ${name}`);
    return { folder: found[1] ?? "", pure: found[2] !== undefined, mayImport: namesIn(imports) };
  });
  const packages = rowsBelow(page, "| package | may be imported by |").map(
    ([name = "", folders = ""]) => [name.replaceAll("`", ""), namesIn(folders)] as const,
  );
  return { layers, packages: new Map(packages) };
}

function rowsBelow(page: string, heading: string): string[][] {
  const start = page.indexOf(`${heading}\n`);
  if (start === -1) throw new Error(`docs/architecture.md has no table headed ${heading}`);
  const rows: string[][] = [];
  for (const line of page.slice(start).split("\n").slice(2)) {
    if (!line.startsWith("|")) break;
    rows.push(
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  }
  if (rows.length === 0) throw new Error(`docs/architecture.md: nothing in the table headed ${heading}`);
  return rows;
}

function namesIn(cell: string): string[] {
  return cell === "nothing" ? [] : cell.split(",").map((name) => name.trim());
}

/** The table itself: it may only point up, so folders that keep to it cannot form a cycle. */
export function tableProblems({ layers, packages }: Rules): string[] {
  const problems: string[] = [];
  const above = new Set<string>();
  for (const { folder, mayImport } of layers) {
    if (above.has(folder)) problems.push(`the table has src/${folder} twice`);
    for (const name of mayImport) {
      if (!above.has(name)) problems.push(`the table lets src/${folder} import ${name}, which is no folder above it`);
    }
    above.add(folder);
  }
  for (const [name, folders] of packages) {
    for (const folder of folders) {
      if (!above.has(folder)) problems.push(`the table lets src/${folder} import ${name}, but there is no such folder`);
    }
  }
  return problems;
}

/** Every import of `src/**` but those of tests, type-only ones included, against the tables. */
export function importProblems(rules: Rules, files: Files): string[] {
  const layers = new Map(rules.layers.map((layer) => [layer.folder, layer]));
  const problems: string[] = [];
  const unlisted = new Set<string>();
  for (const [path, text] of sourcesOf(files)) {
    const folder = folderOf(path);
    const layer = folder === undefined ? undefined : layers.get(folder);
    if (layer === undefined) {
      const name = folder === undefined ? path : `src/${folder}`;
      if (!unlisted.has(name)) problems.push(`${name} is not in the folder table of docs/architecture.md`);
      unlisted.add(name);
      continue;
    }
    if (isTest(path)) continue;
    for (const wanted of importsOf(text)) {
      const problem = importProblem(layer, path, wanted, rules, files);
      if (problem !== undefined) problems.push(`${path}: ${problem}`);
    }
  }
  return problems;
}

function importProblem(layer: Layer, path: string, wanted: string, rules: Rules, files: Files): string | undefined {
  if (wanted.startsWith("node:"))
    return layer.pure ? `${layer.folder} is pure and must not import ${wanted}` : undefined;
  if (!wanted.startsWith(".")) {
    const allowed = rules.packages.get(wanted) ?? [];
    return allowed.includes(layer.folder) ? undefined : `${layer.folder} must not import the package ${wanted}`;
  }
  const target = posix.join(posix.dirname(path), wanted);
  // The version is the only thing outside that the program has to know; the bundler copies it in.
  if (target === "package.json" && layer.folder === "cli") return undefined;
  if (!files.has(target)) return `there is no ${target}`;
  if (isTest(target)) return `${target} is a test`;
  const to = folderOf(target);
  if (to === undefined) return `${target} is not in a folder of src`;
  if (to === layer.folder || layer.mayImport.includes(to)) return undefined;
  return `${layer.folder} must not know ${to} (${target})`;
}

const importPatterns = [
  // import … from "x"; export … from "x": over several lines as well.
  /^[ \t]*(?:import|export)\b[^"';]*?\bfrom\s*["']([^"']+)["']/gm,
  /^[ \t]*import\s*["']([^"']+)["']/gm,
  // import("x"), also as a type.
  /\bimport\(\s*["']([^"']+)["']\s*[,)]/g,
] as const;

/** What a text imports, in any form. A computed `import(…)` is given as `import(…)`, which no table allows. */
export function importsOf(text: string): string[] {
  const code = text.replaceAll(/^[ \t]*(?:\/\/|\/?\*).*$/gm, "");
  const found = importPatterns.flatMap((pattern) => [...code.matchAll(pattern)].map((match) => match[1] ?? ""));
  const computed = /\bimport\(\s*[^"'\s]/.test(code) ? ["import(…)"] : [];
  return [...new Set([...found, ...computed])];
}

/** Two folders that import each other, over any number of others; the table forbids it twice over. */
export function cycleProblems(files: Files): string[] {
  const edges = new Map<string, Set<string>>();
  for (const [path, text] of sourcesOf(files)) {
    const from = folderOf(path);
    if (from === undefined || isTest(path)) continue;
    for (const wanted of importsOf(text)) {
      if (!wanted.startsWith(".")) continue;
      const to = folderOf(posix.join(posix.dirname(path), wanted));
      if (to === undefined || to === from) continue;
      edges.set(from, (edges.get(from) ?? new Set()).add(to));
    }
  }
  const done = new Set<string>();
  const visit = (folder: string, trail: readonly string[]): string[] => {
    const begin = trail.indexOf(folder);
    if (begin !== -1) return [`folders import each other: ${[...trail.slice(begin), folder].join(" → ")}`];
    if (done.has(folder)) return [];
    const found = [...(edges.get(folder) ?? [])].toSorted().flatMap((next) => visit(next, [...trail, folder]));
    done.add(folder);
    return found;
  };
  return [...edges.keys()].toSorted().flatMap((folder) => visit(folder, []));
}

const sourceEndings = /\.(ts|mts|mjs|js|tsx)$/;
const drawerNames = new Set(["utils", "util", "common", "helpers", "helper", "misc", "interfaces"]);

/** How a file of ours is named, opens and exports; `files` may be of any folder. */
export function formProblems(files: Files): string[] {
  const problems: string[] = [];
  for (const [path, text] of files) {
    const [first = "", ...rest] = text.split("\n");
    const lines = first.startsWith("#!") ? rest : [first, ...rest];
    const mark = sourceEndings.test(path) ? "//" : "#";
    if (!sourceEndings.test(path) && !first.startsWith("#!")) continue;
    if (lines[0] !== `${mark} SPDX-License-Identifier: Apache-2.0`) {
      problems.push(`${path}: the first line is not "${mark} SPDX-License-Identifier: Apache-2.0"`);
    } else if (!lines[1]?.startsWith(`${mark} `) && !lines[1]?.startsWith("/**")) {
      problems.push(`${path}: the second line does not say what the file is`);
    }
    for (const part of path.split("/")) {
      if (drawerNames.has(part.split(".")[0] ?? "")) problems.push(`${path}: ${part} does not say what is in it`);
    }
    if (/^[ \t]*export\s+default\b|^[ \t]*export\s*\{[^}]*\bas\s+default\b/m.test(text)) {
      problems.push(`${path}: has a default export`);
    }
  }
  return problems;
}

// Written so that this file does not match itself.
const places = [
  /(?<![\w.$}])\/(?:work|home\/\w+|Users\/\w+)[/]/,
  /\bregistry[.](?:npmjs|yarnpkg)\b/,
  /\bdeb[.]debian[.]org\b/,
];

/** The repository speaks of the project alone: no path of somebody's machine, no host that packages came from. */
export function placeProblems(files: Files): string[] {
  return [...files].flatMap(([path, text]) =>
    text
      .split("\n")
      .flatMap((line, index) =>
        places.some((place) => place.test(line))
          ? [`${path}:${index + 1} names a machine: ${line.trim().slice(0, 80)}`]
          : [],
      ),
  );
}

/** Links inside the documents must lead somewhere; `exists` takes a path from the root of the repository. */
export function linkProblems(files: Files, exists: (path: string) => boolean): string[] {
  return [...files].flatMap(([path, text]) =>
    [...text.matchAll(/\]\(([^)\s#]+)[^)\s]*\)/g)]
      .map((match) => match[1] ?? "")
      .filter((link) => !/^[a-z]+:/.test(link))
      .filter((link) => !exists(posix.join(posix.dirname(path), link)))
      .map((link) => `${path} links to ${link}, which is not there`),
  );
}

/** The lint configuration names the pure folders a second time; both lists must be the same. */
export function pureProblems({ layers }: Rules, lintedFolders: readonly string[]): string[] {
  const pure = layers.filter((layer) => layer.pure).map((layer) => `src/${layer.folder}/**`);
  return [
    ...pure.filter((glob) => !lintedFolders.includes(glob)).map((glob) => `.oxlintrc.json does not keep ${glob} pure`),
    ...lintedFolders.filter((glob) => !pure.includes(glob)).map((glob) => `docs/architecture.md has no pure ${glob}`),
  ];
}

function* sourcesOf(files: Files): Iterable<readonly [string, string]> {
  for (const [path, text] of files) if (path.startsWith("src/") && sourceEndings.test(path)) yield [path, text];
}

function folderOf(path: string): string | undefined {
  const parts = path.split("/");
  return parts[0] === "src" && parts.length > 2 ? parts[1] : undefined;
}

function isTest(path: string): boolean {
  return /\.test(?:-support)?\.ts$/.test(path);
}
