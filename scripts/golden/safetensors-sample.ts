/** Prints, in base64, the safetensors file that src/nn/safetensors.test.ts writes. */

import { sample } from "../../src/nn/safetensors.testing.ts";
import { encodeSafetensors } from "../../src/nn/safetensors.ts";

console.log(Buffer.from(encodeSafetensors(sample)).toString("base64"));
