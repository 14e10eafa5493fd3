// SPDX-License-Identifier: Apache-2.0
// Sockets of the machine in memory: the same promises as those of a real one.

import assert from "node:assert/strict";
import { bytesOf, textOf } from "../../values/bytes.ts";
import { servingContract } from "../serving.contract.test-support.ts";
import { memoryHost } from "./index.ts";

servingContract(() => {
  const host = memoryHost();
  const { strangers } = host.outside;
  return {
    host,
    async ask(port, { body = "", ...question }) {
      const answered = await strangers.ask(port, { ...question, body: bytesOf(body) });
      return answered === undefined ? undefined : { ...answered, body: textOf(answered.body) };
    },
    async exchange(port, text) {
      assert.ok(strangers.send(port, bytesOf(text), { host: "192.0.2.1", port: 5 }));
      return textOf(strangers.heard()[0]?.bytes ?? new Uint8Array());
    },
    async tell(port, pieces, stay) {
      return strangers.tell(port, pieces.map(bytesOf), { host: "192.0.2.1", port: 5 }, stay);
    },
  };
});
