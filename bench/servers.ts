// SPDX-License-Identifier: Apache-2.0
// `npm run bench -- servers`: what our servers hand out over loopback, beside nginx, dnsmasq and atftpd, where they are on
// this machine, in one run and in turns. Clients are curl and atftp. The ratios count: the best of several rounds each.
// `npm run bench -- servers tftp proxy` measures these alone, of http, proxy and tftp.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../test/free-port.ts";

const root = join(import.meta.dirname, "..");
const built = join(root, "dist/mgmt");
const mgmt = existsSync(built) ? built : join(root, "mgmt");
const directory = mkdtempSync(join(tmpdir(), "mgmt-bench-"));
const started: ChildProcess[] = [];
process.on("exit", () => {
  for (const child of started) child.kill("SIGKILL");
  rmSync(directory, { recursive: true, force: true });
});

const rounds = 3;
const machines = 20;
const megabyte = 1024 * 1024;

const has = (program: string): boolean => spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function start(command: string, ...args: readonly string[]): ChildProcess {
  const child = spawn(command, args, { cwd: directory, stdio: "ignore", env: { ...process.env, HOME: directory } });
  started.push(child);
  return child;
}

/** Resolves when all have ended well; how long that took. */
async function seconds(count: number, command: string, args: (index: number) => readonly string[]): Promise<number> {
  const begun = performance.now();
  const all = Array.from({ length: count }, async (_, index) => {
    const child = spawn(command, args(index), { cwd: directory, stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    const status = await new Promise((resolve) => child.once("close", resolve));
    if (status !== 0) throw new Error(`${command} ${args(index).join(" ")}: ${String(status)} ${said}`);
  });
  await Promise.all(all);
  return (performance.now() - begun) / 1000;
}

async function untilServed(port: number): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    if (spawnSync("curl", ["-s", "-o", "/dev/null", `http://127.0.0.1:${port}/small`]).status === 0) return;
    if (tries > 300) throw new Error(`nobody serves at port ${port}`);
    await pause(100);
  }
}

interface Contender {
  readonly name: string;
  readonly measure: (round: number) => Promise<number>;
}

/** In turns, so that what else the machine does hits all of them. Each figure is of the unit, by the best time. */
async function compare(what: string, unit: string, amount: number, contenders: readonly Contender[]): Promise<void> {
  const best = new Map<string, number>();
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, measure } of contenders) {
      best.set(name, Math.min(best.get(name) ?? Number.POSITIVE_INFINITY, await measure(round)));
    }
  }
  const ours = best.get("mgmt") ?? 1;
  console.log(what);
  for (const [name, time] of best) {
    const ratio = name === "mgmt" ? "" : `   mgmt has ${(time / ours).toFixed(2)} × of it`;
    console.log(`  ${name.padEnd(28)} ${(amount / time).toFixed(0).padStart(7)} ${unit}${ratio}`);
  }
  console.log();
}

// ---- HTTP ----

function nginx(name: string, port: number, body: string): void {
  const configuration = join(directory, `${name}.conf`);
  mkdirSync(join(directory, `${name}-temporary`), { recursive: true });
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((each) => `${each}_temp_path ${directory}/${name}-temporary/${each};`)
    .join(" ");
  writeFileSync(
    configuration,
    `worker_processes 1; daemon off; user root; pid ${directory}/${name}.pid; error_log stderr error;
events { worker_connections 512; }
http { access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; ${temporary}
proxy_cache_path ${directory}/${name}-cache keys_zone=zone:1m max_size=4g;
server { listen 127.0.0.1:${port}; ${body} } }
`,
  );
  start("nginx", "-c", configuration, "-e", "stderr");
}

async function http(): Promise<void> {
  const [ours, theirs] = [await freePort(), await freePort()];
  writeFileSync(
    join(directory, "http.mcl"),
    `http:server "127.0.0.1:${ours}" {}
http:server:file "/" { path => "${directory}/www/", }
`,
  );
  start(mgmt, "run", "--prefix", join(directory, "http-state"), "http.mcl");
  if (has("nginx")) nginx("http", theirs, `root ${directory}/www;`);
  await untilServed(ours);
  const ports = { mgmt: ours, ...(has("nginx") ? { nginx: theirs } : {}) };
  const each = (measure: (url: string) => Promise<number>): readonly Contender[] =>
    Object.entries(ports).map(([name, port]) => ({ name, measure: () => measure(`http://127.0.0.1:${port}`) }));
  const large = (url: string) => ["-sS", "-f", "-o", "/dev/null", `${url}/large`];
  await compare(
    "HTTP, a file of 256 MiB",
    "MiB/s",
    256,
    each((url) => seconds(1, "curl", () => large(url))),
  );
  const several = each((url) => seconds(machines, "curl", () => large(url)));
  await compare(`HTTP, the same by ${machines} machines at once`, "MiB/s", 256 * machines, several);
  const many = (url: string) => ["-sS", "-f", "-o", "/dev/null", `${url}/small?[1-3000]`];
  const small = each((url) => seconds(1, "curl", () => many(url)));
  await compare("HTTP, 3,000 files of 1 KiB one after the other", "files/s", 3000, small);
}

// ---- The proxy ----

