"""A share that was seen in some accounts, as an estimate for all of them.

Users of one account are alike, so a thousand users of ten accounts say less than a thousand users
of a thousand. The limits are those of as many users as would say as much.
"""

import math
from collections.abc import Mapping
from statistics import NormalDist


def band(
    hits: Mapping[str, int], sizes: Mapping[str, int], confidence: float = 0.95
) -> tuple[float, float]:
    """The confidence limits of a share over accounts drawn at random.

    `sizes` is how many subjects each account has, `hits` how many of them count; an account that is
    not in `hits` has none.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22
    (1927) 209-212, over the effective number of subjects: L. Kish, "Survey Sampling" (1965),
    section 8.2, with the variance of a ratio between clusters of different sizes. Where all or
    none count, the data cannot tell how alike an account's users are: each account counts as one.

    Raises:
        ValueError: nobody is in the sample.

    >>> low, high = band({"a": 1, "b": 1}, dict.fromkeys("abcdefgh", 1))
    >>> round(low, 3), round(high, 3)
    (0.071, 0.591)
    """
    subjects = sum(sizes.values())
    if not subjects:
        raise ValueError("a share of nobody; draw at least one account")
    share = sum(hits.values()) / subjects
    return _wilson(
        share, _effective(share, hits, sizes), NormalDist().inv_cdf((1 + confidence) / 2)
    )


def _effective(share: float, hits: Mapping[str, int], sizes: Mapping[str, int]) -> float:
    """How many subjects drawn one by one would say as much."""
    accounts, subjects = len(sizes), sum(sizes.values())
    if accounts == 1 or share in (0.0, 1.0):
        return accounts
    apart = math.fsum((hits.get(one, 0) - share * size) ** 2 for one, size in sizes.items())
    variance = accounts / (accounts - 1) * apart / subjects**2
    alone = share * (1 - share) / (subjects - 1)  # of as many subjects, drawn one by one
    return subjects if variance <= alone else subjects * alone / variance


def _wilson(share: float, number: float, z: float) -> tuple[float, float]:
    weight = z * z / number
    middle = (share + weight / 2) / (1 + weight)
    reach = z * math.sqrt(share * (1 - share) / number + weight / (4 * number)) / (1 + weight)
    return max(0.0, middle - reach), min(1.0, middle + reach)
