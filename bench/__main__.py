"""`make bench`: what a customer waits for, measured; the last line is one JSON object."""

import sys

from bench.turns import main

if __name__ == "__main__":
    sys.exit(main())
