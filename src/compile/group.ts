/** Fusion: decides which nodes share a loop nest and which values are stored.
 *
 * Nodes are visited from the outputs back to the leaves. Each node knows its uses: which groups read
 * it, where in their loops, and whether at the loop's own index. A node that one group uses is computed
 * inside that group's loops; a node that several use is stored, in the loops of one of them when the
 * index and the order of execution allow it, else in loops of its own.
 */

import {
  consumersOf,
  type Node,
  opKinds,
  sameShape,
  sizeOf,
  topologicalOrder,
} from "../ir/index.ts";
import { isSlowOp } from "./costs.ts";
import { readyPatchesOf } from "./patches.ts";
import { comparing, needsSameBits } from "./sameBits.ts";
import { uniformValue } from "./simplify.ts";
import { isRealReshape, squeeze } from "./squeeze.ts";

/** One loop nest. */
export interface Group {
  /** What the loops do: `assemble` is a pad or concatenate, written piece by piece. */
  kind: "map" | "reduce" | "contract" | "patch" | "scatterAdd" | "assemble";
  /** The reduction, product, scatter or assembly at the heart of the loops, if any. */
  anchor: Node | undefined;
  /** Stored results, all of one shape up to axes of length 1. */
  readonly roots: Node[];
  /** Values of the shape of a reduction's operand that its inner loop stores. */
  readonly sideRoots: Node[];
  /** The groups that read what this group stores. */
  readonly readers: Set<Group>;
}

/** The loops of a group (results), or the inner loops of its reduction (operand). */
type Region = "result" | "operand";

/** What a reader needs: the value in a register, a strided view of stored elements, or the elements
 * stored in row-major order. */
type Need = "value" | "view" | "stored";

interface Use {
  readonly group: Group;
  readonly region: Region;
  /** Whether the reader wants the element at its own loop index. */
  readonly aligned: boolean;
  readonly need: Need;
  /** Whether the reader repeats the value along an axis. */
  readonly repeated: boolean;
}

/** The groups of a graph in an order in which they can run, and the group that stores each stored node. */
export interface Grouping {
  readonly groups: readonly Group[];
  readonly storedIn: ReadonlyMap<Node, Group>;
}

