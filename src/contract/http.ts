// SPDX-License-Identifier: Apache-2.0
// Requests to servers that speak HTTP, over a network or over a socket of this machine. One request, one answer: what a
// redirect, a status or a header means is known to whoever asks.

export interface Http {
  /**
   * Sends the request and gives the answer as soon as its head is there. Fails with `unreachable` when nobody answers or
   * the connection breaks off, and with `timed-out` when nothing is heard for `idleMs`, in the body too. Proxies are used
   * as the environment says.
   */
  request(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse>;
}

export interface HttpRequest {
  /** `GET` */
  readonly method: string;
  /** `http:` or `https:`. A user and password in it are sent to the server, and never shown. */
  readonly url: string;
  readonly headers?: ReadonlyMap<string, string>;
  readonly body?: Uint8Array;
  /** The socket of a server on this machine; the host in the URL is then a mere name. */
  readonly socketPath?: string;
  /**
   * Decides about the certificate of the server, by the SHA-256 of it in lower-case hexadecimal, before anything is sent.
   * Absent: an authority that this machine trusts must have signed it. Proxies are not used then.
   */
  readonly acceptsCertificate?: (sha256: string) => boolean;
  /** Absent: it may take as long as it takes. */
  readonly idleMs?: number;
}

export interface HttpResponse {
  readonly status: number;
  /** Names are lower-case; several of one name are joined by commas. */
  readonly headers: ReadonlyMap<string, string>;
  /** Must be read to its end or returned from. Each piece is gone when the next is asked for. */
  readonly body: AsyncIterableIterator<Uint8Array>;
}
