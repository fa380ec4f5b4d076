/** Which values have storage: a growing list of buffers, before they get their places. */

import { type ConstantNode, type DType, type InputNode, type Node, sizeOf } from "../ir/index.ts";
import type { BufferId } from "./kernel.ts";

/** A buffer whose place is not known yet. `kept` buffers have storage of their own for good; the others
 * live between the first kernel that writes them and the last that reads them. */
export interface PendingBuffer {
  readonly dtype: DType;
  readonly size: number;
  readonly kept: boolean;
}

/** Storage of the programs that are compiled together. Inputs and constants are shared between them. */
export class Storage {
  readonly buffers: PendingBuffer[] = [];
  readonly constants = new Map<ConstantNode, BufferId>();
  readonly #inputs = new Map<InputNode, BufferId>();

  add(node: Node, kept: boolean): BufferId {
    this.buffers.push({ dtype: node.dtype, size: sizeOf(node.shape), kept });
    return this.buffers.length - 1;
  }

  /** A buffer that holds no node's value. */
  addTemporary(dtype: DType, size: number): BufferId {
    this.buffers.push({ dtype, size, kept: false });
    return this.buffers.length - 1;
  }

  ofInput(node: InputNode): BufferId {
    return this.#shared(this.#inputs, node);
  }

  ofConstant(node: ConstantNode): BufferId {
    return this.#shared(this.constants, node);
  }

  #shared<N extends Node>(map: Map<N, BufferId>, node: N): BufferId {
    let id = map.get(node);
    if (id === undefined) {
      id = this.add(node, true);
      map.set(node, id);
    }
    return id;
  }
}
