"""What all jobs of some months cost, on one axis: hours of training a week on this machine.

Every option does the same jobs, each in its own time. Sentence, table and chart take their sums
and their crossings from here and from `bench.verdict.owning`, and add nothing up themselves.
"""

import numpy as np

from bench.verdict.decide import Workload, billed, cannot, seconds_of
from bench.verdict.model import Option
from bench.verdict.money import HOUR, WEEKS_A_MONTH, job_cost
from bench.verdict.statistics import Floats


def spent(option: Option, here: Option, workload: Workload, hours: Floats, months: float) -> Floats:
    """The sum over `months` at so many `hours` a week of this machine's time, with all samples.

    `hours` broadcasts against the samples, shape (samples,). Infinite where the option cannot do
    that much.
    """
    weeks = months * WEEKS_A_MONTH
    runs = hours * HOUR / seconds_of(here, workload.epochs, workload)
    seconds = seconds_of(option, workload.epochs, workload)
    jobs = runs * weeks
    sums = job_cost(option.price, billed(option, seconds, workload), jobs, weeks) * jobs
    return np.where(cannot(option, seconds, workload, runs), np.inf, sums)


def alone(option: Option) -> Option:
    """The option with its estimate alone, where the samples are not asked for."""
    timing = option.timing
    return option.with_timing(timing.start[:1], timing.epoch[:1])
