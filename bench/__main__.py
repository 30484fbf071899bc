"""`make bench`: what a customer waits for, measured; the last line is one JSON object.

`python -m bench` measures the whole desk, `python -m bench assistant` Rasa beside a stock pipeline.
"""

import sys

from bench import assistant_speed, turns

if __name__ == "__main__":
    if sys.argv[1:2] == ["assistant"]:
        sys.exit(assistant_speed.main(sys.argv[2:]))
    sys.exit(turns.main())
