"""What to say of a signature that nothing explains: what is ruled out, what remains, and how to find out."""

import hashlib

from trial.rehearsal.causes import Cause
from trial.rehearsal.signatures.search import Explained, Search

RULED_OUT = (
    "encodings, digests, forms of the key, other templates and headers, the presets, faults of the stored secret, "
    "and line breaks, character sets and formatting of the body"
)


def cause(search: Search, explained: Explained) -> Cause:
    if not search.candidates:
        said = "No header has anything of the form of a signature."
        fix = "Check that the sender signs at all, and that the file has all headers of the request."
        return Cause("no-signature", said, fix)
    address = "; also other forms of the address" if search.scheme.url else ""
    some = "" if explained.whole else " There was no time for all pairs of them."
    said = (
        f"{explained.tried} combinations were tried, none fits. Ruled out, alone and in pairs: {RULED_OUT}{address}."
        f"{some} What remains: another secret, or a body that was changed on its way."
    )
    body = search.delivery.body
    fix = (
        f"Compare the body byte for byte: it has {len(body)} bytes and the SHA-256 "
        f"{hashlib.sha256(body).hexdigest()}. Ask the sender for both (sha256sum FILE). If they are the same, the "
        "secret is another: repeat --secret FILE for each one that it may be."
    )
    if search.scheme.url:
        fix += f" Compare the address as well, with its query string: {search.scheme.url}"
    return Cause("secret-or-body", said, fix)
