/** Wording in the languages that explanations speak. */

/** A language of explanations. */
export type Language = "en" | "zh";

/** One text in every language. */
export type Words = Readonly<Record<Language, string>>;

export const words = (en: string, zh: string): Words => ({ en, zh });

/** The same text in every language. */
export const same = (text: string): Words => ({ en: text, zh: text });
