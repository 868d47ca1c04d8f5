// @types/aws-lambda and TypeScript's compiler: whether a value is of a type of AWS's events or results.
'use strict';

const { join } = require('node:path');
const { serve } = require('../protocol.js');
const ts = require('typescript');

const folder = process.env.NODE_PATH ?? join(__dirname, 'node_modules');
const options = { strict: true, noEmit: true, types: [], typeRoots: [], lib: ['lib.es2022.d.ts'], skipLibCheck: true };
const file = join(folder, '..', 'judged.ts');
const host = ts.createCompilerHost(options);
const [readFile, fileExists, getSourceFile] = [host.readFile, host.fileExists, host.getSourceFile];
const parsed = new Map();
let program;

/** Fails with what the compiler says of a source, if it says anything. */
function compiled(source) {
  host.readFile = (name) => (name === file ? source : readFile(name));
  host.fileExists = (name) => name === file || fileExists(name);
  host.getSourceFile = (name, target) => {
    if (name === file) return ts.createSourceFile(name, source, target);
    if (!parsed.has(name)) parsed.set(name, getSourceFile(name, target));
    return parsed.get(name);
  };
  program = ts.createProgram([file], options, host, program);
  const faults = [...program.getOptionsDiagnostics(), ...program.getSyntacticDiagnostics(), ...program.getSemanticDiagnostics()];
  if (faults.length > 0) {
    throw new Error(faults.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' ')).join('; '));
  }
  return {};
}

const types = JSON.stringify(join(folder, '@types', 'aws-lambda', 'index').replaceAll('\\', '/'));

/** An event may hold more than the types know. */
function event({ type, value }) {
  return compiled(`import type { ${type} } from ${types};\ndeclare function takes<T extends ${type}>(value: T): void;\ntakes(${JSON.stringify(value)});\n`);
}

/** A result may not. */
function result({ type, value }) {
  return compiled(`import type { ${type} } from ${types};\nexport const value: ${type} = ${JSON.stringify(value)};\n`);
}

serve('@types/aws-lambda', { event, result });
