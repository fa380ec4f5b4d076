/** The colours of every figure and of the report, in light and in dark. */

/** The two themes in which everything is drawn. */
export type Theme = "light" | "dark";

/** Named colours of one theme. */
export interface Palette {
  readonly surface: string;
  readonly ink: string;
  readonly muted: string;
  readonly grid: string;
  /** Lines of training and validation; never the colour of a class. */
  readonly train: string;
  readonly validation: string;
  /** Class k is always `classes[k % 20]`, in every figure. */
  readonly classes: readonly string[];
  /** From no share to a full share, for what is right and for what is wrong. */
  readonly right: readonly [string, string];
  readonly wrong: readonly [string, string];
}

// The first eight follow Okabe and Ito (2008), "Color universal design": told apart under the common
// forms of colour blindness. No palette does that for twenty, so the figures also name classes in words.
const light: Palette = {
  surface: "#ffffff",
  ink: "#1b1f24",
  muted: "#5f6873",
  grid: "#e6e8eb",
  train: "#6e7781",
  validation: "#6f42c1",
  classes: [
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#cc79a7",
    "#e69f00",
    "#56b4e9",
    "#7a4fbf",
    "#8a8f00",
    "#8c564b",
    "#5b6470",
    "#00838f",
    "#b3123f",
    "#4b8b3b",
    "#a63d97",
    "#b07d2b",
    "#3d5aa8",
    "#c2736b",
    "#6b9080",
    "#9a86c9",
    "#2f3e4e",
  ],
  right: ["#f5f6f8", "#0b5394"],
  wrong: ["#f5f6f8", "#b5460f"],
};

const dark: Palette = {
  surface: "#14181d",
  ink: "#e8eaed",
  muted: "#9aa4af",
  grid: "#2b3138",
  train: "#98a2ad",
  validation: "#b794f6",
  classes: [
    "#3d9be0",
    "#f07f35",
    "#2bbf94",
    "#e29ac2",
    "#f2b84b",
    "#86cdf5",
    "#a888ea",
    "#b9be3c",
    "#b98a7d",
    "#98a2ad",
    "#3bb8c4",
    "#ea5b80",
    "#7dbd6b",
    "#d073c2",
    "#d4a65a",
    "#7f9be6",
    "#e3a099",
    "#96bba9",
    "#bfafe5",
    "#cfd6dd",
  ],
  right: ["#1e242b", "#6ab0f3"],
  wrong: ["#1e242b", "#f2935c"],
};

/** The colours of a theme.
 *
 * @example
 * paletteOf("dark").classes[0]; // the colour of class 0 in dark figures
 */
export function paletteOf(theme: Theme): Palette {
  return theme === "dark" ? dark : light;
}
