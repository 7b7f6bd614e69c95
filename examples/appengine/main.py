"""Tells when the tide turns at Quay Street, to the minute, from the mean lunar day."""

from datetime import datetime, timedelta, timezone

from flask import Flask, abort, jsonify, request

app = Flask(__name__)

# A high water that was observed; the next ones follow half a mean lunar day apart.
OBSERVED_HIGH_WATER = datetime(2024, 3, 2, 4, 17, tzinfo=timezone.utc)
BETWEEN_HIGH_WATERS = timedelta(hours=12, minutes=25, seconds=14)


@app.route("/")
def index():
    """What there is to ask."""
    return jsonify(service="tides", ask="/next?after=2024-03-02T12:00:00")


@app.route("/next")
def next_high_water():
    """The first high water after a moment, which is UTC and now when it is not given."""
    after = moment(request.args.get("after"))
    passed = (after - OBSERVED_HIGH_WATER) // BETWEEN_HIGH_WATERS + 1
    high = OBSERVED_HIGH_WATER + passed * BETWEEN_HIGH_WATERS
    low = high - BETWEEN_HIGH_WATERS / 2
    return jsonify(high=high.isoformat(timespec="minutes"), low=low.isoformat(timespec="minutes"))


def moment(text):
    """Reads a moment as ISO 8601 writes it; anything else is the caller's mistake."""
    if text is None:
        return datetime.now(timezone.utc)
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc)
    except ValueError:
        return abort(400, description="after must look like 2024-03-02T12:00:00")


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=8080)
