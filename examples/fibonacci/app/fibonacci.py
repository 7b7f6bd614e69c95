"""A small web service that tells Fibonacci numbers, exactly.

    GET /api/fibonacci/{n}   {"n": 8, "fibonacci": 21}
    GET /api/ping            {"status": "ok", "version": "1.0.0"}
"""

# A Falcon resource has one method for each HTTP verb it knows, and these know one.
# pylint: disable=too-few-public-methods

import os
import re
import sys
from wsgiref.simple_server import make_server

import falcon

# F(100000) has 20,899 digits and takes a few milliseconds. Ten times more would take half a second, nearly all of
# it to write the number in decimal, which costs the square of its length: too much for anybody to ask of us.
MAX_N = 100_000
MAX_DIGITS = 20_899

# Since 3.11 Python refuses to write integers of more than 4,300 digits, unless it is told that it may.
if hasattr(sys, "set_int_max_str_digits"):
    sys.set_int_max_str_digits(MAX_DIGITS)


def fibonacci(n: int) -> int:
    """Return F(n) for n >= 0, in O(log n) multiplications.

    Goes through the bits of n from the left and doubles: F(2k) = F(k) * (2 F(k+1) - F(k)) and
    F(2k+1) = F(k)^2 + F(k+1)^2.
    """
    if n < 0:
        raise ValueError("n must not be negative")
    current, following = 0, 1
    for bit in bin(n)[2:]:
        current, following = current * (2 * following - current), current * current + following * following
        if bit == "1":
            current, following = following, current + following
    return current


def parse_n(text: str) -> int:
    """Read n as it stands in the URL: ASCII digits only, at most MAX_N.

    int() alone would also take '+8', ' 8', '1_000' and the digits of other scripts, and would work for a long time
    on a long string of digits.
    """
    if re.fullmatch(f"[0-9]{{1,{len(str(MAX_N))}}}", text):
        n = int(text)
        if n <= MAX_N:
            return n
    raise falcon.HTTPBadRequest(
        title="n is not allowed",
        description=f"n must be an integer from 0 to {MAX_N}, written in decimal digits",
    )


class FibonacciResource:
    """GET /api/fibonacci/{n}"""

    def on_get(self, _req: falcon.Request, resp: falcon.Response, n: str) -> None:
        """Answer with the n-th Fibonacci number."""
        number = parse_n(n)
        resp.media = {"n": number, "fibonacci": fibonacci(number)}


class PingResource:
    """GET /api/ping"""

    def __init__(self, version: str) -> None:
        self.version = version

    def on_get(self, _req: falcon.Request, resp: falcon.Response) -> None:
        """Say that the service is up, and which version of it."""
        resp.media = {"status": "ok", "version": self.version}


def write_error_as_json(_req: falcon.Request, resp: falcon.Response, error: falcon.HTTPError) -> None:
    """Answer every error in JSON, whatever the client accepts: this service speaks nothing else."""
    resp.media = {"error": error.title, "description": error.description}


def create_app(version: str) -> falcon.App:
    """Make the WSGI application; version is what /api/ping reports."""
    api = falcon.App()
    api.set_error_serializer(write_error_as_json)
    api.add_route("/api/fibonacci/{n}", FibonacciResource())
    api.add_route("/api/ping", PingResource(version))
    return api


app = create_app(os.environ.get("APP_VERSION", "dev"))


def main() -> None:
    """Serve on this machine only, for a look at it; gunicorn is for everything else."""
    with make_server("127.0.0.1", 8000, app) as server:
        print("http://localhost:8000/api/fibonacci/8")
        server.serve_forever()


if __name__ == "__main__":
    main()
