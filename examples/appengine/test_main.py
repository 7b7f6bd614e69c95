"""python3 -m unittest test_main"""

import unittest

from main import app


class NextHighWater(unittest.TestCase):
    """What /next answers."""

    def setUp(self):
        self.client = app.test_client()

    def ask(self, after):
        """Asks for the high water after a moment."""
        return self.client.get("/next", query_string={"after": after})

    def high(self, after):
        """The time that is answered."""
        return self.ask(after).get_json()["high"]

    def test_follows_the_observed_one(self):
        """Half a mean lunar day later."""
        answer = self.ask("2024-03-02T12:00:00").get_json()
        self.assertEqual(answer["high"], "2024-03-02T16:42+00:00")
        self.assertEqual(answer["low"], "2024-03-02T10:29+00:00")

    def test_is_later_than_asked(self):
        """Also when the moment is a high water itself, or before the observed one."""
        self.assertEqual(self.high("2024-03-02T04:17:00"), "2024-03-02T16:42+00:00")
        self.assertEqual(self.high("2024-03-02T04:16:59"), "2024-03-02T04:17+00:00")

    def test_refuses_what_is_no_moment(self):
        """With a reason."""
        self.assertEqual(self.ask("soon").status_code, 400)


if __name__ == "__main__":
    unittest.main()
