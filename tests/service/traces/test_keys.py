"""API keys in the store."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from wherefrom.errors import NotFoundError, RequestError
from wherefrom.traces.keys import ROLES, create_key, id_of, is_key, list_keys, note_use, revoke_key
from wherefrom.traces.schema import api_keys, projects


def test_a_key_is_made_found_used_and_revoked(store):
    key, made = store.write(lambda connection: create_key(connection, "read", "chat\0bot", "für Ada", 10)).result()
    assert store.read(list_keys) == (made,)
    assert (made.role, made.project, made.label, made.created_ns) == ("read", "chat\0bot", "für Ada", 10)
    assert id_of(key) == made.id
    assert is_key(key, made)
    assert not is_key(key + "x", made)
    store.write(lambda connection: note_use(connection, {made.id}, 20)).result()
    store.write(lambda connection: revoke_key(connection, made.id, 30)).result()
    [kept] = store.read(list_keys)
    assert (kept.used_ns, kept.revoked_ns) == (20, 30)
    assert store.read(lambda connection: list_keys(connection, revoked=False)) == ()


def test_the_key_itself_is_not_in_the_store(store):
    key, _ = store.write(lambda connection: create_key(connection, "admin", None, "", 1)).result()
    row = store.read(lambda connection: connection.execute(select(api_keys)).one())
    assert not any(key.rpartition("_")[2] in str(value) for value in row)


def test_the_project_of_a_key_is_there(store):
    for _ in range(2):
        store.write(lambda connection: create_key(connection, "read", "chatbot", "", 1)).result()
    assert store.read(lambda connection: connection.execute(select(projects.c.name)).scalars().all()) == ["chatbot"]


def test_keys_differ(store):
    made = [
        store.write(lambda connection, role=role: create_key(connection, role, None, "", 1)).result() for role in ROLES
    ]
    assert len({key for key, _ in made}) == len({kept.id for _, kept in made}) == len(ROLES)


def test_what_cannot_be_revoked_or_made_is_refused(store):
    _, made = store.write(lambda connection: create_key(connection, "read", None, "", 1)).result()
    store.write(lambda connection: revoke_key(connection, made.id, 2)).result()
    for number in (made.id, "unknown", "'; DROP TABLE api_keys"):
        with pytest.raises(NotFoundError):
            store.write(lambda connection, number=number: revoke_key(connection, number, 3)).result()
    for role, project, label in [
        ("root", None, ""),
        ("read", "", ""),
        ("read", "x" * 201, ""),
        ("read", None, "x" * 201),
    ]:
        with pytest.raises(RequestError):
            store.write(lambda connection, a=(role, project, label): create_key(connection, *a, 1)).result()


@given(st.text())
def test_any_text_has_an_id_or_none(text):
    number = id_of(text)
    assert number == "" or text.startswith(f"wf_{number}_")
