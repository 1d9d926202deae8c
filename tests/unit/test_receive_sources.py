"""Sources of other kinds behind the webhook: tokens, allow-lists, tables of ids, and sources that are only watched."""

import json
from dataclasses import replace
from typing import Any

import jwt
import pytest

from builders import (
    API_KEY,
    NOW,
    a_body,
    a_delivery,
    a_payload,
    a_receive,
    a_request,
    a_source,
    some_allowed,
    some_expressions,
)
from cancellations.admission import Conflicted, Received
from cancellations.configuration import LookupTable, Source
from cancellations.domain import Delivery
from cancellations.errors import Malformed, SignatureRefused, Unavailable
from cancellations.intake import Ignored
from cancellations.lookup import entry
from cancellations.protocol import request_key
from cancellations.receive import Arrival, Receive, Rejected, Result
from cancellations.source.expressions import compiled
from cancellations.source.expressions.comparing import REFUSING
from cancellations.source.proof import Proof, Secret
from cancellations.source.verification.bearer import Bearer
from cancellations.writes import Item
from fakes import KnownKeys, MemoryQueue, MemoryTable


def result_of(receive: Receive, delivery: Delivery) -> Result:
    arrival = receive(delivery, NOW)
    assert isinstance(arrival, Arrival)
    (result,) = arrival.results
    return result


def received(**changes: Any) -> Received:  # noqa: ANN401 - whatever the field holds
    return Received(a_request(**changes), "queued", replayed=False)


# ── Sources that are only watched ─────────────────────────────────────────────────────────────────

WATCHED = a_source(mode="observe")


def test_a_watched_source_is_recorded_as_observed_and_sends_nothing() -> None:
    table, queue = MemoryTable(), MemoryQueue()
    result = result_of(a_receive(WATCHED, table=table, queue=queue), a_delivery())
    assert result == Received(a_request(), "observed", replayed=False)
    assert table.items[request_key(a_request().id)]["status"] == "observed"
    assert queue.sent == []


def test_a_watched_source_must_prove_itself_all_the_same() -> None:
    table = MemoryTable()
    with pytest.raises(SignatureRefused):
        a_receive(WATCHED, table=table)(a_delivery(key=bytes(32)), NOW)
    assert table.writes == 0


def test_a_watched_source_hears_of_a_conflict() -> None:
    receive = a_receive(WATCHED)
    receive(a_delivery(), NOW)
    assert isinstance(result_of(receive, a_delivery(body=a_body(remote_session_id="s2"))), Conflicted)


def test_what_was_observed_is_not_sent_when_it_comes_again_to_a_source_that_is_active_by_then() -> None:
    table, queue = MemoryTable(), MemoryQueue()
    a_receive(WATCHED, table=table, queue=queue)(a_delivery(), NOW)
    again = result_of(a_receive(a_source(), table=table, queue=queue), a_delivery())
    assert again == Received(a_request(), "observed", replayed=True)
    assert queue.sent == []


def test_each_item_of_a_watched_source_is_observed() -> None:
    queue = MemoryQueue()
    expressions = some_expressions(
        items="body", event_id="item.id", remote_session_id="item.id", cancel_without_email=False
    )
    receive = a_receive(a_source(mode="observe", expressions=expressions), queue=queue)
    arrival = receive(a_delivery(body=b'[{"id": "a"}, {"id": "b"}]'), NOW)
    assert isinstance(arrival, Arrival)
    assert [getattr(result, "status", None) for result in arrival.results] == ["observed", "observed"]
    assert queue.sent == []


# ── Allow-lists ───────────────────────────────────────────────────────────────────────────────────


def of_many() -> Source:
    allowed = some_allowed("body.account", a="acme-legal", b="acme-east")
    return a_source(expressions=some_expressions(organization=allowed))


def from_account(account: object, message_id: str = "msg_1") -> Delivery:
    body = json.dumps({**a_payload(), "account": account}).encode()
    return a_delivery(body=body, message_id=message_id)


@pytest.mark.parametrize(("account", "organization"), [("a", "acme-legal"), ("b", "acme-east")])
def test_a_source_speaks_for_the_organization_that_its_payload_names(account: str, organization: str) -> None:
    assert result_of(a_receive(of_many()), from_account(account)) == received(organization=organization)


@pytest.mark.parametrize("account", ["c", "acme-legal", None, "", 1, ["a"]])
def test_a_source_speaks_for_nobody_else(account: object) -> None:
    table, queue = MemoryTable(), MemoryQueue()
    with pytest.raises(Malformed, match="organization"):
        a_receive(of_many(), table=table, queue=queue)(from_account(account), NOW)
    assert (table.writes, queue.sent) == (0, [])


def test_one_event_id_in_two_organizations_is_two_requests() -> None:
    queue = MemoryQueue()
    receive = a_receive(of_many(), queue=queue)
    for account in ("a", "b"):
        receive(from_account(account), NOW)
    assert [request.organization for request, _ in queue.sent] == ["acme-legal", "acme-east"]


# ── Tables of ids ─────────────────────────────────────────────────────────────────────────────────


def looking_up(missing: Any = "refuse") -> Source:  # noqa: ANN401 - by its name
    return a_source(lookup=LookupTable(None, missing))


BY_THEIR_ID = a_delivery(body=a_body(remote_session_id="case 7"))


def test_a_senders_own_id_is_looked_up_in_the_ledger() -> None:
    table = MemoryTable()
    table.write(entry("acme", "case 7", "session-7"))
    assert result_of(a_receive(looking_up(), table=table), BY_THEIR_ID) == received(
        remote_session_id="session-7"
    )


