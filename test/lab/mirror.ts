// SPDX-License-Identifier: Apache-2.0
// Caching forwarder to the Debian mirrors that this machine's apt uses: lab hosts fetch http://ADDRESS:PORT/debian/… from
// it. Only paths of those mirrors are served. `mirror.ts ADDRESS PORT CACHE_DIRECTORY`, started by the script `mirror`.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, existsSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

const [address = "", port = "", cache = ""] = process.argv.slice(2);
const ask = (program: string, ...args: readonly string[]) => execFileSync(program, args, { encoding: "utf8" });

const mirrors = [...new Set(ask("apt-get", "indextargets", "--format", "$(REPO_URI)").trim().split("\n"))]
  .filter((url) => /^https?:.*debian/.test(url))
  .map((url) => new URL(url));
const proxy = /'(http:[^']*)'/.exec(ask("apt-config", "shell", "P", "Acquire::http::Proxy"))?.[1];
mkdirSync(cache, { recursive: true });

/** What never changes under its name; an answer carries neither time nor tag, so all else is fetched each time. */
const isImmutable = (path: string) => /\/(pool|by-hash)\//.test(path);
/** One fetch for all who ask for the same file at the same time. */
const running = new Map<string, Promise<number>>();

http
  .createServer((request, response) => {
    answer(request, response).catch((reason: unknown) => {
      process.stdout.write(`${request.url}: ${String(reason)}\n`);
      if (response.headersSent) response.destroy();
      else response.writeHead(502).end(String(reason));
    });
  })
  .listen(Number(port), address, () => process.stdout.write(`ready ${mirrors.join(" ")}\n`));

async function answer(request: http.IncomingMessage, response: http.ServerResponse) {
  const { url = "/", method } = request;
  const path = url.startsWith("http:") ? new URL(url).pathname : url.replaceAll(/\/\/+/g, "/");
  const mirror = mirrors.find(({ pathname }) => path.startsWith(pathname));
  if (mirror === undefined || (method !== "GET" && method !== "HEAD")) {
    response.writeHead(404).end();
    return;
  }
  const file = join(cache, createHash("sha256").update(path).digest("hex"));
  const status = isImmutable(path) && existsSync(file) ? 200 : await fetchOnce(mirror, path, file);
  if (status !== 200) {
    response.writeHead(status).end();
    return;
  }
  response.writeHead(200, { "content-length": statSync(file).size });
  if (method === "HEAD") response.end();
  else await pipeline(createReadStream(file), response);
}

function fetchOnce(mirror: URL, path: string, file: string): Promise<number> {
  const present = running.get(file);
  if (present !== undefined) return present;
  const started = fetchTo(mirror, path, file).finally(() => running.delete(file));
  running.set(file, started);
  return started;
}

/** Puts the file there whole or not at all, as other labs read it too. Gives the status of the answer. */
async function fetchTo(mirror: URL, path: string, file: string): Promise<number> {
  const upstream = await get(mirror, path);
  if (upstream.statusCode !== 200) {
    upstream.resume();
    return upstream.statusCode ?? 502;
  }
  const part = `${file}.${process.pid}.part`;
  const size = upstream.headers["content-length"];
  try {
    await pipeline(upstream, createWriteStream(part));
    if (size !== undefined && statSync(part).size !== Number(size)) return 502;
    renameSync(part, file);
  } finally {
    rmSync(part, { force: true });
  }
  return 200;
}

function get(mirror: URL, path: string): Promise<http.IncomingMessage> {
  const url = new URL(mirror.origin + path);
  const options =
    proxy !== undefined && url.protocol === "http:"
      ? { host: new URL(proxy).hostname, port: new URL(proxy).port, path: url.href, headers: { host: url.host } }
      : { host: url.hostname, port: url.port, path, headers: { host: url.host } };
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
  const asked = (url.protocol === "https:" ? https : http).get(options, resolve).on("error", reject);
  asked.setTimeout(60_000, () => asked.destroy(new Error("the mirror does not answer")));
  return promise;
}
