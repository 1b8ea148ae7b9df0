"""The interface as it is built, packaged and handed out."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import running_service
from browsers import node

from wherefrom.api import interface

ROOT = Path(__file__).parents[1]
UI = ROOT / "ui"
BUILT = UI / "dist"
LARGEST_GENERATION_PAGE = 250_000
"""Bytes of JavaScript, compressed."""

NAMES, PAGE_NAME = r"""[\w.-]+\.js""", "GenerationPage"
STATIC_IMPORT = re.compile(rf"""(?:from|import)\s*["'`]\./({NAMES})["'`]""")
LATER_IMPORT = re.compile(rf"""import\(\s*["'`]\./({NAMES})["'`]\s*\)""")
ADDRESS = re.compile(r"""\b(?:https?|wss?):?//[\w.-]+\.\w+[^\s"'`)<]*""")
KNOWN_ADDRESSES = ("http://www.w3.org/", "https://react.dev/errors/", "https://base-ui.com/production-error")
"""Names of formats, and what errors tell developers to read; nothing is fetched from there."""


@pytest.fixture(scope="module")
def built() -> Path:
    assert (BUILT / "index.html").is_file(), "run `make ui`"
    return BUILT


@pytest.fixture(scope="module")
def client(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with running_service.in_process(tmp_path_factory.mktemp("interface")) as client:
        yield client


def asset(built: Path, pattern: str) -> Path:
    return next(iter(sorted((built / "assets").glob(pattern))))


# ---- handed out


def test_the_service_knows_every_page_of_the_interface():
    routes = (UI / "src" / "routes.tsx").read_text(encoding="utf-8")
    first_parts = {path.strip("/").split("/")[0] for path in re.findall(r'path: "([^"]+)"', routes)}
    assert first_parts == {"", *interface.PAGES}


@pytest.mark.parametrize("path", ["/", "/traces", "/generations/abc", "/documents?id=%2F..%2Fx", "/projects/"])
def test_pages_are_one_document_under_the_policy(client: httpx.Client, path: str):
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"] == interface.POLICY
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.content == (BUILT / "index.html").read_bytes()


def test_the_policy_trusts_only_files_of_the_service():
    directives = dict(part.split(" ", 1) for part in interface.POLICY.split("; "))
    assert directives.pop("default-src") == "'none'"
    assert directives.pop("require-trusted-types-for") == "'script'"
    assert set(directives.values()) <= {"'self'", "'none'"}
    assert directives["script-src"] == directives["style-src"] == directives["connect-src"] == "'self'"
    assert {directives[name] for name in ("base-uri", "form-action", "frame-ancestors", "trusted-types")} == {"'none'"}


def test_the_document_has_no_inline_code(built: Path):
    page = (built / "index.html").read_text(encoding="utf-8")
    assert all(" src=" in tag for tag in re.findall(r"<script[^>]*>", page))
    assert not re.search(r"<style|\bstyle=|\bon\w+=|javascript:", page)


def test_files_are_compressed_and_kept_for_ever(client: httpx.Client, built: Path):
    for file in (asset(built, "index-*.js"), asset(built, "index-*.css")):
        answer = client.get(f"/assets/{file.name}", headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["content-encoding"] == "gzip"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.content == file.read_bytes()
        plain = client.get(f"/assets/{file.name}", headers={"Accept-Encoding": "identity"})
        assert "content-encoding" not in plain.headers
        again = client.get(f"/assets/{file.name}", headers={"If-None-Match": plain.headers["etag"]})
        assert again.status_code == 304


def test_what_is_missing_is_not_kept(client: httpx.Client):
    answer = client.get("/assets/index-of-another-version.js")
    assert answer.status_code == 404
    assert "immutable" not in answer.headers.get("cache-control", "")


@pytest.mark.parametrize(
    "path", ["/assets/../index.html", "/assets/%2e%2e/%2e%2e/pyproject.toml", "/assets//etc/passwd"]
)
def test_nothing_beside_the_files_is_handed_out(client: httpx.Client, path: str):
    assert client.get(path).status_code == 404


def test_without_a_build_the_page_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(interface, "built", lambda: None)
    with running_service.in_process(tmp_path) as client:
        for path in ("/", "/traces"):
            answer = client.get(path)
            assert answer.status_code == 503
            assert "make ui" in answer.text
            assert answer.headers["content-security-policy"] == interface.POLICY
        assert client.get("/icon.svg").status_code == 404
        assert client.get("/health/live").status_code == 200


# ---- built


def loaded_with(built: Path, file: Path) -> set[Path]:
    """A module and all that it imports at once."""
    found, open_ends = {file}, [file]
    while open_ends:
        for name in STATIC_IMPORT.findall(open_ends.pop().read_text(encoding="utf-8")):
            part = built / "assets" / name
            if part not in found:
                found.add(part)
                open_ends.append(part)
    return found


def test_a_generation_page_loads_little(built: Path):
    """With every module that its own parts load later, though not all of these are always needed."""
    files = loaded_with(built, asset(built, "index-*.js"))
    waiting = [asset(built, f"{PAGE_NAME}-*.js")]
    while waiting:
        fresh = loaded_with(built, waiting.pop()) - files
        files |= fresh
        for file in fresh:
            waiting += [built / "assets" / name for name in LATER_IMPORT.findall(file.read_text(encoding="utf-8"))]
    size = sum(len(gzip.compress(file.read_bytes(), 9)) for file in files)
    assert size <= LARGEST_GENERATION_PAGE, {file.name: len(gzip.compress(file.read_bytes(), 9)) for file in files}


def test_no_file_names_another_host(built: Path):
    for file in (built / "index.html", *built.glob("assets/*"), *built.glob("*.svg")):
        found = ADDRESS.findall(file.read_text(encoding="utf-8"))
        assert [address for address in found if not address.startswith(KNOWN_ADDRESSES)] == [], file.name


def test_the_licences_of_what_is_built_in_are_there(built: Path):
    licences = (built / "licenses.md").read_text(encoding="utf-8")
    for name in ("react", "@tanstack/react-router", "@base-ui/react"):
        assert name in licences


# ---- packaged


def test_the_lock_file_names_no_registry_and_is_whole():
    lock = json.loads((UI / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert all("resolved" not in package for package in packages.values())
    assert all(package["integrity"].startswith("sha512-") for package in packages.values())
    known = {name.rpartition("node_modules/")[2] for name in packages}
    for name, package in packages.items():  # `npm ci` refuses a lock file that lacks another system's packages
        assert set(package.get("optionalDependencies", ())) <= known, name


def test_what_builds_is_no_dependency_of_tests_only():
    needed = json.loads((UI / "package.json").read_text(encoding="utf-8"))["dependencies"]
    config = (UI / "vite.config.ts").read_text(encoding="utf-8")
    assert {name for name in re.findall(r'from "([^"]+)"', config) if not name.startswith(".")} <= set(needed)


@pytest.mark.parametrize(
    ("version", "works"),
    [("v18.20.0", False), ("v20.18.9", False), ("v20.19.0", True), ("v21.7.3", False), ("v22.12.0", False),
     ("v22.13.0", True), ("v23.11.0", False), ("v24.0.0", True), ("", False)],
)  # fmt: skip
def test_which_node_works(version: str, works: bool):
    assert node.is_recent(version) == works


def made(target: str, source: Path, folder: Path) -> Path:
    """An sdist or wheel, as an installer has it made, but with the packages that are here."""
    script = f"import sys; from hatchling.build import build_{target} as build; print(build(sys.argv[1]))"
    done = subprocess.run([sys.executable, "-c", script, str(folder)], cwd=source, stdout=subprocess.PIPE, text=True)
    assert done.returncode == 0
    return folder / done.stdout.splitlines()[-1]


def test_the_source_distribution_has_the_sources_of_the_interface(tmp_path: Path):
    with tarfile.open(made("sdist", ROOT, tmp_path)) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    for name in ("ui/package-lock.json", "ui/.npmrc", "ui/node.py", "ui/build_hook.py", "ui/src/main.tsx"):
        assert name in names
    assert "docs/openapi.json" in names
    assert not [name for name in names if name.startswith(("ui/node_modules", "ui/dist", "ui/src/api/schema"))]


@pytest.mark.slow
def test_a_wheel_from_the_source_distribution_has_the_interface(tmp_path: Path):
    with tarfile.open(made("sdist", ROOT, tmp_path)) as archive:
        archive.extractall(tmp_path, filter="data")
    (source,) = (folder for folder in tmp_path.iterdir() if folder.is_dir())
    with zipfile.ZipFile(made("wheel", source, tmp_path)) as wheel:
        names = wheel.namelist()
        page = wheel.read("wherefrom/interface/index.html").decode()
    assert all(f"wherefrom/interface{path}" in names for path in re.findall(r'(?:src|href)="(/[^"]+)"', page))
    assert "wherefrom/interface/licenses.md" in names
