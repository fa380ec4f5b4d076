/** The page of `explain` in a real browser: pointing at a term marks the same quantity everywhere. */

import { expect } from "vitest";
import { explainPage } from "../../src/explain/index.ts";
import { layers, network } from "../../src/nn/index.ts";
import { losses } from "../../src/nn/losses/index.ts";
import { answerOfPage, testInBrowser } from "./browser.testing.ts";

/** Points at the first mark of each quantity, and tells the kinds of places that light up. */
const script = `<script>
  const placesOf = (key) => {
    const [first] = document.querySelectorAll('[data-term="' + key + '"]');
    first.dispatchEvent(new PointerEvent("pointerover", { bubbles: true }));
    const places = [...document.querySelectorAll(".linked")].map((each) => each.tagName.toLowerCase());
    first.dispatchEvent(new PointerEvent("pointerout", { bubbles: true }));
    const left = document.querySelectorAll(".linked").length;
    return { places: [...new Set(places)].sort(), left };
  };
  const wide = [...document.querySelectorAll("section")].filter((each) => each.scrollWidth > each.clientWidth).length;
  const answer = { z: placesOf("1.z"), weight: placesOf("0.weight"), wide, errors: document.querySelectorAll("merror").length };
  fetch("/answer", { method: "POST", body: JSON.stringify(answer) });
</script>`;

testInBrowser("terms, boxes and numbers of one quantity light up together", 60_000, async () => {
  const net = network({
    input: [4],
    layers: [layers.linear(5), layers.relu(), layers.linear(3)],
    seed: 1,
  });
  const page = await explainPage(net, {
    loss: losses.crossEntropy(),
    x: [5.1, 3.5, 1.4, 0.2],
    y: 0,
  });
  const answer = await answerOfPage((path) =>
    path === "/"
      ? { type: "text/html", content: page.replace("</body>", `${script}</body>`) }
      : undefined,
  );
  const { z, weight, wide, errors } = JSON.parse(answer);
  // A formula, the box of the graph, and the row of numbers.
  expect(z).toEqual({ places: ["g", "mrow", "tr"], left: 0 });
  expect(weight).toEqual({ places: ["mrow", "tr"], left: 0 });
  expect({ wide, errors }).toEqual({ wide: 0, errors: 0 });
});
