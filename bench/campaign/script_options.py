"""What is asked of a script's runs beside the script: a target, what it writes, going on later.

Must not know TensorFlow, nor which engine will run it.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from bench.campaign.script import UserScript
from bench.contract.target import target_of
from bench.errors import StoreError, UsageError
from bench.evidence.record import Campaign, Record
from bench.evidence.strangers import brief

OPEN = 0o777  # a container's worker is another user


def check_target(text: str | None) -> str | None:
    """The target as it was typed. Raises UsageError for what is none."""
    if text is not None and target_of(text) is None:
        raise UsageError(
            f"--target {text}: say a metric on held-out data and its bound, as Keras logs it: "
            "'val_accuracy>=0.89' or 'val_loss<=0.3'"
        )
    return text


def check_keep(folder: Path | None) -> Path | None:
    """The folder, made. Raises StoreError where it cannot be."""
    if folder is None:
        return None
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"--keep {folder} cannot be made: {error.strerror}") from error
    return folder.resolve()


def keeping_folder(script: UserScript | None, run_id: str) -> Path | None:
    """A folder of its own for what one run writes, open to the container's user; None for none.

    Raises StoreError.
    """
    if script is None or script.keep is None:
        return None
    folder = script.keep / run_id
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(OPEN)
    except OSError as error:
        raise StoreError(f"{folder} cannot be made: {error.strerror}") from error
    return folder


def drop_empty(script: UserScript | None, run_id: str) -> None:
    """Remove the folder of a run that wrote nothing."""
    if script is not None and script.keep is not None:
        with suppress(OSError):
            (script.keep / run_id).rmdir()


def of_script(campaign: Campaign, script: UserScript | None) -> Campaign:
    """The campaign with what a script was given."""
    import msgspec

    if script is None:
        return campaign
    return msgspec.structs.replace(
        campaign, steps=script.steps, arguments=script.arguments, target=script.target
    )


def resumed(script: UserScript, campaign: Campaign, records: Sequence[Record]) -> UserScript:
    """The script as the campaign began it. Raises UsageError where it is another one.

    `records` are those of the campaign. Steps, arguments and target are the campaign's; data and
    network have to be opened again, and the same.
    """
    name = script.file.stem
    if name not in campaign.tasks:
        others = brief(", ".join(campaign.tasks))
        raise UsageError(f"the newest campaign is of {others}, not of {name}: leave out --resume")
    for opened in {record.opened for record in records}:
        given = tuple(each.inside for each in script.data)
        if set(given) != set(opened.data):
            before = " ".join(f"--data PATH:{inside}" for inside in opened.data) or "no --data"
            raise UsageError(f"the campaign was begun with {before}: give the same")
        if script.network != opened.network:
            way = "with" if opened.network else "without"
            raise UsageError(f"the campaign was begun {way} --network: give the same")
    return replace(
        script, steps=campaign.steps, arguments=campaign.arguments, target=campaign.target
    )
