// What all oracles in JavaScript share: a line of JSON in, a line of JSON out.
'use strict';

const { readFileSync } = require('node:fs');
const { createServer } = require('node:http');
const { dirname, join } = require('node:path');
const { createInterface } = require('node:readline');

/** The version of an installed package. */
function version(name) {
  const folder = process.env.NODE_PATH ?? join(dirname(require.main.filename), 'node_modules');
  return JSON.parse(readFileSync(join(folder, name, 'package.json'), 'utf8')).version;
}

/** Answers requests until there are no more; `tasks` maps what is to be done to functions of the request. */
async function serve(name, tasks) {
  const all = { about: () => ({ name, version: version(name) }), ...tasks };
  // What a package prints must not stand among the answers.
  const answerTo = process.stdout.write.bind(process.stdout);
  process.stdout.write = process.stderr.write.bind(process.stderr);
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    let answer;
    try {
      answer = { ok: true, ...(await all[request.do](request)) };
    } catch (error) {
      answer = { ok: false, error: String(error?.stack ?? error) };
    }
    answerTo(`${JSON.stringify(answer)}\n`);
  }
  process.exit(0);
}

/** A server on loopback that waits for one call of JSON, and answers it so. */
async function recorder(answer) {
  const server = createServer();
  const call = new Promise((done) => {
    server.on('request', (request, response) => {
      const parts = [];
      request.on('data', (part) => parts.push(part));
      request.on('end', () => {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify(answer));
        server.close();
        const fields = JSON.parse(Buffer.concat(parts).toString('utf8'));
        done({ method: request.method, path: request.url, headers: request.headers, fields });
      });
    });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { url: `http://127.0.0.1:${server.address().port}`, call };
}

module.exports = { recorder, serve };
