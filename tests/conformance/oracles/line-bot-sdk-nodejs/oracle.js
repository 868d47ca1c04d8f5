// @line/bot-sdk: LINE's own check of signatures, and its client of the Messaging API.
'use strict';

const { recorder, serve } = require('../protocol.js');
const { messagingApi, validateSignature } = require('@line/bot-sdk');

function accepts({ body, secret, signature }) {
  return { accepts: validateSignature(body, secret, signature) };
}

async function record({ method, token, retry_key: retryKey, body }) {
  const server = await recorder({ sentMessages: [] });
  const client = new messagingApi.MessagingApiClient({ channelAccessToken: token, baseURL: server.url });
  if (method === 'reply') await client.replyMessage(body);
  else await client.pushMessage(body, retryKey);
  return server.call;
}

serve('@line/bot-sdk', { accepts, record });
