// SPDX-License-Identifier: Apache-2.0
// Servers that a program declares, with the clients of others: curl and atftp, on loopback.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { promisify } from "node:util";
import { freePort } from "../free-port.ts";
import { notTried, proves, shows } from "../proofs.ts";
import { eventually, testPrograms } from "./program.ts";

const run = promisify(execFile);

async function lacks(program: string): Promise<boolean> {
  return run("sh", ["-c", `command -v ${program}`]).then(
    () => false,
    () => true,
  );
}

const missing = (await Promise.all(["curl", "atftp"].map(async (name) => ((await lacks(name)) ? [name] : [])))).flat();

if (missing.length > 0) {
  test("curl and atftp get what a program serves", (context) => {
    notTried(context, `${missing.join(" and ")} not installed`);
  });
} else {
  testPrograms("curl and atftp get what a program serves", async (world) => {
    const [http, tftp] = [await freePort(), await freePort()];
    const large = randomBytes(3_000_000);
    mkdirSync(world.path("pool"));
    writeFileSync(world.path("pool/large"), large);
    world.write(
      "main.mcl",
      `http:server "127.0.0.1:${http}" {}
http:server:file "/pool/" { path => "${world.path("pool/")}", }
http:server:file "/text" { data => "hello\\n", }
http:server:flag "/done" { key => "state", }
http:server:report "/hello" { fields => ["vendor"], }
http:server:flag "/once" { key => "state", token => "0123456789abcdef-secret", }
tftp:server "127.0.0.1:${tftp}" { root => "${world.path("pool/")}", }
tftp:file "/text" { data => "hello\\n", }
http:server:ui "/ui/" {}
http:server:ui:input "count" { type => "range://?min=0&max=5&step=1", value => "3", }
file "${world.path("state")}" { state => "exists", }
file "${world.path("count")}" { state => "exists", }

Http:Server:Flag["/done"].value -> File["${world.path("state")}"].content
Http:Server:Ui:Input["count"].value -> File["${world.path("count")}"].content
`,
    );
    const running = world.start(["run", "main.mcl"], { env: { MGMT_PREFIX: world.path("prefix") } });
    const url = `http://127.0.0.1:${http}`;
    await eventually("it serves", () => running.stdout.includes("write 0 bytes") || running.stderr !== "");
    assert.equal(running.stderr, "");
    const curl = async (...args: readonly string[]) => (await run("curl", ["-sS", "--max-time", "20", ...args])).stdout;
    assert.equal(await curl(`${url}/text`), "hello\n");
    const got = world.path("got");
    await curl("-o", got, `${url}/pool/large`);
    assert.equal(Buffer.compare(readFileSync(got), large), 0);
    writeFileSync(got, large.subarray(0, 1_000_000));
    await curl("-C", "-", "-o", got, `${url}/pool/large`);
    assert.equal(Buffer.compare(readFileSync(got), large), 0);
    assert.equal(
      await curl("-o", "/dev/null", "-w", "%{http_code}", "--path-as-is", `${url}/pool/../../etc/passwd`),
      "400",
    );
    assert.equal(await curl("-d", "state=ready", `${url}/done`), "taken\n");
    const once = ["-d", "token=0123456789abcdef-secret", `${url}/once`];
    assert.deepEqual([await curl(...once), await curl(...once)], ["taken\n", "this token was used already\n"]);
    await eventually("the value has come through", () => readFileSync(world.path("state"), "utf8") === "ready");
    assert.match(await curl(`${url}/hello?mac=a&vendor=b%00c`), /^taken/);
    await eventually("it is listed", () => running.stdout.includes("http:server:report[/hello] list a\n"));
    assert.match(await curl(`${url}/ui/index.html`), /<html/);
    await curl("-d", "id=count&value=5", `${url}/ui/save/`);
    await eventually("what was entered has come through", () => readFileSync(world.path("count"), "utf8") === "5");

    await curl("--tftp-blksize", "1400", "-o", got, `tftp://127.0.0.1:${tftp}//large`);
    assert.equal(Buffer.compare(readFileSync(got), large), 0);
    assert.equal(await curl(`tftp://127.0.0.1:${tftp}//text`), "hello\n");
    writeFileSync(got, "");
    const asked = [
      "--option",
      "blksize 1428",
      "--option",
      "windowsize 16",
      "-g",
      "-r",
      "large",
      "-l",
      got,
      "127.0.0.1",
      String(tftp),
    ];
    await run("atftp", asked);
    assert.equal(Buffer.compare(readFileSync(got), large), 0);
    for (const kind of ["http:server", "tftp:server", "tftp:file"]) shows(kind, "real part");
    for (const part of ["file", "flag", "report", "ui", "ui:input"]) shows(`http:server:${part}`, "real part");

    const env = { MGMT_PREFIX: world.path("prefix") };
    const toldOf = (await world.run(["events", `http:server[127.0.0.1:${http}]`], { env })).stdout;
    assert.match(toldOf, /127\.0\.0\.1 asked GET \/text: 200, 6 bytes\n/);
    assert.match(toldOf, /asked POST \/once: 200[^]*asked POST \/once: 403/);
    assert.doesNotMatch(toldOf, /secret/);
    const sent = (await world.run(["events", "--json", `tftp:server[127.0.0.1:${tftp}]`], { env })).stdout;
    assert.match(sent, /"from":"127\.0\.0\.1","what":"for large","answer":"sent","outcome":"good","bytes":3000000/);
    const status = (await world.run(["status"], { env })).stdout;
    assert.match(status, /Its servers were asked \d+ times: \d+ refused, 0 failed\./);
    running.signal("SIGTERM");
    assert.equal((await running.ended).status, 0);
  });
}

proves("http:server", "real part");
proves("http:server:file", "real part");
proves("http:server:flag", "real part");
proves("http:server:report", "real part");
proves("http:server:ui", "real part");
proves("http:server:ui:input", "real part");
proves("tftp:server", "real part");
proves("tftp:file", "real part");
