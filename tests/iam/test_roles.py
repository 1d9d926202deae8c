"""Each role of the template lets its function do what the function was seen to do, and nothing else."""

import pytest

from house.template import of_type
from iam.driving import DRIVES, recorded
from iam.evaluator import Call, allows
from iam.judging import faults, needed
from iam.mutants import mutants
from iam.recorder import LEADING_KEYS
from iam.resolve import Stack, arn

STACK = Stack()
ROLES = STACK.roles()
RECEIVE, CANCEL, SWEEP, NOTIFY = (
    STACK.arn(f"{name}Role") for name in ("Receive", "Cancel", "Sweep", "Notify")
)
OF_FUNCTIONS = (RECEIVE, CANCEL, SWEEP, NOTIFY)
LEDGER = STACK.arn("Ledger")


def name_of(role: str) -> str:
    return role.rsplit("-", 1)[-1]


def secret(branch: str) -> str:
    return arn("secretsmanager", f"secret:{STACK.ref('SecretsPrefix')}/{branch}/example-Ab1cD2")


def item(action: str, key: str | None = None) -> Call:
    return Call(f"dynamodb:{action}", LEDGER, ((LEADING_KEYS, (key,)),) if key else ())


# ── All of them ───────────────────────────────────────────────────────────────────────────────────


def test_every_function_is_driven() -> None:
    assert DRIVES.keys() == of_type("AWS::Serverless::Function").keys(), (
        "a function needs a row in driving.py"
    )
    assert recorded().needed().keys() == DRIVES.keys()


def test_every_role_is_somebodys() -> None:
    assert ROLES.keys() == needed().keys()


def test_no_role_is_given_anything_outside_its_own_policies() -> None:
    elsewhere = {"AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy"}
    assert [name for name, made in STACK.resources.items() if made["Type"] in elsewhere] == []
    assert [
        name for name, role in STACK.of_type("AWS::IAM::Role").items() if "ManagedPolicyArns" in role
    ] == []


@pytest.mark.parametrize("role", ROLES, ids=name_of)
def test_a_role_allows_what_is_needed_and_nothing_else(role: str) -> None:
    assert list(faults(ROLES[role], needed()[role])) == []


@pytest.mark.parametrize("role", ROLES, ids=name_of)
def test_a_role_that_is_changed_in_one_thing_is_found_out(role: str) -> None:
    changed = list(mutants(ROLES[role]))
    assert len(changed) > 10
    assert [what for what, statements in changed if not any(faults(statements, needed()[role]))] == []


# ── What must never be, whatever is needed ────────────────────────────────────────────────────────


@pytest.mark.parametrize("role", OF_FUNCTIONS, ids=name_of)
@pytest.mark.parametrize(
    "action",
    ["DeleteItem", "Scan", "BatchWriteItem", "BatchGetItem", "PutItem", "PartiQLDelete", "DeleteTable"],
)
def test_nobody_deletes_overwrites_or_reads_the_ledger_whole(role: str, action: str) -> None:
    assert not any(allows(ROLES[role], item(action, key)) for key in ("REQUEST#1", "SESSION#a#1", None))


@pytest.mark.parametrize(
    ("role", "branches"),
    [(RECEIVE, ["sources"]), (CANCEL, ["organizations"]), (SWEEP, []), (NOTIFY, ["callbacks"])],
    ids=str,
)
def test_a_function_reads_secrets_of_its_own_branch_only(role: str, branches: list[str]) -> None:
    read = [
        branch
        for branch in ("sources", "organizations", "callbacks", "others", "dev/sources")
        if allows(ROLES[role], Call("secretsmanager:GetSecretValue", secret(branch)))
    ]
    assert read == branches


@pytest.mark.parametrize(
    ("role", "action", "keys"),
    [
        (RECEIVE, "UpdateItem", "REQUEST"),
        (RECEIVE, "GetItem", "REQUEST SESSION LOOKUP"),
        (CANCEL, "UpdateItem", "REQUEST SESSION GUARD CAP"),
        (CANCEL, "GetItem", "REQUEST GUARD LOOKUP"),
        (SWEEP, "UpdateItem", "REQUEST SESSION"),
        (SWEEP, "GetItem", "REQUEST"),
        (NOTIFY, "UpdateItem", ""),
        (NOTIFY, "GetItem", ""),
    ],
)
def test_a_function_reaches_the_items_of_its_work_only(role: str, action: str, keys: str) -> None:
    kinds = ("REQUEST", "SESSION", "GUARD", "CAP", "LOOKUP", "OPEN", "OTHER")
    reached = [kind for kind in kinds if allows(ROLES[role], item(action, f"{kind}#acme#1"))]
    assert reached == keys.split()


@pytest.mark.parametrize("role", OF_FUNCTIONS, ids=name_of)
@pytest.mark.parametrize("action", ["GetItem", "UpdateItem"])
def test_a_request_that_names_no_item_is_refused(role: str, action: str) -> None:
    """ForAllValues is true of no values at all."""
    assert not allows(ROLES[role], item(action))
