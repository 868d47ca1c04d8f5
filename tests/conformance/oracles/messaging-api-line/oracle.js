// messaging-api-line: a client of the Messaging API that LINE did not write. It knows no retry key.
'use strict';

const { recorder, serve } = require('../protocol.js');
const { LineClient } = require('messaging-api-line');

async function record({ method, token, body }) {
  const server = await recorder({});
  const client = new LineClient({ accessToken: token, channelSecret: 'unused', origin: server.url });
  if (method === 'reply') await client.reply(body.replyToken, body.messages);
  else await client.push(body.to, body.messages);
  return server.call;
}

serve('messaging-api-line', { record });
