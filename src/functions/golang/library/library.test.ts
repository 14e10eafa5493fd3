// SPDX-License-Identifier: Apache-2.0
// The functions of golang/… against what Go 1.26 gives, in go-outputs.tsv; and those that look at the machine.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { type MemoryHost, memoryHost } from "../../../host/memory/index.ts";
import type { Value } from "../../../values/value.ts";
import { check, checkFails } from "../../check.test-support.ts";
import { follow } from "../../stream.test-support.ts";
import { differenceFrom, type GoOutput, readOutputs } from "./go-outputs.test-support.ts";
import { golangLibrary } from "./index.ts";
import { snakeCase } from "./wrap.ts";

const outputs = readOutputs(readFileSync(`${import.meta.dirname}/go-outputs.tsv`, "utf8"));
const outputsByName = Map.groupBy(outputs, ({ name }) => name);

/** What a function gives to arguments that it is called with once, or why not. */
async function checkOnce(
  host: MemoryHost,
  name: string,
  args: readonly Value[],
  expected: Value | RegExp,
): Promise<void> {
  const follower = follow(host, name, args);
  const values = await follower.take();
  if (expected instanceof RegExp) assert.match(String(follower.end), expected);
  else assert.deepEqual(values, [expected]);
  await follower.stop();
}

for (const [name, cases] of outputsByName) {
  test(`golang/${name} gives what Go gives, in ${cases.length} cases`, () => {
    assert.deepEqual(
      cases.map((output: GoOutput) => differenceFrom(output)).filter((difference) => difference !== undefined),
      [],
    );
  });
}

test("there are as many functions as Go has of this sort", () => {
  const counts = new Map<string, number>();
  for (const { module } of golangLibrary) counts.set(module, (counts.get(module) ?? 0) + 1);
  assert.deepEqual(Object.fromEntries(counts), {
    "golang/html": 2,
    "golang/math": 58,
    "golang/math/rand": 8,
    "golang/os": 19,
    "golang/os/exec": 1,
    "golang/path": 7,
    "golang/path/filepath": 16,
    "golang/runtime": 10,
    "golang/strconv": 18,
    "golang/strings": 27,
  });
});

test("what needs no machine is held to Go's own results", () => {
  const unheld = golangLibrary
    .filter((entry) => "pure" in entry && !/\/(?:runtime|rand)$/.test(entry.module))
    .map(({ module, name }) => `${module.slice("golang/".length)}.${name}`)
    .filter((name) => !outputsByName.has(name));
  assert.deepEqual(unheld, []);
});

test("names are in lower case with underscores", () => {
  const names = { Atan2: "atan_2", IsNaN: "is_na_n", ToValidUTF8: "to_valid_utf_8", Log1p: "log_1_p", J0: "j_0" };
  const more = {
    Int63n: "int_63_n",
    CPUProfile: "cpu_profile",
    GOMAXPROCS: "gomaxprocs",
    QuoteToASCII: "quote_to_ascii",
  };
  for (const [goName, expected] of Object.entries({ ...names, ...more })) assert.equal(snakeCase(goName), expected);
});

test("the order of a Bessel function and the length of a text have limits", () => {
  checkFails("golang/math.jn", [1n << 40n, 1e300], "fatal", /order/);
  checkFails("golang/math.yn", [-(1n << 40n), 2], "fatal", /order/);
  checkFails("golang/strings.repeat", ["ab", 1n << 40n], "fatal", /too long/);
  check("golang/strings.repeat", ["", 1n << 40n], "");
});

test("numbers in any base are read back", () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.bigInt({ min: 2n, max: 36n }),
      (value, base) => {
        check("golang/strconv.parse_int", [value.toString(Number(base)), base, 64n], value);
        check("golang/strconv.format_int", [value, base], value.toString(Number(base)));
      },
    ),
    { numRuns: 50 },
  );
});

