"""The evaluator knows what AWS documents. Each case cites the page below the IAM User Guide that says so."""

from typing import Any

import pytest

from iam.evaluator import Call, Statement, Unsupported, Value, allows

LOGIC = "reference_policies_evaluation-logic.html"
ACTION = "reference_policies_elements_action.html"
RESOURCE = "reference_policies_elements_resource.html"
CONDITION = "reference_policies_elements_condition.html"
OPERATORS = "reference_policies_elements_condition_operators.html"
VALUES = "reference_policies_condition-single-vs-multi-valued-context-keys.html"

TABLE = "arn:aws:dynamodb:us-east-1:111122223333:table/ledger"
KEYS = "dynamodb:LeadingKeys"


def allow(action: Any = "dynamodb:GetItem", resource: Any = TABLE, **condition: Any) -> Statement:  # noqa: ANN401
    return {"Effect": "Allow", "Action": action, "Resource": resource, **condition}


def deny(**changes: Any) -> Statement:  # noqa: ANN401 - elements of a statement, of any shape
    return {**allow(), "Effect": "Deny", **changes}


def when(**operators: Any) -> Statement:  # noqa: ANN401 - keys and values by operator
    """An Allow under a condition; `__` in a name stands for the colon."""
    return allow(Condition={name.replace("__", ":"): keys for name, keys in operators.items()})


def a_call(action: str = "dynamodb:GetItem", resource: str = TABLE, **context: Value | None) -> Call:
    """`keys` in the context are the leading keys; what is None is not in the request."""
    named = {KEYS if key == "keys" else key: value for key, value in context.items()}
    return Call(action, resource, tuple((key, value) for key, value in named.items() if value is not None))


# ── Allow and Deny ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("statements", "allowed", "source"),
    [
        ([], False, LOGIC),
        ([allow()], True, LOGIC),
        ([deny()], False, LOGIC),
        ([allow(), deny()], False, LOGIC),
        ([deny(), allow()], False, LOGIC),
        ([allow(), deny(Action="dynamodb:Scan")], True, LOGIC),
        ([allow(), deny(Condition={"Bool": {"aws:SecureTransport": "false"}})], True, LOGIC),
        ([allow("dynamodb:Scan"), allow()], True, LOGIC),
    ],
)
def test_a_deny_wins_and_silence_is_a_no(statements: list[Statement], allowed: bool, source: str) -> None:
    assert allows(statements, a_call()) is allowed, source


# ── Actions and resources ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("pattern", "action", "matches"),
    [
        ("dynamodb:GetItem", "dynamodb:GetItem", True),
        ("DynamoDB:getitem", "dynamodb:GetItem", True),
        ("dynamodb:Get*", "dynamodb:GetItem", True),
        ("dynamodb:Get?tem", "dynamodb:GetItem", True),
        ("dynamodb:*", "dynamodb:GetItem", True),
        ("*", "dynamodb:GetItem", True),
        ("dynamodb:Get", "dynamodb:GetItem", False),
        ("sqs:*", "dynamodb:GetItem", False),
        (["sqs:SendMessage", "dynamodb:GetItem"], "dynamodb:GetItem", True),
    ],
)
def test_actions_match_in_any_case_and_by_wildcards(pattern: Any, action: str, matches: bool) -> None:  # noqa: ANN401
    assert allows([allow(pattern)], a_call(action)) is matches, ACTION


@pytest.mark.parametrize(
    ("pattern", "resource", "matches"),
    [
        ("*", TABLE, True),
        (TABLE, TABLE, True),
        (TABLE.upper(), TABLE, False),
        (TABLE, f"{TABLE}/index/open", False),
        (f"{TABLE}/index/*", f"{TABLE}/index/open", True),
        (f"{TABLE}*", f"{TABLE}/index/open", True),
        (f"{TABLE[:-1]}?", TABLE, True),
        ("arn:aws:s3:::bucket/*/test/*", "arn:aws:s3:::bucket/1/2/test/3/object.jpg", True),
        ("arn:aws:s3:::bucket/*/test/*", "arn:aws:s3:::bucket/1-test/object.jpg", False),
        ("arn:aws:sqs:us-east-1:*", "arn:aws:sqs:us-east-1:111122223333:queue", True),  # last in its segment
        ("arn:aws:sqs:*:queue", "arn:aws:sqs:us-east-1:111122223333:queue", True),
        ("arn:aws:sqs:us*1:queue", "arn:aws:sqs:us-east-1:111122223331:queue", False),  # within its segment
        ("arn:aws:logs:r:a:log-group:g:*", "arn:aws:logs:r:a:log-group:g:log-stream:s", True),
        ("arn:aws:logs:r:a:log-group:g", "arn:aws:logs:r:a:log-group:g:log-stream:s", False),
    ],
)
def test_resources_match_by_wildcards_within_and_at_the_end_of_segments(
    pattern: str, resource: str, matches: bool
) -> None:
    assert allows([allow(resource=pattern)], a_call(resource=resource)) is matches, RESOURCE


