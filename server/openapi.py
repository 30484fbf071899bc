"""The public API's OpenAPI document, without a running server."""

from typing import Any

from server.app import create_public_app
from server.runtime import offline_runtime


def document() -> dict[str, Any]:
    """Built from the routes alone; nothing is connected."""
    return create_public_app(offline_runtime()).openapi()
