// SPDX-License-Identifier: Apache-2.0
// The modules for a web server and for figures of the machine, by their examples, from an empty machine: they answer, a
// second run has nothing to do, what others change is repaired, and a mistake in a setting takes no service down.

import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { before, test } from "node:test";
import { comesToGoodEnd, run, until, withoutRecommended } from "./inside.ts";
import { LabProgram } from "./program.ts";

before(withoutRecommended);

test("a web site over TLS", async () => {
  const program = new LabProgram("web-server");
  await program.once();
  const certificate = "/etc/ssl/mgmt/www.example.com.pem";
  const page = () =>
    run(
      "curl",
      "-sSf",
      "--cacert",
      certificate,
      "--resolve",
      "www.example.com:443:127.0.0.1",
      "https://www.example.com/",
    );
  assert.equal(await page(), "<h1>Hello</h1>");
  assert.match(
    await run("curl", "-sSi", "-H", "Host: www.example.com", "http://127.0.0.1/a?b"),
    /^Location: https:\/\/www.example.com\/a\?b/m,
  );
  await program.isSettled();
  await program.whileRunning(async () => {
    rmSync("/etc/nginx/conf.d/www.example.com.conf");
    await until("the site is back", () => existsSync("/etc/nginx/conf.d/www.example.com.conf"));
    await run("systemctl", "kill", "--signal=KILL", "nginx");
    await until("it answers again", () => comesToGoodEnd(page), 30_000);
    // Where the site has a mistake it does not go live, and the one before goes on.
    const site = readFileSync("/etc/nginx/conf.d/www.example.com.conf", "utf8");
    await program.says(/was not accepted.*unknown directive.*no_such_setting/, () =>
      program.edit("is_default => true", 'extra => "no_such_setting on;"'),
    );
    assert.equal(readFileSync("/etc/nginx/conf.d/www.example.com.conf", "utf8"), site);
    assert.equal(await page(), "<h1>Hello</h1>");
    program.edit("no_such_setting on;", "add_header X-Site mended;");
    const headers = () => run("curl", "-sSki", "https://127.0.0.1/", "-H", "Host: www.example.com");
    await until("it is mended", async () => /X-Site: mended/i.test(await headers()), 30_000);
    // A new certificate takes the place of one that is lost.
    rmSync(certificate);
    await until("there is another certificate, and it is served", () => comesToGoodEnd(page), 30_000);
  });
  await program.isSettled();
});

test("figures of the machine for Prometheus", async () => {
  const program = new LabProgram("node-exporter");
  await program.once();
  const page = () => run("curl", "-sSf", "http://127.0.0.1:9101/metrics");
  await until("it answers", () => comesToGoodEnd(page), 30_000);
  assert.match(await page(), /^node_load1 [\d.]+$/m);
  await program.isSettled();
  await program.whileRunning(async () => {
    writeFileSync("/etc/default/prometheus-node-exporter", 'ARGS="--web.listen-address=:9199"\n');
    await until("its settings are back", () =>
      readFileSync("/etc/default/prometheus-node-exporter", "utf8").includes("9101"),
    );
    // Its restart for the settings may still be under way, and cancels that.
    await until("it is stopped", () => comesToGoodEnd(() => run("systemctl", "stop", "prometheus-node-exporter")));
    await until("it answers again", () => comesToGoodEnd(page), 30_000);
  });
  await program.isSettled();
});
