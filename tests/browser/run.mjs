// Runs the browser tests against a running stack: installs their packages outside the tree, finds a browser, tests.
//
//   node tests/browser/run.mjs [file …]      FRONTDESK_STACK_JSON, CHROMIUM, FRONTDESK_NPM, FRONTDESK_SHOTS: see support.mjs
import { spawnSync } from 'node:child_process';
import { accessSync, constants, copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const npm = process.env.FRONTDESK_NPM ?? fileURLToPath(new URL('../../target/local/npm', import.meta.url));

function fail(text) {
  console.error(text);
  process.exit(1);
}

function run(program, ...values) {
  return spawnSync(program, values, { stdio: ['ignore', 'inherit', 'inherit'] }).status === 0;
}

/** The packages of package-lock.json, installed anew only when it has changed. */
function packages() {
  const lock = (folder) =>
    existsSync(join(folder, 'package-lock.json')) && readFileSync(join(folder, 'package-lock.json'), 'utf8');
  const done = join(npm, 'node_modules', '.package-lock.json');
  if (existsSync(done) && lock(npm) === lock(here)) return;
  mkdirSync(npm, { recursive: true });
  for (const name of ['package.json', 'package-lock.json']) copyFileSync(join(here, name), join(npm, name));
  if (!run('npm', 'ci', '--prefix', npm, '--no-audit', '--no-fund', '--loglevel=error')) {
    fail('the packages of tests/browser cannot be installed: npm and a way to its registry are needed');
  }
}

/** The first of these programs that PATH has. */
function onPath(...names) {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return names
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

const browserOnPath = () => onPath('chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome');

/** A Chromium: the one named, the Debian package when root, one on PATH, Playwright's own. */
async function browser() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  if (!browserOnPath() && process.getuid?.() === 0 && onPath('apt-get')) {
    console.log('installing the packages chromium and fonts-noto-cjk …');
    process.env.DEBIAN_FRONTEND = 'noninteractive';
    if (run('apt-get', 'update', '-qq'))
      run('apt-get', 'install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-noto-cjk');
  }
  const found = browserOnPath();
  if (found) return found;
  const { require } = await import('./packages.mjs');
  console.log('installing the browser of Playwright …');
  run(process.execPath, join(npm, 'node_modules', 'playwright-core', 'cli.js'), 'install', 'chromium');
  const own = require('playwright-core').chromium.executablePath();
  if (!existsSync(own)) fail('there is no browser: install Chromium, or name one in CHROMIUM');
  return own;
}

if (Number(process.versions.node.split('.')[0]) < 20) fail(`Node.js 20 or newer is needed; this is ${process.version}`);
packages();
process.env.CHROMIUM = await browser();
const files =
  process.argv.length > 2
    ? process.argv.slice(2)
    : readdirSync(here)
        .filter((name) => name.endsWith('.test.mjs'))
        .sort()
        .map((name) => join(here, name));
process.exit(run(process.execPath, '--test', '--test-concurrency=1', '--test-reporter=spec', ...files) ? 0 : 1);
