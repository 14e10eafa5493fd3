// SPDX-License-Identifier: Apache-2.0
// Which store a run uses, by what its person says: its own file, that of others, or one that this host keeps for others.

import { Failure } from "../contract/failure.ts";
import { clientPort, parseUrls, serverPort, shareAnAddress } from "../cluster/etcd/urls.ts";

export type StoreChoice =
  | { readonly kind: "own file" }
  /** Of several runs on this machine. */
  | { readonly kind: "shared file"; readonly path: string }
  /** `seeds`: addresses of servers of the store, any of them. `given`: where this host would keep it, too. */
  | {
      readonly kind: "join";
      readonly seeds: readonly string[];
      readonly given: GivenAddresses;
      readonly keeping: Keeping;
    }
  /** As the first host. */
  | { readonly kind: "serve"; readonly addresses: ServeAddresses; readonly keeping: Keeping };

export interface ServeAddresses extends GivenAddresses {
  /** Only programs of this machine reach it. */
  readonly noNetwork: boolean;
}

/** Where a host listens, and where it is found; in what a person gives any of them may be empty. */
export interface GivenAddresses {
  readonly clientUrls: readonly string[];
  readonly serverUrls: readonly string[];
  readonly advertiseClientUrls: readonly string[];
  readonly advertiseServerUrls: readonly string[];
}

/** What is said about keeping the store with others. */
export interface Keeping {
  /** This host never does. */
  readonly noServer: boolean;
  /** How many hosts are to do so, said by the first. */
  readonly idealSize?: number;
  /** Hosts of one zone may fail together. */
  readonly zone?: string;
  /** Another host takes the place of one that was silent for so long. */
  readonly replaceAfterMs?: number;
  /** The run is to go on for ever: one that is soon over promises nothing to others. */
  readonly isLasting: boolean;
}

/** As given: each text may hold several addresses. */
export interface StoreWishes extends GivenAddresses, Keeping {
  readonly seeds: readonly string[];
  readonly noNetwork: boolean;
  /** Of addresses that are given without one. */
  readonly scheme: "http" | "https";
}

/** Fails with `invalid` when it makes no sense. */
export function chooseStore(wishes: StoreWishes): StoreChoice {
  const { noNetwork, scheme, noServer, isLasting } = wishes;
  const [seed, ...more] = wishes.seeds;
  if (seed?.startsWith("file:/") === true) return sharedFile(seed, more, wishes);
  const seeds = seedsOf(wishes.seeds, scheme);
  const given = {
    clientUrls: parseUrls(wishes.clientUrls, clientPort, "--client-urls", scheme),
    serverUrls: parseUrls(wishes.serverUrls, serverPort, "--server-urls", scheme),
    advertiseClientUrls: parseUrls(wishes.advertiseClientUrls, clientPort, "--advertise-client-urls", scheme),
    advertiseServerUrls: parseUrls(wishes.advertiseServerUrls, serverPort, "--advertise-server-urls", scheme),
  };
  const serves = Object.values(given).some((urls) => urls.length > 0);
  if (noNetwork && (serves || seeds.length > 0)) {
    throw new Failure("With --no-network there are no addresses: neither --seeds nor --client-urls and the like.", {
      code: "invalid",
    });
  }
  if (noServer && (noNetwork || serves || seeds.length === 0)) {
    throw new Failure("A host that keeps no store for others joins others by --seeds, and has no addresses itself.", {
      code: "invalid",
      hint: "Leave out --no-server, or give --seeds and neither --client-urls, --server-urls nor the like.",
    });
  }
  const { idealSize, zone, replaceAfterMs } = wishes;
  if (idealSize !== undefined && !(Number.isInteger(idealSize) && idealSize >= 1 && idealSize <= 99)) {
    throw new Failure("How many hosts are to keep the store is a number from 1 to 99.", { code: "invalid" });
  }
  if (replaceAfterMs !== undefined && !(replaceAfterMs >= 5000)) {
    throw new Failure("A host is not replaced before it was silent for 5 seconds.", { code: "invalid" });
  }
  const keeping: Keeping = {
    noServer,
    isLasting,
    ...(idealSize === undefined ? {} : { idealSize }),
    ...(zone === undefined ? {} : { zone }),
    ...(replaceAfterMs === undefined ? {} : { replaceAfterMs }),
  };
  if (noNetwork) return { kind: "serve", addresses: { ...given, noNetwork }, keeping };
  if (seeds.length > 0) return { kind: "join", seeds, given, keeping };
  return serves ? { kind: "serve", addresses: completed(given, scheme), keeping } : { kind: "own file" };
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
export function seedsOf(texts: readonly string[], scheme: "http" | "https"): readonly string[] {
  return parseUrls(texts, clientPort, "--seeds", scheme);
}

/** With what was not said. `addsLocal`: programs of this machine are served at the usual place, too. */
export function completed(
  given: GivenAddresses,
  scheme: "http" | "https",
  { addsLocal = true }: { readonly addsLocal?: boolean } = {},
): ServeAddresses {
  const local = `${scheme}://127.0.0.1:${clientPort}`;
  const asked = given.clientUrls.length === 0 ? [local] : given.clientUrls;
  const clientUrls = !addsLocal || asked.some(isHere) ? asked : [local, ...asked];
  const serverUrls = given.serverUrls.length === 0 ? [`${scheme}://127.0.0.1:${serverPort}`] : given.serverUrls;
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