/** @param roots distinct nodes that must be stored; none is an input, constant, or movement. */
export function groupNodes(roots: readonly Node[]): Grouping {
  const required = new Set(roots);
  const consumers = consumersOf(roots);
  const { isCheap, isCostly } = costsOf(consumers);
  const uses = new Map<Node, Use[]>();
  const storedIn = new Map<Node, Group>();
  const created: Group[] = [];

  const addUse = (node: Node, use: Use) => {
    const list = uses.get(node) ?? [];
    // A node that is read twice would pass each use on twice, and so would its operands.
    const keys = Object.keys(use) as (keyof Use)[];
    if (!list.some((known) => keys.every((key) => known[key] === use[key]))) list.push(use);
    uses.set(node, list);
  };

  const newGroup = (kind: Group["kind"], root: Node, anchor?: Node): Group => {
    const group: Group = { kind, anchor, roots: [root], sideRoots: [], readers: new Set() };
    created.push(group);
    return group;
  };

  const store = (node: Node, group: Group) => {
    storedIn.set(node, group);
    for (const use of uses.get(node) ?? []) if (use.group !== group) group.readers.add(use.group);
  };

  /** A group among the users, one that `accepts`, whose loops can also compute and store `node`. */
  const hostOf = (
    node: Node,
    accepts: (use: Use) => boolean = () => true,
  ): { group: Group; region: Region } | undefined => {
    const list = uses.get(node) ?? [];
    return list.filter(accepts).find(({ group, region }) => {
      const fits =
        region === "operand"
          ? sameShape(squeeze(node.shape), squeeze(group.anchor!.inputs[0].shape))
          : areLoops(group) && sameShape(squeeze(node.shape), squeeze(group.roots[0].shape));
      return (
        fits &&
        list.every((use) =>
          use.group === group
            ? use.region === region && use.aligned && use.need === "value"
            : !reaches(use.group, group),
        )
      );
    });
  };

  const join = (node: Node, host: { group: Group; region: Region }) => {
    (host.region === "operand" ? host.group.sideRoots : host.group.roots).push(node);
    store(node, host.group);
  };

  for (const node of topologicalOrder(roots).reverse()) {
    const list = uses.get(node) ?? [];
    const groups = new Set(list.map((use) => use.group));
    switch (opKinds[node.op]) {
      case "movement":
        visitMovement(node, list);
        break;
      case "reduction":
      case "contraction":
        visitAnchor(node, list, groups);
        break;
      default:
        if (node.op === "scatterAdd") visitScatterAdd(node);
        else if (node.op !== "input" && node.op !== "constant")
          visitElementwise(node, list, groups);
    }
  }
  return { groups: orderGroups(created), storedIn };

  function visitMovement(node: Node, list: readonly Use[]): void {
    if (isAssembled(node)) {
      const group = newGroup("assemble", node, node);
      store(node, group);
      for (const operand of node.inputs) addUse(operand, plainUse(group, false));
      return;
    }
    const [operand] = node.inputs;
    if (node.op !== "reshape" && list.some((use) => use.need === "stored")) {
      const group = newGroup("map", node);
      store(node, group);
      addUse(operand, plainUse(group, false));
      return;
    }
    const isReal = isRealReshape(node);
    const repeats = sizeOf(node.shape) > sizeOf(operand.shape);
    for (const use of list) {
      addUse(operand, {
        group: use.group,
        region: use.region,
        aligned: use.aligned && node.op === "reshape" && !isReal,
        need: isReal ? "stored" : use.need,
        repeated: use.repeated || repeats,
      });
    }
  }

  function visitAnchor(node: Node, list: readonly Use[], groups: ReadonlySet<Group>): void {
    const patches = readyPatchesOf(node);
    if (patches !== undefined) {
      const group = newGroup("patch", node, node);
      store(node, group);
      for (const operand of [patches.routed.values, patches.routed.places, patches.stored]) {
        addUse(operand, { ...plainUse(group, false), need: "stored" });
      }
      return;
    }
    const kind = opKinds[node.op] === "contraction" ? "contract" : "reduce";
    const host = hostOf(node, (use) => use.region === "result" && use.group.kind === "map");
    let group: Group;
    if (host !== undefined) {
      group = host.group;
      group.kind = kind;
      group.anchor = node;
      if (required.has(node) || groups.size > 1 || list.some((use) => use.need !== "value")) {
        join(node, host);
      }
    } else {
      group = newGroup(kind, node, node);
      store(node, group);
    }
    for (const operand of node.inputs) {
      addUse(
        operand,
        kind === "contract"
          ? { group, region: "operand", aligned: false, need: "view", repeated: true }
          : { group, region: "operand", aligned: true, need: "value", repeated: false },
      );
    }
  }

  function visitScatterAdd(node: Node): void {
    const group = newGroup("scatterAdd", node, node);
    store(node, group);
    for (const operand of node.inputs)
      addUse(operand, { ...plainUse(group, false), need: "stored" });
  }

  function visitElementwise(node: Node, list: readonly Use[], groups: ReadonlySet<Group>): void {
    const mustStore =
      required.has(node) ||
      list.some((use) => use.need !== "value") ||
      (groups.size > 1 && !isCheap(node)) ||
      (isCostly(node) && sizeOf(node.shape) > 1 && list.some((use) => use.repeated)) ||
      (node.op === "gather" && groups.size > 1);
    if (!mustStore) {
      for (const use of list) addOperandUses(node, use);
      return;
    }
    const host = hostOf(node);
    const staysWithProduct = host?.region === "operand" && finishesProduct(node, consumers);
    if (host !== undefined && !staysWithProduct) {
      join(node, host);
      addOperandUses(node, { ...plainUse(host.group, true), region: host.region });
    } else {
      const group = newGroup("map", node);
      store(node, group);
      addOperandUses(node, plainUse(group, true));
    }
  }

  function addOperandUses(node: Node, use: Use): void {
    node.inputs.forEach((operand, i) => {
      if (node.op === "random" || (node.op === "gather" && i === 0)) {
        addUse(operand, { ...use, aligned: false, need: "stored" });
      } else if (node.op === "gather") {
        const isWhole = sameShape(squeeze(node.shape), squeeze(operand.shape));
        addUse(operand, { ...use, aligned: use.aligned && isWhole, need: "value" });
      } else {
        addUse(operand, { ...use, need: "value" });
      }
    });
  }
}

/** Whether other values can be computed and stored in the loops of a group. */
function areLoops({ kind }: Group): boolean {
  return kind === "map" || kind === "reduce" || kind === "contract";
}

