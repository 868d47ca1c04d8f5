// x-hub-signature: the header of a webhook's body.
'use strict';

const { serve } = require('../protocol.js');
const XHubSignature = require('x-hub-signature');

serve('x-hub-signature', {
  sign: ({ secret, body }) => ({ header: new XHubSignature('sha256', secret).sign(Buffer.from(body, 'utf8')) }),
});
