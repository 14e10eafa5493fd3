// SPDX-License-Identifier: Apache-2.0
// Between a program on a disk and the contents of a deploy: what is put into the store, and what is made of it again. What
// comes out of a store is believed by its hash alone.

import { createHash } from "node:crypto";
import { Problems } from "../../base/problem.ts";
import type { Problem } from "../../base/problem.ts";
import type { Catalog } from "../../contract/catalog.ts";
import { Failure } from "../../contract/failure.ts";
import type { DeployRecord } from "../../exchange/deploy-record.ts";
import { readYamlGraph } from "../../frontends/yaml/read-graph.ts";
import { compileLoaded } from "../../program/compile.ts";
import { loadProgram } from "../../program/modules/load.ts";
import { bytesOf, textOf } from "../../values/bytes.ts";
import { type Bundle, type BundledFile, bundleProgram, loadingOfBundle } from "../bundle.ts";
import { compileProgram, type ReadingWithModules } from "../compile-program.ts";
import type { Program } from "../live-program.ts";
import { shippedModules } from "../modules/shipped.ts";
import { absolutePath, programLimitBytes } from "../program-input.ts";
import { readTool } from "../../program/tool/inputs.ts";

export interface Packed {
  readonly frontend: DeployRecord["frontend"];
  readonly bundle: Bundle;
}

const yamlPath = "/graph.yaml";

/** The program at a path, or its problems. Fails with a `Failure` when it cannot be read or taken along. */
export async function packProgram(
  path: string,
  catalog: Catalog,
  reading: ReadingWithModules,
): Promise<{ readonly packed: Packed | undefined; readonly problems: readonly Problem[] }> {
  const { program, problems, loaded, looked } = await compileProgram(path, catalog, reading);
  if (program === undefined) return { packed: undefined, problems };
  const main = loaded?.main;
  if (main?.kind !== "file") {
    const [text = ""] = [...looked.values()];
    return { packed: { frontend: "yaml", bundle: bundleOf([[yamlPath, bytesOf(text), false]]) }, problems };
  }
  const { host, signal, workingDirectory, modules } = reading;
  const home = main.module.home.base;
  const directory = modules?.directory === undefined ? `${home}modules/` : `${absolutePath(modules.directory, workingDirectory)}/`; // biome-ignore format: one line
  const options = { host, moduleDirectory: directory, show: (each: string) => each };
  const bundle = await bundleProgram(main.module, loaded as NonNullable<typeof loaded>, options, signal);
  return { packed: { frontend: "mcl", bundle }, problems };
}

export const emptyBundle: Bundle = bundleOf([]);

/** Of a deploy. `content` gives what stands in the store. Fails with `invalid` when that is not what was deployed. */
export async function fetchBundle(
  id: string,
  content: (sha256: string) => Promise<Uint8Array | undefined>,
): Promise<Bundle> {
  const manifest = textOf(await expectContent(id, content));
  const files: BundledFile[] = [];
  for (const { path, sha256, executable } of parseManifest(manifest)) {
    files.push({ path, sha256, executable, content: await expectContent(sha256, content) });
  }
  return { id, manifest, files };
}

async function expectContent(
  sha256: string,
  content: (sha256: string) => Promise<Uint8Array | undefined>,
): Promise<Uint8Array> {
  const found = await content(sha256);
  if (found !== undefined && hashOf(found) === sha256) return found;
  throw new Failure(found === undefined ? "a content of it is missing" : "a content of it is not what was deployed", {
    code: "invalid",
    hint: "Deploy it again.",
  });
}

/** Fails with `invalid`: a path in it must not lead out of the bundle. */
export function parseManifest(
  manifest: string,
): readonly { readonly path: string; readonly sha256: string; readonly executable: boolean }[] {
  return manifest
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const { path, sha256, executable } = parseLine(line);
      const isPath = typeof path === "string" && path.length < 4096 && /^(\/[^/\0]+)+$/.test(path) && !/\/\.\.?(\/|$)/.test(path); // biome-ignore format: one line
      if (isPath && typeof sha256 === "string" && /^[0-9a-f]{64}$/.test(sha256)) {
        return { path, sha256, executable: executable === true };
      }
      throw new Failure("the list of its files is damaged", { code: "invalid", hint: "Deploy it again." });
    });
}

function parseLine(line: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === "object" && parsed !== null ? (parsed as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}

/** The program in a bundle that is unpacked in a directory, which ends in `/`. Undefined exactly when there are problems. */
export async function compileBundle(
  { frontend, bundle }: Packed,
  unpackedAt: string,
  catalog: Catalog,
): Promise<{ readonly program: Program | undefined; readonly problems: readonly Problem[] }> {
  const problems = new Problems();
  if (frontend === "yaml") {
    const text = textOf(bundle.files.find(({ path }) => path === yamlPath)?.content ?? new Uint8Array());
    const graph = readYamlGraph({ path: yamlPath, text }, catalog, problems);
    return { program: problems.any ? undefined : graph, problems: problems.all };
  }
  const loading = { ...loadingOfBundle(bundle, unpackedAt), shipped: shippedModules };
  const { main } = await loadProgram({ kind: "directory", directory: "/" }, loading);
  if (main.kind === "missing") {
    throw new Failure(`it cannot be read: ${main.reason}`, { code: "invalid", hint: "Deploy it again." });
  }
  // It was not called by anybody, so its inputs have their defaults.
  const tool = await readTool(catalog, { ...loading, directory: "/", environment: () => undefined }, problems);
  const program = problems.any ? undefined : compileLoaded(main.module, tool.catalog, problems);
  return { program: problems.any ? undefined : program, problems: problems.all };
}

function bundleOf(files: readonly (readonly [path: string, content: Uint8Array, executable: boolean])[]): Bundle {
  const bundled = files.map(([path, content, executable]) => ({ path, content, executable, sha256: hashOf(content) }));
  const manifest = bundled
    .map(({ path, content, executable, sha256 }) => {
      return `${JSON.stringify({ path, sha256, size: content.length, executable })}\n`;
    })
    .join("");
  return { id: hashOf(bytesOf(manifest)), manifest, files: bundled };
}

function hashOf(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

export const fileLimitBytes = programLimitBytes;
