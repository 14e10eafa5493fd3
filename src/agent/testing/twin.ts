// SPDX-License-Identifier: Apache-2.0
// The machine of a test case: one in memory, as the resources for `mgmt test` describe it.

import type { ResourceGraph, Vertex } from "../../resource-graph/vertex.ts";
import { withMembers } from "../../resource-graph/vertex.ts";
import { drivenClock, type MemoryHost, memoryHost, type Program } from "../../host/memory/index.ts";
import type { AnyWant } from "../../contract/resource.ts";
import { bytesOf } from "../../values/bytes.ts";

export interface TwinOptions {
  readonly hostname: string;
  readonly distribution: string;
  readonly version: string;
  readonly startMs: number;
  readonly seconds: number;
  readonly isStrict: boolean;
}

/** What a distribution says of itself. */
const distributions: Readonly<
  Record<string, { readonly version: string; readonly like?: string; readonly path: string }>
> = {
  debian: { version: "12", path: "/etc/debian_version" },
  ubuntu: { version: "24.04", like: "debian", path: "/etc/debian_version" },
  fedora: { version: "42", path: "/etc/redhat-release" },
  almalinux: { version: "9.5", like: "rhel centos fedora", path: "/etc/redhat-release" },
  archlinux: { version: "", path: "/etc/arch-release" },
  alpine: { version: "3.21.0", path: "/etc/alpine-release" },
};

/** Of the standard for file systems, as packages of every distribution count on them. */
const directories =
  "/boot /dev /etc/cron.d /etc/default /etc/ssh /etc/systemd/system /etc/systemd/network /mnt /opt /run /srv /sys " +
  "/usr/bin /usr/lib/systemd/system /usr/local/bin /usr/local/sbin /usr/sbin /usr/share /var/cache /var/lib /var/log /var/tmp";

/** Of all resources with this kind, in order. */
export function wantsOf(graph: ResourceGraph, kind: string): readonly Vertex[] {
  return graph.vertices.flatMap((vertex) => [...withMembers(vertex)]).filter((vertex) => vertex.kind.kind === kind);
}

export function twinOptionsOf(graph: ResourceGraph | undefined): TwinOptions {
  const want = graph === undefined ? undefined : wantsOf(graph, "test:machine").at(0)?.want;
  const text = (name: string, other: string): string => (want === undefined ? other : (want[name] as string));
  return {
    hostname: text("hostname", "machine"),
    distribution: text("distribution", "debian") || "debian",
    version: text("version", ""),
    startMs: Date.parse(text("time", "2026-01-01T00:00:00Z")),
    seconds: Number(want?.["seconds"] ?? 0),
    isStrict: want?.["strict"] === true,
  };
}

export function createTwin(options: TwinOptions, graph: ResourceGraph | undefined): MemoryHost {
  const commands = (graph === undefined ? [] : wantsOf(graph, "test:command")).map(({ name, want }) => ({
    name,
    want,
  }));
  // The most words first: `apt-get install` is told apart from `apt-get`.
  commands.sort((left, right) => right.name.split(" ").length - left.name.split(" ").length);
  const run: Program = (call) => {
    const command = commands.find(({ name }) =>
      beginsWith(
        call.argv,
        name.split(" ").filter((word) => word !== ""),
      ),
    );
    return command === undefined ? 0 : play(command.want, call);
  };
  const host = memoryHost({
    hostname: options.hostname,
    clock: drivenClock({ startMs: options.startMs }),
    environment: {
      PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      HOME: "/root",
      LANG: "C.UTF-8",
    },
    ...(options.isStrict ? {} : { otherProgram: run }),
  });
  const { outside } = host;
  for (const { name } of commands) outside.install(programOf(name), run);
  for (const path of directories.split(" ")) outside.makeDirectory(path);
  writeRelease(host, options);
  if (!options.isStrict) {
    outside.packages.publishOthers("1.0", (name) =>
      traitsOf({ name, files: [`/usr/bin/${name}`, `/etc/${name}/`], units: [name] }),
    );
  }
  const packages = graph === undefined ? [] : wantsOf(graph, "test:package");
  for (const { name, want } of packages) {
    const { version, files, units, depends } = want as { readonly version: string } & Record<
      "files" | "units" | "depends",
      readonly string[]
    >;
    outside.packages.publish(name, version, { ...traitsOf({ name, files, units }), depends });
  }
  outside.packages.refresh();
  for (const { name, want } of packages) if (want["installed"] === true) outside.packages.install(name);
  return host;
}

function writeRelease({ outside }: MemoryHost, { distribution, version }: TwinOptions): void {
  const known = distributions[distribution];
  const number = version === "" ? (known?.version ?? "") : version;
  const id = distribution === "archlinux" ? "arch" : distribution;
  const lines = [`ID=${id}`, ...(known?.like === undefined ? [] : [`ID_LIKE="${known.like}"`])];
  outside.write("/etc/os-release", `${[...lines, ...(number === "" ? [] : [`VERSION_ID="${number}"`])].join("\n")}\n`);
  if (known !== undefined) outside.write(known.path, `${number}\n`);
}

function traitsOf(given: {
  readonly name: string;
  readonly files: readonly string[];
  readonly units: readonly string[];
}) {
  const units = given.units.map((unit) => `/usr/lib/systemd/system/${unit.includes(".") ? unit : `${unit}.service`}`);
  const text = `[Unit]\nDescription=${given.name}\n\n[Service]\nExecStart=/usr/sbin/${given.name}\n\n[Install]\nWantedBy=multi-user.target\n`;
  return { files: [...given.files, ...units], contents: Object.fromEntries(units.map((unit) => [unit, text])) };
}

/** `/usr/sbin/sshd` is meant by `sshd`, too. */
function beginsWith(argv: readonly string[], words: readonly string[]): boolean {
  return words.every((word, at) => argv[at] === word || (at === 0 && argv[0]?.split("/").at(-1) === word));
}

function programOf(name: string): string {
  return name.split(" ").find((word) => word !== "") ?? name;
}

const play = async (
  want: AnyWant,
  { clock, signal, tree, print, complain, uid, gid }: Parameters<Program>[0],
): Promise<number> => {
  const seconds = Number(want["seconds"]);
  if (seconds > 0) await clock.sleep(seconds * 1000, signal);
  if (want["stdout"] !== "") print(String(want["stdout"]));
  if (want["stderr"] !== "") complain(String(want["stderr"]));
  for (const [path, content] of want["files"] as ReadonlyMap<string, string>) {
    tree.overwrite(path, bytesOf(content), { uid, gid });
  }
  return Number(want["status"]);
};
