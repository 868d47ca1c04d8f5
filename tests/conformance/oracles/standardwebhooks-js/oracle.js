// standardwebhooks, the specification's own library for JavaScript: signs and verifies.
'use strict';

const { serve } = require('../protocol.js');
const { Webhook, WebhookVerificationError } = require('standardwebhooks');

function sign({ secret, id, at, body }) {
  return { signature: new Webhook(secret).sign(id, new Date(at * 1000), body) };
}

function accepts({ secret, headers, body }) {
  try {
    new Webhook(secret).verify(body, headers);
    return { accepts: true };
  } catch (error) {
    if (error instanceof WebhookVerificationError) return { accepts: false };
    throw error;
  }
}

serve('standardwebhooks', { sign, accepts });
