// Merkle trees of RFC 6962 section 2.1 over SHA-256. Order is kept, so a path also proves a position.

import { concat, sha256 } from "./digests.js";

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

export const leafHash = (data) => sha256(concat(LEAF, data));
export const nodeHash = (left, right) => sha256(concat(NODE, left, right));

/** The root over leaf hashes in their order; SHA-256 of nothing where there is none. */
export function root(leafHashes) {
  if (leafHashes.length === 0) return sha256(new Uint8Array(0));
  let level = leafHashes;
  while (level.length > 1) {
    const above = [];
    for (let i = 0; i + 1 < level.length; i += 2) above.push(nodeHash(level[i], level[i + 1]));
    if (level.length % 2) above.push(level[level.length - 1]);
    level = above;
  }
  return level[0];
}

/** The root a path leads to, or null where its length does not fit the position (RFC 9162 section 2.1.3.2).
 *  `index` and `count` are safe integers; halving instead of shifting, since shifts stop at 32 bits. */
export function rootFromPath(leaf, index, count, path) {
  if (!(index >= 0 && index < count)) return null;
  let position = index;
  let last = count - 1;
  let result = leaf;
  for (const sibling of path) {
    if (last === 0) return null;
    if (position % 2 === 1 || position === last) {
      result = nodeHash(sibling, result);
      while (position % 2 === 0 && position > 0) {
        position = Math.floor(position / 2);
        last = Math.floor(last / 2);
      }
    } else {
      result = nodeHash(result, sibling);
    }
    position = Math.floor(position / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 ? result : null;
}
