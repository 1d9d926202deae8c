"""How deep the queues are and how old what is on them; dead letters speak of faults of the pipeline."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from oncall.deployment import QUEUES
from oncall.finding import Finding, Status, Unanswered, asked, failed, ok, skipped, warning
from oncall.moments import length
from oncall.visit import Visit

QUEUE = next(iter(QUEUES))
LEFT: Mapping[str, tuple[Status, str]] = {
    "dead letters": (
        "failed",
        "find the fault in the log of Cancel and mend it; then aws sqs start-message-move-task --source-arn {arn}",
    ),
    "bus dead letters": (
        "failed",
        "events that the rule could not put on the queue: look at the queue's policy and its key, then send them again",
    ),
    "sweep dead letters": (
        "warning",
        "runs of Sweep that failed: the next one did what they left; its log says why",
    ),
    "announce dead letters": (
        "failed",
        "outcomes that nobody was told: mend what the log of Announce names; docs/operations.md, Told, reads them anew",
    ),
    "callback dead letters": (
        "failed",
        "a source's receiver would not take them: mend it; then aws sqs start-message-move-task --source-arn {arn}",
    ),
}
"""How bad it is that something is left there, and what to do."""

WAITING, DELAYED, TAKEN = (f"ApproximateNumberOfMessages{kind}" for kind in ("", "Delayed", "NotVisible"))
ATTRIBUTES = (WAITING, DELAYED, TAKEN, "RedrivePolicy", "QueueArn")

OLD_S = 1800.0
"""A message that is put off is a fresh one after 900 s at most, and one that failed comes again after 360 s."""

REACH = timedelta(minutes=15)
"""How far back the age is looked for; CloudWatch has it by the minute."""


def look(visit: Visit) -> Iterator[Finding]:
    if not visit.deployment.queues:
        yield skipped("queues", "which they are, only a stack tells", "--stack STACK")
        return
    for name, url in visit.deployment.queues.items():
        question = partial(
            visit.client("sqs").get_queue_attributes, QueueUrl=url, AttributeNames=list(ATTRIBUTES)
        )
        answer = asked(question)
        if isinstance(answer, Unanswered):
            yield answer.found(name, local=visit.local)
            continue
        found = answer["Attributes"]
        if name == QUEUE:
            yield _of_queue(visit, found)
            yield _redrive(found)
        else:
            yield _of_dead_letters(visit, name, found)


def _of_queue(visit: Visit, found: Mapping[str, str]) -> Finding:
    age = _age(visit, found) if _depth(found) else None
    said = f"{found[WAITING]} waiting, {found.get(DELAYED, 0)} put off, {found.get(TAKEN, 0)} being worked on"
    if age is not None and age > OLD_S:
        return warning(
            QUEUE,
            f"{said}; the oldest for {length(age)}",
            "is Cancel running? look at its log and its concurrency",
        )
    return ok(QUEUE, said + (f"; the oldest for {length(age)}" if age else ""))


def _redrive(found: Mapping[str, str]) -> Finding:
    policy = json.loads(found.get("RedrivePolicy", "{}"))
    if "deadLetterTargetArn" in policy:
        return ok("redrive", f"what fails {policy.get('maxReceiveCount')} times goes to the dead letters")
    return failed(
        "redrive", "the queue has no dead-letter queue: what fails circles until it expires", "deploy anew"
    )


def _of_dead_letters(visit: Visit, name: str, found: Mapping[str, str]) -> Finding:
    if not (depth := _depth(found)):
        return ok(name, "none")
    age = _age(visit, found)
    said = f"{depth} messages" + (f", the oldest for {length(age)}" if age else "")
    status, fix = LEFT[name]
    return Finding(status, name, said, fix.replace("{arn}", found.get("QueueArn", "ARN")))


def _depth(found: Mapping[str, str]) -> int:
    return sum(int(found.get(name, 0)) for name in (WAITING, DELAYED, TAKEN))


def _age(visit: Visit, found: Mapping[str, str]) -> float | None:
    """In seconds, as CloudWatch last saw it; the queue itself does not tell."""
    end = datetime.fromtimestamp(visit.clock(), UTC)
    queue = found.get("QueueArn", "").rpartition(":")[2]
    seen: Any = asked(
        lambda: visit.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/SQS",
            MetricName="ApproximateAgeOfOldestMessage",
            Dimensions=[{"Name": "QueueName", "Value": queue}],
            StartTime=end - REACH,
            EndTime=end,
            Period=60,
            Statistics=["Maximum"],
        )["Datapoints"]
    )
    if isinstance(seen, Unanswered) or not seen:
        return None
    return float(max(seen, key=lambda point: point["Timestamp"])["Maximum"])
