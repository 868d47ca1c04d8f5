// twilio (npm): signs webhooks, and says by its types which attributes and values TwiML has.
'use strict';

const { readFileSync } = require('node:fs');
const { join, dirname } = require('node:path');
const { serve } = require('../protocol.js');
const { getExpectedTwilioSignature } = require('twilio');

const types = readFileSync(join(dirname(require.resolve('twilio/package.json')), 'lib/twiml/VoiceResponse.d.ts'), 'utf8');

function sign({ token, url, body }) {
  return { signature: getExpectedTwilioSignature(token, url, Object.fromEntries(new URLSearchParams(body))) };
}

/** The values of a type that is a union of texts; null, if it is none. */
function union(name) {
  const found = new RegExp(`type ${name} = ([^;]+);`).exec(types);
  if (!found) return null;
  return found[1].split('|').map((value) => value.trim().replace(/^"|"$/g, ''));
}

/** The attributes that a verb or noun has, with their types. */
function attributes(element) {
  const found = new RegExp(`interface ${element}Attributes[^{]*{([^}]*)}`).exec(types);
  if (!found) throw new Error(`there is no ${element}`);
  return new Map([...found[1].matchAll(/^\s*"?([\w:-]+)"?\?: ([^;]+);/gm)].map(([, name, type]) => [name, type]));
}

/** Whether a value is of a type. */
function fits(type, value) {
  if (type === 'string') return true;
  if (type === 'number') return /^\d+(\.\d+)?$/.test(value);
  if (type === 'boolean') return value === 'true' || value === 'false';
  const list = /^(\w+)\[\]$|^Array<(\w+)>$/.exec(type);
  if (list) return value.split(' ').every((one) => fits(list[1] ?? list[2], one));
  const values = union(type.replace(/^VoiceResponse\./, ''));
  if (!values) throw new Error(`the type ${type} is not known`);
  return values.includes(value);
}

/** Whether each element of a document has attributes and values of the types. */
function twiml({ document }) {
  let checked = 0;
  for (const [, element, rest] of document.matchAll(/<([A-Z]\w*)((?:\s+\w+="[^"]*")*)\s*\/?>/g)) {
    if (element === 'Response' || element === 'Hangup') continue;
    const known = attributes(element);
    for (const [, name, value] of rest.matchAll(/(\w+)="([^"]*)"/g)) {
      const type = known.get(name);
      if (!type) throw new Error(`${element} has no attribute ${name}`);
      if (!fits(type, value)) throw new Error(`${element} takes no ${name} ${value}`);
      checked += 1;
    }
  }
  return { checked };
}

serve('twilio', { sign, twiml });
