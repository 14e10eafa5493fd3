// SPDX-License-Identifier: Apache-2.0
// All files that a program needs, laid out so that another host can run them: the program's own directory is `/`, what
// comes from the global directory of modules is in `/modules/`. Equal programs give equal bytes. Reference: mcl
// language, 8.4.

import { createHash } from "node:crypto";
import { Failure } from "../contract/failure.ts";
import type { Host } from "../contract/host.ts";
import type { LoadedProgram, LoadOptions } from "../program/modules/load.ts";
import { defaultMetadata } from "../program/modules/metadata.ts";
import type { ModuleFile } from "../program/modules/module-file.ts";
import { type ModuleSource, sourceInMemory } from "../program/modules/module-source.ts";
import { bytesOf, textOf } from "../values/bytes.ts";
import { programLimitBytes } from "./program-input.ts";
import { toolFile } from "../program/tool/inputs.ts";

export interface Bundle {
  /** SHA-256 of the manifest: the same files have the same. */
  readonly id: string;
  /** One line of JSON for each file, sorted by path. */
  readonly manifest: string;
  readonly files: readonly BundledFile[];
}

export interface BundledFile {
  /** In the bundle: `/main.mcl`. */
  readonly path: string;
  readonly sha256: string;
  readonly executable: boolean;
  readonly content: Uint8Array;
}

export interface BundleOptions {
  readonly host: Host;
  /** The global directory of modules that the program was loaded with; ends in `/`. */
  readonly moduleDirectory: string | undefined;
  readonly show: (path: string) => string;
}

/** Where a bundle keeps the modules that came from the global directory. */
const bundledModules = "/modules/";

/** Fails with a `Failure` when something lies where a bundle has no place for it. */
export async function bundleProgram(
  program: ModuleFile,
  loaded: LoadedProgram,
  options: BundleOptions,
  signal: AbortSignal,
): Promise<Bundle> {
  const contents = new Map<string, { readonly content: Uint8Array; readonly executable: boolean }>();
  const add = (path: string, content: Uint8Array, executable: boolean): void => {
    const known = contents.get(path);
    if (known !== undefined && Buffer.compare(known.content, content) !== 0) {
      throw new Failure(`Two files of the program would both be ${path} in its bundle.`, {
        code: "conflict",
        hint: "The program's own `modules/` and the directory of --module-path hold different files of one name.",
      });
    }
    contents.set(path, { content, executable });
  };

  const root = program.home.base;
  // A program without a metadata.yaml gets one, as a bundle is always read by it.
  if (program.home.metadata === undefined) add("/metadata.yaml", bytesOf(metadataOf(program)), false);
  const tool = loaded.main.kind === "file" ? await toolFileOf(root, options.host, signal) : undefined;
  if (tool !== undefined) add(`/${toolFile}`, tool, false);
  for (const module of loaded.modules) {
    const { home, source } = module;
    if (home.kind === "shipped") continue;
    const mainPath = home.kind === "text" ? `${root}main.mcl` : home.main;
    add(placeOf(mainPath, root, options), bytesOf(source.text), false);
    if (home.metadata !== undefined) {
      const path = `${home.base}metadata.yaml`;
      add(placeOf(path, root, options), bytesOf(loaded.looked.get(path) ?? ""), false);
    }
    const files = home.metadata?.files;
    if (files !== undefined)
      await addDirectory(home.base + files, options.host, signal, (path, content, executable) => {
        add(placeOf(path, root, options), content, executable);
      });
  }

  const files = [...contents]
    .map(([path, file]) => ({ path, ...file, sha256: sha256(file.content) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  const manifest = files
    .map(({ path, content, executable, ...file }) => {
      return `${JSON.stringify({ path, sha256: file.sha256, size: content.length, executable })}\n`;
    })
    .join("");
  return { id: sha256(bytesOf(manifest)), manifest, files };
}

/**
 * How the program in a bundle is loaded: with `{ kind: "directory", directory: "/" }`. Functions that read its files find
 * them in the directory into which it was unpacked, which ends in `/`.
 */
export function loadingOfBundle(
  { files }: Bundle,
  unpackedAt: string,
): Pick<LoadOptions, "files" | "moduleDirectory" | "unpackedAt" | "show"> {
  const texts = new Map(files.map(({ path, content }) => [path, textOf(content)]));
  const source: ModuleSource = sourceInMemory(texts);
  return { files: source, moduleDirectory: bundledModules, unpackedAt, show: (path) => path };
}

/** Puts the files below a directory, which ends in `/`, for functions that read them. What is equal stays untouched. */
export async function unpackBundle(
  { files }: Pick<Bundle, "files">,
  directory: string,
  host: Host,
  signal: AbortSignal,
): Promise<void> {
  for (const { path, content, executable, sha256: wanted } of files) {
    const target = directory + path.slice(1);
    const mode = executable ? 0o755 : 0o644;
    const state = await host.files.inspect(target, signal);
    if (state?.kind === "file" && state.mode === mode && (await host.files.digest(target, signal)) === wanted) continue;
    const parent = target.slice(0, target.lastIndexOf("/"));
    if ((await host.files.inspect(parent, signal)) === undefined) {
      await host.files.createDirectory(parent, { parents: true }, signal);
    }
    await host.files.write(target, content, { mode }, signal);
  }
}

/** The longer of two matches counts: either directory may be inside of the other. */
function placeOf(path: string, root: string, { moduleDirectory, show }: BundleOptions): string {
  const isOwn = path.startsWith(root);
  const isGlobal = moduleDirectory !== undefined && path.startsWith(moduleDirectory);
  if (isGlobal && (!isOwn || moduleDirectory.length > root.length)) {
    return bundledModules + path.slice(moduleDirectory.length);
  }
  if (isOwn) return `/${path.slice(root.length)}`;
  throw new Failure(`${show(path)} is neither below ${show(root)} nor in the directory of modules.`, {
    code: "invalid",
    hint: "A program that is deployed can only take along what lies below its own directory, and modules.",
  });
}

/** The declaration of the program's command line, which is a part of its types. */
async function toolFileOf(root: string, { files }: Host, signal: AbortSignal): Promise<Uint8Array | undefined> {
  const path = `${root}${toolFile}`;
  const state = await files.inspectTarget(path, signal);
  return state?.kind === "file" ? files.read(path, programLimitBytes, signal) : undefined;
}

function metadataOf({ home }: ModuleFile): string {
  const main = home.kind === "text" ? defaultMetadata.main : home.main.slice(home.base.length);
  return `main: ${JSON.stringify(main)}\nfiles: ""\n`;
}

async function addDirectory(
  directory: string,
  host: Host,
  signal: AbortSignal,
  add: (path: string, content: Uint8Array, executable: boolean) => void,
): Promise<void> {
  const state = await host.files.inspectTarget(directory.slice(0, -1), signal);
  if (state?.kind !== "directory") return;
  for (const name of await host.files.list(directory.slice(0, -1), signal)) {
    const path = directory + name;
    const found = await host.files.inspectTarget(path, signal);
    if (found?.kind === "file") {
      add(path, await host.files.read(path, programLimitBytes, signal), (found.mode & 0o100) !== 0);
    } else if (found?.kind === "directory") {
      const own = await host.files.inspect(path, signal);
      if (own?.kind === "symlink") {
        throw new Failure(`${path} is a link to a directory, which a bundle cannot hold.`, { code: "unsupported" });
      }
      await addDirectory(`${path}/`, host, signal, add);
    }
  }
}

function sha256(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
