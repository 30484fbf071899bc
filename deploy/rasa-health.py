"""Health check of the rasa container: ends with 0 where Rasa has loaded a model and may be asked."""

import json
import os
import sys
import urllib.request


def main() -> int:
    request = urllib.request.Request(
        "http://127.0.0.1:5005/webhooks/gateway/health",
        headers={"Authorization": f"Bearer {os.environ['RASA_TOKEN']}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=4) as answer:  # noqa: S310 - a fixed http address
            return 0 if json.load(answer).get("ready") else 1
    except (OSError, ValueError):
        return 1


if __name__ == "__main__":
    sys.exit(main())
