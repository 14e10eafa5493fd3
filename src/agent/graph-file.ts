// SPDX-License-Identifier: Apache-2.0
// The file that shows the resource graph in force, in DOT. That it cannot be written is told, and stops nothing.

import { Failure } from "../contract/failure.ts";
import type { Host } from "../contract/host.ts";
import { renderDot } from "../resource-graph/render.ts";
import type { ResourceGraph } from "../resource-graph/vertex.ts";
import { bytesOf } from "../values/bytes.ts";

export class GraphFile {
  readonly #path: string;
  readonly #files: Host["files"];
  readonly #onTrouble: (message: string) => void;
  #told = "";

  constructor(path: string, { files }: Pick<Host, "files">, onTrouble: (message: string) => void) {
    this.#path = path;
    this.#files = files;
    this.#onTrouble = onTrouble;
  }

  async draw(graph: ResourceGraph, name: string, signal: AbortSignal): Promise<void> {
    try {
      await this.#files.write(this.#path, bytesOf(renderDot(graph, name)), {}, signal);
      this.#told = "";
    } catch (reason) {
      if (!(reason instanceof Failure)) throw reason;
      if (reason.message !== this.#told) this.#onTrouble(`The picture of the graph is missing: ${reason.message}`);
      this.#told = reason.message;
    }
  }
}
