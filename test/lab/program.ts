// SPDX-License-Identifier: Apache-2.0
// Programs at work in a lab host, as a person runs them: once, or kept running while somebody else changes the machine.
// Works nowhere else.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "./inside.ts";

const root = join(import.meta.dirname, "../..");
export const mgmt = join(root, "mgmt");

/** A program of the host's own, which can be edited. */
export class LabProgram {
  readonly directory: string;
  #agent: ChildProcess | undefined;
  output = "";

  /** A copy of what is in `examples/`, or a text. */
  constructor(name: string, text?: string) {
    this.directory = `/root/programs/${name}`;
    mkdirSync(this.directory, { recursive: true });
    if (text === undefined) cpSync(join(root, "examples", name), this.directory, { recursive: true });
    else writeFileSync(`${this.directory}/main.mcl`, text);
  }

  /** What the text has in one place becomes something else. */
  edit(from: string | RegExp, to: string, file = "main.mcl"): void {
    const path = `${this.directory}/${file}`;
    const before = readFileSync(path, "utf8");
    const after = before.replace(from, () => to);
    assert.notEqual(after, before, `${path} has no ${from}`);
    writeFileSync(path, after);
  }

  /** Runs until everything is as declared; gives all that was said. */
  async once(status = 0): Promise<string> {
    const from = this.output.length;
    assert.equal(await this.#start("--once"), status, this.output.slice(from));
    return this.output.slice(from);
  }

  /** A run that has nothing to do. */
  async isSettled(): Promise<void> {
    assert.doesNotMatch(await this.once(), /^[+~!-] /m);
  }

  /** Keeps it running during the task; its events go to `output`. */
  async whileRunning(task: () => Promise<void>): Promise<void> {
    const from = this.output.length;
    const ended = this.#start("--json");
    try {
      await until("it has converged", () => this.output.slice(from).includes('"type":"converged"'), 120_000);
      await task();
    } catch (reason) {
      process.stdout.write(this.output.slice(from));
      throw reason;
    } finally {
      this.#agent?.kill("SIGTERM");
      await ended;
    }
  }

  /** The text appears in what is said from now on. */
  async says(text: RegExp, act: () => void): Promise<void> {
    const from = this.output.length;
    act();
    await until(`it says ${text}`, () => text.test(this.output.slice(from)), 60_000);
  }

  #start(...options: readonly string[]): Promise<number | null> {
    const child = spawn(mgmt, ["run", ...options, this.directory], { cwd: "/root", stdio: ["ignore", "pipe", "pipe"] });
    this.#agent = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.output += text;
      });
    }
    return new Promise((resolve) => child.once("close", resolve));
  }
}
