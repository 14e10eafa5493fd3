// SPDX-License-Identifier: Apache-2.0
// How a web server answers for a `http:server:proxy`: which proxy is the one of a member now.

import type { Member, ResourceEnv } from "../../../contract/resource.ts";
import { placeOf, type ProxyWant } from "./proxy/place.ts";
import { CachingProxy } from "./proxy/caching-proxy.ts";
import { notFound, onlyReading, type Route } from "./routes.ts";

interface Present {
  readonly proxy: CachingProxy;
  readonly want: string;
  readonly signal: AbortSignal;
}

/** The engine keeps the memory of a resource as long as the resource, so this is as good as a part of it. */
const proxies = new WeakMap<ResourceEnv["memory"], Present>();

export const proxyRoute: Route = {
  isFor: (member, target) => placeOf(wantOf(member), target) !== undefined,
  async answer(member, target, request, { env }) {
    const place = placeOf(wantOf(member), target);
    if (place === undefined) return notFound();
    return onlyReading(request) ?? proxyOf(member, env.signal).answer(place, request);
  },
};

/** `signal` ends with the server; another one, or another definition, needs another proxy. */
function proxyOf(member: Member, signal: AbortSignal): CachingProxy {
  const { memory } = member.env;
  const present = proxies.get(memory);
  const want = JSON.stringify(wantOf(member), (_, value: unknown) =>
    typeof value === "bigint" ? String(value) : value,
  );
  if (present !== undefined && present.want === want && present.signal === signal) return present.proxy;
  const before = present?.proxy.close() ?? Promise.resolve();
  const proxy = new CachingProxy(wantOf(member), member.env, signal, before);
  proxies.set(memory, { proxy, want, signal });
  return proxy;
}

function wantOf({ want }: Member): ProxyWant {
  return want as unknown as ProxyWant;
}
