/** PNG files: their size, their colours, their text, and the errors. */

import { decode } from "fast-png";
import { expect, test, vi } from "vitest";
import { confusionMatrix } from "./confusionMatrix.ts";
import { toPng } from "./png.node.ts";
import { renderSvg } from "./render.ts";

const drawing = (content: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="120" height="40" viewBox="0 0 120 40" ` +
  `font-family="system-ui, Arial, sans-serif"><rect width="120" height="40" fill="#fff"/>${content}</svg>`;
const textAt = (text: string) => drawing(`<text x="10" y="28" font-size="20">${text}</text>`);

const coloursOf = ({ data, channels }: ReturnType<typeof decode>) => {
  const colours = new Set<string>();
  for (let at = 0; at < data.length; at += channels) {
    colours.add(data.slice(at, at + channels).join());
  }
  return colours.size;
};

const inkOf = ({ data, channels }: ReturnType<typeof decode>) => {
  let dark = 0;
  for (let at = 0; at < data.length; at += channels) if (data[at] < 128) dark++;
  return dark;
};

test("a machine without the renderer: the message says what to do", async () => {
  vi.doMock("@resvg/resvg-js", () => {
    throw new Error("Cannot find native binding");
  });
  await expect(toPng(drawing(""))).rejects.toMatchObject({
    code: "CHAINRULE_FILE",
    message: expect.stringMatching(/@resvg\/resvg-js, cannot be loaded .*; install again .*SVG\.$/),
  });
  vi.doUnmock("@resvg/resvg-js");
});

test("a figure: signature, size, colours, and the same bytes twice", async () => {
  const figure = confusionMatrix({
    classNames: ["no", "yes"],
    counts: [
      [9, 1],
      [0, 5],
    ],
  });
  const svg = await renderSvg(figure, { width: 300, height: 240 });
  const png = await toPng(svg);
  expect([...png.slice(0, 8)]).toEqual([137, 80, 78, 71, 13, 10, 26, 10]);
  const picture = decode(png);
  expect([picture.width, picture.height]).toEqual([600, 480]);
  expect(coloursOf(picture)).toBeGreaterThan(20);
  expect(decode(await toPng(svg, { scale: 1 })).width).toBe(300);
  expect(await toPng(svg)).toEqual(png);
});

test("text is drawn in the packaged font, mathematical letters too", async () => {
  const blank = inkOf(decode(await toPng(textAt(""))));
  const plain = inkOf(decode(await toPng(textAt("loss"))));
  expect(blank).toBe(0);
  expect(plain).toBeGreaterThan(100);
  // A letter that the font lacks is drawn as its box, the same for all of them.
  const box = await toPng(textAt("\u{10fffd}"));
  for (const letter of "δσ∂∇Σ√⊙ᵀℝ²⁽ˡ⁾₁−·≤′→ŷ") {
    const drawn = await toPng(textAt(letter));
    expect(inkOf(decode(drawn)), letter).toBeGreaterThan(0);
    expect(drawn, letter).not.toEqual(box);
  }
});

test("what the drawing asks for does not matter: one font", async () => {
  const asked = (family: string) => textAt("loss").replace("system-ui, Arial, sans-serif", family);
  const [first, ...others] = await Promise.all(
    ["sans-serif", "Helvetica, Arial", "monospace", "serif"].map((each) => toPng(asked(each))),
  );
  for (const other of others) expect(other).toEqual(first);
});

test("errors: no SVG, a bad scale, too many pixels", async () => {
  await expect(toPng("a picture")).rejects.toThrow("toPng: expected an SVG document: ");
  await expect(toPng(drawing(""), { scale: 0 })).rejects.toThrow(
    "toPng: expected a scale above 0, got 0.",
  );
  await expect(toPng(drawing(""), { scale: 1000 })).rejects.toThrow(
    "toPng: expected at most 16384 pixels a side, got a drawing of 120×40 at scale 1000; use a scale of at most 136.53, or keep the SVG.",
  );
});

test("Chinese letters need a font of one's own: the message says so; titles are not drawn", async () => {
  await expect(toPng(textAt("损失 C"))).rejects.toMatchObject({
    code: "CHAINRULE_USAGE",
    message: expect.stringMatching(
      /has no letters for "损失"; write SVG instead, or .*fonts: \[file\]/,
    ),
  });
  await expect(toPng(textAt("损失"), { fonts: ["/nowhere.ttf"] })).rejects.toThrow(
    'expected a font file at "/nowhere.ttf"',
  );
  const { width } = decode(await toPng(drawing("<title>损失</title>")));
  expect(width).toBe(240);
});
