"""How much a deployment takes: the questions of docs/scale.md at a part of their size, the facts as they are there."""

import re
from functools import cache

import pytest

from house.template import template
from simulation import scale_page
from simulation.deployment import of_the_template
from simulation.fair_queue import NOTICED_S
from simulation.scale import QUESTIONS, Found

OTHERS_WAIT_S = NOTICED_S + 2.0
"""What one in a hundred of the others may wait longer than, while one organization floods: at most until AWS notices
the flood, and then as long as it takes until a process is free, and to cancel."""


REFUSED_WITHIN_S = 300.0
FLOOD, LIMIT_PER_S = 20_000, 50.0
LIMITED_PART = 0.1


@cache
def asked(question: str, size: float) -> Found:
    return QUESTIONS[question].asked(size)


def a_flood() -> Found:
    return asked("flood", 0.05)


def others_p99(found: Found) -> float:
    assert found.others
    return found.others[1]


# ── One floods ────────────────────────────────────────────────────────────────────────────────────


def test_while_one_organization_floods_the_others_do_not_wait_for_it() -> None:
    assert others_p99(a_flood()) <= OTHERS_WAIT_S
    assert a_flood().own[1] > 2 * OTHERS_WAIT_S


def test_without_groups_the_others_would_wait_for_the_flood() -> None:
    assert others_p99(asked("flood-ungrouped", 0.05)) > 2 * OTHERS_WAIT_S


def test_events_on_the_bus_name_no_group_and_others_wait_for_a_flood_of_them() -> None:
    """A limit that docs/scale.md names: should this fail, it is gone."""
    assert others_p99(asked("flood-bus", 0.05)) > 2 * OTHERS_WAIT_S


@pytest.mark.parametrize("question", ["flood", "flood-ungrouped", "flood-bus"])
def test_a_flood_settles_to_the_last_and_nothing_is_canceled_twice(question: str) -> None:
    found = asked(question, 0.05)
    assert set(found.outcomes) == {"canceled"}
    assert (found.requests, found.twice, found.lost) == (5000, 0, 0)


@pytest.mark.parametrize(
    ("question", "size"), [("flood-paced", 0.02), ("flood-lanes", 0.02), ("flood-limited", 0.02)]
)
def test_a_flood_that_is_held_back_keeps_the_others_waiting_no_longer(question: str, size: float) -> None:
    found = asked(question, size)
    assert set(found.outcomes) == {"canceled"}
    assert others_p99(found) <= OTHERS_WAIT_S


def test_a_rate_holds_for_all_processes_together() -> None:
    assert asked("flood-paced", 0.02).most_calls_per_s <= 50 + 1  # whole seconds, wherever they begin


# ── Many, and many for one ────────────────────────────────────────────────────────────────────────


def test_an_hour_of_a_hundred_thousand_is_no_backlog() -> None:
    found = asked("hour", 0.02)
    assert found.oldest_s < 1.0
    assert (found.calls, found.throttled, found.lost) == (found.requests, 0, 0)


def test_a_request_of_an_even_hour_is_four_write_units_and_two_of_the_index() -> None:
    found = asked("hour", 0.02)
    assert (found.write_units, found.index_units) == (4 * found.requests, 2 * found.requests)


def test_of_thousands_who_name_one_session_one_calls() -> None:
    found = asked("session", 0.3)
    assert (found.calls, found.outcomes) == (1, {"canceled": 1, "already_canceled": 2999})
    assert (found.throttled, found.lost) == (0, 0)


@pytest.mark.parametrize(("question", "requests"), [("session-refused", 300), ("session-refused-1500", 1500)])
def test_one_refusal_answers_all_who_asked_before_it(question: str, requests: int) -> None:
    """Two calls: the PATCH that Prevail refuses, and the look that says why."""
    found = asked(question, 1.0)
    assert (found.outcomes, found.calls, found.lost) == ({"refused": requests}, 2, 0)
    assert found.drain_s < REFUSED_WITHIN_S


def test_a_refused_request_costs_at_most_four_times_what_others_do() -> None:
    refused, ordinary = asked("session-refused-1500", 1.0), asked("hour", 0.02)
    assert units_for_each(refused) <= 4 * units_for_each(ordinary)


def units_for_each(found: Found) -> float:
    return (found.write_units + found.index_units) / sum(found.outcomes.values())


# ── An unknown limit ──────────────────────────────────────────────────────────────────────────────


def test_an_unknown_limit_costs_little_time_and_few_calls() -> None:
    """Learning the limit takes about as many calls for a part of the flood as for all of it."""
    found = asked("flood-limited", LIMITED_PART)
    settled = sum(found.outcomes.values())
    assert set(found.outcomes) == {"canceled"}
    assert found.lost == 0
    assert found.drain_s <= 1.3 * FLOOD * LIMITED_PART / LIMIT_PER_S
    assert found.calls - settled < 0.05 * FLOOD


def test_the_stored_flood_against_an_unknown_limit_costs_little_time_and_few_calls() -> None:
    found = scale_page.stored()["flood-limited"]
    assert found.drain_s <= 1.3 * FLOOD / LIMIT_PER_S
    assert found.calls - sum(found.outcomes.values()) < 0.05 * found.calls


# ── The page ──────────────────────────────────────────────────────────────────────────────────────


def test_the_page_holds_the_stored_run() -> None:
    text = scale_page.PAGE.read_text(encoding="utf-8")
    assert scale_page.filled(text, scale_page.stored()) == text


def test_the_stored_run_answers_every_question() -> None:
    assert list(scale_page.stored()) == list(QUESTIONS)


@pytest.mark.parametrize(("question", "size"), [("hour", 0.02), ("flood", 0.05), ("flood-bus", 0.05)])
def test_the_stored_run_counts_what_this_code_does(question: str, size: float) -> None:
    """What a request costs in writes, messages and calls; times change with what the bench has measured."""
    assert for_each_request(scale_page.stored()[question]) == for_each_request(asked(question, size))


def for_each_request(found: Found) -> tuple[float, ...]:
    settled = sum(found.outcomes.values())
    return tuple(
        count / settled for count in (found.write_units, found.index_units, found.messages, found.calls)
    )


def test_the_page_knows_the_parameters_and_their_defaults() -> None:
    text, parameters = scale_page.PAGE.read_text(encoding="utf-8"), template()["Parameters"]
    named = dict(re.findall(r"^\| `([A-Z]\w+)`, ([0-9]+) \|", text, re.MULTILINE))
    assert {"CancelConcurrency", "ReceiveConcurrency", "WebhooksPerSecond", "WebhooksBurst"} <= set(named)
    assert {name: str(parameters[name]["Default"]) for name in named} == named


def test_the_fleet_is_what_the_template_deploys() -> None:
    deployment = of_the_template()
    assert deployment.visibility_s >= 6 * deployment.timeout_s
    assert deployment.concurrency == template()["Parameters"]["CancelConcurrency"]["Default"]
