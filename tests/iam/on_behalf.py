"""Calls that AWS makes with our roles: read off the template, by what AWS documents."""

from collections.abc import Iterator, Mapping
from typing import Any

from iam.evaluator import Call
from iam.resolve import Stack, arn

POLLED: Mapping[str, tuple[str, ...]] = {
    "sqs": ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
    "dynamodb": (
        "dynamodb:DescribeStream",
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator",
        "dynamodb:ListStreams",
    ),
}
"""What Lambda's pollers do with the role of the function they feed, by the service of the source.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-lambda-function-trigger.html
https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
"""

LOGGED = ("logs:CreateLogStream", "logs:PutLogEvents")
"""How Lambda writes the log of a function, by its role. Their groups are the template's: nobody need make one.
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html
"""

TRACED = ("xray:PutTraceSegments", "xray:PutTelemetryRecords")
"""Where tracing is on; these know no resources. https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html"""

SET_ASIDE: Mapping[str, str] = {"sqs": "sqs:SendMessage", "sns": "sns:Publish"}
"""What could not be worked on, by the service of the place it goes to.
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
https://docs.aws.amazon.com/scheduler/latest/UserGuide/setting-up.html, of schedules and what they invoke
"""


def calls(stack: Stack) -> dict[str, set[Call]]:
    """By the ARN of the role."""
    made: dict[str, set[Call]] = {}
    for role, action, resource in _calls(stack):
        made.setdefault(role, set()).add(Call(action, resource))
    return made


def _calls(stack: Stack) -> Iterator[tuple[str, str, str]]:
    functions = {stack.ref(name): made for name, made in stack.of_type("AWS::Lambda::Function").items()}
    for function in functions.values():
        role, group = function["Role"], function["LoggingConfig"]["LogGroup"]
        stream = f"log-group:{group}:log-stream:2026/11/20/[$LATEST]0123456789abcdef"
        yield from ((role, action, arn("logs", stream)) for action in LOGGED)
        if function.get("TracingConfig", {}).get("Mode") == "Active":
            yield from ((role, action, "*") for action in TRACED)
        yield from _set_aside(role, function.get("DeadLetterConfig", {}).get("TargetArn"))
    for mapping in stack.of_type("AWS::Lambda::EventSourceMapping").values():
        role, source = functions[name_in(mapping["FunctionName"])]["Role"], mapping["EventSourceArn"]
        yield from ((role, action, source) for action in POLLED[service_of(source)])
        if service_of(source) == "dynamodb":  # listed are all streams that the table has had
            yield role, "dynamodb:ListStreams", f"{source.rpartition('/')[0]}/*"
        yield from _set_aside(role, _on_failure(mapping))
    for settings in stack.of_type("AWS::Lambda::EventInvokeConfig").values():
        yield from _set_aside(functions[name_in(settings["FunctionName"])]["Role"], _on_failure(settings))
    for schedule in stack.of_type("AWS::Scheduler::Schedule").values():
        target = schedule["Target"]
        yield target["RoleArn"], "lambda:InvokeFunction", target["Arn"]
        yield from _set_aside(target["RoleArn"], target.get("DeadLetterConfig", {}).get("Arn"))


def _on_failure(settings: Mapping[str, Any]) -> str | None:
    destination: str | None = settings.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
    return destination


def _set_aside(role: str, place: str | None) -> Iterator[tuple[str, str, str]]:
    if place:
        yield role, SET_ASIDE[service_of(place)], place


def name_in(function: str) -> str:
    """A function is called by its name, its ARN, or that of an alias."""
    return function.rpartition(":function:")[-1].partition(":")[0]


def service_of(arn: str) -> str:
    return arn.split(":")[2]
