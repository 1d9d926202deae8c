import pytest

from builders import ACCOUNT
from cancellations.errors import ConfigurationError
from cancellations.settings import Settings

ENVIRONMENT = {
    "LEDGER_TABLE": "ledger",
    "QUEUE_URL": "https://queue.example/requests",
    "SECRETS_PREFIX": "prevail-cancellations",
    "ACCOUNT_ID": ACCOUNT,
    "OUTCOME_BUS": "outcomes",
    "CALLBACK_QUEUE_URL": "https://queue.example/callbacks",
}


def test_the_environment_is_read() -> None:
    assert Settings.from_env({**ENVIRONMENT, "PREVAIL_URL": "https://prevail.example"}) == Settings(
        ledger_table="ledger",
        queue_url="https://queue.example/requests",
        secrets_prefix="prevail-cancellations",
        account=ACCOUNT,
        outcome_bus="outcomes",
        callback_queue_url="https://queue.example/callbacks",
        prevail_url="https://prevail.example",
    )


@pytest.mark.parametrize("empty", [{}, {"PREVAIL_URL": ""}])
def test_without_an_origin_for_all_each_organization_keeps_its_own(empty: dict[str, str]) -> None:
    assert Settings.from_env({**ENVIRONMENT, **empty}).prevail_url is None


@pytest.mark.parametrize("name", ENVIRONMENT)
@pytest.mark.parametrize("value", [None, ""], ids=["missing", "empty"])
def test_what_is_missing_is_named(name: str, value: str | None) -> None:
    environment = {key: text for key, text in {**ENVIRONMENT, name: value}.items() if text is not None}
    with pytest.raises(ConfigurationError) as fault:
        Settings.from_env(environment)
    assert fault.value.faults == (f"environment: {name} is missing; the template sets it",)


def test_everything_that_is_missing_is_named_at_once() -> None:
    with pytest.raises(ConfigurationError) as fault:
        Settings.from_env({"PREVAIL_URL": "http://prevail.example"})
    assert len(fault.value.faults) == len(ENVIRONMENT) + 1


def test_an_emulator_on_this_machine_may_stand_in_for_prevail() -> None:
    url = "http://127.0.0.1:4010"
    assert Settings.from_env({**ENVIRONMENT, "PREVAIL_URL": url}).prevail_url == url


@pytest.mark.parametrize(
    "url",
    [
        "http://prevail.example",
        "https://10.0.0.5",
        "http://169.254.169.254/latest",
        "https://a@b.example",
        " ",
    ],
)
def test_an_origin_that_a_token_must_not_go_to_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="PREVAIL_URL"):
        Settings.from_env({**ENVIRONMENT, "PREVAIL_URL": url})
