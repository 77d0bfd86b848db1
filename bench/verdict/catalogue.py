"""Prices of rented GPUs from a live catalogue: which offers are kept, and the file of them.

Pure but for reading and writing that file; `bench.verdict.catalogue_gpuhunt` asks the network.
Shipped prices stay beside these, under names of their own.
"""

import math
import os
import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
from msgspec import Struct

from bench.errors import PriceError
from bench.verdict.prices import Hourly, Price, to_raw, typed_price
from bench.verdict.published.hardware import places

SCHEMA = 1
AGAIN = "`certbench prices --update` writes it anew"
ON_DEMAND = "on demand"
SPOT = "spot: may be taken away at any time"
NO_NAME = re.compile(r"[^a-z0-9.]+")


class Offer(Struct, frozen=True, kw_only=True):
    """A machine that somebody rents out: US dollars an hour, GiB, and where it stands."""

    provider: str
    instance: str
    region: str
    dollars: float
    processors: int
    memory_gib: float
    gpu: str
    gpus: int
    gpu_memory_gib: float | None
    spot: bool


class _File(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file as it is stored."""

    schema: int
    prices: dict[str, dict[str, Any]]


def catalogue_names() -> Mapping[str, str]:
    """As catalogues write a GPU → as we do, of those an epoch can be estimated on."""
    gpus = {place.gpu for place in places().values() if place.gpu}
    return {gpu.replace(" ", "").upper(): gpu for gpu in sorted(gpus)}


def kept(offers: Iterable[Offer], seen: date, source: str) -> dict[str, Hourly]:
    """The cheapest offer of each provider for each GPU, on demand and spot, by its name.

    Machines with one GPU on which an epoch can be estimated; what costs nothing or has no finite
    price is no offer. Cards of one name with less or more memory are two.
    """
    known = catalogue_names()
    best: dict[object, Offer] = {}
    for offer in sorted(offers, key=_by_price):
        gpu = known.get(offer.gpu.replace(" ", "").upper())
        if gpu and offer.gpus == 1 and 0 < offer.dollars < math.inf:
            best.setdefault((offer.provider, gpu, offer.gpu_memory_gib, offer.spot), offer)
    found: dict[str, Hourly] = {}
    for offer in best.values():
        price = _price(offer, known, seen, source)
        found.setdefault(price.name, price)
    return dict(sorted(found.items()))


def _by_price(offer: Offer) -> tuple[float, str, str, str]:
    dollars = offer.dollars if math.isfinite(offer.dollars) else math.inf
    return dollars, offer.provider, offer.instance, offer.region


def _price(offer: Offer, known: Mapping[str, str], seen: date, source: str) -> Hourly:
    gpu = known[offer.gpu.replace(" ", "").upper()]
    return Hourly(
        name=_name(offer, gpu),
        amount=Decimal(str(offer.dollars)),
        currency="USD",
        billing=SPOT if offer.spot else ON_DEMAND,
        region=f"{offer.provider} {offer.region}".strip(),
        source=source,
        seen=seen,
        gpu=gpu,
        gpu_memory_gib=offer.gpu_memory_gib or None,
        memory_gib=offer.memory_gib or None,
        provider=offer.provider,
        instance=offer.instance,
        processors=offer.processors or None,
        spot=offer.spot,
    )


def _name(offer: Offer, gpu: str) -> str:
    """PROVIDER-GPU-INSTANCE, with `-spot`; without the GPU where the instance's name has it."""
    provider, card, instance = map(_slug, (offer.provider, gpu, offer.instance))
    parts = [provider, *([] if card in instance else [card]), instance]
    return "-".join([*parts, *(["spot"] if offer.spot else [])])


def _slug(text: str) -> str:
    return NO_NAME.sub("-", text.lower()).strip("-")


def write_catalogue(path: Path, prices: Mapping[str, Hourly]) -> None:
    """Put the prices into the file, at once or not at all. Raises PriceError."""
    raw = {name: to_raw(price) for name, price in prices.items()}
    text = msgspec.json.format(msgspec.json.encode(_File(schema=SCHEMA, prices=raw)), indent=1)
    beside = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise PriceError(
            f"{path} cannot be written: {error.strerror}; name another file with "
            "CERTBENCH_CATALOGUE"
        ) from error


def read_catalogue(path: Path) -> dict[str, Price]:
    """The prices of the file, none where there is no file. Raises PriceError in one line."""
    try:
        found = msgspec.json.decode(path.read_bytes(), type=_File)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise PriceError(f"{path} cannot be read: {error.strerror}; {AGAIN}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise PriceError(f"{path} is no catalogue: {error}; {AGAIN}") from error
    if found.schema != SCHEMA:
        raise PriceError(f"{path} has schema {found.schema}, this program knows {SCHEMA}; {AGAIN}")
    try:
        return {name: typed_price(name, raw) for name, raw in found.prices.items()}
    except PriceError as error:
        raise PriceError(f"{path}: {error}; {AGAIN}") from error
