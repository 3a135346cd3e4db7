/**
 * What people look at comes from strangers. React escapes markup; characters that do not show, or that reorder the text around
 * them, are shown here as `\u{202E}`.
 */
const hidden =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e01ef}]/gu;

export function visible(text: string): string {
  return text.replace(hidden, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16).toUpperCase()}}`);
}

/** Returns one of two words for a number: count(2, 'host') is "2 hosts". */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
}

/** Returns the words of a value of an enumeration or a code: TEAM_SERVER is "team server". */
export const words = (value: string): string => value.toLowerCase().replaceAll('_', ' ');

/** Only web addresses become links: a stranger's text may hold `javascript:`. */
export function webUrl(text: string | null | undefined): string | undefined {
  if (!text || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : undefined;
}

/** The items of a list that could be read. */
export const present = <T>(items: readonly (T | null)[] | null | undefined): T[] => (items ?? []).filter((item) => item !== null);
