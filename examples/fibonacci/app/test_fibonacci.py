"""The numbers themselves, and what the API answers."""

from typing import Any

import pytest
from falcon import testing

from fibonacci import MAX_DIGITS, MAX_N, create_app, fibonacci


@pytest.fixture(name="client")
def fixture_client() -> testing.TestClient:
    """A client that calls the application without a network."""
    return testing.TestClient(create_app("1.2.3"))


def test_starts_with_the_known_numbers() -> None:
    """The first terms, as everybody knows them."""
    assert [fibonacci(n) for n in range(13)] == [0, 1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144]


def test_each_number_is_the_sum_of_the_two_before() -> None:
    """The definition, far past where floating point would have lost the last digits."""
    for n in range(2, 500):
        assert fibonacci(n) == fibonacci(n - 1) + fibonacci(n - 2)


def test_is_not_defined_below_zero() -> None:
    """A negative n is refused, not answered with nonsense."""
    with pytest.raises(ValueError):
        fibonacci(-1)


def test_the_largest_number_can_be_written() -> None:
    """MAX_DIGITS is exactly what F(MAX_N) needs."""
    assert len(str(fibonacci(MAX_N))) == MAX_DIGITS


@pytest.mark.parametrize(
    ("n", "expected"),
    [
        ("0", 0),
        ("1", 1),
        ("8", 21),
        ("008", 21),
        ("100", 354224848179261915075),
        ("1000", fibonacci(1000)),
    ],
)
def test_answers_with_the_number(client: testing.TestClient, n: str, expected: int) -> None:
    """200, and exact integers of any size."""
    response = client.simulate_get("/api/fibonacci/" + n)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert response.json == {"n": int(n), "fibonacci": expected}


def test_answers_with_the_largest_number(client: testing.TestClient) -> None:
    """The limit itself is allowed, and comes whole."""
    response = client.simulate_get(f"/api/fibonacci/{MAX_N}")
    assert response.status_code == 200
    assert str(fibonacci(MAX_N)) in response.text


@pytest.mark.parametrize(
    "n",
    [
        "-1",
        "+8",
        "8.0",
        "1e3",
        "eight",
        "1_000",
        "0x10",
        "%20",
        "%D9%A8",  # an Arabic eight
        str(MAX_N + 1),
        "9" * 5000,
    ],
)
def test_says_what_is_allowed(client: testing.TestClient, n: str) -> None:
    """400 with JSON that names the limits, for a client that asks for something else, too."""
    response = client.simulate_get("/api/fibonacci/" + n, headers={"Accept": "text/html"})
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/json"
    assert "an integer from 0 to 100000" in response.json["description"]


def test_pings(client: testing.TestClient) -> None:
    """The answer says which version is running."""
    response: Any = client.simulate_get("/api/ping")
    assert response.status_code == 200
    assert response.json == {"status": "ok", "version": "1.2.3"}


def test_knows_no_other_address(client: testing.TestClient) -> None:
    """404, in JSON as well."""
    response = client.simulate_get("/api/fibonacci")
    assert response.status_code == 404
    assert response.json["error"] == "404 Not Found"
