// SPDX-License-Identifier: Apache-2.0
// A container engine for tests: the part of the interface of Docker that the kinds use, with what Docker says when it
// refuses. Serves in memory and, for real, on a socket.

import type { ServedAnswer, ServedRequest, Server } from "../../host/memory/http.ts";
import { bytesOf, textOf } from "../../values/bytes.ts";
import { wholeName } from "./images.ts";

export interface TwinContainer {
  readonly Id: string;
  readonly Config: { readonly Image: string; readonly Cmd: readonly string[]; readonly Env: readonly string[] };
  readonly HostConfig: { readonly PortBindings: Readonly<Record<string, readonly { readonly HostPort: string }[]>> };
  readonly State: { Running: boolean; Paused: boolean };
}

interface Creation {
  readonly Image: string;
  readonly Cmd?: readonly string[];
  readonly Env?: readonly string[];
  readonly HostConfig?: TwinContainer["HostConfig"];
}

export class TwinEngine {
  readonly containers = new Map<string, TwinContainer>();
  readonly images = new Set<string>();
  /** What can be pulled. */
  readonly hub = new Set<string>(["nginx:latest", "nginx:1.27", "busybox:latest"]);
  readonly asked: string[] = [];
  readonly #listeners = new Set<(event: string) => void>();
  #lastId = 0;

  readonly serve: Server = (request) => {
    const path = request.path.replace(/^\/v\d+\.\d+/, "");
    this.asked.push(`${request.method} ${decodeURIComponent(request.path)}`);
    const [place = "", query = ""] = path.split("?");
    return this.#route(request, place, new URLSearchParams(query));
  };

  #route(request: ServedRequest, place: string, query: URLSearchParams): ServedAnswer {
    const { method, body } = request;
    if (place === "/events") return { status: 200, body: this.#events(request.signal) };
    if (place === "/images/create") return this.#pull(query.get("fromImage") ?? "");
    const [, image = ""] = /^\/images\/(.+?)(?:\/json)?$/.exec(place) ?? [];
    if (image !== "") {
      if (!this.images.has(image)) return refused(404, `No such image: ${image}`);
      if (method === "GET") return json(200, { Id: `sha256:${image}` });
      const user = [...this.containers].find(([, { Config }]) => Config.Image === image);
      if (user !== undefined) return refused(409, `conflict: unable to remove ${image}, container ${user[0]} uses it`);
      this.images.delete(image);
      this.tell();
      return json(200, [{ Untagged: image }]);
    }
    if (place === "/containers/create")
      return this.#create(query.get("name") ?? "", JSON.parse(textOf(body)) as Creation);
    const [, name = "", verb = ""] = /^\/containers\/([^/]+)(?:\/(\w+))?$/.exec(place) ?? [];
    const container = this.containers.get(name);
    if (container === undefined) return refused(404, `No such container: ${name}`);
    if (method === "GET") return json(200, container);
    if (method === "DELETE") {
      if (container.State.Running && query.get("force") !== "true") return refused(409, "container is running");
      this.containers.delete(name);
      this.tell();
      return { status: 204 };
    }
    const { State } = container;
    const before = JSON.stringify(State);
    if (verb === "start") State.Running = true;
    if (verb === "stop") Object.assign(State, { Running: false, Paused: false });
    if (verb === "unpause") State.Paused = false;
    if (JSON.stringify(State) === before) return { status: 304 };
    this.tell();
    return { status: 204 };
  }

  #create(name: string, { Image, Cmd = ["default"], Env = [], HostConfig }: Creation): ServedAnswer {
    if (this.containers.has(name)) return refused(409, `Conflict. The container name "/${name}" is already in use`);
    if (!this.images.has(wholeName(Image))) return refused(404, `No such image: ${Image}`);
    this.#lastId += 1;
    this.containers.set(name, {
      Id: `id${this.#lastId}`,
      Config: { Image, Cmd, Env: [...Env, "PATH=/usr/bin"] },
      HostConfig: { PortBindings: HostConfig?.PortBindings ?? {} },
      State: { Running: false, Paused: false },
    });
    this.tell();
    return json(201, { Id: `id${this.#lastId}` });
  }

  #pull(image: string): ServedAnswer {
    const isThere = this.hub.has(image);
    if (isThere) {
      this.images.add(image);
      this.tell();
    }
    const lines = [
      { status: `Pulling from ${image}` },
      { status: "Downloading", progress: "[=>  ]" },
      isThere ? { status: `Downloaded ${image}` } : { error: `manifest for ${image} not found: manifest unknown` },
    ];
    return { status: 200, body: lines.map((line) => `${JSON.stringify(line)}\r\n`).join("") };
  }

  async *#events(signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const waiting: string[] = [];
    let wake = () => {};
    const listener = (event: string) => {
      waiting.push(event);
      wake();
    };
    this.#listeners.add(listener);
    try {
      while (!signal.aborted) {
        const next = waiting.shift();
        if (next !== undefined) {
          yield bytesOf(next);
          continue;
        }
        await new Promise<void>((resolve) => {
          wake = resolve;
          signal.addEventListener("abort", () => resolve(), { once: true });
        });
      }
    } finally {
      this.#listeners.delete(listener);
    }
  }

  /** Something has changed. */
  tell(): void {
    for (const listener of this.#listeners) listener(`${JSON.stringify({ Type: "container", Action: "change" })}\n`);
  }
}

function json(status: number, body: unknown): ServedAnswer {
  return { status, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
}

function refused(status: number, message: string): ServedAnswer {
  return json(status, { message });
}
