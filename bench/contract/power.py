"""The power profile of a laptop's firmware: read inside where it shows, and by the host for it.

A container's /sys/firmware is masked, so the host has to look too, and both must look alike.
"""

from pathlib import Path

from bench.contract import system

SYS = Path("/sys")
PROFILES = ("firmware/acpi/platform_profile", "class/platform-profile/*/profile")


def power_profile(folder: Path = SYS) -> str | None:
    """The platform profile as the kernel names it; several drivers' are joined by a comma."""
    for pattern in PROFILES:
        names = {text for path in system.found(folder, pattern) if (text := system.text(path))}
        if names:
            return ", ".join(sorted(names))
    return None
