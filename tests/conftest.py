"""What all tests share: every instruction set of this machine, and where the data is."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

import hedgerow

ROOT = Path(__file__).parents[1]
settings.register_profile("hedgerow", deadline=None, derandomize=True)
settings.load_profile("hedgerow")


# Folders whose tests share what takes long to make: a wheel, a library, the pages of a book.
TOGETHER = {"embed", "report"}


@pytest.hookimpl(tryfirst=True)  # before xdist looks at the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Such tests run in one process where there are several (`--dist loadgroup`)."""
    for item in items:
        if item.path.parent.name in TOGETHER:
            item.add_marker(pytest.mark.xdist_group(item.path.parent.name))


@pytest.fixture(params=hedgerow.build_config()["supported_isas"])
def isa(request: pytest.FixtureRequest) -> str:
    """Each instruction set that this processor can run; for hedgerow.kernels.evaluate."""
    return request.param


@pytest.fixture(scope="session")
def reference() -> Path:
    """The committed reference tables."""
    return ROOT / "tests" / "reference"


@pytest.fixture(scope="session")
def market_data() -> Path:
    """The large market files beside a checkout, where there are any."""
    folder = ROOT.parent / "shared" / "data" / "market"
    if not folder.exists():
        pytest.skip("the large market files are not beside this checkout")
    return folder
