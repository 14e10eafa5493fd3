// SPDX-License-Identifier: Apache-2.0
// The person at the terminal of this process, for what only a person knows.

export interface Prompt {
  /**
   * Asks for a text that nobody may see while it is typed; questions are asked one after the other. Undefined: the person gives
   * none. Fails with `unsupported` when this process has no terminal.
   */
  secret(question: string, signal: AbortSignal): Promise<string | undefined>;
}