async function proxy(): Promise<void> {
  if (!has("nginx")) return console.log("the proxy: not measured, there is no nginx to be the mirror\n");
  const [ours, theirs, mirror] = [await freePort(), await freePort(), await freePort()];
  nginx("mirror", mirror, `root ${directory}/www;`);
  const passing = `proxy_pass http://127.0.0.1:${mirror}; proxy_cache zone; proxy_cache_lock on; proxy_cache_valid 200 1h;
proxy_cache_lock_timeout 60s; proxy_cache_lock_age 60s; proxy_cache_key $request_uri;`;
  nginx("proxy", theirs, `location / { ${passing} }`);
  writeFileSync(
    join(directory, "proxy.mcl"),
    `http:server "127.0.0.1:${ours}" {}
http:server:proxy "/" { sub => "/", head => "http://127.0.0.1:${mirror}/", cache => "${directory}/cache/", immutable => ["*"], }
`,
  );
  start(mgmt, "run", "--prefix", join(directory, "proxy-state"), "proxy.mcl");
  await untilServed(ours);
  const sizes = 64;
  const sources: readonly (readonly [string, number])[] = [
    ["mgmt", ours],
    ["nginx proxy_cache", theirs],
    ["the mirror itself", mirror],
  ];
  const contenders = (path: (round: number) => string): readonly Contender[] =>
    sources.map(([who, port]) => ({
      name: who,
      measure: (round) =>
        seconds(machines, "curl", () => ["-sS", "-f", "-o", "/dev/null", `http://127.0.0.1:${port}/${path(round)}`]),
    }));
  // Each round asks for another one, so it begins with nothing in a cache.
  const cold = contenders((round) => `package-${round}.deb`);
  await compare(
    `proxy, ${sizes} MiB that nobody had, by ${machines} machines at once`,
    "MiB/s",
    sizes * machines,
    cold,
  );
  await compare(
    "proxy, the same from the cache",
    "MiB/s",
    sizes * machines,
    contenders(() => "package-0.deb"),
  );
}

// ---- TFTP ----

async function tftp(): Promise<void> {
  if (!has("atftp")) return console.log("TFTP: not measured, there is no client atftp\n");
  const ports: Record<string, number> = { mgmt: await freePort() };
  writeFileSync(
    join(directory, "tftp.mcl"),
    `tftp:server "127.0.0.1:${ports["mgmt"]}" { root => "${directory}/www/", }
`,
  );
  start(mgmt, "run", "--prefix", join(directory, "tftp-state"), "tftp.mcl");
  if (has("atftpd")) {
    const port = (ports["atftpd"] = await freePort());
    const who = ["--user", "root.root", "--bind-address", "127.0.0.1", "--port", String(port)];
    start("atftpd", "--daemon", "--no-fork", ...who, "--maxthread", "100", join(directory, "www"));
  }
  // It serves TFTP at port 69 alone, so it gets an address of its own.
  const usesPort69 = has("dnsmasq") && process.getuid?.() === 0;
  let dnsmasq: ChildProcess | undefined;
  if (usesPort69) {
    const where = ["--port=0", "--enable-tftp", `--tftp-root=${directory}/www`, "--listen-address=127.0.0.77"];
    dnsmasq = start(
      "dnsmasq",
      "-k",
      "--conf-file=/dev/null",
      "--user=root",
      ...where,
      "--bind-interfaces",
      "--tftp-max=100",
    );
  }
  await pause(8000);
  const serves = dnsmasq?.exitCode === null;
  if (!serves) console.log("dnsmasq: not measured, it is not there, or port 69 is somebody else's\n");
  const hosts: readonly (readonly [string, string, number])[] = [
    ...Object.entries(ports).map(([name, port]) => [name, "127.0.0.1", port] as const),
    ...(serves ? [["dnsmasq", "127.0.0.77", 69] as const] : []),
  ];
  const get = (host: string, port: number, window: number) => {
    const options = ["--option", "blksize 1468", ...(window === 1 ? [] : ["--option", `windowsize ${window}`])];
    return [...options, "-g", "-r", "initrd", "-l", "/dev/null", host, String(port)];
  };
  const each = (count: number, window: number): readonly Contender[] =>
    hosts.map(([name, host, port]) => ({
      name,
      measure: () => seconds(count, "atftp", () => get(host, port, window)),
    }));
  await compare("TFTP, a file of 32 MiB, a block at a time", "MiB/s", 32, each(1, 1));
  await compare("TFTP, the same, 16 blocks at a time for those who can", "MiB/s", 32, each(1, 16));
  await compare(`TFTP, the same by ${machines} machines at once`, "MiB/s", 32 * machines, each(machines, 16));
}

console.log(`mgmt is ${mgmt === built ? "the single file dist/mgmt" : "run from its sources"}`);
console.log(`${availableParallelism()} processors, load average ${loadavg()[0]?.toFixed(1)}\n`);
process.umask(0o022); // dnsmasq reads what everybody may read.
chmodSync(directory, 0o755);
mkdirSync(join(directory, "www"));
writeFileSync(join(directory, "www/large"), Buffer.alloc(256 * megabyte, "large"));
writeFileSync(join(directory, "www/initrd"), Buffer.alloc(32 * megabyte, "initrd"));
writeFileSync(join(directory, "www/small"), Buffer.alloc(1024, "small"));
for (let round = 0; round < rounds; round += 1) {
  writeFileSync(join(directory, `www/package-${round}.deb`), Buffer.alloc(64 * megabyte, `package ${round}`));
}
const parts = { http, proxy, tftp };
const asked = process.argv.slice(2);
for (const [name, measure] of Object.entries(parts)) if (asked.length === 0 || asked.includes(name)) await measure();
process.exit(0);
