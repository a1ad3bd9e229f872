"""Token buckets: a minute's calls at once, then as fast as they flow in again; large batches leave a debt."""

from farthing.access.rates import UNLIMITED, Buckets


def test_a_minutes_calls_may_come_at_once_and_flow_in_again() -> None:
    buckets = Buckets()
    states = [buckets.take("k", 1, 60, 100.0) for _ in range(60)]
    assert [states[0].remaining, states[-1].remaining, states[-1].wait_s] == [59, 0, 0]
    assert states[-1].reset_s == 60
    refused = buckets.take("k", 1, 60, 100.5)
    assert (refused.wait_s, refused.headers["Retry-After"]) == (1, "1")
    assert buckets.take("k", 1, 60, 101.0).wait_s == 0


def test_one_key_does_not_pay_for_another() -> None:
    buckets = Buckets()
    assert buckets.take("a", 60, 60, 0.0).wait_s == 0
    assert buckets.take("a", 1, 60, 0.0).wait_s
    assert buckets.take("b", 1, 60, 0.0).wait_s == 0


def test_a_batch_beyond_the_bucket_is_let_through_when_it_is_full_and_paid_for_afterwards() -> None:
    buckets = Buckets()
    assert buckets.take("k", 600, 60, 0.0).wait_s == 0
    assert buckets.take("k", 1, 60, 60.0).wait_s == 481
    assert buckets.take("k", 1, 60, 541.0).wait_s == 0


def test_zero_is_no_limit() -> None:
    assert Buckets().take("k", 10**9, 0, 0.0) is UNLIMITED
    assert UNLIMITED.headers == {}


def test_a_clock_that_goes_back_gives_nothing_away() -> None:
    buckets = Buckets()
    buckets.take("k", 60, 60, 100.0)
    assert buckets.take("k", 1, 60, 0.0).wait_s


def test_what_is_known_afterwards_only_is_owed() -> None:
    buckets = Buckets()
    assert buckets.take("k", 1, 60, 0.0).wait_s == 0
    buckets.owe("k", 100, 60, 0.0)
    assert buckets.take("k", 1, 60, 0.0).wait_s == 42
    assert buckets.take("k", 1, 60, 42.0).wait_s == 0
    buckets.owe("k", 100, 0, 42.0)
