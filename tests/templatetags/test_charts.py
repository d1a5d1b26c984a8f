"""The picture of a score: its bars follow each other and end at the sum."""

from __future__ import annotations

import re

from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as some

from backoffice.templatetags.charts import points, signed, steps, waterfall

WEIGHTS = some.lists(some.integers(-2000, 2000), max_size=12)
RECT = re.compile(r'<rect class="waterfall-(\w+)" x="([-\d.]+)" y="6" width="([-\d.]+)"')


@given(WEIGHTS)
def test_each_step_begins_where_the_one_before_ended(weights: list[int]) -> None:
    taken = steps(weights)
    assert [end - start for start, end in taken] == weights
    assert [start for start, _end in taken[1:]] == [end for _start, end in taken[:-1]]
    assert (taken[-1][1] if taken else 0) == sum(weights)


@given(WEIGHTS, some.integers(-500, 1500))
def test_all_of_it_is_inside_the_picture(weights: list[int], threshold: int) -> None:
    drawn = waterfall(weights, threshold)
    assert len(drawn.rows) == len(weights)
    for weight, picture in zip([*weights, None], [*drawn.rows, drawn.total], strict=True):
        found = RECT.search(picture)
        assert found is not None
        kind, x, width = found[1], float(found[2]), float(found[3])
        assert kind == ("sum" if weight is None else "against" if weight < 0 else "for")
        assert 0 <= x <= 240
        assert width >= 1
        assert x + width <= 241
        assert picture.count('class="waterfall-threshold"') == 1


def test_scores_are_written_as_the_reader_does() -> None:
    assert (points(1234), points(-85), signed(120), signed(-55)) == ("12.34", "−0.85", "+1.20", "−0.55")
    with override("da"):
        assert (points(1234), signed(-55)) == ("12,34", "−0,55")
