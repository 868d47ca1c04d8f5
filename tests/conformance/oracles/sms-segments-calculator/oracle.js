// sms-segments-calculator: how many text messages Twilio takes a text for.
'use strict';

const { serve } = require('../protocol.js');
const { SegmentedMessage } = require('sms-segments-calculator');

serve('sms-segments-calculator', {
  count: ({ text }) => {
    const message = new SegmentedMessage(text);
    return { count: message.segmentsCount, encoding: message.encodingName };
  },
});
