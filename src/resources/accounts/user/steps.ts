// SPDX-License-Identifier: Apache-2.0
// What can be done to a user, and how a person reads it. The hash of a password stays in the step and is never told.

import type { UserAccount, UserAttributes } from "../../../contract/accounts.ts";
import type { Step, StepText } from "../../../contract/resource.ts";

export type UserStep =
  | (Step & {
      readonly do: "add";
      readonly name: string;
      readonly attributes: UserAttributes;
      readonly system: boolean;
    })
  | (Step & {
      readonly do: "change";
      readonly name: string;
      readonly attributes: UserAttributes;
      readonly text: string;
    })
  | (Step & { readonly do: "set-password"; readonly name: string; readonly hash: string; readonly had: boolean })
  | (Step & { readonly do: "make-home"; readonly name: string; readonly home: string })
  | (Step & {
      readonly do: "remove";
      readonly account: UserAccount;
      readonly group: string;
      /** The home directory that goes too. */
      readonly home: string | undefined;
      /** Why it stays though it was to go. */
      readonly spared: string | undefined;
    });

export function explainUser(step: UserStep): StepText {
  switch (step.do) {
    case "add": {
      const { uid, group, groups, home, shell } = step.attributes;
      const told = [
        ...(uid === undefined ? [] : [`number ${uid}`]),
        ...(group === undefined ? [] : [`group ${group}`]),
        ...(groups === undefined || groups.length === 0 ? [] : [`also in ${groups.join(", ")}`]),
        ...(home === undefined ? [] : [`home ${home}`]),
        ...(shell === undefined ? [] : [`shell ${shell}`]),
      ];
      return { mark: "+", text: ["add the user", ...told].join(", ").replace(",", told.length > 0 ? ":" : "") };
    }
    case "change":
      return { mark: "~", text: step.text };
    case "set-password":
      return { mark: step.had ? "~" : "+", text: step.had ? "set another password" : "set the password" };
    case "make-home":
      return { mark: "+", text: `make the home directory ${step.home}` };
    case "remove": {
      const { account, group, home, spared } = step;
      const what = `remove the user with the number ${account.uid}`;
      const own = group === account.name ? " and its own group" : "";
      if (home !== undefined) return { mark: "-", text: `${what}${own}, and ${home} with everything in it` };
      const why = spared === undefined ? "" : `: ${spared}`;
      return { mark: "-", text: `${what}${own}; ${account.home} stays${why}` };
    }
  }
}
