"""The GPU's own counters through NVML; none of them where the library or the driver is missing."""

from contextlib import suppress
from typing import Any

from bench.contract.facts import Gpu


def read() -> tuple[Gpu, ...]:
    """One reading of every GPU that NVML shows."""
    try:
        import pynvml
    except ImportError:
        return ()
    try:
        pynvml.nvmlInit()
        count = pynvml.nvmlDeviceGetCount()
        found = [_one(pynvml, pynvml.nvmlDeviceGetHandleByIndex(i)) for i in range(count)]
        return tuple(gpu for gpu in found if _answers(gpu))
    except pynvml.NVMLError:
        return ()


def names() -> tuple[str, ...]:
    """The names of the machine's GPUs as the driver says them, whether or not they are used."""
    return tuple(gpu.name for gpu in read())


def driver() -> str | None:
    """The version of NVIDIA's driver; None where NVML or the driver is missing."""
    try:
        import pynvml
    except ImportError:
        return None
    try:
        pynvml.nvmlInit()
        return str(pynvml.nvmlSystemGetDriverVersion())
    except pynvml.NVMLError:
        return None


def _one(nvml: Any, handle: Any) -> Gpu:
    name = _value(nvml, nvml.nvmlDeviceGetName, handle) or "unnamed"
    memory = _value(nvml, nvml.nvmlDeviceGetMemoryInfo, handle)
    utilisation = _value(nvml, nvml.nvmlDeviceGetUtilizationRates, handle)
    energy = _value(nvml, nvml.nvmlDeviceGetTotalEnergyConsumption, handle)
    reasons = _value(nvml, nvml.nvmlDeviceGetCurrentClocksEventReasons, handle)
    return Gpu(
        name=name if isinstance(name, str) else name.decode(),
        memory_used_bytes=memory.used if memory else None,
        utilisation_percent=float(utilisation.gpu) if utilisation else None,
        temperature_celsius=_value(nvml, nvml.nvmlDeviceGetTemperature, handle, 0),
        energy_joules=energy / 1000 if energy is not None else None,
        throttle_reasons=_names(nvml, reasons or 0),
        power_throttled_seconds=_throttled_seconds(nvml, handle, nvml.NVML_PERF_POLICY_POWER),
        thermal_throttled_seconds=_throttled_seconds(nvml, handle, nvml.NVML_PERF_POLICY_THERMAL),
    )


def _answers(gpu: Gpu) -> bool:
    """NVML goes on counting a GPU that was taken away; it only tells nothing of it any more."""
    counters = (gpu.memory_used_bytes, gpu.utilisation_percent, gpu.temperature_celsius)
    return any(value is not None for value in (*counters, gpu.energy_joules))


def _throttled_seconds(nvml: Any, handle: Any, policy: int) -> float | None:
    """For how long this policy has held the clocks down so far; some GPUs do not count it."""
    status = _value(nvml, nvml.nvmlDeviceGetViolationStatus, handle, policy)
    return status.violationTime / 1e9 if status else None


def _value(nvml: Any, function: Any, *arguments: Any) -> Any:
    with suppress(nvml.NVMLError):
        return function(*arguments)
    return None


def _names(nvml: Any, mask: int) -> tuple[str, ...]:
    """The throttle reasons that slow a running job; idle and plain settings are none."""
    slowing = {
        "sw-power-cap": nvml.nvmlClocksEventReasonSwPowerCap,
        "hw-slowdown": nvml.nvmlClocksThrottleReasonHwSlowdown,
        "sw-thermal-slowdown": nvml.nvmlClocksEventReasonSwThermalSlowdown,
        "hw-thermal-slowdown": nvml.nvmlClocksThrottleReasonHwThermalSlowdown,
        "hw-power-brake": nvml.nvmlClocksThrottleReasonHwPowerBrakeSlowdown,
    }
    return tuple(name for name, bit in slowing.items() if mask & bit)
