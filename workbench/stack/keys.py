"""The secrets of a local stack: made up here, put where the functions look for them."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from stack.aws import client
from stack.issued import CALLBACK_FORM
from stack.plan import Plan


@dataclass(frozen=True, slots=True)
class Keys:
    """`api_keys` by organization's slug, `signing_secrets` by source's name, `callback_secrets` by their own."""

    api_keys: Mapping[str, str] = field(repr=False)
    signing_secrets: Mapping[str, str] = field(repr=False)
    callback_secrets: Mapping[str, str] = field(repr=False)


def generate(plan: Plan) -> Keys:
    """Fresh keys. With another server in the emulator's place only the organization known there has one: a made-up
    key must not reach it."""
    if plan.prevail:
        api_keys = {plan.prevail.slug: plan.prevail.api_key}
    else:
        by_secret = {o.secret: secrets.token_urlsafe(32) for o in plan.organizations}
        api_keys = {o.slug: by_secret[o.secret] for o in plan.organizations}
    return Keys(
        api_keys,
        {s.name: s.form.made_up() for s in plan.sources if s.form},
        {s.callback_secret: CALLBACK_FORM.made_up() for s in plan.sources if s.callback_secret},
    )


def store(plan: Plan, keys: Keys, prefix: str, endpoint: str) -> None:
    """Puts them into Secrets Manager, under the names that the functions read."""
    values = {
        f"{prefix}/organizations/{o.secret}": {"api_key": keys.api_keys[o.slug]}
        for o in plan.organizations
        if o.slug in keys.api_keys
    } | {
        f"{prefix}/sources/{s.secret}": {"signing_secret": keys.signing_secrets[s.name]}
        for s in plan.sources
        if s.secret
    }
    values |= {f"{prefix}/callbacks/{n}": {"signing_secret": v} for n, v in keys.callback_secrets.items()}
    manager = client("secretsmanager", endpoint)
    for name, value in values.items():
        manager.create_secret(Name=name, SecretString=json.dumps(value))
    manager.close()
