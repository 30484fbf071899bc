"""The internal route through which Rasa runs an action, with the status codes of rasa-sdk's own server.

| status | body                   | meaning                                                          |
|--------|------------------------|------------------------------------------------------------------|
| 200    | `{events, responses}`  |                                                                  |
| 400    | `{error, action_name}` | the action declined to run; Rasa predicts another one            |
| 401    | `{error}`              | another token, or none                                           |
| 404    | `{error, action_name}` | no such action                                                   |
| 422    | `{error}`              | not a call of an action                                          |
| 449    | `{error, action_name}` | the action needs the domain, which this call leaves out          |
| 500    | `{error, action_name}` | the action failed; Rasa goes on without it and the gateway tells |
"""

import hmac
from typing import Any

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from rasa_sdk import Action
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import (
    ActionExecutionRejection,
    ActionMissingDomainException,
    ActionNotFoundException,
)

from actions.answer import AnswerQuestion, ChooseArticle, NoneOfThese, Unhelpful
from actions.comment import AddToTicket, FinishComment, ValidateCommentForm
from actions.hand_off import HandOff
from actions.language import ChangeLanguage, Repeat
from actions.look_up import LookUp
from actions.look_up_form import ValidateLookUpForm
from actions.services import Services
from actions.ticket import Affirm, AskTicketConfirmed, Cancel, CreateTicket, Decline, StartTicket
from actions.ticket_form import ValidateTicketForm
from actions.ticket_status import TicketStatus

log = structlog.get_logger(__name__)


def all_actions(services: Services) -> list[Action]:
    """Every action of the assistant, with what it needs passed in."""
    return [
        AnswerQuestion(services),
        ChooseArticle(services),
        NoneOfThese(),
        Unhelpful(services),
        StartTicket(),
        ValidateTicketForm(services),
        AskTicketConfirmed(),
        CreateTicket(services),
        AddToTicket(services),
        ValidateCommentForm(services),
        FinishComment(services),
        Affirm(),
        Decline(services),
        Cancel(),
        TicketStatus(services),
        Repeat(),
        ChangeLanguage(),
        ValidateLookUpForm(services),
        LookUp(services),
        HandOff(),
    ]


def actions_router(services: Services, *, token: str) -> APIRouter:
    """`POST /internal/actions`; for the internal port only, and only for whoever holds `token`."""
    if not token:
        raise ValueError("the actions need a token")
    executor = ActionExecutor()
    for action in all_actions(services):
        executor.register_action(action)
    router = APIRouter()

    @router.post("/internal/actions", include_in_schema=False)
    async def run_action(request: Request) -> Response:
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
            return JSONResponse({"error": "unauthorized"}, 401)
        call = await _read_call(request)
        if call is None:
            return JSONResponse({"error": "not a call of an action"}, 422)
        return await _run(executor, call)

    return router


async def _read_call(request: Request) -> dict[str, Any] | None:
    try:
        call = await request.json()
    except (ValueError, RecursionError):
        return None
    if not isinstance(call, dict) or not isinstance(call.get("tracker"), dict):
        return None
    if not isinstance(call.get("next_action"), str) or "sender_id" not in call["tracker"]:
        return None
    # Rasa leaves the domain out for actions that never asked for it. rasa-sdk wants one all the same.
    if "domain" not in call and "domain_digest" not in call:
        call["domain"] = {}
    return call


async def _run(executor: ActionExecutor, call: dict[str, Any]) -> Response:
    name = call["next_action"]
    try:
        result = await executor.run(call)
    except ActionExecutionRejection as rejection:
        return _error(400, name, rejection.message)
    except ActionNotFoundException as missing:
        return _error(404, name, missing.message)
    except ActionMissingDomainException as missing:
        return _error(449, name, missing.message)
    except Exception as error:
        # The words of an error may quote the customer; the log gets its type and place, Rasa its type.
        log.exception("action_failed", action=name)
        return _error(500, name, type(error).__name__)
    return JSONResponse(result.model_dump())


def _error(status: int, action: str, error: str) -> Response:
    return JSONResponse({"error": error, "action_name": action}, status)
