"""A green scan is the floor: what is open from end to end passes checkov, and does not pass here."""

from pathlib import Path

from controls.deployed import deployed, read
from controls.table import CONTROLS

WIDE_OPEN = Path(__file__).parent / "wide_open.yaml"
NOT_HELD = {
    "roles_are_written_out",
    "actions_are_named_one_by_one",
    "resources_are_named",
    "each_role_does_to_the_ledger_what_it_must",
    "each_role_does_to_queues_what_it_must",
    "nothing_is_deleted_from_the_ledger",
    "secrets_are_read_by_one_side_each",
    "workers_start_no_more_than_is_reserved",
    "functions_are_traced",
    "functions_are_tagged",
    "functions_hold_no_secrets",
    "a_worker_says_which_messages_failed",
    "a_worker_may_put_back_what_it_took",
    "functions_log_to_a_group_of_their_own",
    "functions_log_as_json",
    "logs_are_kept_for_a_year",
    "logs_outlive_the_stack",
    "queues_are_spoken_to_over_tls_only",
    "nobody_sends_by_a_queues_policy_but_our_bus",
    "a_message_comes_five_times_before_it_is_set_aside",
    "queues_take_dead_letters_of_named_queues_only",
    "the_ledger_refuses_to_be_deleted",
    "the_ledger_outlives_the_stack",
    "the_ledger_forgets_what_expired",
    "calls_are_logged_without_what_they_carry",
    "every_route_is_throttled",
    "webhooks_have_a_limit_of_their_own",
    "every_route_says_who_may_call",
    "what_a_rule_cannot_deliver_is_tried_again",
    "what_a_rule_cannot_deliver_is_kept",
    "rules_take_events_of_named_accounts_sources_and_kinds",
    "no_secret_is_written_into_the_template",
    "no_parameter_carries_a_secret",
    "parameters_take_what_they_can_mean_only",
}


def test_a_template_that_is_wide_open_does_not_pass() -> None:
    stack = deployed(read(WIDE_OPEN), {})
    assert {c.name for c in CONTROLS if list(c.check(stack))} == NOT_HELD
