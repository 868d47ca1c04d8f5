"""line-bot-sdk: LINE's own reader of webhooks, and its client of the Messaging API."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from protocol import Recorder, serve

from linebot.v3 import SignatureValidator, WebhookParser
from linebot.v3.messaging import ApiClient, Configuration, MessagingApi
from linebot.v3.messaging.models import PushMessageRequest, ReplyMessageRequest
from linebot.v3.webhooks import (
    AudioMessageContent,
    CallbackRequest,
    ContentProvider,
    DeliveryContext,
    EventMode,
    FileMessageContent,
    FollowDetail,
    FollowEvent,
    GroupSource,
    ImageMessageContent,
    LocationMessageContent,
    MessageEvent,
    PostbackContent,
    PostbackEvent,
    StickerMessageContent,
    TextMessageContent,
    UnfollowEvent,
    UserSource,
    VideoMessageContent,
)

OWN = ContentProvider(type="line")


def messages(text):
    quote = {"quoteToken": "q"}
    return {
        "text": lambda: TextMessageContent(id="1", text=text, **quote),
        "image": lambda: ImageMessageContent(id="2", contentProvider=OWN, **quote),
        "external": lambda: ImageMessageContent(
            id="3",
            contentProvider=ContentProvider(type="external", originalContentUrl=text, previewImageUrl=text),
            **quote,
        ),
        "video": lambda: VideoMessageContent(id="4", duration=9, contentProvider=OWN, **quote),
        "audio": lambda: AudioMessageContent(id="5", duration=9, contentProvider=OWN),
        "file": lambda: FileMessageContent(id="6", fileName=text, fileSize=7000),
        "location": lambda: LocationMessageContent(id="7", title=text, latitude=31.25, longitude=121.5),
        "sticker": lambda: StickerMessageContent(
            id="8", packageId="1", stickerId="2", stickerResourceType="STATIC", **quote
        ),
    }


def event(one):
    common = {
        "mode": EventMode.STANDBY if one["kind"] == "standby" else EventMode.ACTIVE,
        "timestamp": one["at"],
        "webhookEventId": one["id"],
        "deliveryContext": DeliveryContext(isRedelivery=one.get("again", False)),
        "source": GroupSource(groupId="C1", userId=one["user"])
        if one["kind"] == "group"
        else UserSource(userId=one["user"]),
    }
    replied = {"replyToken": "RT", **common}
    match one["kind"]:
        case "follow":
            return FollowEvent(follow=FollowDetail(isUnblocked=False), **replied)
        case "unfollow":
            return UnfollowEvent(**common)
        case "postback":
            return PostbackEvent(postback=PostbackContent(data=one["text"]), **replied)
        case "group" | "standby":
            return MessageEvent(message=messages(one["text"])["text"](), **replied)
        case kind:
            return MessageEvent(message=messages(one.get("text", ""))[kind](), **replied)


def webhook(request):
    """The body that LINE would send: built of the SDK's models."""
    body = CallbackRequest(destination=request["account"], events=[event(one) for one in request["events"]])
    return {"body": body.to_json()}


def read(request):
    """What the SDK reads of a signed body."""
    parser = WebhookParser(request["secret"])
    events = parser.parse(request["body"], request["signature"])
    return {"events": [one.webhook_event_id for one in events]}


def accepts(request):
    return {"accepts": SignatureValidator(request["secret"]).validate(request["body"], request["signature"])}


recorder = Recorder(lambda _: {"sentMessages": [{"id": "461230966842064897", "quoteToken": "q"}]})


def record(request):
    """The call that the SDK makes of the same body, once its models have read it."""
    configuration = Configuration(host=recorder.url, access_token=request["token"])
    with ApiClient(configuration) as client:
        api = MessagingApi(client)
        if request["method"] == "reply":
            api.reply_message(ReplyMessageRequest.from_dict(request["body"]))
        else:
            api.push_message(PushMessageRequest.from_dict(request["body"]), x_line_retry_key=request["retry_key"])
    return recorder.last()


serve("line-bot-sdk", {"webhook": webhook, "read": read, "accepts": accepts, "record": record})
