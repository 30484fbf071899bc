"""The changes made to Rasa at run time: what it does anew on every turn although nothing has changed.

Each replaces one method of rasa 3.6.21 by one with the same result (bot/tests/test_patches.py), and only
where the method is the one known here: another text means another Rasa, which is left alone, and is slower.
docs/performance.md says what each of them saves.
"""

from __future__ import annotations

import hashlib
import inspect
import logging
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

from jsonschema.exceptions import best_match
from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import GraphSchema
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.constants import DOCS_BASE_URL
from rasa.shared.core.events import Event

logger = logging.getLogger(__name__)


class Patch(NamedTuple):
    """A method of Rasa, the SHA-256 of its text in rasa 3.6.21, and what makes the method in its place."""

    owner: Any
    name: str
    known: str
    make: Callable[[Callable[..., Any]], Any]


def apply() -> bool:
    """Replace each known method, once; False where one of them is not as it is known here."""
    replaced = [_replace(patch) for patch in PATCHES]
    return all(replaced)


def source_hash(method: Callable[..., Any]) -> str:
    return hashlib.sha256(inspect.getsource(method).encode()).hexdigest()


def original(patch: Patch) -> Callable[..., Any]:
    """Rasa's own method, whether it has been replaced or not."""
    method = getattr(patch.owner, patch.name)
    before: Callable[..., Any] = getattr(method, "replaces", method)
    return before


def _replace(patch: Patch) -> bool:
    before = original(patch)
    if source_hash(before) != patch.known:
        logger.warning("Rasa's %s has changed; it is left as it is, and slower.", before.__qualname__)
        return False
    made = patch.make(before)
    made.replaces = before
    is_static = isinstance(inspect.getattr_static(patch.owner, patch.name), staticmethod)
    setattr(patch.owner, patch.name, staticmethod(made) if is_static else made)
    return True


def _check_of_replies(_before: Callable[..., Any]) -> Any:
    """Rasa checks an action's JSON reply with `jsonschema.validate`, which first checks the schema itself,
    a constant, on every call. That costs more than all the rest of an action's turn."""
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

    return validate_action_result


def _run_of_graphs(_before: Callable[..., Any]) -> Any:
    """Rasa gives pipeline and policies to dask, which plans the few steps anew each time and hands each of
    them to an executor that runs it at once. Here the plan is kept and the steps are called."""

    def run(
        self: DaskGraphRunner,
        inputs: Optional[Dict[str, Any]] = None,
        targets: Optional[List[str]] = None,
    ) -> Dict[str, Any]:
        nodes, schema = self._instantiated_nodes, self._graph_schema
        clash = next((v for v in (inputs or {}).values() if isinstance(v, str) and v in schema.nodes), None)
        if clash is not None:
            raise GraphRunError(f"Input value '{clash}' clashes with a node name.")
        wanted = tuple(targets if targets else schema.target_names)
        plans = self.__dict__.setdefault("_plans", {})
        if wanted not in plans:
            plans[wanted] = _plan(schema.minimal_graph_schema(list(wanted)))
        results = {name: (name, value) for name, value in (inputs or {}).items()}
        try:
            for name, needs in plans[wanted]:
                if name not in results:
                    results[name] = nodes[name](*(results.get(need, need) for need in needs))
        except RuntimeError as error:
            raise GraphRunError("Error running runner.") from error
        return dict(results[name] for name in wanted)

    return run


def _plan(schema: GraphSchema) -> List[Tuple[str, Tuple[str, ...]]]:
    """Every node behind those that it needs."""
    needs = {name: tuple(node.needs.values()) for name, node in schema.nodes.items()}
    order: Dict[str, Tuple[str, ...]] = {}

    def visit(name: str) -> None:
        if name in needs and name not in order:  # inputs are no nodes
            for needed in needs[name]:
                visit(needed)
            order[name] = needs[name]

    for name in needs:
        visit(name)
    return list(order.items())


def _class_of_events(before: Callable[..., Any]) -> Any:
    """Rasa looks through all classes of events for each event of a conversation that it reads."""
    known: Dict[str, Any] = {}

    def resolve_by_type(type_name: str, default: Any = None) -> Any:
        if type_name not in known:
            found = before(type_name, default)
            if found is default:  # which is no answer for another caller
                return found
            known[type_name] = found
        return known[type_name]

    return resolve_by_type


PATCHES = (
    Patch(
        RemoteAction,
        "_validate_action_result",
        "f8cdb4be6812396167ced74161b2ccd65c5ea676ad86d7d359d8c322d9d8dc42",
        _check_of_replies,
    ),
    Patch(
        DaskGraphRunner,
        "run",
        "45f0f52f574f3aa9546a552bf671183e171092c18b66e97f5771a7fa295de37e",
        _run_of_graphs,
    ),
    Patch(
        Event,
        "resolve_by_type",
        "b5cf570fa7f286c7059ec73d8880528d03a78b28cf4e80285a46079c0fa65968",
        _class_of_events,
    ),
)
