/** Products of patches: one value a window instead of one an element, whose patch lies at the value's place. */

import { bytesPerElement, type ContractOperand } from "../../compile/index.ts";
import { Addresses, further, sum } from "./addresses.ts";
import { type Expr, f32, f64, i32, type Local, memory, v128 } from "./assembler/index.ts";
import type { KernelContext } from "./context.ts";
import {
  loadContiguous,
  loadEach,
  loadSplat,
  storeEach,
  storeStrided,
  type Vector,
} from "./lanes.ts";
import { multiplyAdd } from "./operations.ts";
import type { PatchLoops, PatchVector } from "./patchLoops.ts";
import { type Operand, placed } from "./tileSum.ts";
import { blockSize, transpose } from "./transpose.ts";

/** Sums of a gather that stay in registers. */
const mostSums = 12;

export function emitPatch(context: KernelContext, loops: PatchLoops): void {
  const emitter = new PatchEmitter(context, loops);
  if (loops.direction === "gather") emitter.gather();
  else emitter.scatter();
}

class PatchEmitter {
  readonly #context: KernelContext;
  readonly #loops: PatchLoops;
  readonly #addresses: Addresses;
  /** Blocks, images of a block, windows, channels; then what of a patch's weights lies alike, such as its rows. */
  readonly #extents: readonly number[];
  readonly #channelDim: number;
  /** Vectors of one of these parts. */
  readonly #part: readonly PatchVector[];
  /** All over `#extents`. */
  readonly #values: Operand;
  readonly #places: Operand;
  readonly #image: Operand;
  readonly #weights: Operand;

