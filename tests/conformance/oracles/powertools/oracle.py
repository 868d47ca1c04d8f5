"""Powertools for AWS Lambda: strict models of the events that AWS hands to functions."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from protocol import serve

from aws_lambda_powertools.utilities.parser.models import SesModel, SnsModel


def ses(request):
    (record,) = SesModel.model_validate(request["event"]).Records
    return {"id": record.ses.mail.messageId, "recipients": [str(one) for one in record.ses.receipt.recipients]}


def sns(request):
    event = SnsModel.model_validate(request["event"])
    return {"records": [{"topic": record.Sns.TopicArn, "message": record.Sns.Message} for record in event.Records]}


serve("aws-lambda-powertools", {"ses": ses, "sns": sns})
