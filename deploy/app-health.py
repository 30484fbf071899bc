"""Health check of the app container: ends with 0 where the app and its database are ready."""

import sys
import urllib.request


def main() -> int:
    try:
        with urllib.request.urlopen("http://127.0.0.1:8000/readyz", timeout=4):
            return 0
    except OSError:
        return 1


if __name__ == "__main__":
    sys.exit(main())
