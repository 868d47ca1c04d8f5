// whatsapp-api-js: checks webhooks, reads their messages, and makes calls, which go no further than here.
'use strict';

const { serve } = require('../protocol.js');
const { WhatsAppAPI } = require('whatsapp-api-js');
const messages = require('whatsapp-api-js/messages');

const calls = [];

async function fetch(url, options) {
  calls.push({ url: String(url), ...options });
  return new Response('{"messaging_product":"whatsapp","messages":[{"id":"wamid.A"}]}', { status: 200 });
}

function api({ token = 'T', secret, version = 'v26.0', check }) {
  return new WhatsAppAPI({
    token, appSecret: secret, webhookVerifyToken: check, v: version, secure: true, ponyfill: { fetch },
  });
}

/** Whether the header is right, and what the one message in the body says. */
async function read(request) {
  const client = api(request);
  if (!(await client.verifyRequestSignature(request.body, request.header))) throw new Error('the signature is wrong');
  let said;
  client.on.message = ({ phoneID, from, message }) => {
    said = { account: phoneID, user: from, id: message.id, type: message.type, message };
  };
  client.on.status = ({ phoneID, phone, status, id, biz_opaque_callback_data }) => {
    said = { account: phoneID, user: phone, id, type: status, mark: biz_opaque_callback_data };
  };
  await client.post(JSON.parse(request.body), request.body, request.header);
  return { said };
}

function challenge({ check, query }) {
  return { answer: api({ secret: 's', check }).get(query) };
}

function built([kind, ...words]) {
  const { ActionButtons, ActionList, Body, Button, Interactive, ListSection, Row } = messages;
  switch (kind) {
    case 'buttons': {
      const [text, choices] = words;
      const buttons = choices.map(([id, title]) => new Button(id, title));
      return new Interactive(new ActionButtons(...buttons), new Body(text));
    }
    case 'list': {
      const [text, open, choices] = words;
      const rows = choices.map(([id, title]) => new Row(id, title));
      return new Interactive(new ActionList(open, new ListSection(undefined, ...rows)), new Body(text));
    }
    case 'template': {
      const [name, language, text] = words;
      return new messages.Template(name, language, new messages.BodyComponent(new messages.BodyParameter(text)));
    }
    default:
      return new messages[kind](...words);
  }
}

async function record(request) {
  const { account, user, send, mark } = request;
  await api(request).sendMessage(account, { phone: user }, built(send), undefined, mark);
  const { url, method, headers, body } = calls.pop();
  const fields = JSON.parse(body);
  // Its messages are texts within the text.
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'string' && value.startsWith('{')) fields[name] = JSON.parse(value);
  }
  return { method, path: new URL(url).pathname, token: new Headers(headers).get('authorization'), fields };
}

serve('whatsapp-api-js', { read, challenge, record });
