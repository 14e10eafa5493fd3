// SPDX-License-Identifier: Apache-2.0
// Clients that are processes of their own, and what they have noted. They end with whoever started them.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { AgentOptions, Order, Reply } from "./agent.ts";
import type { Recorded } from "./history.ts";
import type { Actor } from "./world.ts";

const agent = join(import.meta.dirname, "agent.ts");
/** For an answer of one that is well; machines may be busy. */
const patienceMs = 60_000;

export class Processes {
  readonly #directory: string;
  readonly #running = new Set<ChildProcess>();

  constructor(directory: string) {
    this.#directory = join(directory, "notes");
    mkdirSync(this.#directory, { recursive: true });
  }

  /** `through`: a command in front of it. */
  async begin(options: Omit<AgentOptions, "notes">, through: readonly string[] = []): Promise<Actor> {
    const notes = join(this.#directory, `${options.name}.jsonl`);
    const whole: AgentOptions = { ...options, notes };
    const command = [...through, process.execPath, agent, JSON.stringify(whole)];
    const log = openSync(`${notes}.log`, "a");
    const child = spawn(command[0] ?? "", command.slice(1), { stdio: ["ignore", log, log, "ipc"] });
    closeSync(log);
    this.#running.add(child);
    child.once("exit", () => this.#running.delete(child));
    await replyOf(child);
    const order = async (what: Order): Promise<void> => {
      const replying = replyOf(child);
      child.send(what);
      await replying;
    };
    return {
      name: options.name,
      kill: async () => {
        const ended = once(child, "exit");
        child.kill("SIGKILL");
        await ended;
      },
      pause: () => {
        child.kill("SIGSTOP");
        return () => void child.kill("SIGCONT");
      },
      jump: (ms) => void child.send({ do: "jump", ms } satisfies Order),
      rest: () => order({ do: "rest" }),
      look: () => order({ do: "look" }).catch(() => {}), // What it could not see is missing, and that is judged.
    };
  }

  events(): readonly Recorded[] {
    return readdirSync(this.#directory)
      .filter((name) => name.endsWith(".jsonl"))
      .flatMap((name) => readFileSync(join(this.#directory, name), "utf8").split("\n").slice(0, -1))
      .map((line) => JSON.parse(line) as Recorded);
  }

  async stop(): Promise<void> {
    await Promise.all(
      [...this.#running].map(async (child) => {
        const ended = once(child, "exit");
        child.kill("SIGKILL");
        await ended;
      }),
    );
  }
}

async function replyOf(child: ChildProcess): Promise<void> {
  const waiting = new AbortController();
  const { signal } = waiting;
  const late = async (): Promise<never> => {
    await sleep(patienceMs, undefined, { signal });
    throw new Error("a client does not answer");
  };
  const ended = async (): Promise<never> => {
    await once(child, "exit", { signal });
    throw new Error("a client has ended by itself");
  };
  const answered = async (): Promise<void> => {
    const [reply] = (await once(child, "message", { signal })) as [Reply];
    if (typeof reply === "object") throw new Error(reply.failed);
  };
  try {
    await Promise.race([answered(), late(), ended()]);
  } finally {
    waiting.abort();
  }
}
