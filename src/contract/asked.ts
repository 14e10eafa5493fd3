// SPDX-License-Identifier: Apache-2.0
// What others have asked of servers of this machine, for whoever watches the run. Nobody's answer depends on it.

export interface Asked {
  /** `kind[name]` of the server. */
  readonly server: string;
  /** Who asked, as far as it is known: an address, one of hardware where there is no other. */
  readonly from: string;
  /** Without what may be secret: `GET /boot.efi`. */
  readonly what: string;
  readonly answer: string;
  readonly outcome: "good" | "refused" | "failed";
  /** Of the content of the answer, when it is known. */
  readonly bytes?: number;
}

export interface AskedNews {
  /** Quick, and throws nothing. */
  tell(asked: Asked): void;
  /** The function that is given back ends it. */
  listen(listener: (asked: Asked) => void): () => void;
}
