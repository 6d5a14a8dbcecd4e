"""What all tests share: every instruction set of this machine, and where the data is."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

import hedgerow

ROOT = Path(__file__).parents[1]
settings.register_profile("hedgerow", deadline=None, derandomize=True)
settings.load_profile("hedgerow")


@pytest.hookimpl(optionalhook=True)  # of pytest-xdist
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """A process that has done its share takes half of what another still has to do."""
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log) if config.getoption("dist") == "load" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Several processes: what is slow comes first, all in one of them.

    Thus no process waits for what another builds, and what is left at the end is quick.
    """
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=lambda item: item.get_closest_marker("slow") is None)


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


@pytest.fixture(scope="session")
def launcher(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What to put before a compiler, so that no object is compiled twice in a run."""
    from tests.once import base  # by filelock, which test_minimal.py can do without

    store = base(tmp_path_factory) / "objects"
    store.mkdir(exist_ok=True)
    return [sys.executable, "-IS", str(ROOT / "tests" / "launcher.py"), str(store)]
