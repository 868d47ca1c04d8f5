// wechat-crypto: another implementation of the ciphering, as WeChat's side.
'use strict';

const { serve } = require('../protocol.js');
const Crypt = require('wechat-crypto');

serve('wechat-crypto', {
  cipher: ({ token, key, app_id: app, timestamp, nonce, text }) => {
    const crypt = new Crypt(token, key, app);
    const sealed = crypt.encrypt(text);
    return { encrypt: sealed, signature: crypt.getSignature(timestamp, nonce, sealed) };
  },
  // An answer's ciphered text, opened; only if it is signed and for the app.
  open: ({ token, key, app_id: app, timestamp, nonce, encrypt: sealed, signature }) => {
    const crypt = new Crypt(token, key, app);
    if (crypt.getSignature(timestamp, nonce, sealed) !== signature) {
      throw new Error('the signature is wrong');
    }
    const { message, id } = crypt.decrypt(sealed);
    if (id !== app) {
      throw new Error('for another app');
    }
    return { text: message };
  },
});
