/** The built-in layers of sequences by name. */

import { selfAttention } from "./attention.ts";
import { embedding } from "./embedding.ts";
import { gru, lstm, rnn } from "./recurrent.ts";

/** Constructors of the built-in layers of sequences. */
export const sequences = { embedding, rnn, gru, lstm, selfAttention } as const;
