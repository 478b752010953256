// Small helpers for building elements. Text always goes in as text, never as markup.

type Child = Node | string | null | undefined | false;
type Props = Record<string, string | number | boolean | null | undefined | ((event: Event) => void)>;

/** Makes an element. `onclick`-like properties are listeners, `true` is an empty attribute, `false` and null are left out. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, props: Props = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  setAll(element, props, children);
  return element;
}

export function s(tag: string, props: Props = {}, ...children: Child[]): SVGElement {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag) as SVGElement;
  setAll(element, props, children);
  return element;
}

function setAll(element: Element, props: Props, children: Child[]): void {
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value);
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value === true ? '' : String(value));
  }
  for (const child of children) if (child) element.append(child);
}

/** An icon of the sprite, whose hashed address the page carries on its root element. */
export function icon(name: string): SVGElement {
  return s('svg', { class: 'icon', 'aria-hidden': 'true' }, s('use', { href: `${document.documentElement.dataset['sprite'] ?? ''}#${name}` }));
}

export function setIcon(button: Element, name: string): void {
  button.querySelector('use')?.setAttribute('href', `${document.documentElement.dataset['sprite'] ?? ''}#${name}`);
}

export function find<T extends Element>(selector: string, within: ParentNode = document): T | null {
  return within.querySelector<T>(selector);
}

/** The settings a browser keeps; a browser that keeps nothing is no fault. */
export function remembered(key: string): string | null {
  try {
    return localStorage.getItem(`vidicon-${key}`);
  } catch {
    return null;
  }
}

export function remember(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`vidicon-${key}`);
    else localStorage.setItem(`vidicon-${key}`, value);
  } catch {
    /* Private windows may refuse; the page works without. */
  }
}

/** `1:02:03`, `2:03`. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(Number.isFinite(seconds) ? seconds : 0));
  const two = (n: number): string => String(n).padStart(2, '0');
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** `90`, `90s`, `1m30s`, `1h2m3s`, `1:30` as seconds. */
export function seconds(text: string | null): number | null {
  if (!text) return null;
  if (/^\d+(\.\d+)?s?$/.test(text)) return parseFloat(text);
  if (text.includes(':')) return text.split(':').reduce((sum, part) => sum * 60 + (parseFloat(part) || 0), 0);
  const match = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s?)?$/.exec(text);
  if (!match || match[0] === '') return null;
  return Number(match[1] ?? 0) * 3600 + Number(match[2] ?? 0) * 60 + Number(match[3] ?? 0);
}

const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

/** A size in the language of the page. */
export function bytes(size: number): string {
  let step = 0;
  let value = size;
  while (value >= 1000 && step < units.length - 1) {
    value /= 1000;
    step += 1;
  }
  return new Intl.NumberFormat(document.documentElement.lang || 'en', {
    style: 'unit',
    unit: units[step] ?? 'byte',
    maximumFractionDigits: value < 10 && step > 0 ? 1 : 0,
  }).format(value);
}
