// SPDX-License-Identifier: Apache-2.0
// `virt:builder`: an image of a system, built once by the program virt-builder. What it is to do stands in a private file
// and not among its arguments, because a password may be in it.

import { Failure } from "../../contract/failure.ts";
import type { FileState } from "../../contract/host.ts";
import { defineResource, type ResourceEnv, type Step, type StepText } from "../../contract/resource.ts";
import { bytesOf, textOf } from "../../values/bytes.ts";
import { cleanPath, lastPart } from "../files/path.ts";
import { directoriesAbove, pathIdentity } from "../files/path-identities.ts";
import { type BuilderWant, builderFields, checkBuilder } from "./builder-fields.ts";
import { instructionsOf } from "./builder-instructions.ts";
import { structsOf, textOfField } from "./domain-fields.ts";

interface BuilderHave {
  readonly output: FileState | undefined;
  readonly hasTool: boolean;
}

type BuilderStep =
  | (Step & { readonly do: "set up" })
  | (Step & { readonly do: "build"; readonly path: string; readonly system: string })
  | (Step & { readonly do: "refuse"; readonly reason: string });

const tool = "/usr/bin/virt-builder";
/** Of the distributions, in the order in which they are tried. */
const packagesWithTool = ["guestfs-tools", "libguestfs-tools", "libguestfs-tools-c"];
const shownLines = 3;

export const virtBuilder = defineResource({
  kind: "virt:builder",
  summary: "An image of a system for a virtual machine, built once.",
  fields: builderFields,
  traits: {},
  watchedFields: ["output"],
  edges: {
    reads: ["output", "copy_in"],
    offers: ({ output }) => [pathIdentity(output)],
    *wishes({ output, copy_in }) {
      yield { order: "before", anyOf: directoriesAbove(output), why: "is in the directory" };
      for (const each of structsOf(copy_in)) {
        const path = textOfField(each, "path");
        yield { order: "before", anyOf: [pathIdentity(path), pathIdentity(`${path}/`)], why: "has in it" };
      }
    },
  },
  check: checkBuilder,
  observe: async ({ output }: BuilderWant, { host, signal }): Promise<BuilderHave> => ({
    output: await host.files.inspectTarget(cleanPath(output), signal),
    hasTool: (await host.files.inspectTarget(tool, signal)) !== undefined,
  }),
  plan: (want: BuilderWant, { output, hasTool }: BuilderHave): readonly BuilderStep[] => {
    if (output?.kind === "file") return [];
    const path = cleanPath(want.output);
    if (output !== undefined) return [{ do: "refuse", reason: `${path} is no file` }];
    if (!hasTool && want.no_setup) return [{ do: "refuse", reason: "this machine has no virt-builder" }];
    return [...(hasTool ? [] : [{ do: "set up" } as const]), { do: "build", path, system: want.os_version }];
  },
  explain: (step: BuilderStep): StepText => {
    switch (step.do) {
      case "set up":
        return { mark: "+", text: "install virt-builder" };
      case "build":
        return { mark: "+", text: `build ${step.system} in ${step.path}` };
      case "refuse":
        return { mark: "!", text: step.reason };
    }
  },
  async apply(step: BuilderStep, want: BuilderWant, env) {
    switch (step.do) {
      case "set up":
        return setUp(env);
      case "build":
        return build(step.path, want, env);
      case "refuse":
        throw new Failure(step.reason, { code: want.no_setup ? "not-found" : "conflict" });
    }
  },
  watch: ({ output }: BuilderWant, { host, signal }) => host.files.watch([{ path: cleanPath(output) }], signal),
});

async function setUp(env: ResourceEnv): Promise<void> {
  const { host, signal } = env;
  const manager = await host.packages.manager(signal);
  const offered = await manager.available(packagesWithTool, signal);
  const name = packagesWithTool.find((each) => (offered.get(each)?.length ?? 0) > 0);
  if (name === undefined) {
    throw new Failure("no package of this system has virt-builder", {
      code: "not-found",
      hint: "Install it in another way, and set `no_setup => true`.",
    });
  }
  const change = { changes: [{ do: "install", name }], mayRemove: [], allowUntrusted: false } as const;
  await manager.transact(change, (line) => env.say(line), signal);
}

/** It has its name only when it is whole. */
async function build(path: string, want: BuilderWant, env: ResourceEnv): Promise<void> {
  const { host, signal } = env;
  const random = Array.from(host.random.bytes(6), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const draft = `${path.slice(0, path.lastIndexOf("/") + 1)}.${lastPart(path)}.mgmt-${random}`;
  const directory = (await env.stateDirectory()).replace(/\/$/, "");
  const instructions = `${directory}/instructions`;
  try {
    const text = await instructionsOf(want, directory, env);
    await host.files.write(instructions, bytesOf(text), { mode: 0o600 }, signal);
    const argv = [tool, want.os_version, "--output", draft, "--commands-from-file", instructions] as const;
    await run([...argv, ...optionsOf(want)], want.log_output ? `${directory}/virt-builder.log` : undefined, env);
    const moved = await host.processes.run({ argv: ["mv", "-T", "--", draft, path] }, signal);
    if (moved.status !== 0) throw new Failure(`${path} cannot be put in its place`, { code: "command-failed" });
  } finally {
    for (const each of [instructions, draft]) await removeEvenWhenStopped(each, env);
  }
}

function optionsOf({ format, size, arch }: BuilderWant): readonly string[] {
  return [
    ...["--format", format === "" ? "raw" : format],
    ...(size === 0n ? [] : ["--size", `${size}b`]),
    ...(arch === "" ? [] : ["--arch", arch]),
  ];
}

async function run(
  argv: readonly [string, ...string[]],
  log: string | undefined,
  { host, signal }: ResourceEnv,
): Promise<void> {
  const { status, output } = await host.processes.run({ argv }, signal);
  if (log !== undefined) await host.files.write(log, output, { mode: 0o600 }, signal);
  if (status === 0) return;
  const lines = textOf(output)
    .split("\n")
    .filter((line) => line.trim() !== "");
  throw new Failure(`virt-builder has failed: ${lines.slice(-shownLines).join(" ")}`, {
    code: "command-failed",
    ...(log === undefined ? {} : { hint: `All that it said is in ${log}.` }),
  });
}

/** Nothing half-made stays, whatever ended the build; the signal of the step may be what did. */
async function removeEvenWhenStopped(path: string, { host }: ResourceEnv): Promise<void> {
  await host.files.remove(path, {}, new AbortController().signal);
}
