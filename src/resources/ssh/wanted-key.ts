// SPDX-License-Identifier: Apache-2.0
// What a resource says about a key: the line it means, in which file, and whose file that is. Pure.

import { field, type Want } from "../../contract/field.ts";
import type { WantProblem } from "../../contract/resource.ts";
import { wrongFilePath } from "../files/home-path.ts";
import { type KeyLine, parseKeyLine } from "./key-line.ts";
import { accountProblems } from "../accounts/account-fields.ts";
import { pathProblems } from "../files/possible-path.ts";

export const authorizedKeyFields = {
  state: field.str({ doc: "Whether the key is to let somebody in.", choices: ["exists", "absent"] }),
  file: field.str({
    doc: "The file, absolute or with `~/` for the home directory of `user`. Not given: `~/.ssh/authorized_keys`.",
  }),
  user: field.str({
    doc: "Whose file it is: new files and directories belong to this user. Not given: whom this runs as.",
    example: '"alice"',
  }),
  content: field.str({ doc: "The whole line, as in a `.pub` file. Not given: `type` and `key`, else the name." }),
  options: field.strings({
    doc: "What the key may be used for, with `type` and `key`.",
    example: '["no-pty", "from=\\"192.0.2.0/24\\""]',
  }),
  type: field.str({ doc: "The type of the key.", example: '"ssh-ed25519"' }),
  key: field.str({ doc: "The key in base64, with `type`." }),
  comment: field.str({ doc: "Whose key it is, for people; with `type` and `key`.", example: '"alice@laptop"' }),
  mkdir: field.bool({ doc: "Makes the directory of the file, for its user alone, when it is missing.", default: true }),
};

export type AuthorizedKeyWant = Want<typeof authorizedKeyFields>;

export function wantedKey(want: AuthorizedKeyWant, name: string): KeyLine | { readonly wrong: string } {
  if (want.content !== "") return parseKeyLine(want.content);
  if (want.type === "" && want.key === "") return parseKeyLine(name);
  const options = want.options.join(",");
  const parsed = parseKeyLine([options, want.type, want.key, want.comment].filter((part) => part !== "").join(" "));
  if ("wrong" in parsed) return parsed;
  const same = parsed.options === options && parsed.type === want.type && parsed.comment === want.comment;
  return same ? parsed : { wrong: "the parts of the key do not make up one line: one of them has white space" };
}

/** As `expandHome` takes it. Two resources with the same text are about the same file. */
export function wantedFile(want: AuthorizedKeyWant): string {
  const written = want.file === "" ? "~/.ssh/authorized_keys" : want.file;
  return want.user !== "" && written.startsWith("~/") ? `~${want.user}${written.slice(1)}` : written;
}

/** Who is said to own the file; empty: whom this runs as. */
export function wantedOwner(want: AuthorizedKeyWant): string {
  return want.user !== "" ? want.user : (/^~([^/]*)\//.exec(want.file)?.[1] ?? "");
}

export function checkAuthorizedKey(want: AuthorizedKeyWant, name: string): readonly WantProblem[] {
  const found: WantProblem[] = [];
  if (want.state === "") {
    found.push({ field: "state", title: "a key needs a `state`", hint: 'Say "exists" or "absent".' });
  }
  const wrongFile = want.file === "" ? undefined : wrongFilePath(want.file);
  found.push(...pathProblems({ file: want.file }), ...accountProblems({ user: want.user }));
  if (wrongFile !== undefined)
    found.push({
      field: "file",
      title: wrongFile,
      hint: 'Write it like "/etc/ssh/keys/alice" or "~/.ssh/authorized_keys".',
    });
  const parts = (["type", "key", "comment", "options"] as const).filter((part) => want[part].length > 0);
  const uncontrolled = (["comment", "options"] as const).find((part) =>
    [want[part]].flat().some((text) => /[^\P{Cc}\t]/u.test(text)),
  );
  const lacking = (["type", "key"] as const).filter((part) => want[part] === "");
  if (want.content !== "" && parts.length > 0) {
    const [part = ""] = parts;
    found.push({ field: part, title: `\`content\` is the whole line: \`${part}\` cannot be said beside it` });
  } else if (parts.length > 0 && lacking.length > 0) {
    found.push({
      field: parts[0] ?? "",
      title: `a key of parts needs \`type\` and \`key\`: there is no \`${lacking[0]}\``,
      hint: "They are the first two words of a `.pub` file.",
    });
  } else if (uncontrolled !== undefined) {
    found.push({ field: uncontrolled, title: `\`${uncontrolled}\` must be a single line, without control characters` });
  } else {
    const key = wantedKey(want, name);
    const blamed = want.content !== "" ? "content" : want.key !== "" ? "key" : undefined;
    if ("wrong" in key)
      found.push({
        ...(blamed === undefined ? {} : { field: blamed }),
        title: key.wrong,
        hint: "It is the line in a `.pub` file, such as ~/.ssh/id_ed25519.pub.",
      });
  }
  return found;
}
