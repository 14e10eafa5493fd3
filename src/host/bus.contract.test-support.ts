// SPDX-License-Identifier: Apache-2.0
// What every host must do with programs on a bus, as cases that run on each.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Bus, busErrorName, type BusNews } from "../contract/bus.ts";
import { fails, never } from "./bench.test-support.ts";

/**
 * A bus on which `org.example.Echo` is at home: at /echo, with the interface of the same name. `Echo` returns its arguments
 * as they are, `Fail` refuses with `org.example.Broken` and "it is broken", `Silent` never answers.
 */
export interface BusBench {
  readonly bus: Bus;
  readonly emit: (path: string, member: string, signature: string, ...values: readonly unknown[]) => Promise<void>;
  /** The program goes, and one of the same name comes. */
  readonly replace: () => Promise<void>;
  /** The bus itself is started again, and the program with it. */
  readonly restart: () => Promise<void>;
  readonly stop: () => Promise<void>;
  readonly pass: (ms: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

const echo = { destination: "org.example.Echo", path: "/echo", interface: "org.example.Echo" } as const;

/** `makeBench` gives undefined where none can be had. */
export function busContract(name: string, makeBench: () => Promise<BusBench | undefined>): void {
  const check = (title: string, task: (bench: BusBench) => Promise<void>) => {
    it(title, { timeout: 30_000 }, async (context) => {
      const bench = await makeBench();
      if (bench === undefined) {
        context.diagnostic("not tried: there is no dbus-daemon on this machine");
        return;
      }
      try {
        await task(bench);
      } finally {
        await bench.close();
      }
    });
  };

  describe(`the bus of ${name}`, () => {
    check("values of every type come back as they went", async ({ bus }) => {
      const numbers = [1, -2, 3, -4, 5, -6n, 7n, 1.5] as const;
      const call = { ...echo, method: "Echo" } as const;
      const returned = await bus.call({ ...call, takes: "ynqiuxtd", arguments: numbers, returns: "ynqiuxtd" }, never());
      assert.deepEqual(returned, numbers);
      const texts = ["é\n", "/a/b_1", "a{sv}", true, ""] as const;
      assert.deepEqual(await bus.call({ ...call, takes: "sogbs", arguments: texts, returns: "sogbs" }, never()), texts);
      const lists = [["a", "b"], [], [[1, "x"]], new Uint8Array([1, 2, 255])] as const;
      const [some, none, structures, bytes] = await bus.call(
        { ...call, takes: "asaia(us)ay", arguments: lists, returns: "asaia(us)ay" },
        never(),
      );
      assert.deepEqual([some, none, structures], [["a", "b"], [], [[1, "x"]]]);
      assert.deepEqual([...bytes], [1, 2, 255]);
      const variants = { number: { type: "u", value: 7 }, texts: { type: "as", value: ["x"] } };
      const pairs = [[1, "one"]] as const;
      const [record, list, deep] = await bus.call(
        {
          ...call,
          takes: "a{sv}a{us}(vs)",
          arguments: [variants, pairs, [{ type: "b", value: true }, "x"]],
          returns: "a{sv}a{us}(vs)",
        },
        never(),
      );
      assert.deepEqual({ ...record }, { number: 7, texts: ["x"] });
      assert.deepEqual([list, deep], [pairs, [true, "x"]]);
      assert.deepEqual(await bus.call({ ...call, returns: "" }, never()), []);
    });

    check("what cannot be sent, and an answer of other types, is refused", async ({ bus }) => {
      const call = { ...echo, method: "Echo" } as const;
      for (const [takes, value] of [
        ["u", -1],
        ["u", 1.5],
        ["s", 1],
        ["x", 1],
        ["o", "no/path"],
        ["v", "text"],
        ["s", "null\0byte"],
        ["a", "x"],
      ] as const) {
        await fails(
          "invalid",
          bus.call({ ...call, takes, arguments: [value], returns: "" }, never()),
          "not of its types",
        );
      }
      await fails("invalid", bus.call({ ...call, takes: "s", returns: "" }, never()));
      const asked = bus.call({ ...call, takes: "s", arguments: ["x"], returns: "u" }, never());
      await fails("unexpected", asked, 'returned values of the types "s" and not "u"');
    });

    check("a refusal is told with its name", async ({ bus }) => {
      const refused = bus.call({ ...echo, method: "Fail", returns: "" }, never());
      await fails("unexpected", refused, "org.example.Echo refuses Fail: it is broken");
      assert.equal(busErrorName(await refused.catch((reason: unknown) => reason)), "org.example.Broken");
      const nobody = bus.call({ ...echo, destination: "org.example.Nobody", method: "X", returns: "" }, never());
      await fails("not-found", nobody, "is org.example.Nobody");
      await fails("unsupported", bus.call({ ...echo, method: "NoSuch", returns: "" }, never()), "NoSuch");
    });

    check("a call ends when nobody waits for it, and when it takes too long", async ({ bus, pass }) => {
      const stopping = new AbortController();
      const stopped = assert.rejects(
        bus.call({ ...echo, method: "Silent", returns: "" }, stopping.signal),
        /^Error: enough$/,
      );
      await pass(1);
      stopping.abort(new Error("enough"));
      await stopped;
      await assert.rejects(bus.call({ ...echo, method: "Echo", returns: "" }, stopping.signal), /^Error: enough$/);
      const late = fails(
        "timed-out",
        bus.call({ ...echo, method: "Silent", returns: "", timeoutMs: 50 }, never()),
        "Silent",
      );
      await pass(60);
      await late;
    });

    check("signals come in order to those whom they concern", async ({ bus, emit }) => {
      const over = new AbortController();
      const from = { sender: "org.example.Echo", interface: "org.example.Echo" } as const;
      const listeners = {
        all: bus.signals(from, over.signal),
        below: bus.signals({ pathNamespace: "/a/b" }, over.signal),
        typed: bus.signals({ ...from, member: "Rang", carries: "su" }, over.signal),
        first: bus.signals({ firstArgument: "bell", carries: "su" }, over.signal),
        others: bus.signals({ ...from, sender: "org.example.Other" }, over.signal),
        twice: bus.signals(from, over.signal),
      };
      for (const listener of Object.values(listeners))
        assert.deepEqual((await listener.next()).value, { type: "armed" });
      await emit("/a/b", "Rang", "su", "bell", 1);
      await emit("/a/bc", "Rang", "s", "bell");
      await emit("/a/b/c", "Hung", "");
      await emit("/end", "Rang", "su", "other", 2);
      const heard = async (listener: AsyncIterableIterator<BusNews, undefined>, count: number) => {
        const told: string[] = [];
        for (let index = 0; index < count; index += 1) {
          const { value } = await listener.next();
          if (value?.type === "signal")
            told.push(`${value.path} ${value.member} ${value.arguments.map((each) => JSON.stringify(each)).join()}`);
        }
        return told;
      };
      const everything = ['/a/b Rang "bell",1', '/a/bc Rang "bell"', "/a/b/c Hung ", '/end Rang "other",2'];
      assert.deepEqual(await heard(listeners.all, 4), everything);
      assert.deepEqual(await heard(listeners.below, 2), ['/a/b Rang "bell",1', "/a/b/c Hung "]);
      assert.deepEqual(await heard(listeners.first, 1), ['/a/b Rang "bell",1']);
      for (const count of [1, 2]) {
        const { value } = await listeners.typed.next();
        assert.ok(value?.type === "signal");
        const [text, number] = value.arguments;
        assert.deepEqual([text.toUpperCase(), number + 1], count === 1 ? ["BELL", 2] : ["OTHER", 3]);
      }
      await listeners.all.return?.();
      assert.deepEqual(await heard(listeners.twice, 4), everything, "a rule that two share stays until both have gone");
      await emit("/again", "Rang", "");
      assert.deepEqual(await heard(listeners.twice, 1), ["/again Rang "]);
      const end = listeners.others.next();
      over.abort();
      assert.deepEqual(await end, { done: true, value: undefined });
    });

    check("who listens is told to look again when the sender was started again", async ({ bus, emit, replace }) => {
      const over = new AbortController();
      const news = bus.signals({ sender: "org.example.Echo", carries: "" }, over.signal);
      assert.deepEqual((await news.next()).value, { type: "armed" });
      await replace();
      assert.deepEqual((await news.next()).value, { type: "armed" });
      await emit("/x", "Rang", "");
      const { value } = await news.next();
      assert.equal(value?.type === "signal" && value.path, "/x");
      over.abort();
    });

    check("a connection that is lost comes back, but not what was asked", async ({ bus, emit, restart }) => {
      const over = new AbortController();
      const news = bus.signals({ sender: "org.example.Echo", carries: "" }, over.signal);
      assert.deepEqual((await news.next()).value, { type: "armed" });
      const lost = fails("unreachable", bus.call({ ...echo, method: "Silent", returns: "" }, never()), "Silent");
      await restart();
      await lost;
      assert.deepEqual((await news.next()).value, { type: "armed" });
      assert.deepEqual(await bus.call({ ...echo, method: "Echo", returns: "" }, never()), []);
      await emit("/x", "Rang", "");
      let value = (await news.next()).value;
      // A real program takes its name after the bus is back.
      if (value?.type === "armed") value = (await news.next()).value;
      assert.equal(value?.type === "signal" && value.path, "/x");
      over.abort();
    });

    check("without a bus a call fails, and so does listening", async ({ bus, stop }) => {
      await stop();
      await fails("unreachable", bus.call({ ...echo, method: "Echo", returns: "" }, never()), "nothing answers at");
      await fails("unreachable", bus.signals({}, never()).next(), "nothing answers at");
    });
  });
}
