// SPDX-License-Identifier: Apache-2.0
// Reads a program and every module that it imports, each file once: text → imports → more texts. Names have no meaning
// yet; what cannot be had is written down and told where the import runs, if it does. Reference: mcl language, 8.

import { Problems } from "../../base/problem.ts";
import type { Deployed, SourceFile } from "../../base/span.ts";
import { Failure } from "../../contract/failure.ts";
import { eachStatement } from "../names/walk.ts";
import { parseImportPath, type RemotePath } from "./import-path.ts";
import { defaultMetadata, type Metadata, parseMetadata } from "./metadata.ts";
import { type Home, type ImportedFile, type ModuleFile, parsed } from "./module-file.ts";
import type { ModuleSource, RemoteModules } from "./module-source.ts";
import { directoryOf, pathFrom } from "./paths.ts";

/** What is to be loaded. Paths are absolute. */
export type Entry =
  /** Text that was typed or piped in; imports files as if it lay in the directory. */
  | { readonly kind: "text"; readonly source: SourceFile; readonly directory: string }
  /** One file, whatever lies beside it. */
  | { readonly kind: "file"; readonly path: string }
  /** A directory with a metadata.yaml or a main.mcl; ends in `/`. */
  | { readonly kind: "directory"; readonly directory: string };

export interface LoadOptions {
  readonly files: ModuleSource;
  /** Modules that the product brings along: `/misc/main.mcl` is that of `import "misc"`. */
  readonly shipped: ModuleSource;
  /** Where modules of others are looked for last; ends in `/`. */
  readonly moduleDirectory: string | undefined;
  /** Absent: they are taken as they lie there. */
  readonly remote?: RemoteModules;
  /** Where on this machine the files of a program lie that is read from elsewhere; ends in `/`. Absent: where they are read. */
  readonly unpackedAt?: string;
  /** A path as a person knows it. */
  readonly show: (path: string) => string;
}

export interface LoadedProgram {
  readonly main: ImportedFile;
  /** Every file with code that lies on the disk, or would: the first is that of the program. */
  readonly modules: readonly ModuleFile[];
  /** Every path of `files` that was looked at, with what was there: the program changes when one of these does. */
  readonly looked: ReadonlyMap<string, string | undefined>;
}

export async function loadProgram(entry: Entry, options: LoadOptions): Promise<LoadedProgram> {
  const loader = new Loader(options);
  const main = await loader.open(entry);
  // A queue instead of a recursion, so that the order is that of the imports, level by level.
  for (let next = 0; next < loader.modules.length; next += 1) {
    const module = loader.modules[next];
    if (module !== undefined) await loader.loadImports(module);
  }
  return { main, modules: loader.modules, looked: loader.looked };
}

interface OpenModule extends ModuleFile {
  readonly imports: Map<string, ImportedFile>;
}

class Loader {
  readonly modules: OpenModule[] = [];
  readonly looked = new Map<string, string | undefined>();
  readonly #options: LoadOptions;
  /** One module at a place may stand for several: it finds modules of others by who imports it. */
  readonly #known = new Map<string, OpenModule>();
  readonly #directories = new Map<string, ImportedFile>();
  readonly #prepared = new Map<string, ImportedFile | undefined>();

  constructor(options: LoadOptions) {
    this.#options = options;
  }

  async open(entry: Entry): Promise<ImportedFile> {
    switch (entry.kind) {
      case "text": {
        const { source, directory } = entry;
        const home: Home = { kind: "text", base: directory, main: source.path, paths: [] };
        const deployed = this.#deployed(directory);
        const module = this.#add({ ...parsed({ ...source, deployed }), home, imports: new Map() });
        return { kind: "file", module };
      }
      case "file":
        return this.#openFile(entry.path, "files");
      case "directory":
        return this.#openDirectory(entry.directory, "files", []);
    }
  }

  async loadImports(module: OpenModule): Promise<void> {
    const texts = new Set<string>();
    eachStatement(module.tree?.body ?? [], (statement) => {
      if (statement.kind === "import") texts.add(statement.path.text);
    });
    for (const text of texts) {
      const imported = await this.#find(text, module.home).catch(missing);
      if (imported !== undefined) module.imports.set(text, imported);
    }
  }