test("floats of 32 bits are those nearest to the text", () => {
  fc.assert(
    fc.property(fc.float({ noNaN: true }), (value) => {
      check("golang/strconv.parse_float", [value === Infinity ? "Inf" : String(value), 32n], value);
    }),
    { numRuns: 200 },
  );
});

test("any bytes in quotes are read back", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const definition = golangLibrary.find(
        ({ module, name }) => module === "golang/strconv" && name === "quote_to_ascii",
      );
      assert.ok(definition !== undefined && "pure" in definition);
      const quoted = definition.pure([text], { type: definition.type, argumentValues: [] });
      check("golang/strconv.unquote", [quoted], text);
    }),
    { numRuns: 50 },
  );
});

test("the environment is read, and put into texts", () => {
  const environment = { HOME: "/root", A: "1", A_B: "2", TMPDIR: "/var/tmp", "1": "one", GOROOT: "/go" };
  check("golang/os.getenv", ["A"], "1", { environment });
  check("golang/os.getenv", ["NONE"], "", { environment });
  const expands = (text: string, expected: string) => check("golang/os.expand_env", [text], expected, { environment });
  expands("$A ${A_B}$A_B $NONE.", "1 22 .");
  expands("${} ${1} $1x $$ é$é $", " one onex  é$é $");
  expands("${A $A", "A 1");
  check("golang/os.temp_dir", [], "/var/tmp", { environment });
  check("golang/os.temp_dir", [], "/tmp");
  check("golang/os.user_home_dir", [], "/root", { environment });
  check("golang/os.user_cache_dir", [], "/root/.cache", { environment });
  check("golang/os.user_config_dir", [], "/root/.config", { environment });
  check("golang/os.user_cache_dir", [], "/c", { environment: { XDG_CACHE_HOME: "/c" } });
  check("golang/runtime.goroot", [], "/go", { environment });
  check("golang/runtime.goroot", [], "");
  checkFails("golang/os.user_home_dir", [], "fatal", /HOME is not set/);
  checkFails("golang/os.user_config_dir", [], "fatal", /XDG_CONFIG_HOME nor HOME/);
  checkFails("golang/os.user_cache_dir", [], "fatal", /relative/, { environment: { XDG_CACHE_HOME: "c" } });
});

test("the process and its machine are known", () => {
  for (const name of ["getuid", "geteuid", "getgid", "getegid"]) check(`golang/os.${name}`, [], 0n);
  check("golang/os.getpid", [], 1000n);
  check("golang/os.getppid", [], 1n);
  check("golang/os.getpagesize", [], 4096n);
  check("golang/os.executable", [], "/usr/bin/mgmt");
  check("golang/os.getwd", [], "/");
  check("golang/path/filepath.abs", ["a/../b"], "/b");
  check("golang/path/filepath.abs", ["/a/./b"], "/a/b");
  check("golang/runtime.num_cpu", [], 4n);
  check("golang/runtime.gomaxprocs", [2n], 4n);
  check("golang/runtime.num_goroutine", [], 1n);
  check("golang/runtime.num_cgo_call", [], 0n);
  check("golang/runtime.set_mutex_profile_fraction", [5n], 0n);
  check("golang/runtime.stack", ["abc", true], 0n);
  check("golang/runtime.version", [], "go1.25");
  checkFails("golang/runtime.cpu_profile", [], "fatal", /no profile/);
  checkFails("golang/runtime.read_trace", [], "fatal", /nothing is traced/);
});

