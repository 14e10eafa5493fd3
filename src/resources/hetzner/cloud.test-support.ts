// SPDX-License-Identifier: Apache-2.0
// The part of Hetzner Cloud that the kind uses, for tests, as its documents describe it: what is asked for is begun, and
// done a few questions later.

import type { ServedAnswer, Server as Serve } from "../../host/memory/http.ts";
import { textOf } from "../../values/bytes.ts";

export interface TwinServer {
  readonly id: number;
  readonly name: string;
  status: string;
  type: string;
  image: string | undefined;
  readonly place: string;
  readonly userData: string | undefined;
  rescue: string | undefined;
  rescueKeys: readonly number[];
}

export class TwinCloud {
  readonly servers = new Map<string, TwinServer>();
  readonly keys = new Map<string, number>([["admin", 42]]);
  readonly asked: string[] = [];
  readonly token = "t0ken-of-the-project";
  /** How many questions later what was begun is done. */
  delay = 2;
  /** Answers with this instead, once. */
  refusal: ServedAnswer | undefined;
  readonly #begun: { left: number; readonly done: () => void }[] = [];
  #lastId = 100;

  readonly serve: Serve = ({ method, path, headers, body }) => {
    const [, place = "", query = ""] = /^\/v1([^?]*)\??(.*)$/.exec(path) ?? [];
    if (method !== "GET") this.asked.push(`${method} ${place} ${textOf(body)}`.trim());
    if (headers.get("authorization") !== `Bearer ${this.token}`) {
      return refused(401, "unauthorized", "unable to authenticate");
    }
    const refusal = this.refusal;
    this.refusal = undefined;
    if (refusal !== undefined) return refusal;
    this.#goOn();
    const name = new URLSearchParams(query).get("name") ?? "";
    if (method === "GET" && place === "/ssh_keys") {
      const id = this.keys.get(name);
      return json(200, { ssh_keys: id === undefined ? [] : [{ id, name }] });
    }
    if (method === "GET" && place === "/servers") {
      const server = this.servers.get(name);
      return json(200, { servers: server === undefined ? [] : [shownServer(server)] });
    }
    const given = body.length === 0 ? {} : (JSON.parse(textOf(body)) as Record<string, unknown>);
    if (method === "POST" && place === "/servers") return this.#create(given);
    const [, id = "", action = ""] = /^\/servers\/(\d+)(?:\/actions\/(\w+))?$/.exec(place) ?? [];
    const server = [...this.servers.values()].find((each) => String(each.id) === id);
    if (server === undefined) return refused(404, "not_found", `server with ID '${id}' not found`);
    if (method === "DELETE") {
      server.status = "deleting";
      this.#begin(() => this.servers.delete(server.name));
      return json(200, { action: { status: "running" } });
    }
    return this.#act(server, action, given);
  };

  #create(given: Record<string, unknown>): ServedAnswer {
    const name = String(given["name"]);
    if (this.servers.has(name)) return refused(409, "uniqueness_error", "server name is already used");
    this.#lastId += 1;
    const location = text(given["location"]);
    const place = text(given["datacenter"]) ?? (location === undefined ? "nbg1-dc3" : `${location}-dc1`);
    const server: TwinServer = {
      id: this.#lastId,
      name,
      status: "initializing",
      type: String(given["server_type"]),
      image: String(given["image"]),
      place,
      userData: text(given["user_data"]),
      rescue: undefined,
      rescueKeys: [],
    };
    this.servers.set(name, server);
    this.#begin(() => {
      server.status = "off";
      if (given["start_after_create"] !== false) this.#begin(() => (server.status = "running"));
    });
    return json(201, { server: shownServer(server), root_password: "Never-to-be-shown1" });
  }

  #act(server: TwinServer, action: string, given: Record<string, unknown>): ServedAnswer {
    const isOff = server.status === "off";
    if (!isOff && server.status !== "running") return refused(423, "locked", "server is locked");
    if (action === "poweron") {
      server.status = "starting";
      this.#begin(() => Object.assign(server, { status: "running", rescue: undefined }));
    } else if (action === "poweroff") {
      server.status = "stopping";
      this.#begin(() => (server.status = "off"));
    } else if (action === "change_type") {
      if (!isOff) return refused(422, "server_not_stopped", "server is not stopped");
      server.status = "migrating";
      this.#begin(() => Object.assign(server, { status: "off", type: given["server_type"] }));
    } else if (action === "rebuild") {
      server.status = "rebuilding";
      this.#begin(() => Object.assign(server, { status: "running", image: given["image"] }));
    } else if (action === "enable_rescue") {
      this.#begin(() => Object.assign(server, { rescue: given["type"], rescueKeys: given["ssh_keys"] }));
    } else if (action === "disable_rescue") {
      this.#begin(() => (server.rescue = undefined));
    } else return refused(404, "not_found", `no action ${action}`);
    return json(201, { action: { status: "running", command: action } });
  }

  #begin(done: () => void): void {
    this.#begun.push({ left: this.delay, done });
  }

  #goOn(): void {
    for (const each of this.#begun.splice(0)) {
      each.left -= 1;
      if (each.left <= 0) each.done();
      else this.#begun.push(each);
    }
  }

  /** What was begun is done. */
  finish(): void {
    for (const { done } of this.#begun.splice(0)) done();
  }
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function shownServer({ id, name, status, type, image, place, rescue }: TwinServer): unknown {
  return {
    id,
    name,
    status,
    server_type: { name: type },
    datacenter: { name: place, location: { name: place.split("-")[0] } },
    image: image === undefined ? null : { id: 7, name: image, description: "An image" },
    rescue_enabled: rescue !== undefined,
  };
}

function json(status: number, body: unknown): ServedAnswer {
  return { status, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
}

function refused(status: number, code: string, message: string): ServedAnswer {
  return json(status, { error: { code, message } });
}
