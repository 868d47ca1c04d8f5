// The page scripts hold the types that their comments declare. Needs no stack.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { require } from './packages.mjs';

test('the page scripts hold their types', () => {
  const here = (path) => fileURLToPath(new URL(path, import.meta.url));
  const ui = ['static/loader.js', 'static/widget.js', 'sandbox/shop.js'].map((name) => here(`../../shared/ui/${name}`));
  const { stdout, status } = spawnSync(
    process.execPath,
    [
      require.resolve('typescript/bin/tsc'),
      '--noEmit',
      '--allowJs',
      '--checkJs',
      '--strict',
      '--noImplicitAny',
      'false',
      '--noUncheckedIndexedAccess',
      '--noUnusedLocals',
      '--noUnusedParameters',
      '--target',
      'es2022',
      '--lib',
      'es2022,dom,dom.iterable',
      here('globals.d.ts'),
      ...ui,
    ],
    { encoding: 'utf8' },
  );
  assert.equal(stdout, '');
  assert.equal(status, 0);
});
