"""Metrics, alarms, dashboard, queries and runbook speak of one another, and of nothing that is not there."""

import ast
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from cancellations import attempt, cancel
from cancellations.adapters import http_events, journal, metrics, sqs_batch
from cancellations.adapters.aws import LONGEST_DELAY_S
from cancellations.adapters.measures import MEASURES, NAMESPACE
from cli.main import app
from house import runbook
from house.template import ROOT, of_type, template

ALARMS = of_type("AWS::CloudWatch::Alarm")
CONDITIONS = {
    name: resource.get("Condition")
    for name, resource in template()["Resources"].items()
    if resource["Type"] == "AWS::CloudWatch::Alarm"
}
QUEUES = of_type("AWS::SQS::Queue")
FUNCTIONS = of_type("AWS::Serverless::Function")
each_alarm = pytest.mark.parametrize("name", ALARMS)
STACK = {"Ref": "AWS::StackName"}


def dimensions(name: str) -> dict[str, Any]:
    return {dimension["Name"]: dimension["Value"] for dimension in ALARMS[name]["Dimensions"]}


def seconds(name: str) -> int:
    """What an alarm looks back on."""
    return int(ALARMS[name]["Period"]) * int(ALARMS[name]["EvaluationPeriods"])


def watching(namespace: str, metric: str, **dimension: Any) -> list[str]:  # noqa: ANN401 - any part of a template
    return [
        name
        for name, alarm in ALARMS.items()
        if (alarm["Namespace"], alarm["MetricName"]) == (namespace, metric)
        and dimension.items() <= dimensions(name).items()
    ]


# ── Metrics ───────────────────────────────────────────────────────────────────────────────────────


