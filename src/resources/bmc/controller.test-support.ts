// SPDX-License-Identifier: Apache-2.0
// A baseboard controller for tests: the part of Redfish that the kinds use, as the documents of the DMTF describe it, and
// the RPC service of bmclib. What is asked for is begun, and done a few questions later.

import { createHmac } from "node:crypto";
import type { ServedAnswer, Server } from "../../host/memory/http.ts";
import { textOf } from "../../values/bytes.ts";

export class TwinController {
  readonly username = "admin";
  readonly password = "pass:w0rd-ä";
  readonly asked: string[] = [];
  power = "Off";
  versions: Record<string, string> = { BMC: "1.0", BIOS: "2.0" };
  vendor = "Dell Inc.";
  /** What its own system does when it is asked to end. */
  isStubborn = false;
  resetTypes = ["On", "ForceOff", "GracefulShutdown"];
  machines = 1;
  takesParts = true;
  /** The version that is in the next firmware; undefined: it is damaged. */
  nextVersion: string | undefined = "1.1";
  received: string | undefined;
  /** How many questions later what was begun is done. */
  delay = 2;
  taskState = "Running";
  #begun: { left: number; readonly done: () => void }[] = [];

  readonly serve: Server = ({ method, path, headers, body }) => {
    const wanted = `Basic ${Buffer.from(`${this.username}:${this.password}`).toString("base64")}`;
    if (headers.get("authorization") !== wanted) return refused(401, "Invalid login");
    this.#goOn();
    if (method === "POST") this.asked.push(`${path} ${textOf(body)}`);
    const answer = method === "GET" ? this.#look(path) : this.#act(path, headers, body);
    return answer ?? refused(404, `There is no ${path}`);
  };

  #look(path: string): ServedAnswer | undefined {
    const collection = (...places: readonly string[]) =>
      json(200, { Members: places.map((place) => ({ "@odata.id": `${path}/${place}` })) });
    const target = "/redfish/v1/Systems/1/Actions/ComputerSystem.Reset";
    switch (path) {
      case "/redfish/v1/":
        return json(200, { Vendor: this.vendor, Oem: {} });
      case "/redfish/v1/Systems":
        return collection(...["1", "2", "3"].slice(0, this.machines));
      case "/redfish/v1/Systems/1":
        return json(200, {
          PowerState: this.power,
          Manufacturer: this.vendor,
          BiosVersion: this.versions["BIOS"],
          Actions: { "#ComputerSystem.Reset": { target, "ResetType@Redfish.AllowableValues": this.resetTypes } },
        });
      case "/redfish/v1/Managers":
        return collection("BMC");
      case "/redfish/v1/Managers/BMC":
        return json(200, { FirmwareVersion: this.versions["BMC"] });
      case "/redfish/v1/UpdateService":
        return json(200, this.takesParts ? { MultipartHttpPushUri: "/upload" } : { HttpPushUri: "/push" });
      case "/redfish/v1/TaskService/Tasks/7":
        return json(200, { TaskState: this.taskState, Messages: [{ Message: "The image is damaged." }] });
      default:
        return undefined;
    }
  }

  #act(path: string, headers: ReadonlyMap<string, string>, body: Uint8Array): ServedAnswer | undefined {
    if (path.endsWith("/ComputerSystem.Reset")) {
      const { ResetType } = JSON.parse(textOf(body)) as { readonly ResetType: string };
      if (ResetType === "GracefulShutdown" && this.isStubborn) return { status: 204 };
      const on = ResetType === "On";
      this.power = on ? "PoweringOn" : "PoweringOff";
      this.#begin(() => (this.power = on ? "On" : "Off"));
      return { status: 204 };
    }
    if (path !== "/upload" && path !== "/push") return undefined;
    const [, boundary = ""] = /boundary=(.+)$/.exec(headers.get("content-type") ?? "") ?? [];
    const parts = path === "/push" ? [] : textOf(body).split(`--${boundary}`);
    this.received = path === "/push" ? textOf(body) : parts[2]?.split("\r\n\r\n")[1]?.replace(/\r\n$/, "");
    this.taskState = "Running";
    const version = this.nextVersion;
    this.#begin(() => {
      this.taskState = version === undefined ? "Exception" : "Completed";
      if (version !== undefined) this.#begin(() => (this.versions["BMC"] = version));
    });
    const place = "/redfish/v1/TaskService/Tasks/7";
    return path === "/push" ? { status: 202, headers: { Location: place } } : json(202, { "@odata.id": place });
  }

  #begin(done: () => void): void {
    this.#begun.push({ left: this.delay, done });
  }

  #goOn(): void {
    const begun = this.#begun;
    this.#begun = [];
    for (const each of begun) {
      each.left -= 1;
      if (each.left <= 0) each.done();
      else this.#begun.push(each);
    }
  }

  /** The same machine behind a service of bmclib's RPC. */
  readonly serveRpc: Server = ({ headers, body }) => {
    const signed = `${textOf(body)}${headers.get("x-bmclib-timestamp") ?? ""}`;
    const code = createHmac("sha256", this.password).update(signed).digest("hex");
    if (headers.get("x-bmclib-signature-256") !== `sha256=${code}`) return { status: 403, body: "bad signature" };
    const { method, params, host, id } = JSON.parse(textOf(body)) as {
      readonly method: string;
      readonly params?: { readonly state: string };
      readonly host: string;
      readonly id: number;
    };
    if (host !== "bmc.example") return json(200, { id, host, error: { code: 404, message: "unknown machine" } });
    if (method === "setPowerState") this.power = params?.state === "on" ? "On" : "Off";
    return json(200, { id, host, result: this.power.toLowerCase() });
  };
}

function json(status: number, body: unknown): ServedAnswer {
  return { status, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
}

function refused(status: number, message: string): ServedAnswer {
  return json(status, { error: { code: "Base.1.0.Error", "@Message.ExtendedInfo": [{ Message: message }] } });
}
