"""Numbers with their nouns, as people say them."""


def counted(number: int, noun: str) -> str:
    """`1 record`, `2 records`; the plural takes an s."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
