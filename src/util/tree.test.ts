import { expect, test } from "vitest";
import { mapTree, treeEntries, treeLeaves, treeStructure, withLeaves } from "./tree.ts";

const tree = { layers: [{ weight: 1, bias: 2 }, []], scale: 3 };

test("mapTree replaces the leaves, keeps the structure and tells the path", () => {
  expect(mapTree<number, string>(tree, (leaf, path) => `${path}=${leaf}`)).toEqual({
    layers: [{ weight: "layers.0.weight=1", bias: "layers.0.bias=2" }, []],
    scale: "scale=3",
  });
  expect(mapTree<number, number>(4, (leaf) => leaf + 1)).toBe(5);
});

test("leaves come out and go back in the same order", () => {
  expect(treeLeaves<number>(tree)).toEqual([1, 2, 3]);
  expect(treeEntries<number>(tree).map(([path]) => path)).toEqual([
    "layers.0.weight",
    "layers.0.bias",
    "scale",
  ]);
  expect(withLeaves(tree, [4, 5, 6])).toEqual({ layers: [{ weight: 4, bias: 5 }, []], scale: 6 });
  expect(() => withLeaves(tree, [4])).toThrow("the tree has 3 leaves, got 1");
});

test("instances of classes are leaves; structures tell records, arrays and names apart", () => {
  class Leaf {
    readonly value = 1;
  }
  expect(treeLeaves({ a: new Leaf(), b: new Float32Array(2) })).toHaveLength(2);
  expect(treeStructure([1, 2])).not.toBe(treeStructure({ 0: 1, 1: 2 }));
  expect(treeStructure({ a: 1 })).toBe(treeStructure({ a: [1][0] }));
});
