/** Trees: records and arrays, nested to any depth, of leaves (parameters, arguments, states). */

import { UsageError } from "./errors.ts";

/** A leaf, or an array or a record of trees. */
export type Tree<Leaf> = Leaf | readonly Tree<Leaf>[] | { readonly [name: string]: Tree<Leaf> };

/** Whether a value has children. Arrays and plain objects do; instances of classes are leaves. */
function isBranch(value: unknown): value is readonly unknown[] | Readonly<Record<string, unknown>> {
  if (Array.isArray(value)) return true;
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The same tree with each leaf replaced; `path` reads like `layers.0.weight`, "" at the root. */
export function mapTree<Leaf, Result>(
  tree: Tree<Leaf>,
  replace: (leaf: Leaf, path: string) => Result,
  path = "",
): Tree<Result> {
  const below = (name: string | number) => (path === "" ? `${name}` : `${path}.${name}`);
  if (!isBranch(tree)) return replace(tree as Leaf, path);
  if (Array.isArray(tree)) {
    return tree.map((child: Tree<Leaf>, i) => mapTree(child, replace, below(i)));
  }
  return Object.fromEntries(
    Object.entries(tree).map(([name, child]) => [
      name,
      mapTree(child as Tree<Leaf>, replace, below(name)),
    ]),
  );
}

/** The leaves, depth first, in the order of arrays and of the records' keys. */
export function treeLeaves<Leaf>(tree: Tree<Leaf>): Leaf[] {
  const leaves: Leaf[] = [];
  mapTree(tree, (leaf) => leaves.push(leaf));
  return leaves;
}

/** The leaves by path, in the order of `treeLeaves`. */
export function treeEntries<Leaf>(tree: Tree<Leaf>): [path: string, leaf: Leaf][] {
  const entries: [string, Leaf][] = [];
  mapTree(tree, (leaf, path) => entries.push([path, leaf]));
  return entries;
}

/** The tree of the same structure with other leaves, given in the order of `treeLeaves`.
 * @throws UsageError when their number differs. */
export function withLeaves<Leaf>(tree: Tree<unknown>, leaves: readonly Leaf[]): Tree<Leaf> {
  let used = 0;
  const result = mapTree(tree, () => leaves[used++]);
  if (used !== leaves.length) {
    throw new UsageError(`withLeaves: the tree has ${used} leaves, got ${leaves.length}.`);
  }
  return result;
}

/** A text that two trees share exactly when they have the same structure, leaves aside. */
export function treeStructure(tree: Tree<unknown>): string {
  if (!isBranch(tree)) return "*";
  if (Array.isArray(tree)) return `[${tree.map(treeStructure).join(",")}]`;
  const fields = Object.entries(tree).map(
    ([name, child]) => `${JSON.stringify(name)}:${treeStructure(child as Tree<unknown>)}`,
  );
  return `{${fields.join(",")}}`;
}

/** Values by path as nested records: `0.weight` → { 0: { weight } }. */
export function nestByPath<Value>(values: ReadonlyMap<string, Value>): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const [path, value] of values) {
    const names = path.split(".");
    const last = names.pop()!;
    let branch = root;
    for (const name of names) {
      branch[name] ??= {};
      branch = branch[name] as Record<string, unknown>;
    }
    branch[last] = value;
  }
  return root;
}
