"""Every control: what it looks at, what it is called elsewhere, and where a review would look for it.

`ids` are rules of checkov (CKV), Security Hub, cdk-nag (AwsSolutions), cfn_nag and serverless-rules (WS, ES). Most of
these look at a template before SAM has transformed it; what no scanner looks at has none.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from controls import access, doors, functions, storage
from controls.deployed import Stack


@dataclass(frozen=True, slots=True)
class Control:
    """`check` yields what is at fault, and nothing for a stack that is as it must be."""

    area: str
    check: Callable[[Stack], Iterator[str]]
    ids: str = ""

    @property
    def name(self) -> str:
        return self.check.__name__


def _of(area: str, *rows: tuple[Callable[[Stack], Iterator[str]], str]) -> tuple[Control, ...]:
    return tuple(Control(area, check, ids) for check, ids in rows)


CONTROLS: tuple[Control, ...] = (
    *_of(
        "Roles",
        (access.every_function_has_a_role_of_its_own, ""),
        (access.roles_are_written_out, "AwsSolutions-IAM4"),
        (access.actions_are_named_one_by_one, "CKV_AWS_60-63, 107-111, AwsSolutions-IAM5"),
        (access.resources_are_named, "AwsSolutions-IAM5"),
        (access.each_role_does_to_the_ledger_what_it_must, ""),
        (access.each_role_does_to_queues_what_it_must, ""),
        (access.nothing_is_deleted_from_the_ledger, ""),
        (access.secrets_are_read_by_one_side_each, ""),
        (access.keys_are_used_through_named_services, "KMS.2"),
        (access.a_key_of_secrets_decrypts_those_of_one_side, ""),
        (access.roles_trust_one_service_and_on_our_behalf, "CKV_AWS_60, 61"),
        (access.roles_stay_within_the_boundary, ""),
        (access.callers_of_functions_are_named, "CKV_AWS_364, LambdaPermissionWildcardPrincipal"),
    ),
    *_of(
        "Functions",
        (access.functions_have_no_address_of_their_own, "CKV_AWS_258"),
        (functions.concurrency_is_reserved, "CKV_AWS_115, LambdaFunctionReservedConcurrentExecutions"),
        (functions.workers_start_no_more_than_is_reserved, ""),
        (functions.functions_run_on_a_supported_runtime, "CKV_AWS_363, Lambda.2"),
        (functions.functions_are_traced, "CKV_AWS_50, Lambda.7, WS1000"),
        (functions.functions_are_tagged, ""),
        (functions.functions_hold_no_secrets, "CKV_AWS_45"),
        (functions.functions_take_signed_code_only, "CKV_AWS_272"),
        (functions.a_receiver_answers_before_the_gateway_gives_up, ""),
        (functions.what_is_started_by_nobody_waiting_leaves_word_when_it_fails, "CKV_AWS_116, ES1005-1007"),
        (functions.a_worker_says_which_messages_failed, ""),
        (functions.a_worker_may_put_back_what_it_took, ""),
    ),
    *_of(
        "Logs",
        (functions.functions_log_to_a_group_of_their_own, "CKV_AWS_66"),
        (functions.functions_log_as_json, "WS1002"),
        (functions.logs_are_kept_for_a_year, "CKV_AWS_338, WS1004"),
        (functions.logs_outlive_the_stack, ""),
    ),
    *_of(
        "Releases",
        (functions.a_change_of_parameters_makes_a_version, ""),
        (functions.new_layers_make_a_version, ""),
        (functions.callers_use_the_alias, ""),
        (functions.a_release_is_taken_back_when_it_fails, ""),
    ),
    *_of(
        "Queues",
        (storage.queues_are_spoken_to_over_tls_only, "AwsSolutions-SQS4"),
        (storage.nobody_sends_by_a_queues_policy_but_our_bus, "CKV_AWS_168, SqsQueuePolicyWildcard"),
        (storage.queues_are_encrypted, "CKV_AWS_27, SQS.1, AwsSolutions-SQS2"),
        (storage.a_message_stays_invisible_for_six_times_the_workers_time, ""),
        (storage.a_message_comes_five_times_before_it_is_set_aside, "AwsSolutions-SQS3, ES6000"),
        (storage.dead_letters_are_kept_for_a_fortnight, ""),
        (storage.queues_take_dead_letters_of_named_queues_only, ""),
    ),
    *_of(
        "Ledger",
        (storage.the_ledger_can_be_taken_back_to_any_second, "CKV_AWS_28, DynamoDB.2, AwsSolutions-DDB3"),
        (storage.the_ledger_refuses_to_be_deleted, "DynamoDB.6"),
        (storage.the_ledger_outlives_the_stack, ""),
        (storage.the_ledger_forgets_what_expired, ""),
        (storage.the_ledger_takes_any_load_in_one_region, "DynamoDB.1"),
    ),
    *_of(
        "A key of your own",
        (storage.the_ledger_is_encrypted_with_our_key, "CKV_AWS_119"),
        (storage.queues_are_encrypted_with_our_key, "SqsQueueKmsMasterKeyId"),
        (storage.logs_are_encrypted_with_our_key, "CKV_AWS_158"),
        (storage.environments_are_encrypted_with_our_key, "CKV_AWS_173"),
        (storage.the_bus_is_encrypted_with_our_key, ""),
    ),
    *_of(
        "HTTP API",
        (doors.calls_are_logged, "CKV_AWS_95, APIGateway.9, AwsSolutions-APIG1, ES2000"),
        (doors.calls_are_logged_without_what_they_carry, "WS2001"),
        (doors.every_route_is_throttled, "ES2003"),
        (doors.webhooks_have_a_limit_of_their_own, ""),
        (doors.every_route_says_who_may_call, "CKV_AWS_309, APIGateway.8, AwsSolutions-APIG4"),
        (doors.a_name_of_our_own_is_the_only_one, ""),
        (doors.a_name_of_our_own_speaks_tls_1_2, "CKV_AWS_206"),
    ),
    *_of(
        "Bus",
        (doors.what_a_rule_cannot_deliver_is_tried_again, ""),
        (doors.what_a_rule_cannot_deliver_is_kept, "ES4000"),
        (doors.rules_take_events_of_named_accounts_sources_and_kinds, ""),
        (doors.other_accounts_put_events_of_named_kinds_only, "EventBridge.3"),
    ),
    *_of(
        "Template",
        (doors.no_secret_is_written_into_the_template, "CKV_SECRET"),
        (doors.no_parameter_carries_a_secret, ""),
        (doors.parameters_take_what_they_can_mean_only, ""),
    ),
)
