"""The C++ core's objects: contracts, market, book."""

import enum
from datetime import datetime
from typing import Literal, SupportsFloat, SupportsIndex, TypeAlias, TypedDict, final

import numpy as np

# Arguments that are read from more than one type.
_Instant: TypeAlias = str | datetime | np.datetime64
_Number: TypeAlias = SupportsFloat | SupportsIndex

# ---- base ----

class Right(enum.IntEnum):
    """The right to buy (call) or to sell (put)."""

    CALL = 1
    PUT = -1

class Status(enum.IntEnum):
    """What happened to one row: valued, or the reason why not."""

    OK = 0
    EXPIRED = 1
    UNKNOWN_UNDERLYING = 2
    MISSING_SMILE = 3
    MISSING_RATE = 4
    UNSUPPORTED_EXERCISE = 5
    UNSUPPORTED_SETTLEMENT = 6
    INVALID_QUANTITY = 7
    NOT_A_NUMBER = 8
    BELOW_INTRINSIC = 9
    ABOVE_MAXIMUM = 10
    INVALID_INPUT = 11

class _BuildConfig(TypedDict):
    version: str
    commit: str
    compiler: str
    isa: str
    supported_isas: list[str]

def build_config() -> _BuildConfig:
    """Version, commit, compiler and instruction set of this build."""

# ---- contract ----

class Settlement(enum.IntEnum):
    """What a contract pays in."""

    LINEAR = 0
    INVERSE = 1
    QUANTO = 2

class Exercise(enum.IntEnum):
    """When an option can be exercised."""

    EUROPEAN = 0
    AMERICAN = 1

_SettlementName: TypeAlias = Settlement | Literal["linear", "inverse", "quanto"]
_ExerciseName: TypeAlias = Exercise | Literal["european", "american"]
_RightName: TypeAlias = Right | Literal["call", "put", "C", "P", "c", "p"]

class _Value:
    """What every contract is: comparable with every other, hashable, picklable as text."""

    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __lt__(self, other: Contract, /) -> bool: ...
    def __le__(self, other: Contract, /) -> bool: ...
    def __gt__(self, other: Contract, /) -> bool: ...
    def __ge__(self, other: Contract, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __getstate__(self) -> str: ...
    def __setstate__(self, state: str, /) -> None: ...

class _Terms(_Value):
    """What futures, perpetuals and options share: on what, in which units, paid how."""

    @property
    def underlying(self) -> str:
        """What the contract is on."""
    @property
    def quote_currency(self) -> str:
        """What the strike and the underlying's price are stated in."""
    @property
    def currency(self) -> str:
        """What the contract pays in."""
    @property
    def settlement(self) -> Settlement:
        """Linear, inverse (coin-settled) or quanto."""
    @property
    def multiplier(self) -> float:
        """Size of one contract: units of the underlying; inverse futures: quote currency."""

@final
class Cash(_Value):
    """An amount of money: one unit of a currency."""

    def __init__(self, currency: str) -> None: ...
    @property
    def currency(self) -> str:
        """The currency."""

@final
class Spot(_Value):
    """One unit of the underlying itself, quoted in a currency."""

    def __init__(self, underlying: str, currency: str) -> None: ...
    @property
    def underlying(self) -> str:
        """What the contract is on."""
    @property
    def currency(self) -> str:
        """What its price is stated in."""

@final
class Future(_Terms):
    """Delivers the difference between the fixing at expiry and the traded price, margined daily."""

    def __init__(
        self,
        underlying: str,
        expiry: _Instant,
        *,
        quote_currency: str = "USD",
        settlement: _SettlementName = "linear",
        multiplier: _Number = 1,
        currency: str | None = None,
        fixing: str = "",
    ) -> None: ...
    @property
    def expiry(self) -> np.datetime64:
        """When it is fixed, exactly, in UTC."""
    @property
    def fixing(self) -> str:
        """Name of the settlement price; empty: the exchange's usual one."""

@final
class Perpetual(_Terms):
    """A future without expiry that funding payments tie to the spot."""

    def __init__(
        self,
        underlying: str,
        *,
        quote_currency: str = "USD",
        settlement: _SettlementName = "linear",
        multiplier: _Number = 1,
        currency: str | None = None,
    ) -> None: ...

@final
class Option(_Terms):
    """A vanilla option, paid up front: its price is a premium in its currency.

    `expiry` is an aware datetime, a numpy.datetime64 (UTC) or ISO 8601 text; `right`, `settlement`
    and `exercise` are enums or their names. Raises InvalidInput naming the argument, the value and
    the rule.
    """

    def __init__(
        self,
        underlying: str,
        expiry: _Instant,
        strike: _Number,
        right: _RightName,
        *,
        quote_currency: str = "USD",
        settlement: _SettlementName = "linear",
        multiplier: _Number = 1,
        exercise: _ExerciseName = "european",
        currency: str | None = None,
        fixing: str = "",
    ) -> None: ...
    @property
    def expiry(self) -> np.datetime64:
        """When it is fixed, exactly, in UTC."""
    @property
    def strike(self) -> float:
        """In the quote currency."""
    @property
    def right(self) -> Right:
        """To buy (call) or to sell (put)."""
    @property
    def exercise(self) -> Exercise:
        """European or American."""
    @property
    def fixing(self) -> str:
        """Name of the settlement price; empty: the exchange's usual one."""

Contract: TypeAlias = Cash | Spot | Future | Perpetual | Option

def parse_contract(text: str) -> Contract:
    """The contract of a Deribit name, an OSI symbol or a canonical name."""

def parse_deribit(name: str) -> Contract:
    """The contract of a Deribit name, as BTC-27MAR26-100000-C."""

def parse_osi(symbol: str) -> Contract:
    """The option of an OCC/OSI symbol, padded or compact, as SPXW  210115C03800000."""

def deribit_name(contract: Contract) -> str:
    """The Deribit name; InvalidInput says why when there is none."""

def osi_symbol(contract: Contract, root: str = "") -> str:
    """The OCC/OSI symbol, padded to 21 characters; InvalidInput says why when there is none."""

def canonical_name(contract: Contract) -> str:
    """The exact name that depends on no listing, as option:BTC/USD:...:100000:P:inverse."""

def symbol(contract: Contract) -> str:
    """The listed name, else the canonical one: parse_contract(symbol(c)) == c."""

def kind(contract: Contract) -> Literal["cash", "spot", "future", "perpetual", "option"]:
    """The kind of a contract."""

def year_fraction(start: _Instant, end: _Instant) -> float:
    """Years from one instant to another, ACT/365 fixed, to the nanosecond."""
