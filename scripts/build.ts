// SPDX-License-Identifier: Apache-2.0
// `npm run build`: bundles the program, runs it as far as `scripts/single-file/start.ts` says, and puts what is in memory
// then, with the runtime, into the one file dist/mgmt. Then runs that file: one made by another version of the runtime
// would not start.

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { build, type BuildOptions } from "esbuild";
import { freeFile } from "./libatomic/free.mjs";
import { packagesName } from "./single-file/packages.ts";
import { late, packages, packagesText, withoutCompiledParts } from "./single-file/plugins.ts";

const run = promisify(execFile);
process.chdir(join(import.meta.dirname, ".."));
const output = "dist/mgmt";
const work = ".cache/build";
const program = join(work, "mgmt.cjs");
const packagesFile = join(work, packagesName);

await mkdir(work, { recursive: true });
await mkdir(dirname(output), { recursive: true });
await bundleAll();
await makeExecutable();
await proveItRuns();

/** The program, and the packages that it starts without. */
async function bundleAll(): Promise<void> {
  await bundle(program, {
    entryPoints: ["scripts/single-file/start.ts"],
    plugins: [late, packages, withoutCompiledParts],
  });
  const stdin = { contents: packagesText, resolveDir: process.cwd() };
  await bundle(packagesFile, { stdin, plugins: [withoutCompiledParts] });
}

/** One script of CommonJS, as what is kept in memory must be; so top-level `await` is an error here. */
async function bundle(outfile: string, of: Pick<BuildOptions, "entryPoints" | "stdin" | "plugins">): Promise<void> {
  const { warnings } = await build({
    ...of,
    outfile,
    bundle: true,
    platform: "node",
    target: "node26",
    format: "cjs",
    // `import()` becomes a function that runs the module's code when it is first called; from inside the single file
    // there is nothing else it could load.
    supported: { "dynamic-import": false, using: false },
    // Sources are not there at run time.
    define: { "import.meta.dirname": "undefined" },
    legalComments: "none",
    // The text is in memory at each start; what is blank in it costs a tenth of the start. Lines, for a bug's stack.
    minifyWhitespace: true,
    lineLimit: 160,
    logLevel: "warning",
  });
  if (warnings.length > 0) throw new Error("the bundler's warnings are errors here");
  // The bundler leaves regular expressions as they are. A text of ASCII alone is read in a fraction of the time.
  const text = await readFile(outfile, "utf8");
  await writeFile(outfile, text.replaceAll(/[^\0-\x7f]/g, escaped), "latin1");
}

/** The same in a string and in a regular expression. */
function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** Something of all that programs are made of, so that what reads and types them is used. */
function sampleProgram(path: string): string {
  return `import "fmt"
import "iter"

class site($name str, $ports []int) { # a comment
	$options = struct{on => true, limits => {"files" => 10, "users" => 2 + 3}}
	if len($ports) > 0 and not ($name == "") or 80 in $ports {
		print "\${name}" {
			msg => $options->on ?: fmt.printf("%s: %d of %v", $name, $options->limits["files"] <|> 0, $ports),
			Meta:retry => 1,
		}
	} else {
		noop "\${name}" {}
	}
	for $index, $port in iter.map($ports, func($x) { $x + 1 }) {
		print [fmt.printf("%s-%d-%d", $name, $index, $port)] {}
	}
	forkv $key, $limit in $options->limits {
		print [twice($key)] {
			msg => if $limit * 2 < 10 { "low" } else { "high" },
		}
	}
}
include site("a", [80, 443]) as a
func twice($x) {
	$x + $x
}
file "${path}" {
	content => "\${a.name}" + "\\n",
	state => $const.res.file.state.exists,
	mode => "0644",
}
File["${path}"] -> Print["a"]
`;
}

async function makeExecutable(): Promise<void> {
  const config = join(work, "single-file.json");
  // Next to the output and renamed: a file that is running cannot be written.
  const fresh = `${output}.new`;
  await writeFile(
    config,
    JSON.stringify({
      main: program,
      output: fresh,
      useSnapshot: true,
      assets: { [packagesName]: packagesFile },
      disableExperimentalSEAWarning: true,
      // Most commands end within a tenth of a second, in which compiling to fast code costs more than it saves: a fifth
      // of their processor time. Calls before that is tried, by default 400 and 3,000.
      execArgv: ["--invocation-count-for-maglev=4000", "--invocation-count-for-turbofan=12000"],
      // Else NODE_OPTIONS puts code of others into a process that may run as root.
      execArgvExtension: "none",
    }),
  );
  await rm(fresh, { force: true });
  const trial = await mkdtemp(join(tmpdir(), "mgmt-build-"));
  try {
    const sample = join(trial, "main.mcl");
    await writeFile(sample, sampleProgram(`${trial}/file`));
    const trials = [
      ["check", sample],
      ["graph", sample],
    ];
    await run(process.execPath, ["--build-sea", config], {
      env: { ...process.env, TMPDIR: trial, MGMT_BUILD_TRIALS: JSON.stringify(trials) },
    });
  } finally {
    await rm(trial, { recursive: true, force: true });
  }
  // A no-op where scripts/install has done it to the runtime, but the one file must never depend on that.
  freeFile(fresh);
  await rename(fresh, output);
  const { size } = await stat(output);
  console.log(`${output}: ${(size / 1e6).toFixed(0)} MB`);
}

async function proveItRuns(): Promise<void> {
  const { stdout } = await run(output, ["version"]);
  if (stdout.trim() === "") throw new Error(`${output} version prints nothing: it was not made by its own runtime`);
  console.log(`${output} version: ${stdout.trim()}`);
  const { stdout: injected } = await run(output, ["version"], {
    env: { ...process.env, NODE_OPTIONS: "--require=/nonexistent" },
  });
  if (injected !== stdout) throw new Error(`${output} listens to NODE_OPTIONS`);
  const { stdout: libraries } = await run(output, [], { env: { LD_TRACE_LOADED_OBJECTS: "1" } });
  if (libraries.includes("libatomic")) throw new Error(`${output} needs libatomic, which a small Linux does not have`);
  const empty = join(work, "empty.cjs");
  await writeFile(empty, "");
  const ours = await startTimes(output, ["version"]);
  const bare = await startTimes(process.execPath, [empty]);
  console.log(
    `start of version: min ${ours.min} ms, median ${ours.median} ms (runtime alone: ${bare.min}, ${bare.median})`,
  );
}

async function startTimes(program: string, argv: readonly string[]) {
  const times: number[] = [];
  for (let count = 0; count < 15; count++) {
    const started = performance.now();
    await run(program, argv);
    times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  return { min: times[0]?.toFixed(1), median: times[7]?.toFixed(1) };
}
