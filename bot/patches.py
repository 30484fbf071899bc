"""The one change made to Rasa at run time: replies of actions are checked by a validator compiled once.

Rasa 3.6 checks the JSON reply of each action with `jsonschema.validate`, which first checks the schema
itself, a constant, on every call. That costs more than all the rest of an action's turn.
bot/tests/test_patches.py proves that the verdicts are the same.
"""

from __future__ import annotations

import hashlib
import inspect
import logging
from typing import Any, Dict

from jsonschema.exceptions import best_match
from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction
from rasa.shared.constants import DOCS_BASE_URL

logger = logging.getLogger(__name__)

# The method that is replaced, as it stands in rasa 3.6.21. Another text means another Rasa: leave it alone.
KNOWN_SOURCE = "f8cdb4be6812396167ced74161b2ccd65c5ea676ad86d7d359d8c322d9d8dc42"

_original = RemoteAction._validate_action_result


def source_hash() -> str:
    return hashlib.sha256(inspect.getsource(_original).encode()).hexdigest()


def apply() -> bool:
    """Replace the check; False, and nothing changed, where Rasa's own is not the one known here."""
    if source_hash() != KNOWN_SOURCE:
        logger.warning("Rasa's check of action replies has changed; it is left as it is, and slower.")
        return False
    schema = RemoteAction.action_response_format_spec()
    validator_class = validator_for(schema)
    validator_class.check_schema(schema)
    validator = validator_class(schema)

    def validate_action_result(self: RemoteAction, result: Dict[str, Any]) -> bool:
        error = best_match(validator.iter_errors(result))
        if error is None:
            return True
        error.message += (
            ". Failed to validate Action server response from API, make sure your response from the Action "
            f"endpoint is valid. For more information about the format visit {DOCS_BASE_URL}/custom-actions"
        )
        raise error

    RemoteAction._validate_action_result = validate_action_result
    return True
