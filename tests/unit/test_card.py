"""What other sites show for a link to the page."""

import struct

import pytest

from bench.publish.charts import answer, card
from bench.publish.site import files
from figures import overlaps, texts
from publish_builders import campaign, hostile, long_names, story


def test_the_card_has_the_size_that_sites_expect():
    drawn = card.png(card.card(story()))

    assert struct.unpack(">II", drawn[16:24]) == (1200, 630)


@pytest.mark.parametrize("records", [campaign(), [*campaign(), hostile()], long_names()])
def test_the_card_bears_the_finding_and_nothing_lies_on_another(records):
    told = story(records)
    figure = card.card(told)

    said = " ".join(texts(figure))

    assert answer.title(told.answer, answer.lines_of(told.answer))[:30] in said
    assert overlaps(figure) == []


def test_the_address_of_the_card_is_whole_where_it_is_known():
    made = dict(files(story(campaign(1)), None, "https://example.org/page"))

    assert b'content="https://example.org/page/card.png"' in made["index.html"]
    assert made["card.png"].startswith(b"\x89PNG")
