"""The template with one control taken away each: whoever takes it away for real must be found out.

A mutant is an edit of template.yaml as it is written. `at` leads from a resource to one of its properties, or from a
section such as `Globals` on: names and places in lists, `#Sid` for a statement. `to` is what stands there instead.
"""

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from controls.deployed import Document

REMOVED = object()
_ATTRIBUTES = {"DeletionPolicy", "UpdateReplacePolicy"}


@dataclass(frozen=True, slots=True, eq=False)
class Mutant:
    name: str
    at: str
    to: Any = REMOVED

    def of(self, template: Document) -> Document:
        """Raises LookupError or StopIteration where the template is another by now, and the path leads nowhere."""
        mutated = deepcopy(template)
        first, second, *others = self.at.split(".")
        if first in mutated:
            holder, key = mutated[first], second
        else:
            resource = mutated["Resources"][first]
            holder, key = (resource if second in _ATTRIBUTES else resource["Properties"]), second
        for step in others:
            holder, key = _place(holder[key], step)
        if self.to is REMOVED:
            del holder[key]
        else:
            holder[key] = self.to
        return mutated


def _place(part: Any, step: str) -> tuple[Any, Any]:  # noqa: ANN401 - any part of a document
    if not step.startswith("#"):
        return part, int(step) if isinstance(part, list) else step
    for place, statement in enumerate(part):
        if "Fn::If" in statement and statement["Fn::If"][1].get("Sid") == step[1:]:
            return statement["Fn::If"], 1
        if statement.get("Sid") == step[1:]:
            return part, place
    raise LookupError(step)


def _arn(resource: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [resource, "Arn"]}


_SECRET = "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:${SecretsPrefix}/"
_RECEIVE, _CANCEL, _SWEEP = (
    f"{n}Role.Policies.0.PolicyDocument.Statement" for n in ("Receive", "Cancel", "Sweep")
)
_BY_QUEUE = "QueuePolicy.PolicyDocument.Statement"
_OF_DEAD = "DeadLettersPolicy.PolicyDocument.Statement"
_WRITTEN = {"Type": "AWS::SecretsManager::Secret", "Properties": {"SecretString": "for everybody to read"}}
_BESIDE = {
    "Type": "AWS::IAM::Policy",
    "Properties": {
        "PolicyName": "beside",
        "Roles": [{"Ref": "SweepRole"}],
        "PolicyDocument": {
            "Statement": [{"Effect": "Allow", "Action": ["dynamodb:DeleteItem"], "Resource": _arn("Ledger")}]
        },
    },
}
_ANYBODY = {"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": _arn("Queue")}

