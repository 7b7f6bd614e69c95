"""Call the API of a running service, and fail unless every answer is right.

    python3 check_api.py http://localhost 1.2.3

The second argument is the version that the service must report.
"""

import json
import sys
import time
from typing import Any, Callable, Tuple
from urllib.error import HTTPError
from urllib.request import urlopen

SECONDS_TO_START = 30


def main(base: str, version: str) -> None:
    """Check each address; the first wrong answer ends the program."""
    wait_until_up(base)
    check(base + "/api/ping", 200, lambda body: body == {"status": "ok", "version": version})
    check(base + "/api/fibonacci/8", 200, lambda body: body == {"n": 8, "fibonacci": 21})
    # A number past 2^53, which floating point does not hold.
    check(base + "/api/fibonacci/100", 200, lambda body: body == {"n": 100, "fibonacci": 354224848179261915075})
    check(base + "/api/fibonacci/-1", 400, lambda body: "integer from 0 to" in body["description"])


def wait_until_up(base: str) -> None:
    """Wait until something answers, whatever it says."""
    deadline = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            get(base + "/api/ping")
            return
        except OSError as error:
            if time.monotonic() > deadline:
                sys.exit(f"{base} does not answer: {error}")
        time.sleep(0.2)


def check(url: str, status: int, is_right: Callable[[Any], bool]) -> None:
    """Fail unless the answer has this status, and is_right of its JSON."""
    actual, text = get(url)
    print(f"{url}: {actual} {text}", flush=True)
    if actual != status:
        sys.exit(f"{url}: expected status {status}, got {actual}")
    try:
        right = is_right(json.loads(text))
    except (ValueError, KeyError, TypeError):
        right = False
    if not right:
        sys.exit(f"{url}: wrong answer")


def get(url: str) -> Tuple[int, str]:
    """Return the status and the text of an answer; a 4xx or 5xx is an answer, too."""
    try:
        with urlopen(url, timeout=5) as response:
            return response.status, response.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