# ── Conditions ────────────────────────────────────────────────────────────────────────────────────

LIKE = when(ForAllValues__StringLike={KEYS: ["REQUEST#*", "SESSION#*"]})
LIKE_AND_THERE = when(ForAllValues__StringLike={KEYS: ["REQUEST#*"]}, Null={KEYS: "false"})
ANY = when(ForAnyValue__StringEquals={KEYS: ["a", "b"]})
NONE_OF = when(ForAllValues__StringNotLike={KEYS: ["REQUEST#*"]})


@pytest.mark.parametrize(
    ("statement", "keys", "holds", "source"),
    [
        (LIKE, ("REQUEST#1",), True, OPERATORS),
        (LIKE, ("REQUEST#1", "SESSION#1"), True, VALUES),
        (LIKE, ("REQUEST#1", "GUARD#1"), False, VALUES),
        (LIKE, ("request#1",), False, OPERATORS),
        (LIKE, ("A REQUEST#1",), False, OPERATORS),
        (LIKE, None, True, VALUES),  # the hole: ForAllValues is true of a key that is absent
        (LIKE, (), True, VALUES),  # and of one that has no values
        (LIKE_AND_THERE, None, False, VALUES),
        (LIKE_AND_THERE, (), False, VALUES),
        (LIKE_AND_THERE, ("REQUEST#1",), True, VALUES),
        (LIKE_AND_THERE, ("SESSION#1",), False, VALUES),
        (ANY, ("a", "c"), True, VALUES),
        (ANY, ("c",), False, VALUES),
        (ANY, None, False, VALUES),
        (NONE_OF, ("SESSION#1",), True, VALUES),
        (NONE_OF, ("SESSION#1", "REQUEST#1"), False, VALUES),
        (when(Null={KEYS: "true"}), None, True, OPERATORS),
        (when(Null={KEYS: "true"}), ("x",), False, OPERATORS),
    ],
)
def test_a_key_of_many_values(
    statement: Statement, keys: tuple[str, ...] | None, holds: bool, source: str
) -> None:
    assert allows([statement], a_call(keys=keys)) is holds, source


@pytest.mark.parametrize(
    ("statement", "value", "holds", "source"),
    [
        (when(StringEquals={"k": ["a", "b"]}), "b", True, CONDITION),
        (when(StringEquals={"k": "a*"}), "ab", False, OPERATORS),
        (when(StringLike={"k": "a*"}), "ab", True, OPERATORS),
        (when(StringEquals={"K": "a"}), "a", True, CONDITION),  # names of keys are not case-sensitive
        (when(StringEquals={"k": "a"}), None, False, OPERATORS),
        (when(StringEqualsIfExists={"k": "a"}), None, True, OPERATORS),
        (when(StringEqualsIfExists={"k": "a"}), "b", False, OPERATORS),
        (when(StringNotEquals={"k": ["a", "b"]}), "b", False, CONDITION),
        (when(StringNotEquals={"k": ["a", "b"]}), "c", True, CONDITION),
        (when(StringNotEquals={"k": "a"}), None, True, OPERATORS),
        (when(StringEquals={"k": "a"}, StringLike={"k": "b"}), "a", False, CONDITION),
        (when(Bool={"k": "false"}), "false", True, OPERATORS),
        (when(Bool={"k": "false"}), None, False, OPERATORS),
        (when(ArnEquals={"k": "arn:aws:events:*:1:rule/*"}), "arn:aws:events:r:1:rule/b/n", True, OPERATORS),
        (
            when(ArnLike={"k": "arn:aws:events:*:2:rule/*"}),
            "arn:aws:events:r:1:rule/n:2:rule/x",
            False,
            OPERATORS,
        ),
        (when(ArnLike={"k": "arn:aws:events:*:1:rule/*"}), "no ARN", False, OPERATORS),
        (when(ArnNotLike={"k": "arn:aws:events:*:1:rule/*"}), "arn:aws:sqs:r:1:q", True, OPERATORS),
    ],
)
def test_a_key_of_one_value(statement: Statement, value: str | None, holds: bool, source: str) -> None:
    assert allows([statement], a_call(k=value)) is holds, source


# ── What it does not know ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "statement",
    [
        {"Effect": "Allow", "NotAction": "sqs:*", "Resource": "*"},
        {"Effect": "Allow", "Action": "*", "NotResource": TABLE},
        {**allow(), "Principal": "*"},
        allow(resource="arn:aws:s3:::${aws:username}"),
        when(ArnLike={"k": "*"}),
        when(NumericLessThan={"k": "3"}),
        when(ForSomeValues__StringEquals={"k": "a"}),
        when(StringLike={KEYS: "a"}),  # many values without a set operator: AWS says nothing of it
    ],
)
def test_what_it_does_not_know_is_refused_instead_of_guessed(statement: Statement) -> None:
    with pytest.raises(Unsupported):
        allows([statement], a_call(keys=("a",), k="a"))
