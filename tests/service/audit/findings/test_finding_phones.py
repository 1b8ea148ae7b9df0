import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherefrom.audit.findings import phones as module
from wherefrom.audit.findings.phones import can_find_phones, phones


def written(text, **options):
    return [text[each.start : each.end] for each in phones(text, **options)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("call (650) 253-0000 or 650.253.0000", ["(650) 253-0000", "650.253.0000"]),
        ("+44 20 7031 3000, +4930123456", ["+44 20 7031 3000", "+4930123456"]),
        ("6502530000", []),  # a run of digits may be anything
        ("ISBN 978-0-306-40615-7, 3.14159265358, 2026-11-23, 1,234,567,890", []),
        ("(111) 111-1111", []),  # no such area code
    ],
)
def test_numbers_that_a_plan_has_are_found(text, expected):
    assert written(text) == expected


def test_national_numbers_are_those_of_the_regions_asked_for():
    text = "020 7031 3000 or (650) 253-0000"
    assert written(text, regions=("GB",)) == ["020 7031 3000"]
    assert written(text, regions=("GB", "US")) == ["020 7031 3000", "(650) 253-0000"]
    assert written(text, regions=()) == []


def test_the_masked_form_has_the_country_and_two_digits():
    (found,) = phones("(650) 253-0017")
    assert found.masked == "+1 ••• 17"


@given(st.text("é漢\n ab", max_size=20), st.integers(10, 99))
def test_places_are_told_in_code_points_of_the_whole_text(before, last):
    number = f"+44 20 7031 30{last}"
    text = f"{before}\n {number}\r\nend"
    (found,) = phones(text)
    assert text[found.start : found.end] == number


def test_without_the_library_nothing_is_found(monkeypatch):
    monkeypatch.setattr(module, "_library", lambda: None)
    assert not can_find_phones()
    assert written("+44 20 7031 3000") == []
