"""The bucket of a user in Python is the one that Flink's SQL finds."""

import pytest

from jobs.core.user_bucket import bucket_of


@pytest.mark.parametrize(
    ("user_id", "code"),
    [
        # By the definition of String.hashCode(): a = 97, d = 100, e = 101, units of UTF-16.
        ("", 0),
        ("a", 97),
        ("ad", 97 * 31 + 100),
        ("ada", (97 * 31 + 100) * 31 + 97),
        ("ü", 252),
        ("漢字", 0x6F22 * 31 + 0x5B57),
        ("🙂", 0xD83D * 31 + 0xDE42),
        # What Flink 2.3 gave for HASH_CODE; of the first two the sum beyond 32 bits is negative.
        ("かa한Yか국", 822_812_619),
        ("か\\な.\\\\", 2_085_851_019),
        ("1b9fea0b", 1_991_427_540),
        ("anon-7", 1_412_938_378),
        # The best known string whose code is the least number, which has no absolute value.
        ("polygenelubricants", 2**31),
    ],
)
@pytest.mark.parametrize("buckets", [1, 4, 7, 1024])
def test_the_bucket_is_the_remainder_of_flinks_hash_code(user_id, code, buckets):
    assert bucket_of(user_id, buckets) == code % 1_048_576 % buckets
