"""`certbench.epochs`: the epochs of a training loop of one's own, which certbench measures.

Outside certbench it is a plain `range`, so a script with it runs anywhere certbench is installed;
where it is not, these lines do the same:

    try:
        from certbench import epochs
    except ImportError:
        epochs = range
"""

from collections.abc import Iterator


def epochs(wanted: int) -> Iterator[int]:
    """0, 1, … up to `wanted`. Under `certbench run --script` each is timed, and others may be few.

    Only what happens within the loop's body counts as an epoch.
    """
    return iter(range(wanted))
