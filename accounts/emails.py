"""The one spelling under which a staff member's e-mail address is kept and looked up."""

import re
import unicodedata

from server.errors import Malformed

# A sign-in name, not a promise of delivery: addresses of an intranet (`mia@desk.local`) are welcome.
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+")


def fold_email(text: str) -> str:
    return unicodedata.normalize("NFC", text.strip().lower())


def normal_email(text: str) -> str:
    """The address as it is stored; raises Malformed if it is none."""
    folded = fold_email(text)
    if len(folded) > 320 or not folded.isprintable() or not _ADDRESS.fullmatch(folded):
        raise Malformed("This is not an e-mail address.", type="email-malformed")
    return folded
