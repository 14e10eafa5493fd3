// SPDX-License-Identifier: Apache-2.0
// The documents that are open, each with the modules that it imports: open ones as they are in the editor, others as
// they lie on the disk. Knows nothing of the protocol.

import { shippedModules } from "../agent/modules/shipped.ts";
import { diskSource } from "../agent/modules/disk-source.ts";
import { Problems } from "../base/problem.ts";
import type { SourceFile } from "../base/span.ts";
import { Failure } from "../contract/failure.ts";
import type { Host } from "../contract/host.ts";
import { Analysis, type Surroundings } from "../editor/analysis.ts";
import { type FileIndex, importsOf, Indexer } from "../editor/index-file.ts";
import { loadProgram, type LoadedProgram } from "../program/modules/load.ts";
import type { ModuleFile } from "../program/modules/module-file.ts";
import type { ModuleSource } from "../program/modules/module-source.ts";
import { directoryOf } from "../program/modules/paths.ts";
import { readTool } from "../program/tool/inputs.ts";

export interface WorkspaceOptions {
  readonly host: Host;
  readonly indexer: Indexer;
  /** Where modules of others are kept; ends in `/`. */
  readonly moduleDirectory: string | undefined;
  readonly signal: AbortSignal;
}

interface Document {
  readonly path: string;
  text: string;
  /** Of this text. */
  analysis: Promise<Analysis> | undefined;
  /** The last that was made, of this text or an earlier one. */
  earlier?: Analysis;
  loaded: Loaded | undefined;
}

/** The modules of a document, good as long as it imports the same and none of them changes. */
interface Loaded {
  readonly imports: string;
  readonly surroundings: Surroundings;
  /** With the inputs of the tool that the program is to be. */
  readonly indexer: Indexer;
  readonly looked: ReadonlySet<string>;
}

/** Enough for any program; keeps an editor that was opened on `/` from reading all of it. */
const mostFiles = 1000;

export class Workspace {
  readonly #options: WorkspaceOptions;
  readonly #documents = new Map<string, Document>();
  /** Directories without a final `/`. */
  folders: readonly string[] = [];

  constructor(options: WorkspaceOptions) {
    this.#options = options;
  }

  /** Opens a document or gives it a new text. Returns the open documents that it matters to, itself first. */
  write(path: string, text: string): readonly string[] {
    const known = this.#documents.get(path);
    if (known === undefined) this.#documents.set(path, { path, text, analysis: undefined, loaded: undefined });
    else {
      known.text = text;
      known.analysis = undefined;
    }
    return [path, ...this.changed(path)];
  }

  close(path: string): readonly string[] {
    this.#documents.delete(path);
    return this.changed(path);
  }

  /** A file is not what it was. Returns the open documents that import it, which are looked at anew. */
  changed(path: string): readonly string[] {
    const concerned: string[] = [];
    for (const document of this.#documents.values()) {
      if (document.path === path || document.loaded?.looked.has(path) !== true) continue;
      document.analysis = undefined;
      document.loaded = undefined;
      concerned.push(document.path);
    }
    return concerned;
  }

  /** Undefined when the document is not open. */
  analysis(path: string): Promise<Analysis> | undefined {
    const document = this.#documents.get(path);
    if (document === undefined) return undefined;
    document.analysis ??= this.#analyse(document);
    return document.analysis;
  }

