"""The picture as a small page of this machine that keeps itself up to date; it can only be read.

Names resolve to whatever their owner says, so that a page from elsewhere may give its own name to
this machine and then ask as if it were ours: requests for a host that is not ours are refused. The
page is one file without outside resources, and its policy allows nothing but its own script.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import ipaddress
import re
import socket
from collections.abc import AsyncIterator
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from hedgerow.errors import InvalidInput, MissingExtra
from hedgerow.monitor.follow import Follower

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

LOOPBACK = "127.0.0.1"
VIEWERS = 32  # connections at once; more are turned away
_PATIENCE = 15.0  # seconds after which a stream without news shows that it is alive
_LOOK = 0.1  # seconds between two looks for a new picture


def require() -> None:
    """Raises MissingExtra where what serves the page is not installed."""
    for module in ("starlette", "uvicorn"):
        if importlib.util.find_spec(module) is None:
            raise MissingExtra("the page", "monitor", module)


def app(follower: Follower, host: str = LOOPBACK) -> Starlette:
    """The page at /, the picture at /picture.json and every new one as an event at /stream.

    `host` is the address that it will be served at: requests must name it, or this machine. At
    0.0.0.0 or :: they must name an address; a name could be anybody's. Only GET is answered. Raises
    MissingExtra as require().
    """
    require()
    import anyio
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.responses import HTMLResponse, Response, StreamingResponse
    from starlette.routing import Route

    text = files("hedgerow.monitor").joinpath("page.html").read_text(encoding="utf-8")
    encoded: tuple[int, bytes] = 0, b""

    def picture() -> bytes:
        """The last picture, written once for all viewers."""
        nonlocal encoded
        last = follower.picture
        if last is not None and last.number != encoded[0]:
            encoded = last.number, last.to_json().encode()
        return encoded[1]

    async def page(_: Request) -> Response:
        return HTMLResponse(text)

    async def current(_: Request) -> Response:
        told = picture()
        if not told:
            return Response(status_code=503, headers={"Retry-After": "1"})
        return Response(told, media_type="application/json")

    async def news() -> AsyncIterator[bytes]:
        """Every new picture; a viewer that is slow misses some. It ends when no more will come."""
        yield b"retry: 1000\n\n"
        shown, quiet = 0, 0.0
        while True:
            last = follower.picture
            if last is not None and last.number != shown:
                shown, quiet = last.number, 0.0
                yield b"data: " + picture() + b"\n\n"
            if follower.done and (last is None or follower.picture is last):
                yield b"event: done\ndata:\n\n"
                return
            quiet += _LOOK
            if quiet >= _PATIENCE:
                quiet = 0.0
                yield b":\n\n"
            await anyio.sleep(_LOOK)

    async def stream(_: Request) -> Response:
        return StreamingResponse(news(), media_type="text/event-stream")

    routes = [
        Route("/", page),
        Route("/picture.json", current),
        Route("/stream", stream),
    ]
    guard = Middleware(_Guard, host=host, policy=_policy(text))
    return Starlette(routes=routes, middleware=[guard])


def _policy(page: str) -> str:
    """Nothing is allowed but the page's own script and style, and asking where it came from."""

    def hashed(tag: str) -> str:
        parts = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digests = (hashlib.sha256(part.encode()).digest() for part in parts)
        return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)

    return (
        f"default-src 'none'; script-src {hashed('script')}; style-src {hashed('style')}; "
        "img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )


class _Guard:
    """Refuses what is not a GET of ours, and gives every answer its headers."""

    def __init__(self, app: Any, host: str, policy: str) -> None:
        self._app, self._host = app, host
        headers = {
            "Content-Security-Policy": policy,
            "Cache-Control": "no-store",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
        }
        self._headers = [(k.lower().encode(), v.encode()) for k, v in headers.items()]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
                return
            await self._app(scope, receive, send)
            return

        async def answer(message: Any) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *self._headers]}
            await send(message)

        refused = self._refused(scope)
        if refused is None:
            await self._app(scope, receive, answer)
        else:
            await answer(refused)
            await answer({"type": "http.response.body", "body": b""})

    def _refused(self, scope: Any) -> dict[str, Any] | None:
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        if len(hosts) != 1 or not is_ours(hosts[0].decode("latin-1"), self._host):
            return {"type": "http.response.start", "status": 421, "headers": []}
        if scope["method"] != "GET":
            allow = [(b"allow", b"GET")]
            return {"type": "http.response.start", "status": 405, "headers": allow}
        return None


def is_ours(named: str, host: str) -> bool:
    """Whether a Host header, with or without a port, names a page that is served at `host`."""
    found = re.fullmatch(r"(?:\[([0-9A-Fa-f:.]+)\]|([^:\[\]]+))(?::\d{1,5})?", named)
    if found is None:
        return False
    name = (found[1] or found[2]).lower()
    if name in ("localhost", LOOPBACK, "::1"):
        return True
    if host not in ("0.0.0.0", "::"):
        return name == host.lower()
    try:
        return not ipaddress.ip_address(name).is_unspecified
    except ValueError:
        return False


def bind(host: str = LOOPBACK, port: int = 0) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises InvalidInput for what is no address."""
    if not 0 <= port <= 65535:
        raise InvalidInput("port", port, "must be from 0 to 65535")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise InvalidInput("host", host, f"must be an address: {error.strerror}") from None
    family, kind, protocol, _, address = found[0]
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen()
    except BaseException:
        listening.close()
        raise
    return listening


def serve(follower: Follower, listening: socket.socket, host: str = LOOPBACK) -> None:
    """Serves a started follower's pictures until KeyboardInterrupt; nothing is logged.

    Raises MissingExtra as require().
    """
    require()
    import uvicorn

    config = uvicorn.Config(
        app(follower, host),
        log_config=None,
        access_log=False,
        log_level="critical",
        server_header=False,
        lifespan="off",
        ws="none",
        limit_concurrency=VIEWERS,
        timeout_graceful_shutdown=1,
    )
    uvicorn.Server(config).run(sockets=[listening])
