// Turns the messages that islands need (keys that begin with "js-") into one small module for each language.
import { parse } from '@fluent/syntax';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

// A message becomes a string, or a list of strings, {a: name} and {a: name, v: {one: […], other: […]}}.
function pattern(node) {
  const parts = node.elements.map((element) => {
    if (element.type === 'TextElement') return element.value;
    const what = element.expression;
    if (what.type === 'StringLiteral') return what.parse().value;
    if (what.type === 'VariableReference') return { a: what.id.name };
    if (what.type === 'SelectExpression') {
      const variants = Object.fromEntries(what.variants.map((v) => [v.key.name ?? v.key.value, [pattern(v.value)].flat()]));
      return { a: what.selector.id.name, v: variants };
    }
    throw new Error(`a message for islands may not use ${what.type}`);
  });
  return parts.every((p) => typeof p === 'string') ? parts.join('') : parts;
}

export function writeTexts(locales, out) {
  mkdirSync(out, { recursive: true });
  for (const language of readdirSync(locales)) {
    const texts = {};
    for (const file of readdirSync(join(locales, language))) {
      if (!file.endsWith('.ftl')) continue;
      for (const entry of parse(readFileSync(join(locales, language, file), 'utf8'), {}).body) {
        if (entry.type === 'Junk') throw new Error(`${language}/${file}: ${entry.annotations[0]?.message}`);
        if (entry.type === 'Message' && entry.id.name.startsWith('js-')) texts[entry.id.name.slice(3)] = pattern(entry.value);
      }
    }
    writeFileSync(join(out, `text-${language}.json`), JSON.stringify(texts));
  }
}
