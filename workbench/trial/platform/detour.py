"""The way of a stack's functions to AWS: by another address, and back."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial

from stack import StackInfo, client
from stack.aws import Client, pages
from trial.watch import until

SETTLES_WITHIN_S = 60.0

ADDRESSES = ("AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_SECRETS_MANAGER", "AWS_ENDPOINT_URL_SQS")
"""What an SDK reads; of the functions alone, so that nothing else of the stack takes the detour."""

type Variables = Mapping[str, str]


@contextmanager
def detour(info: StackInfo, url: str) -> Iterator[None]:
    """All functions of the stack call AWS at `url` for as long as the context lasts."""
    before = divert(info, url)
    try:
        yield
    finally:
        _configure(info, before)


def divert(info: StackInfo, url: str) -> Mapping[str, Variables]:
    """From now on they do; what their variables were. They start anew for it."""
    functions = client("lambda", info.aws_endpoint_url)
    before: Mapping[str, Variables] = {
        function["FunctionName"]: function.get("Environment", {}).get("Variables", {})
        for function in pages(functions, "list_functions", "Functions")
    }
    functions.close()
    _configure(info, {name: {**own, **dict.fromkeys(ADDRESSES, url)} for name, own in before.items()})
    return before


def _configure(info: StackInfo, variables: Mapping[str, Variables]) -> None:
    functions = client("lambda", info.aws_endpoint_url)
    for name, own in variables.items():
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": own})
        until(partial(_settled, functions, name), SETTLES_WITHIN_S, f"{name} to take its variables")
        for alias in pages(functions, "list_aliases", "Aliases", FunctionName=name):
            published = functions.publish_version(FunctionName=name)  # an alias follows no change by itself
            functions.update_alias(
                FunctionName=name, Name=alias["Name"], FunctionVersion=published["Version"]
            )
    functions.close()


def _settled(functions: Client, name: str) -> bool | None:
    found = functions.get_function_configuration(FunctionName=name)
    return found.get("LastUpdateStatus") in (None, "Successful") or None
