// SPDX-License-Identifier: Apache-2.0
// `consul:kv`: a text under a key of Consul, which tells by itself when somebody changes it.

import { Failure } from "../../contract/failure.ts";
import { field, type Want } from "../../contract/field.ts";
import {
  defineResource,
  type ResourceEnv,
  type Step,
  type StepText,
  type WantProblem,
} from "../../contract/resource.ts";
import { bytesOf } from "../../values/bytes.ts";
import { quote } from "../../values/print.ts";
import { type Answer, ask, refusedBy } from "../asking/answer.ts";
import { keepTrying } from "../asking/keep-trying.ts";
import { type ConsulPlace, largestValueBytes, placeOf } from "./place.ts";

const fields = {
  key: field.str({
    doc: "The key. Not given: the name of the resource, or the path in it when the name is a URL.",
    example: '"app/colour"',
  }),
  value: field.str({ doc: "The text.", example: '"blue"' }),
  scheme: field.str({
    choices: ["http", "https"],
    doc: "How Consul is asked. Not given: as the name says when it is a URL, else `http`, or `https` if the variable CONSUL_HTTP_SSL of the environment says so.",
  }),
  address: field.str({
    doc: "Where Consul is asked. Not given: as the name says when it is a URL, else the variable CONSUL_HTTP_ADDR, else `127.0.0.1:8500`.",
    example: '"consul.example.com:8500"',
  }),
  token: field.str({
    secret: true,
    doc: "What Consul knows us by. Not given: the variable CONSUL_HTTP_TOKEN.",
    example: '"b1gs33cr3t"',
  }),
};

type ConsulWant = Want<typeof fields>;

interface ConsulHave {
  readonly key: string;
  /** Undefined when there is no such key. */
  readonly present: string | undefined;
}

interface Put extends Step {
  readonly do: "put";
  readonly key: string;
  readonly before: string | undefined;
  readonly value: string;
}

const who = "Consul";
const shownLength = 60;
/** How long Consul is asked to wait for a change, and some time more that it takes on top. */
const waitS = 300;
const idleMs = (waitS + waitS / 16 + 30) * 1000;

export const consulKv = defineResource({
  kind: "consul:kv",
  summary: "A text under a key of Consul.",
  fields,
  traits: { receives: true },
  watchedFields: ["key", "scheme", "address", "token"],
  check: checkConsul,
  async observe(want: ConsulWant, env): Promise<ConsulHave> {
    const place = placeOf(want, env.name, env.host.system);
    const answer = await look(place, "?raw", env);
    return { key: place.key, present: answer.status === 404 ? undefined : answer.text };
  },
  plan: ({ value }: ConsulWant, { key, present }: ConsulHave): readonly Put[] =>
    present === value ? [] : [{ do: "put", key, before: present, value }],
  explain: ({ before, value }: Put): StepText =>
    before === undefined
      ? { mark: "+", text: `set the text ${shown(value)}` }
      : { mark: "~", text: `set the text ${shown(value)} (was ${shown(before)})` },
  async apply({ value, key }: Put, want: ConsulWant, env) {
    const place = placeOf(want, env.name, env.host.system);
    const headers = headersOf(place);
    const answer = await ask(
      who,
      { method: "PUT", url: place.url, headers, body: bytesOf(value) },
      env.host.http,
      env.signal,
    );
    if (answer.status !== 200) throw refused(`set ${key}`, answer, place);
    if (answer.text.trim() !== "true") {
      throw new Failure(`${who} has not set ${key}`, {
        code: "conflict",
        hint: "Somebody may hold a lock on this key.",
      });
    }
  },
  watch: (want: ConsulWant, env) =>
    keepTrying(env, async (tell, signal) => {
      const place = placeOf(want, env.name, env.host.system);
      let index = 0;
      for (;;) {
        const asked = { ...env, signal };
        const { headers } = await look(place, index === 0 ? "" : `?index=${index}&wait=${waitS}s`, asked);
        const next = Number(headers.get("x-consul-index") ?? "0");
        if (!(next > 0)) {
          throw new Failure(`${who} does not tell of changes at ${place.shown}`, {
            code: "unsupported",
            hint: "See whether `address` leads to Consul itself.",
          });
        }
        if (next !== index) tell();
        // It goes back when Consul got its data from a backup: then all begins anew.
        index = next < index ? 0 : next;
      }
    }),
});

function checkConsul(want: ConsulWant, name: string): readonly WantProblem[] {
  const found: WantProblem[] = [];
  const { key, host } = placeOf(want, name);
  if (key === "") {
    found.push({ field: "key", title: "a text in Consul needs a `key`", hint: 'Write it like "app/colour".' });
  } else if (key.startsWith("/")) {
    found.push({
      field: "key",
      title: `the key "${key}" must not begin with a slash`,
      hint: `Write "${key.replace(/^\/+/, "")}".`,
    });
  }
  if (/\p{Cc}/u.test(key)) {
    // Consul does not even answer.
    found.push({ field: "key", title: "a key has no line end and no other control character in it" });
  }
  if (!/^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?$/.test(host)) {
    found.push({ field: "address", title: `"${host}" is no address of a server`, hint: 'Write it like "host:8500".' });
  }
  if (bytesOf(want.value).length > largestValueBytes) {
    found.push({
      field: "value",
      title: `Consul keeps texts of ${largestValueBytes / 1024} KiB at most, and this one has ${bytesOf(want.value).length} bytes`,
    });
  }
  if (/[^\x20-\x7e]/.test(want.token)) {
    found.push({
      field: "token",
      title: "a token has no line ends, and no letters outside of ASCII",
      hint: "The line end of a file that it is read from goes with `strings.trim_space`.",
    });
  }
  return found;
}

async function look(place: ConsulPlace, query: string, { host, signal }: ResourceEnv): Promise<Answer> {
  const asked = { method: "GET", url: `${place.url}${query}`, headers: headersOf(place), idleMs };
  const answer = await ask(who, asked, host.http, signal);
  if (answer.status !== 200 && answer.status !== 404) throw refused(`read ${place.key}`, answer, place);
  return answer;
}

function headersOf({ token }: ConsulPlace): ReadonlyMap<string, string> {
  return new Map(token === "" ? [] : [["x-consul-token", token]]);
}

function refused(what: string, { status, text }: Answer, { token }: ConsulPlace): Failure {
  const isDenied = status === 401 || status === 403;
  const hint = token === "" ? "Give a `token` that may do this." : "See whether the `token` is right and may do this.";
  return refusedBy(who, what, status, text.trim(), isDenied ? hint : undefined);
}

function shown(text: string): string {
  return quote(text.length > shownLength ? `${text.slice(0, shownLength)}…` : text);
}
