"""Checks what a form is told: words that say something, no order number, an address."""

import re

from email_validator import EmailNotValidError, validate_email

MAX_EMAIL = 254  # characters, RFC 5321
MIN_WORDS = 2
MIN_HAN = 3

_NO_ORDER = re.compile(
    r"\W*(?:no|nope|none|nothing|no idea|n/?a|-+|without|skip|unknown"
    r"|(?:i )?(?:don'?t|do not) (?:have|know)\b.{0,40}"
    r"|(?:i )?(?:no|without|forgot|lost)(?: an?| the| my)? (?:order|number)\b.{0,40}"
    r"|[没沒]有?(?:订单号?|訂單號?|单号|编号)?.?|[无無]|不(?:知道|记得|清楚)(?:了|订单号|单号)?"
    r"|忘[了记](?:订单号|单号)?了?|跳过|找不到.{0,6})\W*",
    re.IGNORECASE,
)
_HAN = re.compile(r"[\u3400-\u9fff]")
_WORDS = re.compile(r"\w+")


def says_something(typed: str) -> bool:
    """Whether there is enough in it for a colleague to work with: two words, or three Han characters."""
    return len(_WORDS.findall(typed)) >= MIN_WORDS or len(_HAN.findall(typed)) >= MIN_HAN


def means_no_order(typed: str) -> bool:
    return bool(_NO_ORDER.fullmatch(typed))


def usable_email(typed: str) -> str | None:
    """An address as it is written to, or None. Nothing is looked up: the first mail proves the address."""
    if len(typed) > MAX_EMAIL:
        return None
    try:
        return validate_email(typed.strip(), check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        return None
