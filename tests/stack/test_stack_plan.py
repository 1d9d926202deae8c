"""What is refused before anything starts, and what a stack is planned from."""

import json
import string
from pathlib import Path

import pytest

from stack import Plan, PrevailServer, Refused, make_plan, prevail_server
from stack.deploy import overrides_for
from stack.plan import PlannedSource
from trial.gallery.files import CONFIG, configuration

REAL_KEY = string.ascii_letters + string.digits


def environment(**changes: str) -> dict[str, str]:
    return {"PREVAIL_SLUG": "acme", "PREVAIL_API_KEY": REAL_KEY} | changes


def test_the_plan_names_organizations_and_sources(config: Path) -> None:
    plan = make_plan(name="a", config=config)
    assert [o.slug for o in plan.organizations] == ["acme"]
    assert [(s.name, s.verify, s.secret, s.bus_source) for s in plan.sources] == [
        ("casework", "standard-webhooks", "casework", None),
        ("crm", "bus", None, "com.acme.crm"),
    ]


def test_the_shipped_configuration_is_accepted() -> None:
    assert make_plan().organizations


def test_a_plan_survives_json(config: Path) -> None:
    plan = make_plan(name="a", config=config, prevail=PrevailServer("https://x.example", "acme", REAL_KEY))
    assert Plan.from_dict(json.loads(json.dumps(plan.as_dict()))) == plan


def test_every_fault_of_a_configuration_is_listed(config: Path) -> None:
    (config / "organizations.toml").write_text('[acme]\nbase_url = "ftp://x"\nsecret = "a/b"\n')
    with pytest.raises(Refused) as refusal:
        make_plan(config=config)
    assert "base_url" in str(refusal.value)
    assert "secret" in str(refusal.value)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no such folder"):
        make_plan(config=tmp_path / "none")


@pytest.mark.parametrize("name", ["", "../up", "a/b", "A", "-a", "a" * 32])
def test_a_name_that_is_no_plain_word_is_refused(name: str) -> None:
    with pytest.raises(Refused, match="stack name"):
        make_plan(name=name)


def test_a_real_key_is_taken_from_the_environment() -> None:
    server = prevail_server("https://prevail.example/", environment())
    assert server == PrevailServer("https://prevail.example", "acme", REAL_KEY)


def test_a_key_is_not_in_the_text_of_its_server() -> None:
    assert REAL_KEY not in repr(prevail_server("https://prevail.example", environment()))


@pytest.mark.parametrize(
    ("key", "complaint"),
    [
        ("", "is not set"),
        (REAL_KEY[:31], "has 31 bytes"),
        ("x" * 40, "placeholder"),
        ("your-api-key-0123456789-abcdefghijk", "placeholder"),
        ("<paste the key of your organization>", "placeholder"),
        ("CHANGEME" + REAL_KEY, "placeholder"),
        (REAL_KEY + "\n", "line break"),
    ],
)
def test_an_unusable_key_is_refused(key: str, complaint: str) -> None:
    with pytest.raises(Refused, match=complaint) as refusal:
        prevail_server("https://prevail.example", environment(PREVAIL_API_KEY=key))
    assert not key or key not in str(refusal.value)


@pytest.mark.parametrize(
    "url", ["http://prevail.example", "https://prevail.example/api", "https://a b", "prevail.example"]
)
def test_an_address_the_template_would_not_take_is_refused(url: str) -> None:
    with pytest.raises(Refused, match="--prevail-url"):
        prevail_server(url, environment())


def test_all_that_is_missing_is_said_at_once() -> None:
    with pytest.raises(Refused) as refusal:
        prevail_server("https://prevail.example", {})
    assert "PREVAIL_SLUG" in str(refusal.value)
    assert "PREVAIL_API_KEY" in str(refusal.value)


def test_an_organization_that_is_not_configured_is_refused(config: Path) -> None:
    with pytest.raises(Refused, match="no organization of"):
        make_plan(config=config, prevail=PrevailServer("https://prevail.example", "other", REAL_KEY))


def test_the_bus_lets_in_what_the_configuration_names(config: Path) -> None:
    overrides = overrides_for(make_plan(config=config), "http://127.0.0.1:1")
    assert 'BusEventSources="com.acme.crm"' in overrides
    assert 'BusDetailTypes="Deposition Canceled"' in overrides


OF_ANOTHER_ACCOUNT = """
[other]
organization = "acme"
verify = "bus"
bus = { source = "com.other.crm", detail_type = "Deposition Canceled", account = "111122223333" }
request = { remote_session_id = "body.detail.session" }
"""


def test_events_of_another_account_are_let_in_as_if_they_were_of_the_only_one_there_is(config: Path) -> None:
    with (config / "sources.toml").open("a") as sources:
        sources.write(OF_ANOTHER_ACCOUNT)
    plan = make_plan(config=config)
    overrides = overrides_for(plan, "http://127.0.0.1:1")
    assert plan.sources[-1].account == "111122223333"
    assert 'BusEventSources="com.acme.crm,com.other.crm"' in overrides
    assert [override for override in overrides if override.startswith("BusAccounts")] == []


def test_public_keys_are_planned_for_where_a_source_needs_them(config: Path) -> None:
    assert not make_plan(config=config).public_keys
    assert make_plan(config=CONFIG).public_keys


@pytest.mark.parametrize("source", make_plan(config=CONFIG).sources, ids=lambda source: source.name)
def test_a_secret_that_is_made_up_is_one_that_its_scheme_can_use(source: PlannedSource) -> None:
    proof = configuration().sources[source.name].proof
    assert (source.form is None) == (source.secret is None)
    if source.form and proof:
        assert proof.scheme.keys_of(source.form.made_up())


def test_the_overrides_of_samconfig_stay_in_force(config: Path) -> None:
    overrides = overrides_for(make_plan(config=config), "http://127.0.0.1:1", {"ConfigLayerArn": "arn:x"})
    assert 'SecretsPrefix="prevail-cancellations/local"' in overrides
    assert {'PrevailUrl="http://127.0.0.1:1"', 'ConfigLayerArn="arn:x"'} <= set(overrides)
