"""What the folders above see of a look-up: what it needs, and how it ended."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

State = Literal["found", "not_found", "failed", "identity_needed"]


@dataclass(frozen=True, slots=True)
class LookUpView:
    """What has to be known before a look-up can be asked."""

    name: str
    inputs: tuple[str, ...]
    identity: str


@dataclass(frozen=True, slots=True)
class LookUpResult:
    """How a look-up ended.

    `text` is plain text in the asked language, ready to be shown; empty where it failed. `cause` is a
    sentence for staff: it holds neither the secret nor what the customer typed.
    """

    state: State
    text: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    cause: str = ""
    cause_code: str = ""


class LookUpFailed(Exception):
    """A look-up has no answer; `code` for programs, the sentence for staff.

    refused_address  leads to an address inside, or to a port that is not allowed
    unreachable      no address, or nobody answers there
    tls              the certificate does not prove the name
    timeout          not complete within the time limit
    busy, resting    asked too often at once; has failed too often just now
    redirect, status, not_json, too_large, broken   the answer is none that can be used
    nothing_to_show  none of the fields that the wording needs
    missing_input, unknown                          it was never asked
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code, self.sentence = code, sentence