  constructor(context: KernelContext, loops: PatchLoops) {
    const { extents, blockImages, vectors } = loops;
    this.#context = context;
    this.#loops = loops;
    const { size, distance } = partsOf(vectors);
    this.#part = vectors.slice(0, size);
    this.#channelDim = extents.length;
    const [images, ...others] = extents;
    this.#extents = [images / blockImages, blockImages, ...others, vectors.length / size];
    const operand = (of: ContractOperand, toNextPart = 0): Operand => {
      const { offset, strides } = placed(context, of);
      return { offset, strides: [strides[0] * blockImages, ...strides, toNextPart] };
    };
    this.#values = operand(loops.values);
    this.#places = operand(loops.places);
    this.#image = operand(loops.image);
    this.#weights = operand(loops.weights, this.#bytes(distance));
    this.#addresses = new Addresses(context.f, context.base, this.#extents);
    for (const { strides } of [this.#values, this.#places, this.#image, this.#weights]) {
      this.#addresses.declare("memory", strides);
    }
  }

  /** weights[patch] = Σ value · image[place + patch], for each channel: some vectors of its sums at a time,
   * over a block of images. Between blocks the sums lie in memory. */
  gather(): void {
    const { f, slots } = this.#context;
    const { vectors, dtype, fused } = this.#loops;
    const channelDim = this.#channelDim;
    const channels = this.#extents[channelDim];
    const strides = new Array<number>(channelDim).fill(0);
    const sums: Operand = {
      offset: slots.reserveZeros(channels * vectors.length),
      strides: [...strides, 16 * vectors.length, 16 * this.#part.length],
    };
    this.#addresses.declare("memory", sums.strides);
    const sumAt = (index: number) => further(this.#at(sums), 16 * index);
    const addBlock = (first: number, count: number) => {
      f.scoped(() => {
        const places = Array.from({ length: count }, (_, i) => sumAt(first + i));
        const held = places.map(({ pointer, offset }) => f.hold(v128.load(pointer, offset)));
        this.#over(1, channelDim, () => {
          f.scoped(() => {
            const value = f.hold(this.#value());
            const place = this.#place();
            for (const [i, sum] of held.entries()) {
              const x = this.#load(place, vectors[first + i]);
              f.set(sum, multiplyAdd(dtype, value, x, sum, fused));
            }
          });
        });
        for (const [i, sum] of held.entries()) {
          const { pointer, offset } = sumAt(first + i);
          f.emit(v128.store(pointer, offset, sum));
        }
      });
    };
    const size = Math.ceil(vectors.length / Math.ceil(vectors.length / mostSums));
    this.#addresses.loop(0, this.#extents[0], 1, () => {
      this.#addresses.loop(channelDim, channels, 1, () => {
        for (let first = 0; first < vectors.length; first += size) {
          addBlock(first, Math.min(size, vectors.length - first));
        }
      });
    });
    this.#storeSums(sums);
  }

  /** Stores the sums of a gather, where channels are neighbours those of a few together: a line of weights that two
   * threads write travels between their cores as often as it is written. */
  #storeSums(sums: Operand): void {
    const { f } = this.#context;
    const { dtype, lanes } = this.#loops;
    const dim = this.#channelDim;
    const areNeighbours =
      lanes === blockSize && this.#weights.strides[dim] === bytesPerElement[dtype];
    this.#addresses.inPieces(dim, areNeighbours ? blockSize : 1, (size, first) => {
      const storeOne = ({ weights }: PatchVector, index: number) => {
        const ofChannels = Array.from({ length: size }, (_, channel) => {
          const { pointer, offset } = further(this.#at(sums, first + channel), 16 * index);
          return f.hold(v128.load(pointer, offset));
        });
        const places = weights.map((weight) => this.#weightAt(weight, first));
        if (size === 1) f.emit(...storeEach(dtype, places, ofChannels[0]));
        else {
          for (const [i, weight] of transpose(f, ofChannels, places.length).entries()) {
            f.emit(...storeStrided(dtype, lanes, places[i], weight, 1, size));
          }
        }
      };
      this.#addresses.loop(dim + 1, this.#extents[dim + 1], 1, () => {
        for (const [i, vector] of this.#part.entries()) f.scoped(() => storeOne(vector, i));
      });
    });
  }

  /** image = 0, then image[place + patch] += value · weights[patch]. */
  scatter(): void {
    const { f } = this.#context;
    this.#addresses.loop(0, this.#extents[0], 1, () =>
      this.#addresses.loop(1, this.#extents[1], 1, () => {
        const size = i32.const(this.#image.strides[1]);
        f.emit(memory.fill(sum(this.#at(this.#image)), i32.const(0), size));
        this.#over(2, this.#channelDim + 1, () =>
          // Behind a rectifier many windows have no gradient at all.
          f.if(this.#hasValue(), () => this.#scatterOne()),
        );
      }),
    );
  }

  #scatterOne(): void {
    const { f } = this.#context;
    const { vectors, dtype, lanes, fused } = this.#loops;
    f.scoped(() => {
      const value = f.hold(this.#value());
      const place = this.#place();
      for (const vector of vectors) {
        const at = { pointer: place, offset: this.#bytes(vector.image) };
        const sum = this.#load(place, vector);
        const total = multiplyAdd(dtype, value, this.#weightsOf(vector), sum, fused);
        const active = vector.weights.length;
        const held = active === lanes ? total : f.hold(total);
        f.emit(...storeStrided(dtype, lanes, at, held, 1, active));
      }
    });
  }

  /** Loops over the dimensions from `dim` until before `end`. */
  #over(dim: number, end: number, body: () => void): void {
    if (dim === end) body();
    else this.#addresses.loop(dim, this.#extents[dim], 1, () => this.#over(dim + 1, end, body));
  }

  /** Whether the present value is not zero. */
  #hasValue(): Expr<"i32"> {
    const { pointer, offset } = this.#at(this.#values);
    return this.#loops.dtype === "float64"
      ? f64.ne(f64.load(pointer, offset), f64.const(0))
      : f32.ne(f32.load(pointer, offset), f32.const(0));
  }

  #value(): Vector {
    return loadSplat(this.#loops.dtype, this.#at(this.#values));
  }

  /** Where the present value's patch begins. */
  #place(): Local<"i32"> {
    const { f } = this.#context;
    const place = this.#at(this.#places);
    const image = this.#at(this.#image);
    const distance = i32.mul(
      i32.load(place.pointer, place.offset),
      i32.const(bytesPerElement[this.#loops.dtype]),
    );
    return f.hold(i32.add(i32.add(image.pointer, i32.const(image.offset)), distance));
  }

  #load(place: Local<"i32">, { image }: PatchVector): Vector {
    const { dtype, lanes } = this.#loops;
    return loadContiguous(dtype, lanes, { pointer: place, offset: this.#bytes(image) });
  }

  #weightsOf({ weights }: PatchVector): Vector {
    const { dtype, lanes } = this.#loops;
    const areNeighbours = weights.every((weight, i) => weight === weights[0] + i);
    return areNeighbours
      ? loadContiguous(dtype, lanes, this.#weightAt(weights[0]))
      : loadEach(
          dtype,
          lanes,
          weights.map((weight) => this.#weightAt(weight)),
        );
  }

  #weightAt(weight: number, channel = 0) {
    return further(this.#at(this.#weights, channel), this.#bytes(weight));
  }

  #bytes(elements: number): number {
    return elements * bytesPerElement[this.#loops.dtype];
  }

  /** @param channel how far the channel is ahead of the loop's */
  #at({ strides, offset }: Operand, channel = 0) {
    const delta = this.#extents.map(() => 0).with(this.#channelDim, channel);
    return this.#addresses.at("memory", strides, offset, delta);
  }
}

/** The fewest vectors of which all are repetitions, each some distance further on among the weights. */
function partsOf(vectors: readonly PatchVector[]): { size: number; distance: number } {
  for (let size = 1; ; size++) {
    const distance = (vectors[size] ?? vectors[0]).weights[0] - vectors[0].weights[0];
    const areAlike = vectors.every(({ weights }, i) => {
      const moved = Math.floor(i / size) * distance;
      return `${weights}` === `${vectors[i % size].weights.map((weight) => weight + moved)}`;
    });
    if (areAlike && vectors.length % size === 0) return { size, distance };
  }
}
