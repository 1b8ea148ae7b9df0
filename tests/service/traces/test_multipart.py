from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langsmith_forms import BOUNDARY, CONTENT_TYPE, form

from wherefrom.errors import LimitError, MalformedError, UnsupportedMediaError
from wherefrom.traces.ingest.multipart import FormPart, form_parts

names = st.from_regex(r"[a-z]+\.[a-z0-9-]{1,12}", fullmatch=True)
pieces = [
    b"\r\n",
    b"--",
    b"\r\n--",
    BOUNDARY.encode()[:-1],
    b"\0",
    b"\xff",
    b"text",
    b"\r\n--" + BOUNDARY.encode()[:-2],
]
contents = st.lists(st.sampled_from(pieces) | st.binary(max_size=5), max_size=8).map(b"".join)
contents = contents.filter(lambda data: b"--" + BOUNDARY.encode() not in data)


def read(body, content_type=CONTENT_TYPE, most=100):
    return form_parts(body, content_type, max_parts=most)


@settings(max_examples=80)
@given(st.lists(st.tuples(names, st.just("application/json"), contents), max_size=4))
def test_parts_come_back_as_they_were_sent(parts):
    assert read(form(parts)) == [FormPart(*part) for part in parts]


@settings(max_examples=80)
@given(st.lists(st.tuples(names, st.just("a/b"), contents), min_size=1, max_size=3), st.data())
def test_a_truncated_form_is_none(parts, data):
    body = form(parts)
    end = len(body) - len("\r\n") - 1  # without the last line's end it is whole
    with pytest.raises(MalformedError):
        read(body[: data.draw(st.integers(0, end))])


@given(st.binary(max_size=200))
def test_any_bytes_are_a_form_or_malformed(body):
    for prefix in (b"", f"--{BOUNDARY}\r\n".encode()):
        with suppress(MalformedError):
            read(prefix + body)


def test_a_part_may_be_large():
    data = b"\r\n--" * (2 << 20)
    assert read(form([("attachment.a.b", "x/y", data)]))[0].data == data


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("form-data; name=plain", "plain"),
        ('form-data; name="with space; and \\" quote"', 'with space; and " quote'),
        ('form-data; name="größe"', "größe"),
        ("form-data; name*=utf-8''gr%C3%B6%C3%9Fe", "größe"),
    ],
)
def test_names_in_every_spelling(header, name):
    body = f"--{BOUNDARY}\r\ncontent-disposition: {header}\r\n\r\nx\r\n--{BOUNDARY}--".encode()
    assert read(body) == [FormPart(name, "", b"x")]


def test_parameters_of_a_parts_type_are_left_out():
    body = form([("attachment.a.b", "text/plain; length=1", b"x")])
    assert read(body)[0].content_type == "text/plain"


@pytest.mark.parametrize(
    ("content_type", "error"),
    [
        ("application/json", UnsupportedMediaError),
        ("", UnsupportedMediaError),
        ("multipart/form-data", MalformedError),
        (f"multipart/form-data; boundary={'b' * 10_000}", MalformedError),
        ("multipart/form-data; boundary=another", MalformedError),
    ],
)
def test_content_types_that_name_no_form(content_type, error):
    with pytest.raises(error):
        read(form([("a.b", "x/y", b"")]), content_type)


def test_parts_without_names_and_too_many():
    with pytest.raises(MalformedError, match="part 1 of the form has no name"):
        read(f"--{BOUNDARY}\r\nContent-Type: a/b\r\n\r\nx\r\n--{BOUNDARY}--".encode())
    with pytest.raises(LimitError, match="more than 2 parts"):
        read(form([("a.b", "x/y", b"")] * 3), most=2)
