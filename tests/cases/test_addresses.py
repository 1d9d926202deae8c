"""Addresses of key sets and of receivers, as issuers and tools hand them out, are accepted at once."""

import json

import pytest

from cases.desk import Desk, reported
from cases.tables import crm, service

GITHUB = "https://github.com"

KEY_SETS = [
    pytest.param("https://crm.example.com/.well-known/jwks.json", id="docs/sources.md"),
    pytest.param("https://tenant.eu.auth0.com/.well-known/jwks.json", id="Auth0"),
    pytest.param(
        "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_EXAMPLE00/.well-known/jwks.json", id="Cognito"
    ),
    reported(f"{GITHUB}/appsup-dart/jose/issues/27", "https://www.googleapis.com/oauth2/v3/certs"),
    reported(
        f"{GITHUB}/smallrye/smallrye-jwt/issues/382",
        "https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com",
        by="an at sign in the path",
    ),
    reported("https://gitlab.com/gitlab-org/gitlab/-/merge_requests/34249", "https://gitlab.com/-/jwks"),
    reported(
        "https://logto.io/oauth-providers-explorer/gitlab", "https://gitlab.example.com/oauth/discovery/keys"
    ),
    reported(
        "https://buypassdev.atlassian.net/wiki/pages/viewpage.action?pageId=672727101",
        "https://sso.example.com/auth/realms/example-legal/protocol/openid-connect/certs",
        by="Keycloak",
    ),
    reported("https://docs.nhost.io/reference/auth/get-oauth2-jwks", "https://auth.example.com/oauth2/jwks"),
]


@pytest.mark.parametrize("url", KEY_SETS)
def test_the_address_of_a_key_set_is_accepted(desk: Desk, url: str) -> None:
    ended = desk.check(service(url))
    assert ended.code == 0, ended.stderr


TENANT, APPLICATION = "11111111-2222-3333-4444-555555555555", "66666666-7777-8888-9999-000000000000"

WITH_A_QUERY = [
    pytest.param(f"/{TENANT}/discovery/v2.0/keys?appid={APPLICATION}", id="Entra"),
    reported(f"{GITHUB}/coreos/go-oidc/issues/215", f"/example/discovery/v2.0/keys?appid={APPLICATION}"),
    reported(
        f"{GITHUB}/antarctica/flask-entra-auth/issues/8",
        f"/{TENANT}/discovery/keys?appid={APPLICATION}",
        by="version 1",
    ),
    reported(f"{GITHUB}/python-social-auth/social-core/issues/695", f"/common/discovery/keys?appid={TENANT}"),
]


@pytest.mark.parametrize("path", WITH_A_QUERY)
def test_a_key_set_with_a_query_is_accepted_or_named(desk: Desk, path: str) -> None:
    ended = desk.check(service(f"https://login.microsoftonline.com{path}"))
    assert ended.code == 0 or "query" in ended.stderr


def calling_back(url: str) -> str:
    return crm(lines=f'callback = {{ url = {json.dumps(url)}, secret = "crm" }}')


TEAMS = "https://example.webhook.office.com/webhookb2"
RUN = "triggers/manual/paths/invoke"

RECEIVERS = [
    pytest.param(
        "https://prod-26.uksouth.logic.azure.com/workflows/0123456789abcdef0123456789abcdef/"
        f"{RUN}?api-version=2016-06-01&sp=/triggers/manual/run&sv=1.0&sig=EXAMPLE",
        id="Power Automate",
    ),
    reported(
        f"{GITHUB}/caronc/apprise/issues/1316",
        f"https://prod-26.uksouth.logic.azure.com:443/workflows/0123/{RUN}"
        "?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=EXAMPLE-_aZ",
        by="port 443",
    ),
    reported(
        f"{GITHUB}/supercheck-io/supercheck/issues/195",
        "https://example0.57.environment.api.powerplatform.com:443/powerautomate/automations/direct/"
        f"workflows/0123/{RUN}?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=EXAMPLE",
        by="Power Platform",
    ),
    reported(
        f"{GITHUB}/prometheus-msteams/prometheus-msteams/issues/359",
        f"{TEAMS}/{APPLICATION}@{TENANT}/IncomingWebhook/0123456789abcdef/{TENANT}",
        by="Teams",
    ),
    reported(
        f"{GITHUB}/prometheus-msteams/prometheus-msteams/issues/364",
        f"{TEAMS}/{APPLICATION}@{TENANT}/IncomingWebhook/0123/{TENANT}/V2x_a1b2C3d4==",
        by="Teams with padding",
    ),
    reported(
        f"{GITHUB}/MicrosoftDocs/azure-docs/issues/107285",
        "https://example.azurewebsites.net/api/outcome?code=abcdEFGH0123-_xyz==",
        by="Azure Functions",
    ),
    reported(
        f"{GITHUB}/PostHog/posthog/pull/29809", "https://hooks.zapier.com/hooks/catch/0/abc/", by="Zapier"
    ),
    reported(
        f"{GITHUB}/pluralsh/console/pull/4112",
        "https://hooks.slack.com/workflows/T0/A0/1/example",
        by="Slack",
    ),
]


@pytest.mark.parametrize("url", RECEIVERS)
def test_the_address_of_a_receiver_is_accepted(desk: Desk, url: str) -> None:
    ended = desk.check(calling_back(url))
    assert ended.code == 0, ended.stderr


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("https://hooks.example.com@evil.example/in", id="a user before the host"),
        pytest.param("https://hooks.example.com/../in", id="a step upwards"),
        pytest.param("https://hooks.example.com/in#part", id="a fragment"),
        pytest.param("http://hooks.example.com/in", id="not https"),
    ],
)
def test_an_address_that_hides_its_host_stays_refused(desk: Desk, url: str) -> None:
    ended = desk.check(calling_back(url))
    assert ended.code == 2
    assert "callback" in ended.stderr
