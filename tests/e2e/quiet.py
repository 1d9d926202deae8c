"""When a stack has nothing left to do, and how it is brought there in a minute instead of an hour."""

from concurrent.futures import Future, ThreadPoolExecutor

from e2e.hurry import Hurry
from stack import StackInfo, client
from stack.aws import pages
from trial.watch import Watch, until

VISIBLE_AGAIN_S = 12
"""Instead of the six minutes after which a message comes again."""

SWEEPS = 3
"""At once, at most: one that waits for a call that hangs keeps the others from nothing."""


def come_again_soon(info: StackInfo) -> None:
    client("sqs", info.aws_endpoint_url).set_queue_attributes(
        QueueUrl=info.queue_url, Attributes={"VisibilityTimeout": str(VISIBLE_AGAIN_S)}
    )


def until_quiet(info: StackInfo, within: float, hurry: Hurry | None = None) -> None:
    """All has settled, nothing is on the queue. The sweep runs whenever it would find something. Raises TookTooLong."""
    watch, hurry, functions = Watch(info), hurry or Hurry(info), client("lambda", info.aws_endpoint_url)
    name = function(info, "SweepFunction")
    sweeps: list[Future[object]] = []

    def quiet() -> bool | None:
        if hurry.along() and sum(not sweep.done() for sweep in sweeps) < SWEEPS:
            sweeps.append(pool.submit(functions.invoke, FunctionName=name, Payload=b"{}"))
        unsettled = any("open" in row for row in hurry.rows())
        return None if unsettled or watch.messages(info.queue_url) else True

    with ThreadPoolExecutor(SWEEPS) as pool:
        until(quiet, within, "everything to settle", pause=0.5)


def function(info: StackInfo, resource: str) -> str:
    """The name of the one that the template calls so."""
    functions = pages(client("lambda", info.aws_endpoint_url), "list_functions", "Functions")
    (name,) = (one["FunctionName"] for one in functions if f"-{resource}-" in one["FunctionName"])
    return str(name)
