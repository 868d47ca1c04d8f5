// twilio-node: Twilio's other check of webhooks.
'use strict';

const { serve } = require('../protocol.js');
const { getExpectedTwilioSignature, validateRequest, validateRequestWithBody } = require('twilio');

serve('twilio', {
  sign: ({ token, url, fields }) => ({ signature: getExpectedTwilioSignature(token, url, fields) }),
  accepts: ({ token, url, fields, body, signature }) => ({
    accepts: body === undefined ? validateRequest(token, signature, url, fields) : validateRequestWithBody(token, signature, url, body),
  }),
});