  /** Undefined for what is no file: a module that is only built in, or a text that names nothing. */
  async #find(text: string, home: Home): Promise<ImportedFile | undefined> {
    const path = parseImportPath(text);
    const source = home.kind === "shipped" ? "shipped" : "files";
    const directory = home.kind === "text" ? home.base : directoryOf(home.main);
    switch (path.kind) {
      case "invalid":
        return undefined;
      case "module": {
        const shipped = await this.#openDirectory(`/${text}/`, "shipped", []);
        return shipped.kind === "file" ? shipped : undefined;
      }
      case "file":
        return this.#openFile(pathFrom(directory, text), source);
      case "directory":
        return this.#openDirectory(pathFrom(directory, text), source, home.paths);
      case "remote":
        return this.#openRemote(path, home);
    }
  }

  /** A single file is a module of its own: what lies beside it does not count. */
  async #openFile(path: string, kind: Home["kind"]): Promise<ImportedFile> {
    const text = await this.#read(path, kind);
    if (text === undefined) return { kind: "missing", reason: `there is no file ${this.#show(path, kind)}` };
    return this.#module({ kind, base: directoryOf(path), main: path, paths: [] }, text);
  }

  async #openDirectory(base: string, kind: Home["kind"], inherited: readonly string[]): Promise<ImportedFile> {
    const key = [kind, base, ...inherited].join("\0");
    const known = this.#directories.get(key);
    if (known !== undefined) return known;
    const opened = await this.#readDirectory(base, kind, inherited);
    this.#directories.set(key, opened);
    return opened;
  }

  async #readDirectory(base: string, kind: Home["kind"], inherited: readonly string[]): Promise<ImportedFile> {
    const metadataPath = `${base}metadata.yaml`;
    const metadataText = await this.#read(metadataPath, kind);
    let metadata: Metadata | undefined;
    if (metadataText !== undefined) {
      const source = this.#sourceFile(metadataPath, metadataText, base, kind);
      const problems = new Problems();
      metadata = await parseMetadata(source, problems);
      if (metadata === undefined || problems.any) {
        const home: Home = { kind, base, main: metadataPath, paths: [] };
        return { kind: "file", module: { source, tree: undefined, problems: problems.all, home, imports: new Map() } };
      }
    }
    const main = pathFrom(base, (metadata ?? defaultMetadata).main);
    const text = await this.#read(main, kind);
    if (text === undefined) return { kind: "missing", ...this.#noMain(base, main, kind, metadata) };
    const paths = pathsOf(base, metadata, inherited);
    return this.#module({ kind, base, main, ...(metadata === undefined ? {} : { metadata }), paths }, text);
  }

  /** The first directory of modules that has it counts; if none has, it would be fetched into the first. */
  async #openRemote(path: RemotePath, home: Home): Promise<ImportedFile> {
    const { moduleDirectory } = this.#options;
    const candidates = [...home.paths, ...(moduleDirectory === undefined ? [] : [moduleDirectory])];
    let place: string | undefined;
    for (const candidate of candidates) {
      const directory = `${candidate}${path.directory}`;
      if ((await this.#read(`${directory}metadata.yaml`, "files")) === undefined) continue;
      place = directory;
      break;
    }
    const shipped = place === undefined ? await this.#openShippedCopy(path) : undefined;
    if (shipped?.kind === "file") return shipped;
    const [first] = candidates;
    if (first === undefined) return nowhere;
    const directory = place ?? `${first}${path.directory}`;
    const refused = await this.#prepare(path, directory, place !== undefined);
    if (refused !== undefined) return refused;
    if (place === undefined && (await this.#read(`${directory}metadata.yaml`, "files")) === undefined) {
      return { kind: "missing", reason: `there is no ${this.#show(`${directory}metadata.yaml`, "files")}` };
    }
    return this.#openDirectory(directory, "files", home.paths);
  }

  async #prepare(path: RemotePath, directory: string, isThere: boolean): Promise<ImportedFile | undefined> {
    if (this.#prepared.has(directory)) return this.#prepared.get(directory);
    const { remote } = this.#options;
    const refused = await remote?.prepare({ url: path.url, name: path.directory, directory, isThere });
    const result = refused === undefined ? undefined : { kind: "missing" as const, ...refused };
    this.#prepared.set(directory, result);
    // It may have come, or have been brought up to date.
    this.looked.delete(`${directory}metadata.yaml`);
    return result;
  }

  /** Modules that the original keeps beside its sources are in the product. */
  async #openShippedCopy(path: RemotePath): Promise<ImportedFile | undefined> {
    const name = /^github\.com\/purpleidea\/mgmt\/modules\/(.+)$/.exec(path.directory)?.[1];
    return name === undefined ? undefined : this.#openDirectory(`/${name}`, "shipped", []);
  }

  #module(home: Home, text: string): ImportedFile {
    const key = [home.kind, home.base, home.main, ...home.paths].join("\0");
    let module = this.#known.get(key);
    if (module === undefined) {
      if (this.modules.length >= mostModules) {
        return { kind: "missing", reason: `the program has more than ${mostModules} modules` };
      }
      const source = this.#sourceFile(home.main, text, home.base, home.kind);
      module = this.#add({ ...parsed(source), home, imports: new Map() });
      this.#known.set(key, module);
    }
    return { kind: "file", module };
  }

  #add(module: OpenModule): OpenModule {
    this.modules.push(module);
    return module;
  }

  async #read(path: string, kind: Home["kind"]): Promise<string | undefined> {
    if (kind === "shipped") return this.#options.shipped.read(path);
    if (this.looked.has(path)) return this.looked.get(path);
    const text = await this.#options.files.read(path);
    this.looked.set(path, text);
    return text;
  }

  #sourceFile(path: string, text: string, base: string, kind: Home["kind"]): SourceFile {
    const shown = this.#show(path, kind);
    if (kind === "shipped") return { path: shown, text };
    return { path: shown, text, deployed: this.#deployed(base) };
  }

  #deployed(directory: string): Deployed {
    const root = this.modules[0]?.home.base ?? directory;
    const { moduleDirectory, unpackedAt } = this.#options;
    const placed = (path: string): string => (unpackedAt === undefined ? path : unpackedAt + path.slice(1));
    const modules = moduleDirectory === undefined ? {} : { modules: placed(moduleDirectory) };
    return { directory: placed(directory), root: placed(root), ...modules };
  }

  #show(path: string, kind: Home["kind"]): string {
    return kind === "shipped" ? `<mgmt>${path}` : this.#options.show(path);
  }

  #noMain(base: string, main: string, kind: Home["kind"], metadata: Metadata | undefined) {
    const shown = this.#show(main, kind);
    return metadata === undefined
      ? { reason: `${this.#show(base, kind)} has neither a metadata.yaml nor a main.mcl` }
      : { reason: `its metadata.yaml says that the code is in ${shown}, which is not there` };
  }
}

/** One file may count as many, by who imports it: in the worst case their number explodes. */
const mostModules = 2000;

const nowhere: ImportedFile = {
  kind: "missing",
  reason: "nothing says where modules of others are kept",
  hint: "Give their directory with `--module-path`, or as `path: modules/` in the metadata.yaml of this module.",
};

/** Its own, then those of the modules that import it, unless it does not want them. */
function pathsOf(base: string, metadata: Metadata | undefined, inherited: readonly string[]): readonly string[] {
  const own = metadata?.path === undefined ? [] : [pathFrom(base, metadata.path)];
  return [...new Set([...own, ...(metadata?.blocksParents === true ? [] : inherited)])];
}

/** A module that cannot be read is told where it is imported. */
function missing(reason: unknown): ImportedFile {
  if (!(reason instanceof Failure)) throw reason;
  const hint = reason.hint === undefined ? {} : { hint: reason.hint };
  return { kind: "missing", reason: reason.message.replace(/\.$/, ""), ...hint };
}
