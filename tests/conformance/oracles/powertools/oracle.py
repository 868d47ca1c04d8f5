"""Powertools for AWS Lambda: its models of what AWS hands to a function."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
import protocol

from aws_lambda_powertools.utilities.parser.models import SesModel, SnsModel


def ses(request):
    (record,) = SesModel.model_validate(request["event"]).Records
    return {"id": record.ses.mail.messageId, "recipients": [str(one) for one in record.ses.receipt.recipients]}


def sns(request):
    (record,) = SnsModel.model_validate(request["event"]).Records
    return {"topic": record.Sns.TopicArn, "message": record.Sns.Message}


protocol.serve("aws-lambda-powertools", {"ses": ses, "sns": sns})
