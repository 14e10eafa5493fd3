// SPDX-License-Identifier: Apache-2.0
// The figures of a run, asked for over HTTP as Prometheus does.

import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { eventually, testPrograms, type World } from "./program.ts";

type Figures = ReadonlyMap<string, number>;

async function scrape(url: string): Promise<Figures> {
  const response = await fetch(url);
  assert.equal(response.status, 200);
  assert.match(response.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
  const lines = (await response.text()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => {
      const [, series = "", value = ""] = /^(\S+(?:\{.*\})?) (\S+)$/.exec(line) ?? assert.fail(`no figure: ${line}`);
      return [series, Number(value)];
    }),
  );
}

/** A program with two files, one of them in a directory that is not there, and what waits for it. */
function program(world: World): string {
  return world.write(
    "site.mcl",
    `import "datetime"

file "${world.path("good")}" {
	state => "exists",
	content => "right",
}
file "${world.path("missing/bad")}" {
	state => "exists",

	Meta:retry => -1,
	Meta:delay => 100,
}
print "later" {
	msg => "it is there",

	Depend => File["${world.path("missing/bad")}"],
}
print "day" {
	msg => if datetime.now() > 0 { "now" } else { "never" },

	Meta:autogroup => false,
}
`,
  );
}

testPrograms("metrics are served when they are asked for, and every one of them lives", async (world) => {
  const running = world.start(["run", "--tmp-prefix", "--metrics=127.0.0.1:0", program(world)]);
  await eventually("it says where it serves", () => running.stderr.includes("/metrics\n"));
  const [url = ""] = /http:\/\/127\.0\.0\.1:\d+\/metrics/.exec(running.stderr) ?? [];
  let first: Figures = new Map();
  await eventually("two are settled and one is tried again", async () => {
    first = await scrape(url);
    const isSettled = (first.get('mgmt_resources_by_state{state="settled"}') ?? 0) === 2;
    return isSettled && (first.get('mgmt_retries_total{kind="file"}') ?? 0) > 0;
  });
  const figure = (figures: Figures, series: string): number => figures.get(series) ?? assert.fail(`${series} is there`);
  assert.equal(figure(first, 'mgmt_resources{kind="file"}'), 2);
  assert.equal(figure(first, 'mgmt_resources{kind="print"}'), 2);
  assert.equal(figure(first, 'mgmt_resources{kind="exec"}'), 0);
  assert.equal(figure(first, "mgmt_edges"), 1);
  assert.equal(figure(first, "mgmt_converged"), 0, "one is tried again and again");
  assert.equal(figure(first, 'mgmt_failures{kind="file",failure="soft"}'), 1);
  assert.ok(figure(first, 'mgmt_failures_total{kind="file",failure="soft"}') >= 1);
  assert.equal(figure(first, 'mgmt_failures{kind="file",failure="hard"}'), 0);
  assert.ok(figure(first, 'mgmt_observations_total{kind="file",cause="start"}') >= 2);
  const looked = 'mgmt_checkapply_total{kind="file",apply="true",eventful="true",errorful="false"}';
  assert.ok(figure(first, looked) >= 1);
  assert.ok(figure(first, 'mgmt_repair_seconds_count{kind="file"}') >= 1);
  assert.ok(figure(first, "mgmt_function_rounds_total") >= 1);
  assert.ok(figure(first, "mgmt_function_streams") >= 1);
  const age = Date.now() / 1000 - figure(first, "mgmt_graph_start_time_seconds");
  assert.ok(age >= 0 && age < 60, `the graph is ${age} s old`);
  for (const name of ["process_resident_memory_bytes", "process_open_fds", "process_cpu_seconds_total"]) {
    assert.ok(figure(first, name) > 0, name);
  }

  rmSync(world.path("good"));
  let second: Figures = new Map();
  const steps = 'mgmt_steps_total{kind="file"}';
  await eventually("the repair is counted", async () => {
    second = await scrape(url);
    return figure(second, steps) > figure(first, steps);
  });
  assert.ok(figure(second, 'mgmt_observations_total{kind="file",cause="watch"}') >= 1);
  assert.ok(figure(second, 'mgmt_step_seconds_sum{kind="file"}') > figure(first, 'mgmt_step_seconds_sum{kind="file"}'));

  world.write("site.mcl", `print "alone" {\n\tmsg => "x",\n}\n`);
  await eventually("the new program is counted", async () => {
    second = await scrape(url);
    return figure(second, "mgmt_converged") === 1 && figure(second, 'mgmt_resources{kind="print"}') === 1;
  });
  assert.equal(figure(second, 'mgmt_failures{kind="file",failure="soft"}'), 0);
  assert.ok(figure(second, "mgmt_graph_swaps_total") > figure(first, "mgmt_graph_swaps_total"));

  // The page about them names each, and no other.
  const page = readFileSync(join(import.meta.dirname, "../../docs/metrics.md"), "utf8");
  const written = [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
  const text = await (await fetch(url)).text();
  const served = [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name);
  assert.deepEqual(new Set(served), new Set(written));

  assert.equal((await fetch(url.replace("/metrics", "/"))).status, 404);
  assert.equal((await fetch(url, { method: "POST" })).status, 405);
  running.signal("SIGINT");
  const { status } = await running.ended;
  assert.equal(status, 0);
  await assert.rejects(fetch(url), "nothing answers after the end");
});

testPrograms("an address that cannot be used is told before anything is done", async (world) => {
  const holder = world.start(["run", "--tmp-prefix", "--metrics=127.0.0.1:0", "--no-watch", program(world)]);
  await eventually("it says where it serves", () => holder.stderr.includes("/metrics\n"));
  const [, port = ""] = /127\.0\.0\.1:(\d+)\/metrics/.exec(holder.stderr) ?? [];
  const file = world.path("never");
  const code = `file "${file}" {\n\tstate => "exists",\n}\n`;
  for (const [address, message, expected] of [
    [`127.0.0.1:${port}`, /The metrics cannot be served at 127\.0\.0\.1:\d+/, 3],
    ["nonsense", /nonsense is not an address for the metrics/, 1],
  ] as const) {
    const { status, stderr } = await world.run(["run", "--tmp-prefix", "--once", `--metrics=${address}`, code]);
    assert.equal(status, expected);
    assert.match(stderr, message);
    assert.throws(() => readFileSync(file));
  }
  const old = await world.run(["run", "--tmp-prefix", "--once", "--prometheus-listen=127.0.0.1:0", code]);
  assert.equal(old.status, 0);
  assert.match(old.stderr, /metrics at http:/);
});
