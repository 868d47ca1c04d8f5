// Packages of package.json are installed outside the tree (FRONTDESK_NPM, default target/local/npm), where a plain
// import does not look.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

export const local = new URL('../../target/local/', import.meta.url);

export const require = createRequire(
  `${process.env.FRONTDESK_NPM ?? fileURLToPath(new URL('npm', local))}/package.json`,
);