def test_the_code_counts_what_is_in_the_table_and_all_of_it() -> None:
    written = ast.walk(ast.parse((ROOT / metrics.__file__).read_text(encoding="utf-8")))
    texts = {node.value for node in written if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    assert {text for text in texts if re.fullmatch(r"(?:[A-Z][a-z]+)+", text)} == MEASURES.keys()


def test_the_runbook_has_every_metric_as_the_table_has_it() -> None:
    told = [row for row in runbook.rows("What is counted") if not row[0].startswith("`AWS/")]
    assert told == [
        [
            f"`{name}`",
            measure.unit.value,
            f"`{measure.dimension}`" if measure.dimension else "",
            measure.counts,
        ]
        for name, measure in MEASURES.items()
    ]


def test_every_metric_is_watched_or_seen() -> None:
    used = {alarm["MetricName"] for alarm in ALARMS.values()} | {name for _, name, _ in on_dashboard()}
    assert MEASURES.keys() - used == set()


# ── Alarms ────────────────────────────────────────────────────────────────────────────────────────


@each_alarm
def test_an_alarm_on_a_metric_of_ours_watches_what_is_emitted(name: str) -> None:
    if ALARMS[name]["Namespace"] != NAMESPACE:
        return
    measure, watched = MEASURES[ALARMS[name]["MetricName"]], dimensions(name)
    assert watched.pop("service") == STACK
    assert watched.keys() == ({measure.dimension} if measure.dimension else set())
    assert set(watched.values()) <= measure.values


def test_an_alarm_on_a_metric_of_awss_watches_one_that_the_runbook_lists() -> None:
    listed = {
        (row[0].strip("`"), metric.strip(" `"))
        for row in runbook.rows("What is counted")
        if row[0].startswith("`AWS/")
        for metric in row[1].split(",")
    }
    used = {(alarm["Namespace"], alarm["MetricName"]) for alarm in ALARMS.values()}
    used |= {(namespace, metric) for namespace, metric, _ in on_dashboard()}
    assert listed == {(namespace, metric) for namespace, metric in used if namespace != NAMESPACE}


@each_alarm
def test_an_alarm_says_what_it_means_and_names_its_entry_in_the_runbook(name: str) -> None:
    said = ALARMS[name]["AlarmDescription"]["Fn::Sub"]
    assert re.fullmatch(rf"[A-Z].+[.] \$\{{RunbookUrl\}}#{name.lower()}", said)


def test_every_alarm_has_an_entry_and_every_entry_an_alarm() -> None:
    assert list(runbook.entries()) != []
    assert sorted(runbook.entries()) == sorted(ALARMS)


@pytest.mark.parametrize("entry", runbook.entries().values(), ids=runbook.entries())
def test_an_entry_says_what_it_means_how_to_see_it_and_what_to_do(entry: str) -> None:
    assert re.findall(r"^\*\*(\w+)\*\* .", entry, re.MULTILINE) == list(runbook.PARTS)


@each_alarm
def test_an_alarm_says_in_the_template_why_it_is_as_it_is(name: str) -> None:
    written = (ROOT / "template.yaml").read_text(encoding="utf-8")
    assert re.search(rf"^  {name}:\n    # \S", written, re.MULTILINE)


@each_alarm
def test_an_alarm_tells_the_topic_and_knows_what_silence_means(name: str) -> None:
    whom = [{"Fn::If": ["TellsSomebody", {"Ref": "AlarmTopicArn"}, {"Ref": "AWS::NoValue"}]}]
    assert (ALARMS[name]["AlarmActions"], ALARMS[name]["OKActions"]) == (whom, whom)
    silence = "breaching" if name == "SweepStopped" else "notBreaching"
    assert ALARMS[name]["TreatMissingData"] == silence


def test_one_parameter_takes_away_all_but_the_alarms_that_take_a_release_back() -> None:
    releases = {
        alarm["Ref"]
        for f in FUNCTIONS.values()
        for alarm in f.get("DeploymentPreference", {}).get("Alarms", [])
    }
    assert {name for name, condition in CONDITIONS.items() if condition is None} == releases
    conditions = {template()["Resources"]["Dashboard"]["Condition"], *CONDITIONS.values()} - {None}
    assert conditions == {"IsWatched", "WatchesPartnerBus"}


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("metric", ["Errors", "Throttles"])
def test_a_function_is_watched(function: str, metric: str) -> None:
    assert len(watching("AWS/Lambda", metric, FunctionName={"Ref": function})) == 1


@pytest.mark.parametrize("queue", sorted(QUEUES.keys() - {"Queue", "Callbacks"}))
def test_dead_letters_are_watched(queue: str) -> None:
    name = {"Fn::GetAtt": f"{queue}.QueueName"}
    assert len(watching("AWS/SQS", "ApproximateNumberOfMessagesVisible", QueueName=name)) == 1


@pytest.mark.parametrize("rule", of_type("AWS::Events::Rule"))
@pytest.mark.parametrize("metric", ["FailedInvocations", "InvocationsFailedToBeSentToDlq"])
def test_a_rule_is_watched(rule: str, metric: str) -> None:
    name = {"Fn::Select": [1, {"Fn::Split": ["|", {"Ref": rule}]}]}  # on AWS a rule's Ref is BUS|RULE
    by_name = {"Fn::If": ["RunsLocally", {"Ref": rule}, name]}
    assert len(watching("AWS/Events", metric, RuleName=by_name)) == 1


@pytest.mark.parametrize("guard", sorted(MEASURES["RequestsHeld"].values))
def test_whatever_holds_requests_back_is_watched(guard: str) -> None:
    assert len(watching(NAMESPACE, "RequestsHeld", guard=guard)) == 1


# ── Figures that must fit others ──────────────────────────────────────────────────────────────────


def test_a_message_that_only_waits_or_lost_its_worker_once_is_not_too_old() -> None:
    assert ALARMS["OldestMessage"]["Threshold"] > LONGEST_DELAY_S + QUEUES["Queue"]["VisibilityTimeout"]


@pytest.mark.parametrize("name", ["KeyRefused", "Misconfigured"])
def test_what_is_held_for_a_person_comes_back_before_its_alarm_forgets_it(name: str) -> None:
    assert ALARMS[name]["Period"] > max(cancel.HOLD_S, attempt.MENDED_S)


def test_a_message_that_fails_twice_is_noticed_before_it_is_a_dead_letter() -> None:
    again = QUEUES["Queue"]["VisibilityTimeout"]
    assert ALARMS["MessagesReturned"]["DatapointsToAlarm"] == 2
    assert again < seconds("MessagesReturned") < QUEUES["Queue"]["RedrivePolicy"]["maxReceiveCount"] * again


def test_a_pause_is_recalled_long_before_its_requests_are_given_up() -> None:
    assert seconds("PausedForLong") <= cancel.MAX_AGE_S / 4


def test_the_costs_are_those_of_the_alarms_and_metrics_that_there_are() -> None:
    partner = sum(condition == "WatchesPartnerBus" for condition in CONDITIONS.values())
    most = sum(len(measure.values) or 1 for measure in MEASURES.values())
    told = " ".join(runbook.section("What it costs").split())
    assert f"{len(ALARMS) - partner} alarms at $0.10 are ${0.1 * (len(ALARMS) - partner):.2f}" in told
    assert f"{partner} more on a partner's bus ${0.1 * partner:.2f}" in told
    assert f"each of the {most} occurs, ${0.3 * most:.2f}" in told


# ── The dashboard ─────────────────────────────────────────────────────────────────────────────────


def widgets() -> list[dict[str, Any]]:
    body, names = of_type("AWS::CloudWatch::Dashboard")["Dashboard"]["DashboardBody"]["Fn::Sub"]
    assert names.keys() == {"Rule"}
    found: list[dict[str, Any]] = json.loads(body)["widgets"]
    return found


def on_dashboard() -> Iterator[tuple[str, str, dict[str, str]]]:
    """Namespace, metric and dimensions of every line of every graph; a search has its dimension without a value."""
    for widget in widgets():
        for line in widget["properties"].get("metrics", []):
            match line:
                case [{"expression": str(search)}]:
                    (namespace, dimension, metric) = re.findall(
                        r"\{(\w+),service,(\w+)\} MetricName=\"(\w+)\"", search
                    )[0]
                    yield namespace, metric, {"service": "${AWS::StackName}", dimension: "*"}
                case [str(namespace), str(metric), *rest]:
                    named = [part for part in rest if isinstance(part, str)]
                    yield namespace, metric, dict(zip(named[::2], named[1::2], strict=True))


def test_the_dashboard_shows_what_is_emitted() -> None:
    for _, metric, shown in (line for line in on_dashboard() if line[0] == NAMESPACE):
        dimension = MEASURES[metric].dimension
        assert shown.pop("service") == "${AWS::StackName}"
        assert shown.keys() == ({dimension} if dimension else set())
        assert set(shown.values()) <= {*MEASURES[metric].values, "*"}


def test_the_dashboard_begins_with_every_alarm_of_every_stack() -> None:
    shown = widgets()[0]["properties"]["alarms"]
    always = [name for name, condition in CONDITIONS.items() if condition != "WatchesPartnerBus"]
    assert shown == [f"${{{name}.Arn}}" for name in always]


def test_the_dashboard_reads_downwards_and_nothing_lies_over_another() -> None:
    places = [(widget["y"], widget["x"]) for widget in widgets()]
    assert places == sorted(places)
    cells = [
        (widget["x"] + x, widget["y"] + y)
        for widget in widgets()
        for x in range(widget["width"])
        for y in range(widget["height"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


# ── Lines and queries ─────────────────────────────────────────────────────────────────────────────


def decisions() -> set[str]:
    """What the code writes as a decision: in place, or by way of a name."""
    found: set[str] = set()
    for module in (journal, metrics):
        for node in ast.walk(ast.parse((ROOT / str(module.__file__)).read_text(encoding="utf-8"))):
            values: list[ast.expr] = []
            match node:
                case ast.Dict(keys, said):
                    pairs = zip(keys, said, strict=True)
                    values = [v for k, v in pairs if isinstance(k, ast.Constant) and k.value == "decision"]
                case ast.Assign([ast.Name("decision")], value):
                    values = [value]
            texts = (leaf for value in values for leaf in ast.walk(value))
            found |= {str(leaf.value) for leaf in texts if isinstance(leaf, ast.Constant)}
    return found


def test_the_runbook_lists_every_decision_that_is_logged() -> None:
    assert {row[0].strip("`") for row in runbook.rows("What the log says")} == decisions()


def queries() -> dict[str, str]:
    found = of_type("AWS::Logs::QueryDefinition").values()
    return {query["Name"]["Fn::Sub"].split("/", 1)[1]: query["QueryString"] for query in found}


def test_the_runbook_lists_every_query() -> None:
    listed = re.findall(r"^\| ([\w, ]+?) \|", runbook.section("The dashboard and the queries"), re.MULTILINE)
    assert [name for name in listed if name != "query"] == list(queries())


def test_the_queries_that_entries_name_exist() -> None:
    named = re.findall(r"query \*([^*]+)\*", " ".join(runbook.text().split()))
    assert set(named) <= queries().keys()
    assert named != []


LANGUAGE = {"fields", "filter", "stats", "sort", "limit", "by", "as", "desc", "and", "or", "in"}
FUNCTIONS_OF_IT = {"ispresent", "count", "latest", "pct"}
"""Words of Logs Insights."""


def written_fields() -> set[str]:
    """Names of what a line may have: keys that the code writes, metrics, and their dimensions."""
    found = {*MEASURES, *(measure.dimension or "service" for measure in MEASURES.values())}
    for module in (journal, metrics, http_events, sqs_batch):
        for node in ast.walk(ast.parse((ROOT / str(module.__file__)).read_text(encoding="utf-8"))):
            match node:
                case ast.Dict(keys):
                    found |= {str(key.value) for key in keys if isinstance(key, ast.Constant)}
                case ast.Subscript(slice=ast.Constant(str(key)), ctx=ast.Store()):
                    found.add(key)
    return found


@pytest.mark.parametrize("query", queries().values(), ids=queries())
def test_a_query_asks_for_what_is_written(query: str) -> None:
    unquoted = re.sub(r'"[^"]*"|@\w+', "", query)
    own = set(re.findall(r" as (\w+)", unquoted))
    asked = set(re.findall(r"[A-Za-z_]\w*", unquoted)) - LANGUAGE - FUNCTIONS_OF_IT - own
    assert asked - written_fields() == set()


def test_every_query_reads_the_logs_of_all_functions() -> None:
    logs = [{"Ref": function["LoggingConfig"]["LogGroup"]["Ref"]} for function in FUNCTIONS.values()]
    groups = [query["LogGroupNames"] for query in of_type("AWS::Logs::QueryDefinition").values()]
    assert [group for group in groups if group != logs] == []


# ── Commands ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("words", list(runbook.commands(runbook.text())), ids=" ".join)
def test_every_command_of_the_runbook_exists_with_its_options(words: list[str]) -> None:
    command: Any = typer.main.get_command(app)
    while hasattr(command, "commands"):  # a group: the next word is one of them
        assert words
        assert words[0] in command.commands
        command, words = command.commands[words[0]], words[1:]
    options = {option for parameter in command.params for option in parameter.opts}
    assert [word for word in words if word.startswith("--") and word not in options] == []
