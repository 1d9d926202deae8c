"""Rules as the admin API and a saved state write them."""

from prevail.faults import kinds
from prevail.faults.rules import Rule
from prevail.fields import BadField, Fields, items

_WHERE = ("method", "path", "session", "organization")
_RULE = frozenset({"fault", *_WHERE, "share", "seed", "count", "for_s"})
_HISTORY = frozenset({"began_at", "hits"})
_METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE")
_YEAR_S = 366 * 86_400


def rule_from(body: object, now: float, *, at: str = "", with_history: bool = False) -> Rule:
    """`with_history` as a state has it, else one that begins now. Raises BadField."""
    fields = Fields(body, at, _RULE | (_HISTORY if with_history else frozenset()))
    try:
        fault = kinds.read(fields.text("fault"))
    except BadField as wrong:
        raise fields.wrong("fault", str(wrong).partition(": ")[2]) from wrong
    if "method" in fields:
        fields.choice("method", _METHODS)
    return Rule(
        fault,
        method=fields.text_or_none("method"),
        path=fields.text_or_none("path"),
        session=fields.text_or_none("session"),
        organization=fields.text_or_none("organization"),
        share=fields.share("share", 1.0),
        seed=fields.whole_number("seed"),
        count=fields.count("count") if "count" in fields else None,
        for_s=fields.number("for_s", None, 0, _YEAR_S) if "for_s" in fields else None,
        began_at=fields.number("began_at", now, -1e12, 1e12) if with_history else now,
        hits=fields.count("hits"),
    )


def rules_from(body: object, now: float, *, with_history: bool = False) -> list[Rule]:
    return [
        rule_from(one, now, at=f"rules[{index}]", with_history=with_history)
        for index, one in enumerate(items(body, "rules"))
    ]


def replaced_rules(body: object, now: float) -> list[Rule]:
    """`rules`, and `silent_after_commit` with its `seed`: the share of PATCHes that take effect and stay unanswered."""
    fields = Fields(body, "", frozenset({"rules", "silent_after_commit", "seed"}))
    share, seed = fields.share("silent_after_commit", 0.0), fields.whole_number("seed")
    silent = [Rule(kinds.read("silent"), "PATCH", share=share, seed=seed, began_at=now)] if share else []
    return [*silent, *rules_from(fields.raw("rules", []), now)]


def written(rule: Rule) -> dict[str, object]:
    """What `rule_from` reads with its history; fields that hold nothing are left out."""
    row: dict[str, object] = {
        "fault": rule.fault.text,
        **{name: getattr(rule, name) for name in _WHERE},
        "share": rule.share,
        "seed": rule.seed,
        "count": rule.count,
        "for_s": rule.for_s,
        "began_at": rule.began_at,
        "hits": rule.hits,
    }
    return {name: value for name, value in row.items() if value is not None}


def silent_share(rules: list[Rule]) -> float:
    """What `silent_after_commit` put there, if it did."""
    for rule in rules:
        where = (rule.path, rule.session, rule.organization, rule.count, rule.for_s)
        if rule.fault.text == "silent" and rule.method == "PATCH" and where == (None,) * len(where):
            return rule.share
    return 0.0
