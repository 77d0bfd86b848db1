"""What both sides know of packages that are installed for users' files."""

from importlib.metadata import PackageNotFoundError, version

FOLDERS = "CERTBENCH_PACKAGES"  # the variable with their folders, which are laid out like venvs
# What times and results rest on stays as it is; it is what records name.
HELD = (
    "tensorflow",
    "tensorflow-cpu",
    "keras",
    "jax",
    "jaxlib",
    "numpy",
    "pillow",
    "msgspec",
)


def held() -> dict[str, str]:
    """Those of them that this interpreter has, with their versions."""
    found = {}
    for name in HELD:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
