"""What the template says of the cancel function and its queue, and what the bench has measured of what they run."""

from dataclasses import dataclass

from bench import cost, figures
from house.template import of_type, template


def default(parameter: str) -> int:
    return int(template()["Parameters"][parameter]["Default"])


@dataclass(frozen=True, slots=True)
class Deployment:
    """concurrency: processes at once, which are as many as the event source may call. batch: messages of each."""

    concurrency: int
    batch: int
    timeout_s: float
    visibility_s: float
    most_receives: int


def of_the_template(concurrency: int | None = None) -> Deployment:
    """concurrency: CancelConcurrency, where somebody has turned it."""
    function = of_type("AWS::Serverless::Function")["CancelFunction"]
    queue = of_type("AWS::SQS::Queue")["Queue"]
    mapping = function["Events"]["Messages"]["Properties"]
    reserved = function["ReservedConcurrentExecutions"]["Fn::If"][1]
    assert (
        mapping["ScalingConfig"]["MaximumConcurrency"]["Fn::If"][2]
        == reserved
        == {"Ref": "CancelConcurrency"}
    )
    assert "MaximumBatchingWindowInSeconds" not in mapping  # a batch is what is there
    return Deployment(
        concurrency or default("CancelConcurrency"),
        mapping["BatchSize"],
        function["Timeout"],
        queue["VisibilityTimeout"],
        queue["RedrivePolicy"]["maxReceiveCount"],
    )


@dataclass(frozen=True, slots=True)
class Pacing:
    """Seconds. cpu_s: of one message, on the share of a processor that the function has; they share it in a batch."""

    cpu_s: float
    cold_s: float
    receive_s: float
    """What a delivery takes in the receive function, its calls included."""
    aws_call_s: float
    prevail_s: float


def measured() -> Pacing:
    at, ours = cost.prices(), figures.read(figures.STORED).subjects["ours"]
    cancel, receive, traffic = ours["cancel"], ours["receive"], at.of["traffic"]
    assert cancel.batch_cpu_ms
    first = max(0.0, cancel.first_cpu_ms - cancel.warm_cpu_ms) * at.slower
    return Pacing(
        cancel.batch_cpu_ms / cost.BURST * at.slower / 1000,
        (cancel.init_ms + first) / 1000,
        receive.warm_cpu_ms * at.slower / 1000,
        traffic["aws_call_ms"] / 1000,
        traffic["upstream_ms"] / 1000,
    )
