"""Who sits before a page of another site, as that site has signed it: a name for logs and feedback, which opens nothing."""

import hashlib
import hmac
import unicodedata
from urllib.parse import unquote

from starlette.datastructures import Headers

__all__ = ["PERSON", "SIGNATURE_HEADER", "USER_HEADER", "sign_user", "signed_user"]

USER_HEADER, SIGNATURE_HEADER = "x-youju-user", "x-youju-signature"
"""The name, percent-encoded UTF-8, and its signature in hexadecimal digits."""
PERSON = "youju.person"
"""Where a request carries the name."""
MAX_USER = 200
"""Characters of a name."""
DIGITS = 64


def sign_user(secret: str, user: str) -> str:
    """Return the signature of a name, HMAC-SHA256 of its UTF-8: what the site computes, where nobody sees the secret."""
    return hmac.new(secret.encode(), user.encode(), hashlib.sha256).hexdigest()


def signed_user(headers: Headers, secret: str) -> str | None:
    """Return the name that a request carries, "" where it carries none, None where its signature is not ours.

    One without a secret to check it by is not believed either: a site that sends names expects to find them again.
    """
    names, signatures = headers.getlist(USER_HEADER), headers.getlist(SIGNATURE_HEADER)
    if not names and not signatures:
        return ""
    if len(names) != 1 or len(signatures) != 1 or not secret:
        return None
    user, signature = unquote(names[0]), signatures[0].strip().lower()
    plain = all(unicodedata.category(char)[0] != "C" for char in user)
    if not (0 < len(user) <= MAX_USER and plain and len(signature) == DIGITS and signature.isascii()):
        return None
    return user if hmac.compare_digest(sign_user(secret, user), signature) else None