function plainUse(group: Group, aligned: boolean): Use {
  return { group, region: "result", aligned, need: "value", repeated: false };
}

/** Whether a value is elementwise work on the result of one contraction that nothing else reads, so that
 * loops of its own become those of the contraction. */
function finishesProduct(node: Node, consumers: ReadonlyMap<Node, readonly Node[]>): boolean {
  const own = new Set([node]);
  const pending = [...node.inputs];
  while (pending.length > 0) {
    const operand = pending.pop()!;
    // With the last of its readers it comes again.
    if (own.has(operand) || !consumers.get(operand)!.every((reader) => own.has(reader))) continue;
    const kind = opKinds[operand.op];
    if (kind === "contraction" && sameShape(operand.shape, node.shape)) return true;
    if (kind !== "elementwise") continue;
    own.add(operand);
    pending.push(...operand.inputs);
  }
  return false;
}

/** Whether `to` runs after `from` because it reads, through others, what `from` stores. */
function reaches(from: Group, to: Group, seen = new Set<Group>()): boolean {
  if (from === to) return true;
  if (seen.has(from)) return false;
  seen.add(from);
  for (const reader of from.readers) if (reaches(reader, to, seen)) return true;
  return false;
}

interface Costs {
  /** Whether a value costs no more to compute again than to load. */
  isCheap(node: Node): boolean;
  /** Whether a value takes more than a light op on stored values: too much to repeat along an axis. */
  isCostly(node: Node): boolean;
}

/** Finds the values that cost no more to compute again than to load: at most two light ops on values
 * that are stored anyway (leaves, results of reductions and contractions, values that several nodes read
 * and that are not themselves computed again). */
function costsOf(consumers: ReadonlyMap<Node, readonly Node[]>): Costs {
  const known = new Map<Node, boolean>();
  const knownForced = new Map<Node, boolean>();
  const isCheap = (node: Node): boolean => {
    let cheap = known.get(node);
    if (cheap === undefined) {
      cheap =
        node.op === "iota" || (isLight(node, 2) && !needsSameBits(node, comparing, consumers));
      known.set(node, cheap);
    }
    return cheap;
  };
  /** Whether a reader takes it from storage. */
  const isForced = (node: Node): boolean => {
    let forced = knownForced.get(node);
    if (forced === undefined) {
      forced = consumers.get(node)!.some((reader) => {
        const kind = opKinds[reader.op];
        if (kind === "movement") return isRealReshape(reader) || isForced(reader);
        return kind === "contraction" || kind === "indexing";
      });
      knownForced.set(node, forced);
    }
    return forced;
  };
  const isLight = (node: Node, budget: number): boolean =>
    !isForced(node) &&
    opKinds[node.op] === "elementwise" &&
    !isSlowOp(node.op) &&
    budget > 0 &&
    node.inputs.every((operand) => isStored(operand) || isLight(operand, budget - 1));
  const isStored = (node: Node): boolean => {
    if (uniformValue(node) !== undefined) return true;
    switch (opKinds[node.op]) {
      case "leaf":
        return node.op !== "random";
      case "movement": {
        const [operand] = node.inputs;
        const repeats = sizeOf(node.shape) > sizeOf(operand.shape) && sizeOf(operand.shape) > 1;
        return isAssembled(node) || (repeats && isCostly(operand)) || isStored(operand);
      }
      case "elementwise":
        return isForced(node) || (consumers.get(node)!.length > 1 && !isCheap(node));
      default:
        return consumers.get(node)!.length > 1;
    }
  };
  const isCostly = (node: Node): boolean =>
    opKinds[node.op] === "elementwise" && node.op !== "cast" && !isLight(node, 1);
  return { isCheap, isCostly };
}

/** Movements that are computed, not looked through. */
export function isAssembled(node: Node): boolean {
  return node.op === "pad" || node.op === "concatenate";
}

/** Groups before their readers; otherwise in the order of creation reversed (leaves first). */
function orderGroups(created: readonly Group[]): Group[] {
  const order: Group[] = [];
  const seen = new Set<Group>();
  const visit = (group: Group) => {
    if (seen.has(group)) return;
    seen.add(group);
    for (const reader of group.readers) visit(reader);
    order.push(group);
  };
  for (const group of created) visit(group);
  return order.reverse();
}
