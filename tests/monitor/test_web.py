"""The page: what it says, what it refuses, and that it needs nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import json
import re
from collections.abc import Iterator
from math import inf
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.monitor.world import day

import hedgerow as hr
from hedgerow.monitor import Follower, PacedFeed, Picture, web

ORIGIN = "http://127.0.0.1:8377"


@pytest.fixture(scope="module")
def follower() -> Iterator[Follower]:
    with Follower(PacedFeed("a day", day(), inf)) as following:
        while following.wait(0, 0.1) and not following.done:
            pass
        yield following


@pytest.fixture
def client(follower: Follower) -> TestClient:
    return TestClient(web.app(follower), base_url=ORIGIN)


def test_the_picture_is_the_followers(client: TestClient, follower: Follower) -> None:
    answer = client.get("/picture.json")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert follower.picture is not None
    assert answer.text == follower.picture.to_json()
    assert Picture.from_json(answer.text).headline == follower.picture.headline


def test_pictures_are_sent_as_they_are_taken() -> None:
    feed = PacedFeed("a day", day(), 36.0)  # two seconds
    with Follower(feed, every=0.05) as following:
        client = TestClient(web.app(following), base_url=ORIGIN)
        answer = client.get("/stream")  # ends with the day
        assert answer.headers["content-type"].startswith("text/event-stream")
        told = re.findall(r"^data: (.+)$", answer.text, re.MULTILINE)
        pictures = [json.loads(line) for line in told]
    assert len(pictures) > 3
    numbers = [picture["number"] for picture in pictures]
    assert numbers == sorted(set(numbers))
    assert pictures[-1]["stream"]["state"] == "ended"
    assert pictures[-1]["stream"]["sequence"] == len(day())
    assert answer.text.endswith("event: done\ndata:\n\n")


def test_there_is_nothing_before_the_first_event() -> None:
    client = TestClient(web.app(Follower(PacedFeed("nothing", []))), base_url=ORIGIN)
    assert client.get("/").status_code == 200
    assert client.get("/picture.json").status_code == 503


@pytest.mark.parametrize("path", ["/", "/picture.json", "/stream", "/elsewhere"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
def test_it_can_only_be_read(client: TestClient, method: str, path: str) -> None:
    answer = client.request(method, path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET"


def test_web_sockets_are_closed(client: TestClient) -> None:
    with pytest.raises(Exception) as refused, client.websocket_connect("/stream"):  # noqa: PT011
        pass
    assert getattr(refused.value, "code", None) == 1008


@pytest.mark.parametrize("path", ["/", "/picture.json", "/stream"])
@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8377",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "evil.example#127.0.0.1",
        "192.168.1.2",
        "127.0.0.1:8377:1",
        "",
    ],
)
def test_requests_for_another_host_are_refused(client: TestClient, host: str, path: str) -> None:
    answer = client.get(path, headers={"Host": host})
    assert answer.status_code == 421
    assert answer.content == b""


@pytest.mark.parametrize(
    ("named", "served", "ours"),
    [
        ("127.0.0.1:8377", "127.0.0.1", True),
        ("localhost", "127.0.0.1", True),
        ("LOCALHOST:1", "127.0.0.1", True),
        ("[::1]:8377", "::1", True),
        ("10.0.0.7:80", "10.0.0.7", True),
        ("10.0.0.8:80", "10.0.0.7", False),
        ("desk.example", "desk.example", True),
        ("10.0.0.8", "0.0.0.0", True),
        ("[fe80::1]", "::", True),
        ("0.0.0.0", "0.0.0.0", False),
        ("desk.example", "0.0.0.0", False),
        ("desk.example", "::", False),
        ("::1", "127.0.0.1", False),
    ],
)
def test_whose_a_host_is(named: str, served: str, ours: bool) -> None:
    assert web.is_ours(named, served) is ours


def test_the_page_needs_nothing_from_elsewhere(client: TestClient) -> None:
    page = client.get("/").text
    assert re.findall(r"(?:src|href)=\"([^\"]+)\"", page) == ["data:,"]
    assert re.findall(r"https?://[^\"\s]+", page) == ["http://www.w3.org/2000/svg"]  # a name only
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", page)
    assert not re.search(r"\sstyle=|\son\w+=", page)  # the policy would refuse them


def test_the_policy_allows_the_pages_own_script_and_style_alone(client: TestClient) -> None:
    answer = client.get("/")
    policy = dict(
        rule.strip().split(" ", 1) for rule in answer.headers["content-security-policy"].split(";")
    )
    for tag in ("script", "style"):
        (part,) = re.findall(rf"<{tag}>(.*?)</{tag}>", answer.text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()
        assert policy.pop(f"{tag}-src") == f"'sha256-{digest}'"
    assert policy == {
        "default-src": "'none'",
        "img-src": "data:",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }


@pytest.mark.parametrize("path", ["/", "/picture.json", "/stream", "/elsewhere"])
def test_every_answer_has_its_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "access-control-allow-origin" not in headers
    assert "content-security-policy" in headers


def test_it_binds_this_machine_unless_told_otherwise() -> None:
    with web.bind() as listening:
        assert listening.getsockname()[0] == "127.0.0.1"
        assert listening.getsockname()[1] > 0
    for host, port, argument in (("127.0.0.1", 65_536, "port"), ("no host", 0, "host")):
        with pytest.raises(hr.InvalidInput, match=argument):
            web.bind(host, port)


@pytest.mark.parametrize("missing", ["starlette", "uvicorn"])
def test_a_missing_extra_is_named(
    missing: str, monkeypatch: pytest.MonkeyPatch, follower: Follower
) -> None:
    real = importlib.util.find_spec

    def hidden(name: str, *args: Any) -> Any:
        return None if name == missing else real(name, *args)

    monkeypatch.setattr(importlib.util, "find_spec", hidden)
    with pytest.raises(hr.MissingExtra, match=r"hedgerow\[monitor\]"):
        web.app(follower)