MUTANTS: tuple[Mutant, ...] = (
    # roles
    Mutant("two functions share a role", "SweepFunction.Role", _arn("ReceiveRole")),
    Mutant("a role of another stack", "SweepFunction.Role", "arn:aws:iam::111122223333:role/admin"),
    Mutant(
        "a managed policy",
        "ReceiveRole.ManagedPolicyArns",
        ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"],
    ),
    Mutant("every action of a service", f"{_RECEIVE}.#QueueRequests.Action", ["sqs:*"]),
    Mutant("more by a policy beside the role", "Resources.Beside", _BESIDE),
    Mutant("any table", f"{_RECEIVE}.#AcceptRequests.Resource", "*"),
    Mutant(
        "any secret below the prefix",
        f"{_CANCEL}.#ReadKeysOfOrganizations.Resource",
        {"Fn::Sub": _SECRET + "*"},
    ),
    Mutant(
        "the receiver reads API keys",
        f"{_RECEIVE}.#ReadSigningSecretsOfSources.Resource",
        {"Fn::Sub": _SECRET + "organizations/*"},
    ),
    Mutant(
        "the worker may delete items",
        f"{_CANCEL}.#WriteTheLedger.Action.0",
        "dynamodb:DeleteItem",
    ),
    Mutant(
        "the worker may read all items",
        f"{_CANCEL}.#WriteTheLedger.Action.0",
        "dynamodb:Scan",
    ),
    Mutant(
        "the receiver may take messages",
        f"{_RECEIVE}.#QueueRequests.Action",
        ["sqs:SendMessage", "sqs:ReceiveMessage"],
    ),
    Mutant("the key through any service", f"{_RECEIVE}.#UseTheKey.Condition"),
    Mutant("the key of any secret", f"{_RECEIVE}.#DecryptTheSecrets.Condition.StringLike"),
    Mutant(
        "anybody's schedule starts sweeps", "SweepScheduleRole.AssumeRolePolicyDocument.Statement.0.Condition"
    ),
    Mutant(
        "anybody takes a role", "ReceiveRole.AssumeRolePolicyDocument.Statement.0.Principal", {"AWS": "*"}
    ),
    Mutant("a role without boundary", "SweepRole.PermissionsBoundary"),
    Mutant("a deploying role without boundary", "DeploymentRole.PermissionsBoundary"),
    Mutant("any API calls the receiver", "ApiMayInvokeReceive.SourceArn"),
    Mutant("APIs of any account call the receiver", "ApiMayInvokeReceive.SourceAccount"),
    # functions
    Mutant("an address of its own", "ReceiveFunction.FunctionUrlConfig", {"AuthType": "NONE"}),
    Mutant("unbounded concurrency", "ReceiveFunction.ReservedConcurrentExecutions"),
    Mutant(
        "more workers than are reserved",
        "CancelFunction.Events.Messages.Properties.ScalingConfig.MaximumConcurrency",
        20,
    ),
    Mutant("unbounded workers", "CancelFunction.Events.Messages.Properties.ScalingConfig"),
    Mutant("a runtime of the past", "Globals.Function.Runtime", "python3.8"),
    Mutant("no traces", "SweepFunction.Tracing", "PassThrough"),
    Mutant("no tags", "Globals.Function.Tags"),
    Mutant("a secret in the environment", "Globals.Function.Environment.Variables.API_KEY", "whsec_"),
    Mutant("unsigned code", "CancelFunction.CodeSigningConfigArn"),
    Mutant(
        "unsigned code with a warning",
        "CodeSigning.CodeSigningPolicies.UntrustedArtifactOnDeployment",
        "Warn",
    ),
    Mutant("a receiver slower than the gateway", "ReceiveFunction.Timeout", 60),
    Mutant("failed sweeps are forgotten", "SweepFunction.EventInvokeConfig.DestinationConfig"),
    Mutant("sweeps that did not start are forgotten", "SweepSchedule.Target.DeadLetterConfig"),
    Mutant(
        "one failed message takes ten along",
        "CancelFunction.Events.Messages.Properties.FunctionResponseTypes",
    ),
    Mutant("Lambda ends retries", "CancelFunction.RecursiveLoop"),
    # logs
    Mutant("logs that AWS makes", "CancelFunction.LoggingConfig.LogGroup"),
    Mutant("two functions share a log", "CancelFunction.LoggingConfig.LogGroup", {"Ref": "ReceiveLogs"}),
    Mutant("logs as text", "ReceiveFunction.LoggingConfig.LogFormat", "Text"),
    Mutant("logs for a day", "ReceiveLogs.RetentionInDays", 1),
    Mutant("logs for ever", "ApiLogs.RetentionInDays"),
    Mutant("logs go with the stack", "ReceiveLogs.DeletionPolicy"),
    # releases
    Mutant(
        "a configuration that stays behind", "ReceiveFunction.VersionDescription", {"Ref": "RuntimeLayer"}
    ),
    Mutant("an origin that stays behind", "CancelFunction.VersionDescription.Fn::Join.1.5"),
    Mutant("code that stays behind", "CancelFunction.VersionDescription.Fn::Join.1.0"),
    Mutant("the gateway passes the alias by", "ApiToReceive.IntegrationUri", _arn("ReceiveFunction")),
    Mutant(
        "nothing watches a release", "CancelFunction.DeploymentPreference.Alarms", [{"Ref": "ReceiveErrors"}]
    ),
    # queues
    Mutant("messages in clear", f"{_BY_QUEUE}.#OnlyTls"),
    Mutant("dead letters in clear", f"{_OF_DEAD}.#OnlyTls.Condition.Bool.aws:SecureTransport", "true"),
    Mutant("anybody sends", f"{_BY_QUEUE}.#OnlyOurRule", _ANYBODY),
    Mutant("any bus sends", f"{_BY_QUEUE}.#OnlyOurRule.Condition"),
    Mutant("unencrypted messages", "Queue.SqsManagedSseEnabled"),
    Mutant("a message comes back while it is worked on", "Queue.VisibilityTimeout", 60),
    Mutant("dead letters after the first failure", "Queue.RedrivePolicy.maxReceiveCount", 1),
    Mutant("messages circle for ever", "Queue.RedrivePolicy"),
    Mutant("dead letters for a day", "BusDeadLetters.MessageRetentionPeriod", 86400),
    Mutant("anybody's dead letters", "DeadLetters.RedriveAllowPolicy"),
    # ledger
    Mutant("no way back", "Ledger.PointInTimeRecoverySpecification"),
    Mutant("the table may be deleted", "Ledger.DeletionProtectionEnabled"),
    Mutant("the table goes with the stack", "Ledger.DeletionPolicy", "Delete"),
    Mutant("the table goes when it is replaced", "Ledger.UpdateReplacePolicy"),
    Mutant("nothing expires", "Ledger.TimeToLiveSpecification"),
    Mutant("a table of so much and no more", "Ledger.BillingMode"),
    # a key of your own
    Mutant("the ledger under another key", "Ledger.SSESpecification.KMSMasterKeyId"),
    Mutant("messages under another key", "SweepDeadLetters.KmsMasterKeyId"),
    Mutant("logs under another key", "ApiLogs.KmsKeyId"),
    Mutant("environments under another key", "SweepFunction.KmsKeyArn", {"Ref": "AWS::NoValue"}),
    Mutant("the bus under another key", "Bus.KmsKeyIdentifier"),
    Mutant("events that cannot be decrypted are lost", "Bus.DeadLetterConfig"),
    # HTTP API
    Mutant("no access log", "ApiStage.AccessLogSettings"),
    Mutant("query strings in the log", "ApiStage.AccessLogSettings.Format", '{"path":"$context.path"}'),
    Mutant(
        "headers in the log", "ApiStage.AccessLogSettings.Format", '{"it":"$request.header.authorization"}'
    ),
    Mutant("a log that nothing can read", "ApiStage.AccessLogSettings.Format", "$context.requestId"),
    Mutant("no limit", "ApiStage.DefaultRouteSettings"),
    Mutant("no burst limit", "ApiStage.RouteSettings.POST /v1/webhooks/{source}.ThrottlingBurstLimit"),
    Mutant("webhooks share the limit of all", "ApiStage.RouteSettings"),
    Mutant("anybody asks", "AskRoute.AuthorizationType", "NONE"),
    Mutant("nobody is asked", "FindRoute.AuthorizationType"),
    Mutant("two names", "Api.DisableExecuteApiEndpoint"),
    Mutant("TLS of the past", "ApiDomain.DomainNameConfigurations.0.SecurityPolicy", "TLS_1_0"),
    # bus
    Mutant("events are tried once", "BusToQueue.Targets.0.RetryPolicy"),
    Mutant("events are lost", "BusToQueue.Targets.0.DeadLetterConfig"),
    Mutant("events of any account", "BusToQueue.EventPattern.account"),
    Mutant("events of any source", "PartnerBusToQueue.EventPattern.source"),
    Mutant("outcomes of any account", "OutcomesToCallbacks.EventPattern.account"),
    Mutant("our own outcomes for cancellations", "BusToQueue.EventPattern.source", ["prevail-cancellations"]),
    Mutant("anybody puts events", "Bus.Policy.Fn::If.1.Statement.0.Principal", "*"),
    Mutant("others put any event", "Bus.Policy.Fn::If.1.Statement.0.Condition"),
    # template
    Mutant("a secret in the template", "Resources.Secret", _WRITTEN),
    Mutant("a secret as a parameter", "Parameters.PrevailUrl.NoEcho", True),  # noqa: FBT003 - a value of the template
    Mutant("a parameter of any kind", "Parameters.KmsKeyArn.AllowedPattern"),
)
