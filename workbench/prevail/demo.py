"""What the emulator holds when nobody seeds it: one organization, a session in each of the five states."""

import secrets

from prevail.model import STATES, Organization
from prevail.seeds import plant
from prevail.tokens import sign
from prevail.world import World

TOKEN_LIFE_S = 300
_SLUG = "demo"


def plant_demo(world: World, *, now: float) -> None:
    organization = {"slug": _SLUG, "api_key": secrets.token_hex(32)}
    sessions = [
        {"remote_session_id": f"demo-{state}", "organization": _SLUG, "state": state} for state in STATES
    ]
    plant({"organizations": [organization], "sessions": sessions}, world, now=now)


def guide(url: str, demo: Organization, *, now: float) -> str:
    """How to call the demo: lines to paste, with a token that is good for TOKEN_LIFE_S seconds."""
    return f"""
Organization "{demo.slug}", sessions {", ".join(f"demo-{state}" for state in STATES)}.
A token, good for {TOKEN_LIFE_S} seconds:
  TOKEN={sign(demo.slug, demo.api_key, expires_at=int(now) + TOKEN_LIFE_S)}
Cancel a session:
  curl -X PATCH "{url}/api/v1/sessions/demo-ready/cancel?cancel_without_email=true" \\
    -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" -H "Accept: application/json"
List the sessions:
  curl "{url}/api/v1/sessions" -H "Authorization: Bearer $TOKEN"
What the emulator saw (a browser shows it at {url}/):
  curl {url}/_emulator/sessions/demo-ready
  curl {url}/_emulator/outbox
An organization and a session of your own (the API key is yours to choose; sign tokens with it):
  curl -X PUT {url}/_emulator/organizations/acme -d '{{"api_key": "choose-at-least-thirty-two-characters"}}'
  curl -X PUT {url}/_emulator/sessions/s-1 -d '{{"organization": "acme", "state": "ready"}}'"""
