// Prism: a server made of a vendor's OpenAPI file, which refuses what the file does not allow.
'use strict';

const { spawn } = require('node:child_process');
const { createServer } = require('node:net');
const { join } = require('node:path');
const { serve } = require('../protocol.js');

const HOST = '127.0.0.1';

/** A port that nobody has. */
async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, HOST, done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

const servers = new Map();

/** The server of a file; it says when it listens. */
function serverOf(file) {
  if (!servers.has(file)) servers.set(file, start(file));
  return servers.get(file);
}

async function start(file) {
  const port = await freePort();
  const cli = require.resolve('@stoplight/prism-cli');
  const args = [join(cli, '..', 'index.js'), 'mock', '--errors', '-h', HOST, '-p', String(port), file];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  process.on('exit', () => child.kill());
  await new Promise((done, failed) => {
    let said = '';
    const hear = (part) => {
      said += part;
      if (said.includes('Prism is listening')) done();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('exit', () => failed(new Error(`it does not start: ${said.slice(-500)}`)));
  });
  return `http://${HOST}:${port}`;
}

/** A form is written already. */
function written(body) {
  return body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
}

async function check({ file, method, path, headers, body, form }) {
  const url = await serverOf(file);
  const reply = await fetch(`${url}${path}`, { method, headers, body: form ?? written(body) });
  const text = await reply.text();
  if (reply.status >= 300) throw new Error(`${reply.status} ${text.slice(0, 1500)}`);
  return { status: reply.status };
}

serve('@stoplight/prism-cli', { check });
