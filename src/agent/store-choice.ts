// SPDX-License-Identifier: Apache-2.0
// Which store a run uses, by what its person says: its own file, that of others, or one that this host keeps for others.

import { Failure } from "../contract/failure.ts";
import { clientPort, parseUrls, serverPort, shareAnAddress } from "../cluster/etcd/urls.ts";

export type StoreChoice =
  | { readonly kind: "own file" }
  /** Of several runs on this machine. */
  | { readonly kind: "shared file"; readonly path: string }
  /** `seeds`: addresses of servers of the store, any of them. */
  | { readonly kind: "join"; readonly seeds: readonly string[] }
  | { readonly kind: "serve"; readonly addresses: ServeAddresses };

export interface ServeAddresses {
  /** Only programs of this machine reach it. */
  readonly noNetwork: boolean;
  readonly clientUrls: readonly string[];
  readonly serverUrls: readonly string[];
  readonly advertiseClientUrls: readonly string[];
  readonly advertiseServerUrls: readonly string[];
}

/** As given: each text may hold several addresses. */
export interface StoreWishes {
  readonly seeds: readonly string[];
  readonly clientUrls: readonly string[];
  readonly serverUrls: readonly string[];
  readonly advertiseClientUrls: readonly string[];
  readonly advertiseServerUrls: readonly string[];
  readonly noNetwork: boolean;
}

/** Fails with `invalid` when it makes no sense. */
export function chooseStore(wishes: StoreWishes): StoreChoice {
  const [seed, ...more] = wishes.seeds;
  if (seed?.startsWith("file:/") === true) return sharedFile(seed, more, wishes);
  const seeds = seedsOf(wishes.seeds);
  const given = {
    clientUrls: parseUrls(wishes.clientUrls, clientPort, "--client-urls"),
    serverUrls: parseUrls(wishes.serverUrls, serverPort, "--server-urls"),
    advertiseClientUrls: parseUrls(wishes.advertiseClientUrls, clientPort, "--advertise-client-urls"),
    advertiseServerUrls: parseUrls(wishes.advertiseServerUrls, serverPort, "--advertise-server-urls"),
  };
  const serves = Object.values(given).some((urls) => urls.length > 0);
  if (wishes.noNetwork && (serves || seeds.length > 0)) {
    throw new Failure("With --no-network there are no addresses: neither --seeds nor --client-urls and the like.", {
      code: "invalid",
    });
  }
  if (wishes.noNetwork) return { kind: "serve", addresses: { ...given, noNetwork: true } };
  if (seeds.length > 0 && serves) {
    throw new Failure("A host that joins others by --seeds keeps no store for others.", {
      code: "invalid",
      hint: "Leave out --client-urls, --server-urls and the like; or --seeds, if this is the first host.",
    });
  }
  if (seeds.length > 0) return { kind: "join", seeds };
  return serves ? { kind: "serve", addresses: completed(given) } : { kind: "own file" };
}

function sharedFile(seed: string, more: readonly string[], wishes: StoreWishes): StoreChoice {
  const { clientUrls, serverUrls, advertiseClientUrls, advertiseServerUrls, noNetwork } = wishes;
  const addresses = [more, clientUrls, serverUrls, advertiseClientUrls, advertiseServerUrls];
  if (!noNetwork && addresses.every((urls) => urls.length === 0)) {
    return { kind: "shared file", path: seed.replace(/^file:(\/\/)?/, "") };
  }
  throw new Failure("A store in a file has no addresses, and is the only seed.", { code: "invalid" });
}

/** Addresses of servers of a store. */
export function seedsOf(texts: readonly string[]): readonly string[] {
  return parseUrls(texts, clientPort, "--seeds");
}

function completed(given: Omit<ServeAddresses, "noNetwork">): ServeAddresses {
  const local = `http://127.0.0.1:${clientPort}`;
  const asked = given.clientUrls.length === 0 ? [local] : given.clientUrls;
  const clientUrls = asked.some(isHere) ? asked : [local, ...asked];
  const serverUrls = given.serverUrls.length === 0 ? [`http://127.0.0.1:${serverPort}`] : given.serverUrls;
  const both = shareAnAddress(clientUrls, serverUrls);
  if (both !== undefined) {
    throw new Failure(`${both} cannot be for clients and for servers.`, {
      code: "invalid",
      hint: "--client-urls and --server-urls need ports of their own.",
    });
  }
  return {
    noNetwork: false,
    clientUrls,
    serverUrls,
    advertiseClientUrls: advertised(given.advertiseClientUrls, asked, "--advertise-client-urls"),
    advertiseServerUrls: advertised(given.advertiseServerUrls, serverUrls, "--advertise-server-urls"),
  };
}

function advertised(given: readonly string[], listened: readonly string[], option: string): readonly string[] {
  if (given.length > 0) return given;
  const wild = listened.find(isEverywhere);
  if (wild === undefined) return listened;
  throw new Failure(`Nobody can be told to find this host at ${wild}.`, {
    code: "invalid",
    hint: `Say by ${option} where others find it.`,
  });
}

/** Programs of this machine are served there. */
function isHere(url: string): boolean {
  return /^(?:unix:|https?:\/\/(?:localhost|127\.[\d.]+|\[::1\])[:/])/.test(url) || isEverywhere(url);
}

function isEverywhere(url: string): boolean {
  return /^https?:\/\/(?:0\.0\.0\.0|\[::\])[:/]/.test(url);
}

/** Where the run itself finds the store that it keeps. */
export function ownClientUrls({ clientUrls }: ServeAddresses): readonly string[] {
  const here = clientUrls.map((url) => url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:"));
  return here.toSorted((left, right) => Number(isHere(right)) - Number(isHere(left)));
}
