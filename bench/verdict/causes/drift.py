"""Whether epochs become slower one after another, and what else changed meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from bench.evidence import counters, derive
from bench.evidence.record import Record
from bench.verdict.causes.limits import limit
from bench.verdict.epoch_work import edges

WARMER, SLOWER_CLOCK, FULL = 10.0, 0.05, 0.95  # degrees; shares of the clock and of the limit


@dataclass(frozen=True, kw_only=True)
class Drift:
    """`count` runs drifted; `before` and `after` are the medians of their first and last thirds."""

    count: int
    before: float
    after: float
    signs: tuple[str, ...]

    @property
    def growth(self) -> float:
        """By what share the last third takes longer."""
        return self.after / self.before - 1


def drift(repeats: Sequence[Record]) -> Drift | None:
    """The drift that at least half of the repeats show; None without one."""
    found = [(record, thirds) for record in repeats if (thirds := _drifts(record)) is not None]
    if not found or 2 * len(found) < len(repeats):
        return None
    return Drift(
        count=len(found),
        before=median(thirds[0] for _, thirds in found),
        after=median(thirds[1] for _, thirds in found),
        signs=tuple(dict.fromkeys(sign for record, _ in found for sign in _signs(record))),
    )


def _drifts(record: Record) -> tuple[float, float] | None:
    """The medians of the first and the last third of the later epochs, where they rise."""
    steady = derive.steady_epochs(record)
    later = [epoch.train_seconds + epoch.validation_seconds for epoch in steady]
    if len(later) < limit("drift-epochs"):
        return None
    third = len(later) // 3
    before, after = median(later[:third]), median(later[-third:])
    if before <= 0 or after < before * (1 + limit("drift")) or not _rises(later):
        return None
    return before, after


def _rises(seconds: Sequence[float]) -> bool:
    """Kendall's test against the order of time."""
    from scipy.stats import kendalltau

    found = kendalltau(range(len(seconds)), seconds, alternative="greater")
    return bool(found.pvalue < limit("drift-chance"))


def _signs(record: Record) -> list[str]:
    """What the counters before the fit and after it say of clock, heat and memory."""
    fit, end = edges(record)
    if fit is None or end is None:
        return []
    signs = []
    if fit.frequency_mhz and end.frequency_mhz:
        fell = 1 - end.frequency_mhz / fit.frequency_mhz
        if fell > SLOWER_CLOCK:
            signs.append(f"the processor's clock fell by {fell:.0%}")
    if fit.temperature_celsius is not None and end.temperature_celsius is not None:
        warmer = end.temperature_celsius - fit.temperature_celsius
        if warmer > WARMER:
            signs.append(f"it became {warmer:.0f} degrees warmer")
    if any(gpu.throttle_reasons for gpu in end.gpus):
        signs.append("the GPU's clocks were held down")
    if counters.growth(record, "throttled_seconds"):
        signs.append("the control group was throttled")
    return signs + _memory_signs(record)


def _memory_signs(record: Record) -> list[str]:
    fit, end = edges(record)
    if fit is None or end is None:
        return []
    signs = []
    if fit.process_peak_bytes and end.process_peak_bytes:
        grown = end.process_peak_bytes / fit.process_peak_bytes - 1
        if grown > 1:
            signs.append(
                f"memory grew to {end.process_peak_bytes / 2**30:.2g} GiB, "
                f"{grown + 1:.2g} times what it was before the fit"
            )
    if fit.major_faults is not None and end.major_faults and end.major_faults > fit.major_faults:
        signs.append(f"{end.major_faults - fit.major_faults} pages were fetched from storage")
    if end.memory_limit_bytes and (end.memory_peak_bytes or 0) > FULL * end.memory_limit_bytes:
        signs.append("its memory limit was reached")
    return signs