def test_an_id_that_the_ledger_does_not_know_is_malformed_or_ignored_as_the_source_says() -> None:
    with pytest.raises(Malformed):
        a_receive(looking_up())(BY_THEIR_ID, NOW)
    assert result_of(a_receive(looking_up("ignore")), BY_THEIR_ID) == Ignored("acme", "lookup")


def test_a_ledger_that_does_not_answer_makes_the_delivery_come_again() -> None:
    class Deaf(MemoryTable):
        def read(self, key: str) -> Item | None:
            raise Unavailable(f"no answer for {key}")

    with pytest.raises(Unavailable):
        a_receive(looking_up("ignore"), table=Deaf())(BY_THEIR_ID, NOW)


# ── Tokens ────────────────────────────────────────────────────────────────────────────────────────

CLAIMS = some_expressions(
    event_id="claims.jti", remote_session_id="claims.session", cancel_without_email=False
)
RING = KnownKeys({"acme": API_KEY})


def a_token(key: str = API_KEY, **claims: object) -> str:
    return jwt.encode({"exp": NOW + 60, "jti": "msg_1", "session": "session-1", **claims}, key, "HS256")


def test_claims_of_a_token_are_in_reach_of_expressions() -> None:
    source = a_source(proof=Proof(Bearer("HS256"), Secret("acme")), expressions=CLAIMS)
    delivery = Delivery("acme", {"authorization": f"Bearer {a_token()}"}, b"{}")
    assert result_of(a_receive(source, secrets=RING), delivery) == received()


def test_a_token_in_place_of_a_body_is_read_by_its_claims_alone() -> None:
    expressions = some_expressions(
        event_id="body.jti", remote_session_id="body.session", cancel_without_email=False
    )
    proof = Proof(Bearer("HS256", field=None), Secret("acme"))
    source = a_source(proof=proof, body="claims", expressions=expressions)
    delivery = Delivery("acme", {"content-type": "application/jwt"}, a_token().encode())
    assert result_of(a_receive(source, secrets=RING), delivery) == received()


def test_claims_are_null_where_there_is_no_token() -> None:
    receive = a_receive(a_source(expressions=some_expressions(reason="type(claims)")))
    assert result_of(receive, a_delivery()) == received(reason="null")


def test_the_hash_of_the_raw_body_may_be_the_event_id() -> None:
    receive = a_receive(a_source(expressions=some_expressions(event_id="sha256")))
    one, same, other = (
        result_of(receive, a_delivery(body=body, message_id=message_id))
        for body, message_id in ((a_body(), "msg_1"), (a_body(), "msg_2"), (a_body() + b" ", "msg_3"))
    )
    assert isinstance(one, Received)
    assert isinstance(same, Received)
    assert isinstance(other, Received)
    assert (one.request.id == same.request.id, one.request.id == other.request.id) == (True, False)


# ── Messages of Salesforce ────────────────────────────────────────────────────────────────────────

NOTIFIED = a_source(
    body="salesforce-outbound",
    expressions=some_expressions(
        items="body.notifications",
        event_id="item.id",
        remote_session_id="item.fields.Session__c",
        cancel_without_email=False,
    ),
)


def an_outbound_message(*ids: str) -> Delivery:
    notifications = "".join(
        f"<Notification><Id>{one}</Id><sObject><f:Session__c>session-{one}</f:Session__c></sObject></Notification>"
        for one in ids
    )
    body = (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
        '<notifications xmlns="http://soap.sforce.com/2005/09/outbound" xmlns:f="urn:f">'
        f"<OrganizationId>00D5</OrganizationId><ActionId>04k5</ActionId>{notifications}"
        "</notifications></e:Body></e:Envelope>"
    )
    return a_delivery(body=body.encode(), headers={"content-type": "text/xml; charset=utf-8"})


@pytest.mark.parametrize("ids", [("a",), ("a", "b")], ids=["one", "two"])
def test_each_notification_of_an_outbound_message_is_a_request_and_all_are_acknowledged_in_soap(
    ids: tuple[str, ...],
) -> None:
    results = tuple(received(event_id=one, remote_session_id=f"session-{one}") for one in ids)
    assert a_receive(NOTIFIED)(an_outbound_message(*ids), NOW) == Arrival("acme", results, "soap", "current")


def test_a_spoiled_notification_leaves_the_others_accepted() -> None:
    """And a control character in a text spoils none."""
    body = an_outbound_message("a", "b", "c").body
    spoiled = body.replace(b"session-b<", b"session-b</f:Session__c><f:Session__c>session-x<")
    spoiled = spoiled.replace(b"<Id>c</Id><sObject>", b"<Id>c</Id><sObject><f:Note>&#x1F;</f:Note>")
    spoiled_delivery = a_delivery(body=spoiled, headers={"content-type": "text/xml; charset=utf8"})
    arrival = a_receive(NOTIFIED)(spoiled_delivery, NOW)
    assert isinstance(arrival, Arrival)
    first, second, third = arrival.results
    assert isinstance(second, Rejected)
    assert [first, third] == [received(event_id=i, remote_session_id=f"session-{i}") for i in ("a", "c")]


# ── Forms ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("doubled", ["action=canceled&action=canceled", "action=created&action=canceled"])
def test_a_doubled_field_that_a_filter_compares_is_refused(doubled: str) -> None:
    """Neither the first nor the last is believed, and nothing is ignored."""
    canceled = compiled("body.action == 'canceled'", comparing=REFUSING)
    expressions = replace(
        some_expressions(event_id="body.id", remote_session_id="body.id"), filters={"filter": canceled}
    )
    receive = a_receive(a_source(body="form", expressions=expressions))
    delivery = a_delivery(
        body=f"{doubled}&id=1".encode(), headers={"content-type": "application/x-www-form-urlencoded"}
    )
    with pytest.raises(Malformed, match="filter"):
        receive(delivery, NOW)
