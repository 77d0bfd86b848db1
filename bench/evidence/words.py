"""Numbers with their nouns, as people say them, and strangers' text made harmless."""

BRIEF = 200
GONE = "\N{REPLACEMENT CHARACTER}"


def counted(number: int, noun: str) -> str:
    """`1 record`, `2 records`; the plural takes an s."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def sentence(text: str) -> str:
    """The text with a capital and a full stop; `cpu` and the like keep their case further in."""
    return f"{text[:1].upper()}{text[1:]}."


def printable(text: str) -> str:
    """The text without what would move the cursor, change colours or reverse reading order."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else GONE for char in text)


def brief(text: object, most: int = BRIEF) -> str:
    """What a stranger's file or program said, in one line: printable, and cut in its middle.

    The beginning says what it is about, and an error of the decoder ends with the place.
    """
    said = str(text)
    if len(said) > most:
        said = f"{said[: most // 2]} … {said[-most // 2 :]}"
    return printable(" ".join(said.split()))
