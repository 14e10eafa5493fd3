// SPDX-License-Identifier: Apache-2.0
// `bmc:power` over a real encrypted connection, to a controller with a certificate of its own making.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { linuxHost } from "../../src/host/linux/index.ts";
import { answer } from "../../src/host/linux/serve.test-support.ts";
import { TwinController } from "../../src/resources/bmc/controller.test-support.ts";
import { bmcPower } from "../../src/resources/bmc/power.ts";
import { drive } from "../resource.ts";

test("a controller is believed its certificate once, and only that one later", async () => {
  const directory = mkdtempSync(join(tmpdir(), "mgmt-bmc-"));
  const certificate = (name: string) => {
    const [key, cert] = [join(directory, `${name}.key`), join(directory, `${name}.pem`)];
    const subject = ["-subj", "/CN=bmc", "-days", "2", "-nodes"];
    execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-keyout", key, "-out", cert, ...subject], {
      stdio: "ignore",
    });
    return { key: readFileSync(key), cert: readFileSync(cert) };
  };
  const controller = new TwinController();
  const server = createServer(certificate("first"), (request, response) => {
    answer(controller.serve, request, response).catch(() => request.socket.destroy());
  });
  try {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const resource = drive(
      bmcPower,
      `gofishs://admin@127.0.0.1:${port}`,
      { password: controller.password, state: "on" },
      linuxHost(),
      { stateDirectory: join(directory, "state") },
    );
    assert.deepEqual(await resource.settle(), ["~ switch it on"]);
    assert.equal(controller.power, "On");
    assert.deepEqual(await resource.plan(), []);
    server.setSecureContext(certificate("second"));
    const asked = controller.asked.length;
    await assert.rejects(resource.plan(), { code: "denied", message: /another certificate than before/ });
    assert.equal(controller.asked.length, asked);
    rmSync(join(directory, "state", "certificate.sha256"));
    assert.deepEqual(await resource.plan(), []);
  } finally {
    server.close();
    server.closeAllConnections();
    rmSync(directory, { recursive: true, force: true });
  }
});
