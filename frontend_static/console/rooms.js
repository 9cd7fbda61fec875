// The rooms, in the order of the navigation.

import { has } from "./api.js";
import { audit } from "./audit/audit.js";
import { credentials } from "./credentials/credentials.js";
import { disclosure } from "./disclosure/disclosure.js";
import { many } from "./many/many.js";
import { operators } from "./partners/operators.js";
import { partners } from "./partners/partners.js";
import { people } from "./people/people.js";
import { registry } from "./registry/registry.js";
import { sign } from "./sign/sign.js";
import { account } from "./signin/account.js";
import { invite } from "./signin/invite.js";
import { signIn } from "./signin/signin.js";

export const ROOMS = [sign, many, partners, operators, people, credentials, disclosure, audit, registry, account, signIn, invite];

/** Where a person begins: at what they may do most often. */
export function firstRoom() {
  if (sign.opens()) return sign;
  if (has("administer")) return partners;
  return [people, disclosure].find((room) => room.opens()) ?? account;
}