  /** Names of every file that could name what stands in a document: open ones, what they import, and the folders. */
  async indexes(): Promise<readonly FileIndex[]> {
    const found = new Set<FileIndex>();
    const add = (analysis: Analysis) => {
      found.add(analysis.index);
      for (const module of modulesOf(analysis.surroundings)) found.add(analysis.indexer.index(module));
    };
    for (const path of this.#documents.keys()) {
      const analysis = await this.analysis(path);
      if (analysis !== undefined) add(analysis);
    }
    const files = diskSource(this.#options.host, this.#options.signal);
    for (const path of await this.#filesBelow()) {
      if (this.#documents.has(path)) continue;
      const text = await files.read(path).catch(unreadable);
      if (text === undefined) continue;
      add(await this.#analyse({ path, text, analysis: undefined, loaded: undefined }));
    }
    return [...found];
  }

  async #analyse(document: Document): Promise<Analysis> {
    const { path, text } = document;
    const { surroundings, indexer } = await this.#loaded(document, text);
    const source: SourceFile = { path, text };
    const analysis = new Analysis(source, surroundings, indexer, document.earlier);
    document.earlier = analysis;
    return analysis;
  }

  async #loaded(document: Document, text: string): Promise<Loaded> {
    const imports = importsOf(text);
    if (document.loaded?.imports !== imports) document.loaded = await this.#load(document.path, imports);
    return document.loaded;
  }

  /** Of the document itself only the imports are read, which can be read also when the rest is broken. */
  async #load(path: string, imports: string): Promise<Loaded> {
    const { host, signal, moduleDirectory } = this.#options;
    const disk = diskSource(host, signal);
    const files = {
      read: (wanted: string) => {
        if (wanted === path) return Promise.resolve(imports);
        const open = this.#documents.get(wanted);
        return open === undefined ? disk.read(wanted) : Promise.resolve(open.text);
      },
    };
    const options = { files, shipped: shippedModules, moduleDirectory, show: (shown: string) => shown };
    const isFile = path.startsWith("/");
    const directory = isFile ? directoryOf(path) : `${this.folders[0] ?? ""}/`;
    // A metadata.yaml says where modules of others are, if this is the file that it speaks of.
    const hasMetadata = isFile && (await disk.read(`${directory}metadata.yaml`).catch(unreadable)) !== undefined;
    const looked = new Set<string>();
    const load = async (entry: Parameters<typeof loadProgram>[0]): Promise<LoadedProgram["main"]> => {
      const loaded = await loadProgram(entry, options);
      for (const each of loaded.looked.keys()) looked.add(each);
      return loaded.main;
    };
    const indexer = await this.#indexerFor(directory, files, looked);
    const ofDirectory = hasMetadata ? await load({ kind: "directory", directory }) : undefined;
    if (ofDirectory?.kind === "file" && ofDirectory.module.home.main === path) {
      return { imports, surroundings: ofDirectory.module, indexer, looked };
    }
    const own = await load(
      isFile ? { kind: "file", path } : { kind: "text", source: { path, text: imports }, directory },
    );
    if (own.kind === "file") return { imports, surroundings: own.module, indexer, looked };
    const home = { kind: "text", base: directory, main: path, paths: [] } as const;
    return { imports, surroundings: { home, imports: new Map() }, indexer, looked };
  }

  /** A program that is to be a tool may name its inputs. */
  async #indexerFor(directory: string, files: ModuleSource, looked: Set<string>): Promise<Indexer> {
    const { indexer } = this.#options;
    const seen = { read: (path: string) => files.read(path).catch(unreadable) };
    const reading = { files: seen, directory, show: (path: string) => path, environment: () => undefined };
    const { catalog, path } = await readTool(indexer.catalog, reading, new Problems());
    looked.add(path);
    return catalog === indexer.catalog ? indexer : new Indexer(catalog);
  }

  async #filesBelow(): Promise<readonly string[]> {
    const { files } = this.#options.host;
    const { signal } = this.#options;
    const found: string[] = [];
    const waiting = [...this.folders];
    for (let folder = waiting.shift(); folder !== undefined && found.length < mostFiles; folder = waiting.shift()) {
      for (const name of (await files.list(folder, signal).catch(unreadable)) ?? []) {
        if (name.startsWith(".") || name === "node_modules") continue;
        const path = `${folder}/${name}`;
        if (name.endsWith(".mcl")) found.push(path);
        else if (!name.includes(".") && (await files.inspect(path, signal).catch(unreadable))?.kind === "directory") {
          waiting.push(path);
        }
      }
    }
    return found;
  }
}

/** All files that are imported, directly or by others, but those inside of the program. */
function modulesOf({ imports }: Pick<ModuleFile, "imports">): readonly ModuleFile[] {
  const found = new Set<ModuleFile>();
  const add = (imported: ModuleFile["imports"]): void => {
    for (const each of imported.values()) {
      if (each.kind !== "file" || each.module.home.kind === "shipped" || found.has(each.module)) continue;
      found.add(each.module);
      add(each.module.imports);
    }
  };
  add(imports);
  return [...found];
}

/** What cannot be read is as good as not there: an editor shows what it can. */
function unreadable(reason: unknown): undefined {
  if (!(reason instanceof Failure)) throw reason;
  return undefined;
}
