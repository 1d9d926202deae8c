"""Who posts comes again until he is told 202, and over a connection that is free."""

from collections import deque

import pytest
import requests

from builders import a_request
from trial.gallery.sample import Draft
from trial.load.posting import Door
from trial.senders import Webhook

SENT = Webhook("crm", (a_request(),), {}, Draft(b"{}"), {}, b"{}")


class Answers:
    """What comes to each post, an exception or a status, and how many connections there were."""

    def __init__(self, *answers: int | Exception) -> None:
        self.left = deque(answers)
        self.connections = 0

    def connect(self) -> "Answers":
        self.connections += 1
        return self

    def post(self, _: Webhook, /) -> requests.Response:
        answer = self.left.popleft()
        if isinstance(answer, Exception):
            raise answer
        response = requests.Response()
        response.status_code = answer
        return response


def test_a_post_is_tried_once_unless_it_is_said_how_often() -> None:
    answers = Answers(503, 202)
    assert Door(answers.connect)(SENT) == "503"
    assert len(answers.left) == 1


def test_a_sender_comes_again_until_it_is_taken_and_no_longer() -> None:
    answers = Answers(503, requests.ConnectionError(), 202, 202)
    assert Door(answers.connect, tries=8)(SENT) == "202"
    assert len(answers.left) == 1


def test_where_all_tries_are_in_vain_the_last_answer_counts() -> None:
    answers = Answers(503, 503, 401)
    assert Door(answers.connect, tries=3)(SENT) == "401"


@pytest.mark.parametrize("fault", [requests.ConnectionError(), requests.ReadTimeout()])
def test_no_answer_is_an_answer_of_its_own(fault: Exception) -> None:
    assert Door(Answers(fault).connect)(SENT) == "no answer"


def test_a_connection_that_is_free_is_used_again() -> None:
    answers = Answers(202, requests.ReadTimeout(), 202)
    door = Door(answers.connect)
    assert [door(SENT) for _ in range(3)] == ["202", "no answer", "202"]
    assert answers.connections == 1
