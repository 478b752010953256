// The words of islands, in the language of the page. The build makes one file for each language.

type Part = string | { a: string; v?: Record<string, Part[]> };
type Texts = Record<string, string | Part[]>;
type Arguments = Record<string, string | number>;

let texts: Texts = {};
let language = 'en';
let loading: Promise<void> | undefined;

const languages: Record<string, () => Promise<{ default: unknown }>> = {
  ar: () => import('./gen/text-ar.json'),
  de: () => import('./gen/text-de.json'),
  en: () => import('./gen/text-en.json'),
  es: () => import('./gen/text-es.json'),
  fr: () => import('./gen/text-fr.json'),
};

/** Loads the words once; every island waits for it before it draws. */
export function loadTexts(): Promise<void> {
  loading ??= (async () => {
    const wanted = (document.documentElement.lang || 'en').split('-')[0] ?? 'en';
    language = wanted in languages ? wanted : 'en';
    texts = ((await languages[language]?.())?.default ?? {}) as Texts;
  })();
  return loading;
}

/** One message with its arguments filled in. */
export function t(key: string, args: Arguments = {}): string {
  const text = texts[key];
  if (text === undefined) return key;
  return typeof text === 'string' ? text : join(text, args);
}

function join(parts: Part[], args: Arguments): string {
  return parts.map((part) => (typeof part === 'string' ? part : fill(part, args))).join('');
}

function fill(part: { a: string; v?: Record<string, Part[]> }, args: Arguments): string {
  const value = args[part.a] ?? '';
  if (!part.v) return typeof value === 'number' ? number(value) : value;
  const kind = typeof value === 'number' ? new Intl.PluralRules(language).select(value) : value;
  return join(part.v[String(value)] ?? part.v[kind] ?? part.v['other'] ?? [], args);
}

export function number(value: number): string {
  return new Intl.NumberFormat(language).format(value);
}
