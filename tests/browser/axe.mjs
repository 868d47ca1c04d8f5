// What axe-core finds wrong with a page of the sandbox.
import { readFileSync } from 'node:fs';
import { require } from './packages.mjs';

const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** What the page's own document does wrong by axe-core; the widget's frame has its own test. */
export async function violations(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(() =>
    window.axe.run(document, { resultTypes: ['violations'], iframes: false }),
  );
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target: at, failureSummary }) => `${id} ${at.flat().join(' ')}: ${failureSummary}`),
  );
}
