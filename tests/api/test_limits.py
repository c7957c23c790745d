"""A bucket for each address."""

from api.web.limits import _MOST_ASKERS, RateLimit


def test_so_many_at_once_and_as_many_again_in_a_minute() -> None:
    now = 0.0
    limit = RateLimit(60, lambda: now)
    assert [limit.seconds_to_wait("a") for _ in range(61)] == [0] * 60 + [1]
    now = 1.0
    assert [limit.seconds_to_wait("a") for _ in range(2)] == [0, 1]
    now = 3600.0
    assert [limit.seconds_to_wait("a") for _ in range(61)] == [0] * 60 + [1]


def test_a_subscriber_of_ipv6_has_one_bucket_however_many_addresses() -> None:
    limit = RateLimit(1, lambda: 0.0)
    assert limit.seconds_to_wait("2001:db8:1:2::1") == 0
    assert limit.seconds_to_wait("2001:db8:1:2:ffff::9") > 0
    assert limit.seconds_to_wait("2001:db8:1:3::1") == 0
    assert limit.seconds_to_wait("::ffff:192.0.2.1") == 0
    assert limit.seconds_to_wait("192.0.2.1") > 0


def test_what_is_remembered_has_an_end() -> None:
    limit = RateLimit(1, lambda: 0.0)
    for number in range(_MOST_ASKERS + 10):
        limit.seconds_to_wait(str(number))
    assert len(limit._left) == _MOST_ASKERS