test("chance keeps to its limits", () => {
  const definitionOf = (name: string) => {
    const found = golangLibrary.find((entry) => entry.module === "golang/math/rand" && entry.name === name);
    assert.ok(found !== undefined && "read" in found);
    return found;
  };
  const { clock, system, random } = memoryHost({ seed: 5 });
  const draw = (name: string, args: readonly Value[] = []) => {
    const definition = definitionOf(name);
    const env = { clock, system, random, call: { type: definition.type, argumentValues: [] } };
    return Array.from({ length: 2000 }, () => Number(definition.read(args, env)));
  };
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  for (const name of ["intn", "int_63_n"]) {
    assert.deepEqual(new Set(draw(name, [6n])), new Set([0, 1, 2, 3, 4, 5]));
    checkFails(`golang/math/rand.${name}`, [0n], "fatal", /above 0/);
  }
  for (const name of ["int", "int_63"]) assert.ok(draw(name).every((value) => value >= 0 && value <= 2 ** 63));
  const fractions = draw("float_64");
  assert.ok(fractions.every((value) => value >= 0 && value < 1));
  assert.ok(Math.abs(mean(fractions) - 0.5) < 0.05);
  assert.ok(Math.abs(mean(draw("exp_float_64")) - 1) < 0.1);
  const normal = draw("norm_float_64");
  assert.ok(Math.abs(mean(normal)) < 0.1);
  assert.ok(Math.abs(mean(normal.map((value) => value * value)) - 1) < 0.15);
  check("golang/math/rand.read", ["é"], 2n);
});

test("files are read and links followed", async () => {
  const host = memoryHost({ hostname: "web1" });
  host.outside.write("/etc/motd", "hello");
  host.outside.makeDirectory("/srv/real");
  host.outside.write("/srv/real/file", "x");
  host.outside.link("/srv/alias", "real");
  host.outside.link("/srv/deep", "/srv/alias/file");
  host.outside.link("/srv/loop", "loop");
  await checkOnce(host, "golang/os.hostname", [], "web1");
  await checkOnce(host, "golang/os.read_file", ["/etc/motd"], "hello");
  await checkOnce(host, "golang/os.read_file", ["/none"], /none/);
  await checkOnce(host, "golang/os.read_file", [""], /no path/);
  await checkOnce(host, "golang/os.readlink", ["/srv/alias"], "real");
  await checkOnce(host, "golang/os.readlink", ["/etc/motd"], /motd/);
  await checkOnce(host, "golang/path/filepath.eval_symlinks", ["/srv/deep"], "/srv/real/file");
  await checkOnce(host, "golang/path/filepath.eval_symlinks", ["/srv/alias/../alias/./file"], "/srv/real/file");
  await checkOnce(host, "golang/path/filepath.eval_symlinks", ["/srv/none"], /no "\/srv\/none"/);
  await checkOnce(host, "golang/path/filepath.eval_symlinks", ["/srv/loop"], /too many/);
});

test("a temporary directory is new each time", async () => {
  const host = memoryHost();
  for (const pattern of ["build-*.d", "plain"]) {
    const follower = follow(host, "golang/os.mkdir_temp", ["", pattern]);
    const [path] = await follower.take();
    assert.ok(typeof path === "string");
    assert.match(path, pattern === "plain" ? /^\/tmp\/plain[0-9]+$/ : /^\/tmp\/build-[0-9]+\.d$/);
    assert.ok(host.outside.exists(path));
  }
  await checkOnce(host, "golang/os.mkdir_temp", ["", "a/b"], /slash/);
  await checkOnce(host, "golang/os.mkdir_temp", ["/none", "x"], /none/);
});

test("programs are found in the directories of PATH", async () => {
  const host = memoryHost({ environment: { PATH: "relative::/opt/bin:/usr/bin" } });
  host.outside.makeDirectory("/usr/bin/sub");
  host.outside.write("/usr/bin/tool", "");
  host.outside.write("/usr/bin/note", "");
  host.outside.setMode("/usr/bin/tool", 0o755);
  await checkOnce(host, "golang/os/exec.look_path", ["tool"], "/usr/bin/tool");
  await checkOnce(host, "golang/os/exec.look_path", ["/usr/bin/tool"], "/usr/bin/tool");
  await checkOnce(host, "golang/os/exec.look_path", ["/usr/bin/note"], /no program/);
  for (const name of ["note", "sub", "none", ""]) {
    await checkOnce(host, "golang/os/exec.look_path", [name], /no program/);
  }
});
