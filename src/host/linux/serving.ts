// SPDX-License-Identifier: Apache-2.0
// Sockets of this machine on which others ask it something.

import type { Clock } from "../../contract/host.ts";
import type { Serving } from "../../contract/serving.ts";
import { createAskedNews } from "../asked-news.ts";
import { openDatagrams } from "./datagrams.ts";
import { listenHttp } from "./http-server.ts";
import { listenStreams } from "./streams.ts";

export function linuxServing(clock: Clock): Serving {
  return {
    asked: createAskedNews(),
    http: (options, answer, signal) => listenHttp(options, answer, clock, signal),
    datagrams: openDatagrams,
    streams: listenStreams,
  };
}
