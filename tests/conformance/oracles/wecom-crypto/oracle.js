// @wecom/crypto: the vendor's own ciphering, as WeChat's side.
'use strict';

const { serve } = require('../protocol.js');
const { decrypt, encrypt, getSignature } = require('@wecom/crypto');

serve('@wecom/crypto', {
  cipher: ({ token, key, app_id: app, timestamp, nonce, text }) => {
    const sealed = encrypt(key, text, app);
    return { encrypt: sealed, signature: getSignature(token, timestamp, nonce, sealed) };
  },
  // An answer's ciphered text, opened; only if it is signed and for the app.
  open: ({ token, key, app_id: app, timestamp, nonce, encrypt: sealed, signature }) => {
    if (getSignature(token, timestamp, nonce, sealed) !== signature) {
      throw new Error('the signature is wrong');
    }
    const { message, id } = decrypt(key, sealed);
    if (id !== app) {
      throw new Error('for another app');
    }
    return { text: message };
  },
});
