// The page scripts hold the types that their comments declare. Needs no stack.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { require } from './packages.mjs';

const ts = require('typescript');
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const pages = here('../../shared/ui/static/');

/** The lines of a page script with its parts filled in, as the packer does it, and where each comes from. */
function assembled(name) {
  return readFileSync(pages + name, 'utf8')
    .split('\n')
    .flatMap((text, i) => {
      const part = text.match(/^\{\{include:(.+)\}\}$/)?.[1];
      return part ? assembled(part) : [{ text, from: name, line: i + 1 }];
    });
}

test('the page scripts hold their types', () => {
  const options = {
    noEmit: true,
    allowJs: true,
    checkJs: true,
    strict: true,
    noImplicitAny: false,
    noUncheckedIndexedAccess: true,
    noUnusedLocals: true,
    noUnusedParameters: true,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    types: [],
  };
  const widget = assembled('widget.js');
  const host = ts.createCompilerHost(options);
  const read = host.readFile;
  host.readFile = (path) =>
    path === `${pages}widget.js` ? widget.map(({ text }) => text).join('\n') : read.call(host, path);
  const files = [
    here('globals.d.ts'),
    `${pages}widget/types.d.ts`,
    `${pages}loader.js`,
    `${pages}widget.js`,
    here('../../shared/ui/sandbox/shop.js'),
    here('../../shared/ui/sandbox/channels/start.js'),
  ];
  const told = ({ file, start, messageText }) => {
    const message = ts.flattenDiagnosticMessageText(messageText, '\n');
    if (!file) return message;
    const { line } = file.getLineAndCharacterOfPosition(start);
    const at = file.fileName === `${pages}widget.js` ? widget[line] : { from: file.fileName, line: line + 1 };
    return `${at.from}:${at.line} ${message}`;
  };
  const faults = ts.getPreEmitDiagnostics(ts.createProgram(files, options, host)).map(told);
  assert.deepEqual(faults, []);
});

test('every part of the widget is in it once', () => {
  const whole = assembled('widget.js');
  const included = whole.filter(({ from, line }) => from !== 'widget.js' && line === 1).map(({ from }) => from);
  const parts = readdirSync(`${pages}widget`).filter((name) => !name.endsWith('.d.ts'));
  assert.deepEqual(included.sort(), parts.map((name) => `widget/${name}`).sort());
  assert.deepEqual(
    whole.filter(({ text }) => text.includes('{{include:')),
    [],
  );
});
