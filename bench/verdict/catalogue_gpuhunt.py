"""The one call that asks the network for prices: gpuhunt's published catalogue.

Knows gpuhunt and nothing of what is kept. Only catalogues that need no account are read: no
credentials are looked for.
"""

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version

from bench.errors import PriceError
from bench.verdict.catalogue import Offer, catalogue_names

ANSWER_SECONDS = 30.0  # gpuhunt itself would wait for ever
INSTALL = "install it: pip install 'certbench[catalogue]'"


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What was read: offers, of which providers, and which of them did not answer."""

    offers: tuple[Offer, ...]
    providers: tuple[str, ...]
    silent: tuple[str, ...]
    source: str


def read_offers() -> Reading:
    """All offers of machines with GPUs that we know. Raises PriceError without gpuhunt or network.

    A provider whose catalogue cannot be read is left out and named.
    """
    try:
        from gpuhunt import Catalog, GPUHuntError
        from gpuhunt._internal.catalog import OFFLINE_PROVIDERS
    except ImportError as error:
        raise PriceError(f"prices from a catalogue need gpuhunt; {INSTALL}") from error
    # it logs each provider that does not answer with its traceback; we name them in one line
    logging.getLogger("gpuhunt").setLevel(logging.CRITICAL)
    catalog = Catalog(auto_reload=False)
    try:
        with _patience(ANSWER_SECONDS):
            catalog.load()
    except GPUHuntError as error:
        raise PriceError(
            "no catalogue of prices answers: is there a network? Prices stay as they are "
            "(`certbench prices` shows them with their dates)"
        ) from error
    read = tuple(sorted(catalog.catalog))
    items = catalog.query(
        provider=list(read), gpu_name=list(catalogue_names()), cpu_arch="x86", max_gpu_count=1
    )
    return Reading(
        offers=tuple(_offer(item) for item in items),
        providers=read,
        silent=tuple(sorted(set(OFFLINE_PROVIDERS) - set(read))),
        source=f"the catalogue of gpuhunt {version('gpuhunt')}, list prices of the providers",
    )


@contextmanager
def _patience(seconds: float) -> Iterator[None]:
    """Connections that are opened meanwhile give up after so long."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def _offer(item: object) -> Offer:
    from gpuhunt import CatalogItem

    assert isinstance(item, CatalogItem)
    return Offer(
        provider=item.provider,
        instance=item.instance_name,
        region=item.location,
        dollars=item.price,
        processors=item.cpu,
        memory_gib=item.memory,
        gpu=item.gpu_name or "",
        gpus=item.gpu_count,
        gpu_memory_gib=item.gpu_memory,
        spot=item.spot,
    )
