"""Numbers with their nouns, as people say them."""


def counted(number: int, noun: str) -> str:
    """`1 record`, `2 records`; the plural takes an s."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def sentence(text: str) -> str:
    """The text with a capital and a full stop; `cpu` and the like keep their case further in."""
    return f"{text[:1].upper()}{text[1:]}."
