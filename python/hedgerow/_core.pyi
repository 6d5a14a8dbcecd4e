"""The C++ core's objects: contracts, market, book.

Long because a compiled module has one stub.
"""

import enum
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import (
    Any,
    Literal,
    SupportsFloat,
    SupportsIndex,
    TypeAlias,
    TypedDict,
    final,
    overload,
)

import numpy as np
from numpy.typing import ArrayLike, NDArray

# Arguments that are read from more than one type.
_Instant: TypeAlias = str | datetime | np.datetime64
_Number: TypeAlias = SupportsFloat | SupportsIndex

# ---- base ----

class Texts:
    """Texts in one buffer of UTF-8; no Python object each until one is asked for."""

    def __init__(self, buffer: ArrayLike, offsets: ArrayLike) -> None: ...
    @staticmethod
    def of(strings: Iterable[str]) -> Texts: ...
    def __len__(self) -> int: ...
    def __getitem__(self, index: SupportsIndex) -> str: ...
    def tolist(self) -> list[str]: ...
    def trimmed(self) -> bool: ...
    def encoded(self) -> tuple[Texts, NDArray[np.int32]]: ...
    def numbers(self) -> tuple[NDArray[np.float64], NDArray[np.uint32]]: ...

def read_delimited(
    text: ArrayLike, delimiter: str, width: SupportsIndex
) -> tuple[
    list[tuple[Texts, NDArray[np.int32]]], NDArray[np.int64], list[tuple[int, int, str]]
]: ...

class Right(enum.IntEnum):
    """The right to buy (call) or to sell (put)."""

    CALL = 1
    PUT = -1

class BarrierKind(enum.IntEnum):
    """On which side of the spot a barrier is, and whether an option ends there or comes to life."""

    UP_AND_OUT = 0
    UP_AND_IN = 1
    DOWN_AND_OUT = 2
    DOWN_AND_IN = 3

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
    WRONG_CURRENCY = 12

class PathPayoff(enum.IntEnum):
    """What is paid on a path, at its end."""

    EUROPEAN = 0
    ASIAN = 1
    GEOMETRIC_ASIAN = 2
    LOOKBACK = 3
    FLOATING_LOOKBACK = 4
    UP_AND_OUT = 5
    UP_AND_IN = 6
    DOWN_AND_OUT = 7
    DOWN_AND_IN = 8

class FourierModel(enum.IntEnum):
    """Models known by their characteristic functions."""

    HESTON = 0
    BATES = 1
    MERTON = 2
    KOU = 3
    VARIANCE_GAMMA = 4
    NORMAL_INVERSE_GAUSSIAN = 5

class HestonScheme(enum.IntEnum):
    """Schemes of alternating directions, of second order in time."""

    MODIFIED_CRAIG_SNEYD = 0
    HUNDSDORFER_VERWER = 1

class _BuildConfig(TypedDict):
    version: str
    commit: str
    compiler: str
    isa: str
    supported_isas: list[str]
    threads: int

def build_config() -> _BuildConfig:
    """Version, commit, compiler and instruction set of this build."""

# ---- formula ----

def black_greeks_by_jet(
    right: Right, forward: float, strike: float, time: float, volatility: float, discount: float
) -> dict[str, float]:
    """Black-76 price and Greeks by automatic differentiation: a slow oracle."""

def fourier_price(
    model: FourierModel,
    parameters: Sequence[_Number],
    right: ArrayLike,
    forward: ArrayLike,
    strike: ArrayLike,
    time: ArrayLike,
    discount: ArrayLike,
    gradient: bool,
) -> NDArray[np.float64]: ...
def simulate_paths(
    model: FourierModel,
    parameters: Sequence[_Number],
    times: ArrayLike,
    step: _Number,
    seed: SupportsIndex,
    paths: SupportsIndex,
    antithetic: bool,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...
def simulate_paths_on(
    isa: str,
    model: FourierModel,
    parameters: Sequence[_Number],
    times: ArrayLike,
    step: _Number,
    seed: SupportsIndex,
    paths: SupportsIndex,
    antithetic: bool,
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None: ...
def simulated_prices(
    model: FourierModel,
    parameters: Sequence[_Number],
    times: ArrayLike,
    step: _Number,
    seed: SupportsIndex,
    paths: SupportsIndex,
    antithetic: bool,
    forward: ArrayLike,
    discount: _Number,
    payoff: PathPayoff,
    right: ArrayLike,
    strike: ArrayLike,
    barrier: ArrayLike,
) -> NDArray[np.float64]: ...
def random_numbers_on(
    isa: str,
    normal: bool,
    seed: SupportsIndex,
    first: SupportsIndex,
    step: SupportsIndex,
    stream: SupportsIndex,
    paths: SupportsIndex,
    antithetic: bool,
) -> NDArray[np.float64] | None: ...
def fourier_greeks(
    model: FourierModel,
    parameters: Sequence[_Number],
    right: ArrayLike,
    forward: ArrayLike,
    strike: ArrayLike,
    time: ArrayLike,
    discount: ArrayLike,
) -> NDArray[np.float64]: ...
def fourier_greeks_on(
    isa: str,
    model: FourierModel,
    parameters: Sequence[_Number],
    right: ArrayLike,
    forward: ArrayLike,
    strike: ArrayLike,
    time: _Number,
    discount: ArrayLike,
) -> NDArray[np.float64] | None: ...
def fourier_bounds(model: FourierModel) -> tuple[list[float], list[float]]: ...
def fit_fourier(
    model: FourierModel,
    right: ArrayLike,
    forward: ArrayLike,
    strike: ArrayLike,
    time: ArrayLike,
    discount: ArrayLike,
    price: ArrayLike,
    weight: ArrayLike,
    start: Sequence[_Number],
    low: Sequence[_Number],
    high: Sequence[_Number],
    most_iterations: int,
) -> tuple[LeastSquaresOutcome, list[float], list[float], float, int]: ...
def heston_european_pde(
    parameters: Sequence[_Number],
    right: Right,
    terms: Sequence[_Number],
    spots: ArrayLike,
    grid: tuple[int, int, int, HestonScheme],
) -> NDArray[np.float64]: ...
def heston_american_pde(
    parameters: Sequence[_Number],
    right: Right,
    terms: Sequence[_Number],
    spots: ArrayLike,
    grid: tuple[int, int, int, HestonScheme],
) -> NDArray[np.float64]: ...
def heston_floating_lookback_pde(
    parameters: Sequence[_Number],
    right: Right,
    terms: Sequence[_Number],
    spots: ArrayLike,
    grid: tuple[int, int, int, HestonScheme],
) -> NDArray[np.float64]: ...
def heston_barrier_pde(
    parameters: Sequence[_Number],
    right: Right,
    terms: Sequence[_Number],
    spots: ArrayLike,
    grid: tuple[int, int, int, HestonScheme],
    kind: BarrierKind,
    level: _Number,
    rebate: _Number,
) -> NDArray[np.float64]: ...
def heston_fixed_lookback_pde(
    parameters: Sequence[_Number],
    right: Right,
    terms: Sequence[_Number],
    spots: ArrayLike,
    grid: tuple[int, int, int, HestonScheme],
    extreme: _Number,
) -> NDArray[np.float64]: ...
def fourier_strip_on(
    isa: str,
    model: FourierModel,
    parameters: Sequence[_Number],
    right: ArrayLike,
    forward: ArrayLike,
    strike: ArrayLike,
    time: _Number,
    discount: ArrayLike,
    gradient: bool,
) -> NDArray[np.float64] | None: ...
def bsm_net_greeks(
    right: NDArray[np.float64],
    spot: NDArray[np.float64],
    strike: NDArray[np.float64],
    time: NDArray[np.float64],
    volatility: NDArray[np.float64],
    rate: NDArray[np.float64],
    carry: NDArray[np.float64],
    quantity: NDArray[np.float64],
    group: NDArray[np.uint32],
    groups: int,
) -> NDArray[np.float64]: ...
def bsm_greeks_by_jet(
    right: Right,
    spot: float,
    strike: float,
    time: float,
    volatility: float,
    rate: float,
    carry: float,
) -> dict[str, float]:
    """Black-Scholes-Merton price and Greeks by automatic differentiation: a slow oracle."""

def bachelier_greeks_by_jet(
    right: Right, forward: float, strike: float, time: float, volatility: float, discount: float
) -> dict[str, float]:
    """Bachelier price and Greeks by automatic differentiation: a slow oracle."""

def displaced_greeks_by_jet(
    right: Right,
    forward: float,
    strike: float,
    time: float,
    volatility: float,
    discount: float,
    shift: float,
) -> dict[str, float]:
    """Displaced Black price and Greeks by automatic differentiation: a slow oracle."""

# ---- formula: SVI and SSVI ----

class ArbitrageVerdict(enum.IntEnum):
    """What a certificate of no arbitrage found."""

    FREE = 0
    VIOLATED = 1
    UNDECIDED = 2

class SliceViolation(enum.IntEnum):
    """What is wrong with a slice of total variance."""

    NONE = 0
    NEGATIVE_VARIANCE = 1
    STEEP_WING = 2
    NEGATIVE_DENSITY = 3

class SmileResidual(enum.IntEnum):
    """What a fit makes small."""

    VOLATILITY = 0
    TOTAL_VARIANCE = 1

class Loss(enum.IntEnum):
    """How much a large residual counts."""

    SQUARES = 0
    HUBER = 1
    TUKEY = 2

class SliceConstraint(enum.IntEnum):
    """What a fitted slice must keep to."""

    NONE = 0
    BUTTERFLY = 1

class SmileFitOutcome(enum.IntEnum):
    """What became of the fit of a smile."""

    CONVERGED = 0
    NOT_CONVERGED = 1
    TOO_FEW_QUOTES = 2
    INVALID_QUOTE = 3
    INVALID_INPUT = 4
    TOO_MANY_QUOTES = 5
    NOT_ENFORCED = 6
    FAR_FROM_QUOTES = 7

@final
class SviParameters:
    """A slice of total variance in log-moneyness, in its raw parameters."""

    def __init__(self, *, a: float, b: float, rho: float, m: float, sigma: float) -> None: ...
    @property
    def a(self) -> float: ...
    @property
    def b(self) -> float: ...
    @property
    def rho(self) -> float: ...
    @property
    def m(self) -> float: ...
    @property
    def sigma(self) -> float: ...
    def natural(self) -> SviNatural: ...
    def jump_wings(self, time: float) -> SviJumpWings: ...
    @overload
    def total_variance(self, log_moneyness: float) -> float: ...
    @overload
    def total_variance(
        self, log_moneyness: Sequence[float] | NDArray[Any]
    ) -> NDArray[np.float64]: ...
    @overload
    def slope(self, log_moneyness: float) -> float: ...
    @overload
    def slope(self, log_moneyness: Sequence[float] | NDArray[Any]) -> NDArray[np.float64]: ...
    @overload
    def curvature(self, log_moneyness: float) -> float: ...
    @overload
    def curvature(self, log_moneyness: Sequence[float] | NDArray[Any]) -> NDArray[np.float64]: ...
    @overload
    def volatility(self, log_moneyness: float, time: float) -> float: ...
    @overload
    def volatility(
        self, log_moneyness: Sequence[float] | NDArray[Any], time: ArrayLike
    ) -> NDArray[np.float64]: ...
    @overload
    def density_factor(self, log_moneyness: float) -> float: ...
    @overload
    def density_factor(
        self, log_moneyness: Sequence[float] | NDArray[Any]
    ) -> NDArray[np.float64]: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class SviNatural:
    """A slice in its natural parameters."""

    def __init__(
        self,
        *,
        delta: float,
        mu: float,
        rho: float,
        omega: float,
        zeta: float,
    ) -> None: ...
    @property
    def delta(self) -> float: ...
    @property
    def mu(self) -> float: ...
    @property
    def rho(self) -> float: ...
    @property
    def omega(self) -> float: ...
    @property
    def zeta(self) -> float: ...
    def raw(self) -> SviParameters: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class SviJumpWings:
    """A slice in the terms that traders quote, per year."""

    def __init__(
        self,
        *,
        variance: float,
        skew: float,
        put_wing: float,
        call_wing: float,
        minimum_variance: float,
        time: float,
    ) -> None: ...
    @property
    def variance(self) -> float: ...
    @property
    def skew(self) -> float: ...
    @property
    def put_wing(self) -> float: ...
    @property
    def call_wing(self) -> float: ...
    @property
    def minimum_variance(self) -> float: ...
    @property
    def time(self) -> float: ...
    def raw(self) -> SviParameters: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class SviButterfly:
    """Whether a slice is free of butterfly arbitrage."""

    @property
    def verdict(self) -> ArbitrageVerdict: ...
    @property
    def violation(self) -> SliceViolation: ...
    @property
    def minimum(self) -> float: ...
    @property
    def where(self) -> float: ...
    @property
    def bound(self) -> float: ...
    @property
    def least_total_variance(self) -> float: ...
    @property
    def left_slope(self) -> float: ...
    @property
    def right_slope(self) -> float: ...

@final
class SviCalendar:
    """Whether a slice lies nowhere below an earlier one."""

    @property
    def verdict(self) -> ArbitrageVerdict: ...
    @property
    def depth(self) -> float: ...
    @property
    def where(self) -> float: ...
    @property
    def crossings(self) -> tuple[float, ...]: ...

def svi_butterfly(slice: SviParameters) -> SviButterfly:
    """Decides whether the density factor of a slice is nowhere negative."""

def svi_calendar(earlier: SviParameters, later: SviParameters) -> SviCalendar:
    """Decides whether the later slice's total variance is nowhere below the earlier one's."""

@final
class SviFit:
    """A fitted slice; NaN where the outcome gives none."""

    @property
    def outcome(self) -> SmileFitOutcome: ...
    @property
    def parameters(self) -> SviParameters: ...
    @property
    def standard_errors(self) -> SviParameters: ...
    @property
    def residual(self) -> float: ...
    @property
    def largest_residual(self) -> float: ...
    @property
    def iterations(self) -> int: ...
    @property
    def quotes(self) -> int: ...
    @property
    def invalid_row(self) -> int: ...
    @property
    def butterfly(self) -> SviButterfly: ...
    @property
    def calendar(self) -> SviCalendar: ...

def fit_svi(
    log_moneyness: ArrayLike,
    volatility: ArrayLike,
    time: float,
    *,
    weight: ArrayLike | None = None,
    residual: SmileResidual = SmileResidual.VOLATILITY,
    loss: Loss = Loss.SQUARES,
    constraint: SliceConstraint = SliceConstraint.NONE,
    earlier: SviParameters | None = None,
    start: SviParameters | None = None,
    most_iterations: int = 100,
) -> SviFit:
    """Fits a slice to the implied volatilities of an expiry."""

class SsviViolation(enum.IntEnum):
    """The condition of no arbitrage that a surface breaks."""

    NONE = 0
    DOMAIN = 1
    STEEP_WING = 2
    HIGH_CURVATURE = 3
    FALLING_VARIANCE = 4
    FALLING_LEFT_WING = 5
    FALLING_RIGHT_WING = 6
    RISING_PHI = 7

@final
class SsviSlice:
    """A slice of an SSVI or eSSVI surface."""

    def __init__(self, *, theta: float, rho: float, psi: float) -> None: ...
    @property
    def theta(self) -> float: ...
    @property
    def rho(self) -> float: ...
    @property
    def psi(self) -> float: ...
    def raw(self) -> SviParameters: ...
    @overload
    def total_variance(self, log_moneyness: float) -> float: ...
    @overload
    def total_variance(
        self, log_moneyness: Sequence[float] | NDArray[Any]
    ) -> NDArray[np.float64]: ...
    @overload
    def volatility(self, log_moneyness: float, time: float) -> float: ...
    @overload
    def volatility(
        self, log_moneyness: Sequence[float] | NDArray[Any], time: ArrayLike
    ) -> NDArray[np.float64]: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class SsviPowerLaw:
    """An SSVI surface: phi(theta) = eta / (theta^gamma (1 + theta)^(1 - gamma))."""

    def __init__(self, *, rho: float, eta: float, gamma: float) -> None: ...
    @property
    def rho(self) -> float: ...
    @property
    def eta(self) -> float: ...
    @property
    def gamma(self) -> float: ...
    def slice(self, theta: float) -> SsviSlice: ...
    def violation(self) -> SsviViolation: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class SsviHeston:
    """An SSVI surface with phi(theta) as long-dated Heston smiles have it."""

    def __init__(self, *, rho: float, lambda_: float) -> None: ...
    @property
    def rho(self) -> float: ...
    @property
    def lambda_(self) -> float: ...
    def slice(self, theta: float) -> SsviSlice: ...
    def violation(self) -> SsviViolation: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class SsviCheck:
    """Where a surface breaks a condition first."""

    @property
    def violation(self) -> SsviViolation: ...
    @property
    def slice(self) -> int: ...

def ssvi_butterfly(slice: SsviSlice) -> SsviViolation:
    """The first broken one of the conditions of a single slice."""

def ssvi_calendar(earlier: SsviSlice, later: SsviSlice) -> SsviViolation:
    """The first broken one of the conditions that keep the later slice above."""

def ssvi_check(surface: Sequence[SsviSlice]) -> SsviCheck:
    """The first broken condition of slices in order of expiry."""

@final
class SmileQuotes:
    """The implied volatilities of one expiry."""

    def __init__(
        self,
        *,
        log_moneyness: ArrayLike,
        volatility: ArrayLike,
        time: float,
        weight: ArrayLike | None = None,
    ) -> None: ...
    @property
    def log_moneyness(self) -> NDArray[np.float64]: ...
    @property
    def volatility(self) -> NDArray[np.float64]: ...
    @property
    def time(self) -> float: ...
    @property
    def weight(self) -> NDArray[np.float64] | None: ...

@final
class EssviSliceFit:
    """One expiry of a fitted eSSVI surface."""

    @property
    def outcome(self) -> SmileFitOutcome: ...
    @property
    def parameters(self) -> SsviSlice: ...
    @property
    def standard_errors(self) -> SsviSlice: ...
    @property
    def residual(self) -> float: ...
    @property
    def largest_residual(self) -> float: ...
    @property
    def iterations(self) -> int: ...
    @property
    def quotes(self) -> int: ...
    @property
    def invalid_row(self) -> int: ...
    @property
    def butterfly(self) -> SviButterfly: ...
    @property
    def calendar(self) -> SviCalendar: ...

@final
class SsviPowerLawFit:
    """A fitted surface; NaN where the outcome gives none."""

    @property
    def outcome(self) -> SmileFitOutcome: ...
    @property
    def parameters(self) -> SsviPowerLaw: ...
    @property
    def standard_errors(self) -> SsviPowerLaw: ...
    @property
    def theta(self) -> NDArray[np.float64]: ...
    @property
    def residual(self) -> float: ...
    @property
    def largest_residual(self) -> float: ...
    @property
    def iterations(self) -> int: ...
    @property
    def quotes(self) -> int: ...
    @property
    def invalid_expiry(self) -> int: ...
    @property
    def invalid_row(self) -> int: ...
    @property
    def violation(self) -> SsviViolation: ...

@final
class SsviHestonFit:
    """A fitted surface; NaN where the outcome gives none."""

    @property
    def outcome(self) -> SmileFitOutcome: ...
    @property
    def parameters(self) -> SsviHeston: ...
    @property
    def standard_errors(self) -> SsviHeston: ...
    @property
    def theta(self) -> NDArray[np.float64]: ...
    @property
    def residual(self) -> float: ...
    @property
    def largest_residual(self) -> float: ...
    @property
    def iterations(self) -> int: ...
    @property
    def quotes(self) -> int: ...
    @property
    def invalid_expiry(self) -> int: ...
    @property
    def invalid_row(self) -> int: ...
    @property
    def violation(self) -> SsviViolation: ...

def fit_essvi(
    expiries: Sequence[SmileQuotes],
    *,
    residual: SmileResidual = SmileResidual.VOLATILITY,
    loss: Loss = Loss.SQUARES,
    most_iterations: int = 100,
) -> list[EssviSliceFit]:
    """Fits an eSSVI surface expiry by expiry, free of arbitrage by construction."""

def fit_ssvi_power_law(
    expiries: Sequence[SmileQuotes],
    *,
    residual: SmileResidual = SmileResidual.VOLATILITY,
    most_iterations: int = 100,
) -> SsviPowerLawFit:
    """Fits an SSVI surface with a power law to all expiries at once."""

def fit_ssvi_heston(
    expiries: Sequence[SmileQuotes],
    *,
    residual: SmileResidual = SmileResidual.VOLATILITY,
    most_iterations: int = 100,
) -> SsviHestonFit:
    """Fits an SSVI surface with Heston's shape to all expiries at once."""

# ---- formula: SABR and foreign exchange ----

class LeastSquaresOutcome(enum.IntEnum):
    """How a least-squares fit ended."""

    CONVERGED = 0
    NOT_CONVERGED = 1
    NOT_FINITE = 2

@final
class SabrParameters:
    """SABR's parameters of one expiry."""

    def __init__(
        self, *, alpha: _Number, beta: _Number, rho: _Number, nu: _Number, shift: _Number = 0.0
    ) -> None: ...
    @property
    def alpha(self) -> float: ...
    @property
    def beta(self) -> float: ...
    @property
    def rho(self) -> float: ...
    @property
    def nu(self) -> float: ...
    @property
    def shift(self) -> float: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class SabrButterfly:
    """What a search for negative densities found."""

    @property
    def least_factor(self) -> float: ...
    @property
    def strike(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...
    @property
    def is_free(self) -> bool: ...

@final
class SabrFit:
    """Fitted parameters, and what is to be thought of them."""

    @property
    def parameters(self) -> SabrParameters: ...
    @property
    def outcome(self) -> LeastSquaresOutcome: ...
    @property
    def iterations(self) -> int: ...
    @property
    def residual(self) -> float: ...
    @property
    def alpha_error(self) -> float: ...
    @property
    def rho_error(self) -> float: ...
    @property
    def nu_error(self) -> float: ...
    @property
    def at_bound(self) -> bool: ...

def sabr_volatility(
    parameters: SabrParameters, forward: ArrayLike, strike: ArrayLike, time: ArrayLike
) -> Any: ...
def sabr_normal_volatility(
    parameters: SabrParameters, forward: ArrayLike, strike: ArrayLike, time: ArrayLike
) -> Any: ...
def sabr_density(
    parameters: SabrParameters, forward: ArrayLike, strike: ArrayLike, time: ArrayLike
) -> Any: ...
def sabr_normal_density(
    parameters: SabrParameters, forward: ArrayLike, strike: ArrayLike, time: ArrayLike
) -> Any: ...
def sabr_density_factor(
    parameters: SabrParameters, forward: ArrayLike, strike: ArrayLike, time: ArrayLike
) -> Any: ...
def sabr_derivatives(
    parameters: SabrParameters, forward: ArrayLike, strike: ArrayLike, time: ArrayLike
) -> NDArray[np.float64]: ...
def sabr_normal_derivatives(
    parameters: SabrParameters, forward: ArrayLike, strike: ArrayLike, time: ArrayLike
) -> NDArray[np.float64]: ...
def sabr_butterfly(
    parameters: SabrParameters, forward: _Number, time: _Number, low: _Number, high: _Number
) -> SabrButterfly: ...
def sabr_alpha(
    parameters: SabrParameters, volatility: ArrayLike, forward: ArrayLike, time: ArrayLike
) -> Any: ...
def fit_sabr(
    strike: ArrayLike,
    volatility: ArrayLike,
    weight: ArrayLike | None,
    forward: _Number,
    time: _Number,
    beta: _Number,
    shift: _Number,
    start: SabrParameters | None,
    at_the_money: _Number | None,
    robust_scale: _Number,
    most_iterations: SupportsIndex,
) -> SabrFit: ...

class DiffusionOutcome(enum.IntEnum):
    """What came of prices under local volatility."""

    VALUED = 0
    UNDEFINED_VARIANCE = 1

@final
class LocalVolatilityCheck:
    """At how many nodes of a grid a surface has no local volatility, and why."""

    @property
    def nodes(self) -> int: ...
    @property
    def negative_variance(self) -> int: ...
    @property
    def calendar(self) -> int: ...
    @property
    def butterfly(self) -> int: ...
    @property
    def invalid(self) -> int: ...
    @property
    def bad(self) -> int: ...
    @property
    def share(self) -> float: ...

@final
class SviSurface:
    """SVI slices by expiry, linear in total variance between them at constant log-moneyness."""

    def __init__(self, times: Sequence[_Number], slices: Sequence[SviParameters]) -> None: ...
    @property
    def times(self) -> tuple[float, ...]: ...
    @property
    def slices(self) -> tuple[SviParameters, ...]: ...
    def total_variance(self, log_moneyness: ArrayLike, time: ArrayLike) -> Any: ...
    def slope(self, log_moneyness: ArrayLike, time: ArrayLike) -> Any: ...
    def curvature(self, log_moneyness: ArrayLike, time: ArrayLike) -> Any: ...
    def time_slope(self, log_moneyness: ArrayLike, time: ArrayLike) -> Any: ...
    def volatility(self, log_moneyness: ArrayLike, time: ArrayLike) -> Any: ...
    def density_factor(self, log_moneyness: ArrayLike, time: ArrayLike) -> Any: ...
    def local_volatility(self, log_moneyness: ArrayLike, time: ArrayLike) -> Any: ...
    def check(self, log_moneyness: ArrayLike, times: ArrayLike) -> LocalVolatilityCheck: ...
    def __eq__(self, other: object, /) -> bool: ...

@final
class AndreasenHuge:
    """A surface free of arbitrage through quotes of several expiries."""

    def __init__(
        self,
        log_moneyness: ArrayLike,
        time: ArrayLike,
        volatility: ArrayLike,
        *,
        weight: ArrayLike | None = None,
        nodes: SupportsIndex = 400,
        most_iterations: SupportsIndex = 100,
    ) -> None: ...
    @property
    def times(self) -> tuple[float, ...]: ...
    @property
    def outcome(self) -> LeastSquaresOutcome: ...
    @property
    def residual(self) -> float: ...
    @property
    def largest_residual(self) -> float: ...
    @property
    def iterations(self) -> int: ...
    @property
    def residuals(self) -> NDArray[np.float64]: ...
    def price(self, log_moneyness: ArrayLike, time: ArrayLike) -> Any: ...
    def volatility(self, log_moneyness: ArrayLike, time: ArrayLike) -> Any: ...
    def local_volatility(self, log_moneyness: ArrayLike, time: ArrayLike) -> Any: ...

_LocalVolatilityModel: TypeAlias = (
    SviSurface | AndreasenHuge | _Number | Callable[[NDArray[np.float64], float], ArrayLike]
)

def local_volatility_price(
    model: _LocalVolatilityModel,
    right: ArrayLike,
    spot: ArrayLike,
    strike: ArrayLike,
    time: ArrayLike,
    rate: ArrayLike,
    carry: ArrayLike,
    american: bool,
    barrier: BarrierKind | None,
    level: ArrayLike,
    nodes: SupportsIndex,
    steps: SupportsIndex,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]: ...
def local_volatility_strikes(
    model: _LocalVolatilityModel,
    log_moneyness: ArrayLike,
    time: ArrayLike,
    nodes: SupportsIndex,
    steps: SupportsIndex,
) -> tuple[DiffusionOutcome, NDArray[np.float64]]: ...

class FxDelta(enum.IntEnum):
    """What a quoted delta counts."""

    SPOT = 0
    FORWARD = 1
    SPOT_PREMIUM_ADJUSTED = 2
    FORWARD_PREMIUM_ADJUSTED = 3

class FxAtTheMoney(enum.IntEnum):
    """The strike that is called at the money."""

    FORWARD = 0
    SPOT = 1
    DELTA_NEUTRAL = 2

class FxStrangle(enum.IntEnum):
    """What a quoted butterfly says of a strangle."""

    SMILE = 0
    MARKET = 1

class FxInterpolation(enum.IntEnum):
    """How a smile runs between and beyond its strikes."""

    QUADRATIC_IN_DELTA = 0
    SPLINE_IN_DELTA = 1
    VANNA_VOLGA_FIRST = 2
    VANNA_VOLGA_SECOND = 3

class FxStrikeOutcome(enum.IntEnum):
    """Whether there is a strike of a delta."""

    SOLVED = 0
    UNREACHABLE = 1
    INVALID_INPUT = 2

class FxSmileOutcome(enum.IntEnum):
    """Whether quotes determine a smile."""

    SOLVED = 0
    UNREACHABLE_DELTA = 1
    INVALID_SMILE = 2
    NOT_CONVERGED = 3

@final
class FxExpiry:
    """The market of one expiry but for volatility."""

    def __init__(
        self,
        *,
        spot: _Number,
        domestic_discount: _Number,
        foreign_discount: _Number,
        time: _Number,
    ) -> None: ...
    @property
    def spot(self) -> float: ...
    @property
    def domestic_discount(self) -> float: ...
    @property
    def foreign_discount(self) -> float: ...
    @property
    def time(self) -> float: ...
    @property
    def forward(self) -> float: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class FxConventions:
    """How quotes of a pair and tenor are to be read."""

    def __init__(
        self, *, delta: FxDelta, at_the_money: FxAtTheMoney, strangle: FxStrangle
    ) -> None: ...
    @property
    def delta(self) -> FxDelta: ...
    @property
    def at_the_money(self) -> FxAtTheMoney: ...
    @property
    def strangle(self) -> FxStrangle: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class FxWing:
    """The quotes at one delta."""

    def __init__(self, *, delta: _Number, risk_reversal: _Number, butterfly: _Number) -> None: ...
    @property
    def delta(self) -> float: ...
    @property
    def risk_reversal(self) -> float: ...
    @property
    def butterfly(self) -> float: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class FxSmile:
    """Volatilities at three or five strikes, and between them."""

    def __init__(
        self,
        *,
        forward: _Number,
        time: _Number,
        strikes: Sequence[float] | NDArray[np.float64],
        volatilities: Sequence[float] | NDArray[np.float64],
        interpolation: FxInterpolation,
    ) -> None: ...
    @property
    def forward(self) -> float: ...
    @property
    def time(self) -> float: ...
    @property
    def strikes(self) -> NDArray[np.float64]: ...
    @property
    def volatilities(self) -> NDArray[np.float64]: ...
    @property
    def interpolation(self) -> FxInterpolation: ...
    @overload
    def volatility(self, strikes: float) -> float: ...
    @overload
    def volatility(self, strikes: Sequence[float] | NDArray[Any]) -> NDArray[np.float64]: ...
    @overload
    def density_factor(self, strikes: float) -> float: ...
    @overload
    def density_factor(self, strikes: Sequence[float] | NDArray[Any]) -> NDArray[np.float64]: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__ = None  # type: ignore[assignment]

@final
class FxSmileFit:
    """The smile that quotes determine, and what they are on it."""

    @property
    def outcome(self) -> FxSmileOutcome: ...
    @property
    def smile(self) -> FxSmile | None: ...
    @property
    def smile_strangle(self) -> NDArray[np.float64]: ...
    @property
    def strangle_error(self) -> NDArray[np.float64]: ...
    @property
    def iterations(self) -> int: ...

def fx_delta(
    convention: FxDelta,
    right: ArrayLike,
    expiry: FxExpiry,
    strike: ArrayLike,
    volatility: ArrayLike,
) -> Any: ...
def fx_strike(
    convention: FxDelta,
    right: ArrayLike,
    expiry: FxExpiry,
    delta: ArrayLike,
    volatility: ArrayLike,
) -> Any: ...
def fx_strike_outcome(
    convention: FxDelta,
    right: ArrayLike,
    expiry: FxExpiry,
    delta: ArrayLike,
    volatility: ArrayLike,
) -> Any: ...
def fx_at_the_money_strike(
    convention: FxAtTheMoney, delta: FxDelta, expiry: FxExpiry, volatility: ArrayLike
) -> Any: ...
def fx_smile(
    expiry: FxExpiry,
    at_the_money: _Number,
    wings: Sequence[FxWing],
    conventions: FxConventions,
    interpolation: FxInterpolation,
) -> FxSmileFit: ...

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

# ---- market ----

# Not Sequence: a str is a sequence of str.
_Instants: TypeAlias = (
    NDArray[np.datetime64] | list[np.datetime64] | list[datetime] | list[str] | tuple[_Instant, ...]
)

@final
class DiscountCurve:
    """Discount factors of one currency: log-linear, flat zero rate beyond the last pillar."""

    @overload
    def __init__(self) -> None: ...
    @overload
    def __init__(
        self, *, as_of: _Instant, pillars: _Instants, factors: Sequence[float] | NDArray[np.float64]
    ) -> None: ...
    @property
    def as_of(self) -> np.datetime64: ...
    @property
    def pillars(self) -> NDArray[np.datetime64]: ...
    @property
    def factors(self) -> NDArray[np.float64]: ...
    @overload
    def factor(self, instants: _Instant) -> float: ...
    @overload
    def factor(self, instants: _Instants) -> NDArray[np.float64]: ...
    @overload
    def rate(self, instants: _Instant) -> float: ...
    @overload
    def rate(self, instants: _Instants) -> NDArray[np.float64]: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__ = None  # type: ignore[assignment]

@final
class ForwardCurve:
    """Forward prices of one underlying: ln(F/S) linear in time, flat carry beyond the last."""

    def __init__(
        self,
        *,
        as_of: _Instant,
        spot: float,
        pillars: _Instants = ...,
        forwards: Sequence[float] | NDArray[np.float64] = ...,
    ) -> None: ...
    @property
    def as_of(self) -> np.datetime64: ...
    @property
    def spot(self) -> float: ...
    @property
    def pillars(self) -> NDArray[np.datetime64]: ...
    @property
    def forwards(self) -> NDArray[np.float64]: ...
    @overload
    def forward(self, instants: _Instant) -> float: ...
    @overload
    def forward(self, instants: _Instants) -> NDArray[np.float64]: ...
    @overload
    def carry(self, instants: _Instant) -> float: ...
    @overload
    def carry(self, instants: _Instants) -> NDArray[np.float64]: ...
    def with_spot(self, spot: float) -> ForwardCurve: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__ = None  # type: ignore[assignment]

class SmileKind(enum.IntEnum):
    """What a smile is made of."""

    QUOTED = 0
    SPLINE = 1
    SVI = 2
    SABR = 3

@final
class Smile:
    """Volatility by strike of one expiry: linear in ln(strike), flat beyond the quotes."""

    def __init__(
        self,
        *,
        expiry: _Instant,
        strikes: Sequence[float] | NDArray[np.float64],
        volatilities: Sequence[float] | NDArray[np.float64],
    ) -> None: ...
    @staticmethod
    def spline(
        *,
        expiry: _Instant,
        strikes: Sequence[float] | NDArray[np.float64],
        volatilities: Sequence[float] | NDArray[np.float64],
        strike_factor: float = ...,
        shift: float = ...,
        floor: float = ...,
    ) -> Smile: ...
    @staticmethod
    def svi(
        *,
        expiry: _Instant,
        parameters: SviParameters,
        forward: float,
        time: float,
        strike_factor: float = ...,
        shift: float = ...,
        floor: float = ...,
    ) -> Smile: ...
    @staticmethod
    def sabr(
        *,
        expiry: _Instant,
        parameters: SabrParameters,
        forward: float,
        time: float,
        strike_factor: float = ...,
        shift: float = ...,
        floor: float = ...,
    ) -> Smile: ...
    @property
    def expiry(self) -> np.datetime64: ...
    @property
    def kind(self) -> SmileKind: ...
    @property
    def strikes(self) -> NDArray[np.float64]: ...
    @property
    def volatilities(self) -> NDArray[np.float64]: ...
    @property
    def parameters(self) -> SviParameters | SabrParameters | None: ...
    @property
    def forward(self) -> float: ...
    @property
    def time(self) -> float: ...
    @property
    def strike_factor(self) -> float: ...
    @property
    def shift(self) -> float: ...
    @property
    def floor(self) -> float: ...
    def moved(self, *, strike_factor: float = ..., volatility_shift: float = ...) -> Smile: ...
    @overload
    def volatility(self, strikes: float) -> float: ...
    @overload
    def volatility(self, strikes: Sequence[float] | NDArray[Any]) -> NDArray[np.float64]: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__ = None  # type: ignore[assignment]

@final
class SettlementWindow:
    """A settlement price that is an average over time, and what is known of it."""

    def __init__(
        self,
        *,
        start: _Instant,
        expiry: _Instant,
        average: float | None = None,
        fixing: str = "",
    ) -> None: ...
    @property
    def start(self) -> np.datetime64: ...
    @property
    def expiry(self) -> np.datetime64: ...
    @property
    def average(self) -> float | None: ...
    @property
    def fixing(self) -> str: ...
    def elapsed(self, now: _Instant) -> float: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__ = None  # type: ignore[assignment]

@final
class UnderlyingMarket:
    """All that is known of one underlying."""

    def __init__(
        self,
        *,
        underlying: str,
        quote_currency: str,
        forwards: ForwardCurve,
        discount: DiscountCurve = ...,
        smiles: Sequence[Smile] = ...,
        perpetual: float | None = None,
        coin_discount: DiscountCurve = ...,
        settlement_windows: Sequence[SettlementWindow] = ...,
    ) -> None: ...
    @property
    def underlying(self) -> str: ...
    @property
    def quote_currency(self) -> str: ...
    @property
    def forwards(self) -> ForwardCurve: ...
    @property
    def discount(self) -> DiscountCurve: ...
    @property
    def coin_discount(self) -> DiscountCurve: ...
    @property
    def spot(self) -> float: ...
    @property
    def perpetual(self) -> float: ...
    @property
    def quoted_perpetual(self) -> float | None: ...
    @property
    def smiles(self) -> tuple[Smile, ...]: ...
    def smile(self, expiry: _Instant) -> Smile | None: ...
    @property
    def settlement_windows(self) -> tuple[SettlementWindow, ...]: ...
    def with_spot(self, spot: float) -> UnderlyingMarket: ...
    def with_smiles(self, smiles: Sequence[Smile]) -> UnderlyingMarket: ...
    def with_settlement_windows(self, windows: Sequence[SettlementWindow]) -> UnderlyingMarket: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__ = None  # type: ignore[assignment]

@final
class ExchangeRates:
    """What one unit of each currency is worth in the reporting currency."""

    def __init__(self, reporting: str = "USD", rates: Mapping[str, float] = ...) -> None: ...
    @property
    def reporting(self) -> str: ...
    @property
    def rates(self) -> dict[str, float]: ...
    def rate(self, currency: str) -> float | None: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__ = None  # type: ignore[assignment]

class SmileDynamics(enum.IntEnum):
    """What a smile does when the spot moves."""

    STICKY_STRIKE = 0
    STICKY_MONEYNESS = 1

@final
class Snapshot:
    """The market at one instant; nothing else tells the time."""

    def __init__(
        self,
        *,
        as_of: _Instant,
        markets: Sequence[UnderlyingMarket],
        rates: ExchangeRates = ...,
    ) -> None: ...
    @property
    def as_of(self) -> np.datetime64: ...
    @property
    def markets(self) -> tuple[UnderlyingMarket, ...]: ...
    @property
    def rates(self) -> ExchangeRates: ...
    def market(self, underlying: str) -> UnderlyingMarket | None: ...
    def shocked(
        self,
        *,
        spot_factor: float = 1.0,
        volatility_shift: float = 0.0,
        dynamics: SmileDynamics,
        underlying: str | None = None,
    ) -> Snapshot: ...
    def rolled(self, as_of: _Instant) -> Snapshot: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__ = None  # type: ignore[assignment]

class ParityOutcome(enum.IntEnum):
    """What became of a fit of put-call parity."""

    CONVERGED = 0
    TOO_FEW_QUOTES = 1
    NOT_IDENTIFIED = 2
    OUT_OF_RANGE = 3
    NOT_CONVERGED = 4

@final
class ParityResult:
    """Forward and discount factor implied from parity; NaN where the outcome gives none."""

    @property
    def outcome(self) -> ParityOutcome: ...
    @property
    def forward(self) -> float: ...
    @property
    def discount(self) -> float: ...
    @property
    def forward_error(self) -> float: ...
    @property
    def discount_error(self) -> float: ...
    @property
    def residual(self) -> float: ...
    @property
    def iterations(self) -> int: ...
    @property
    def used(self) -> NDArray[np.int64]: ...
    @property
    def outliers(self) -> NDArray[np.int64]: ...
    @property
    def unusable(self) -> NDArray[np.int64]: ...

def implied_forward(
    strikes: ArrayLike,
    call_bid: ArrayLike,
    call_ask: ArrayLike,
    put_bid: ArrayLike,
    put_ask: ArrayLike,
    discount: float | None = None,
) -> ParityResult:
    """Forward and discount factor of one expiry from put-call parity, robustly."""

def implied_forward_inverse(
    strikes: ArrayLike,
    call_bid: ArrayLike,
    call_ask: ArrayLike,
    put_bid: ArrayLike,
    put_ask: ArrayLike,
    discount: float | None = None,
) -> ParityResult:
    """The same for coin-settled options: quotes in the coin, strikes in the quote currency."""

# ---- book ----

class Contracts:
    """Distinct contracts, resolved: no Python object each until one is asked for."""

    @staticmethod
    def of(contracts: Iterable[Contract]) -> tuple[Contracts, NDArray[np.int32]]: ...
    @staticmethod
    def parse(
        symbols: Texts,
    ) -> tuple[Contracts, NDArray[np.int32], dict[int, tuple[str, str]]]: ...
    def __len__(self) -> int: ...
    def __getitem__(self, index: SupportsIndex) -> Contract: ...
    def tolist(self) -> list[Contract]: ...
    def used_by(self, codes: ArrayLike) -> tuple[Contracts, NDArray[np.uint32]]: ...
    @property
    def symbols(self) -> list[str]: ...
    def column(self, name: str) -> Any: ...

_Tags = list[tuple[str, list[str], NDArray[np.uint32]]]

class Book:
    """Positions as columns; hedgerow.Book is its face."""

    def __init__(
        self,
        contracts: Sequence[Contract] = ...,
        contract: ArrayLike = ...,
        quantity: ArrayLike = ...,
        cost: ArrayLike = ...,
        tags: Sequence[tuple[str, Sequence[str] | Texts, ArrayLike]] = ...,
    ) -> None: ...
    @staticmethod
    def from_prices(
        contracts: Contracts,
        contract: ArrayLike,
        quantity: ArrayLike,
        average_price: ArrayLike,
        tags: Sequence[tuple[str, Sequence[str] | Texts, ArrayLike]],
    ) -> Book: ...
    def __len__(self) -> int: ...
    @property
    def contracts(self) -> list[Contract]: ...
    @property
    def symbols(self) -> list[str]: ...
    def contract_column(self, name: str) -> Any: ...
    @property
    def positions(self) -> int: ...
    @property
    def contract(self) -> NDArray[np.uint32]: ...
    @property
    def quantity(self) -> NDArray[np.float64]: ...
    @property
    def cost(self) -> NDArray[np.float64]: ...
    @property
    def average_price(self) -> NDArray[np.float64]: ...
    @property
    def tags(self) -> _Tags: ...
    def add(self, other: Book) -> Book: ...
    def scaled(self, factor: float) -> Book: ...
    def net(self, tags: Sequence[str]) -> Book: ...
    def select(self, keep: ArrayLike) -> Book: ...
    def equals(self, other: Book) -> bool: ...
    def fold(self) -> tuple[list[FoldedSlice], int]: ...

class FoldedSlice:
    """European options of one expiry as call-equivalents, forwards and cash."""

    @property
    def underlying(self) -> str: ...
    @property
    def quote_currency(self) -> str: ...
    @property
    def currency(self) -> str: ...
    @property
    def settlement(self) -> Literal["linear", "inverse", "quanto"]: ...
    @property
    def expiry(self) -> np.datetime64: ...
    @property
    def fixing(self) -> str: ...
    @property
    def strikes(self) -> NDArray[np.float64]: ...
    @property
    def calls(self) -> NDArray[np.float64]: ...
    @property
    def long_calls(self) -> NDArray[np.float64]: ...
    @property
    def long_puts(self) -> NDArray[np.float64]: ...
    @property
    def forwards(self) -> float: ...
    @property
    def cash(self) -> float: ...
    @property
    def futures(self) -> float: ...
    @property
    def futures_cost(self) -> float: ...
    def structures(self) -> list[tuple[str, float, float, float]]: ...
    def payoff(self, future_price: float = ...) -> Payoff: ...
    def greeks(self, snapshot: Snapshot) -> dict[str, float]: ...
    def __getstate__(self) -> tuple[Any, ...]: ...
    def __setstate__(self, state: tuple[Any, ...]) -> None: ...

class Payoff:
    """A piecewise linear value at expiry."""

    @property
    def kinks(self) -> NDArray[np.float64]: ...
    @property
    def values(self) -> NDArray[np.float64]: ...
    @property
    def upper_slope(self) -> float: ...
    @property
    def worst(self) -> float: ...
    @property
    def worst_at(self) -> float: ...
    @property
    def best(self) -> float: ...
    @property
    def best_at(self) -> float: ...
    def __call__(self, spot: ArrayLike) -> Any: ...
    def __getstate__(self) -> tuple[Any, ...]: ...
    def __setstate__(self, state: tuple[Any, ...]) -> None: ...

measures: tuple[str, ...]

class Valuation:
    """The values of a book's positions; hedgerow.Valuation is its face."""

    def __init__(self, book: Book, snapshot: Snapshot) -> None: ...
    def __len__(self) -> int: ...
    @property
    def as_of(self) -> np.datetime64: ...
    @property
    def currency(self) -> str: ...
    @property
    def status(self) -> NDArray[np.uint8]: ...
    def column(self, measure: str) -> NDArray[np.float64]: ...
    def net(
        self, keys: Sequence[tuple[NDArray[np.uint32], int]], measures: Sequence[str]
    ) -> dict[str, NDArray[Any]]: ...

class Exposures:
    """A netted book in a market whose spots move; hedgerow.Exposures is its face."""

    def __init__(
        self,
        book: Book,
        snapshot: Snapshot,
        keys: Sequence[tuple[NDArray[np.uint32], int]],
        measures: Sequence[str],
    ) -> None: ...
    def move(self, underlying: str, spot: float) -> None: ...
    def spot(self, underlying: str) -> float: ...
    @property
    def sums(self) -> NDArray[np.float64]: ...
    @property
    def first(self) -> NDArray[np.uint32]: ...
    @property
    def positions(self) -> NDArray[np.uint64]: ...
    @property
    def excluded(self) -> NDArray[np.uint64]: ...
    @property
    def unknown_cost(self) -> NDArray[np.uint64]: ...

node_measures: tuple[str, ...]

class InventoryNode:
    """One node of an inventory: every measure is an attribute, and is what it is now."""

    @property
    def value(self) -> float: ...
    @property
    def delta(self) -> float: ...
    @property
    def gamma(self) -> float: ...
    @property
    def vega(self) -> float: ...
    @property
    def theta(self) -> float: ...
    @property
    def rho(self) -> float: ...
    @property
    def vanna(self) -> float: ...
    @property
    def volga(self) -> float: ...
    @property
    def pnl(self) -> float: ...
    @property
    def notional(self) -> float: ...
    @property
    def gross(self) -> float: ...
    @property
    def options(self) -> float: ...
    @property
    def capture(self) -> float: ...
    @property
    def fees(self) -> float: ...
    @property
    def scenario_loss(self) -> float: ...
    @property
    def margin(self) -> float: ...
    @property
    def labels(self) -> list[str]: ...
    @property
    def number(self) -> int: ...
    @property
    def positions(self) -> int: ...
    @property
    def excluded(self) -> int: ...
    @property
    def frozen(self) -> bool: ...
    def to_dict(self) -> dict[str, float]: ...

class Inventory:
    def __init__(
        self,
        market: Snapshot,
        instruments: Iterable[tuple[str, Contract, float]],
        labels: Sequence[str],
        dimensions: Sequence[Sequence[str]],
        tenors: Sequence[float],
        betas: Mapping[str, float],
    ) -> None: ...
    @property
    def now(self) -> np.datetime64: ...
    def add_instruments(
        self, instruments: Iterable[tuple[str, Contract, float]], time: _Instant, check: bool = ...
    ) -> bool: ...
    def instrument(self, name: str) -> int: ...
    def owner(self, labels: Sequence[str]) -> int: ...
    def currency(self, name: str) -> int: ...
    @property
    def known_names(self) -> tuple[int, int]: ...
    def forget_names(self, owners: int, currencies: int) -> None: ...
    @property
    def instruments(self) -> list[tuple[str, Contract, float]]: ...
    @property
    def owners(self) -> list[list[str]]: ...
    def nodes(
        self, dimension: int
    ) -> tuple[
        NDArray[np.uint32],
        list[list[str]],
        NDArray[np.uint32],
        NDArray[np.uint32],
        NDArray[np.float64],
    ]: ...
    def node(self, dimension: int, labels: Sequence[str]) -> InventoryNode | None: ...
    def node_name(self, node: int) -> tuple[int, list[str]]: ...
    def give(self, node: int, measure: str, value: float) -> None: ...
    def unit(self, instrument: int) -> list[float]: ...
    def status(self, instrument: int) -> int: ...
    def spot(self, underlying: str) -> float: ...
    def positions(self) -> dict[str, NDArray[Any]]: ...
    def balances(self) -> dict[str, Any]: ...
    def open_lots(self, owner: int, instrument: int) -> list[tuple[float, float]]: ...
    def book(self) -> Book: ...
    def market(self) -> Snapshot: ...
    def rebuild(self) -> None: ...
    @property
    def known_events(self) -> int: ...
    def reserve(self, events: int, positions: int) -> None: ...
    def fill(
        self,
        venue: str,
        trade_id: str,
        time: _Instant,
        owner: int,
        instrument: int,
        quantity: float,
        price: float,
        fee: float = ...,
        fee_currency: int | None = ...,
        order_id: str | None = ...,
        check: bool = ...,
    ) -> bool: ...
    def fills(
        self,
        venue: str,
        trade_ids: Sequence[str] | NDArray[np.integer[Any]],
        time: ArrayLike,
        owner: ArrayLike,
        instrument: ArrayLike,
        quantity: ArrayLike,
        price: ArrayLike,
        fee: ArrayLike,
    ) -> NDArray[np.bool_]: ...
    def bust(
        self,
        venue: str,
        trade_id: str,
        time: _Instant,
        owner: int,
        instrument: int,
        quantity: float,
        price: float,
        fee: float = ...,
        fee_currency: int | None = ...,
        check: bool = ...,
    ) -> bool: ...
    def pay(
        self,
        venue: str,
        event_id: str,
        time: _Instant,
        owner: int,
        currency: str,
        amount: float,
        what: str,
        check: bool = ...,
    ) -> bool: ...
    def fund(
        self,
        venue: str,
        event_id: str,
        time: _Instant,
        owners: Sequence[int],
        instrument: int,
        amount: float,
        check: bool = ...,
    ) -> bool: ...
    def transfer(
        self,
        event_id: str,
        time: _Instant,
        from_owner: int,
        to_owner: int,
        instrument: int,
        quantity: float,
        price: float,
        check: bool = ...,
    ) -> bool: ...
    def exercise(
        self,
        venue: str,
        event_id: str,
        time: _Instant,
        owner: int,
        instrument: int,
        quantity: float,
        settlement_price: float,
        delivered: int | None = ...,
        check: bool = ...,
    ) -> bool: ...
    def settle(
        self,
        event_id: str,
        time: _Instant,
        underlying: str,
        expiry: _Instant,
        fixing: str,
        price: float,
        check: bool = ...,
    ) -> bool: ...
    def move(self, underlying: str, spot: float, time: _Instant, check: bool = ...) -> None: ...
    def update(self, market: Snapshot, time: _Instant, check: bool = ...) -> None: ...
    def advance(self, time: _Instant, check: bool = ...) -> None: ...
    def place(
        self,
        venue: str,
        order_id: str,
        time: _Instant,
        owner: int,
        instrument: int,
        quantity: float,
        price: float,
        check: bool = ...,
    ) -> bool: ...
    def amend(
        self,
        venue: str,
        order_id: str,
        time: _Instant,
        quantity: float,
        price: float,
        check: bool = ...,
    ) -> bool: ...
    def cancel(self, venue: str, order_id: str, time: _Instant, check: bool = ...) -> bool: ...
    def check_order(
        self,
        venue: str,
        order_id: str,
        owner: int,
        instrument: int,
        quantity: float,
        price: float,
    ) -> tuple[str, int, int, float]: ...
    @property
    def live_orders(self) -> int: ...
    def reach(self, node: int) -> tuple[list[float], list[float]]: ...
    def set_limit(
        self,
        dimension: int,
        labels: Sequence[str],
        measure: str,
        bounds: Sequence[float],
        hysteresis: float = ...,
    ) -> int: ...
    def set_protection(
        self,
        dimension: int,
        labels: Sequence[str],
        window: int,
        freeze: int,
        quantity: float,
        delta: float,
        vega: float,
    ) -> int: ...
    @property
    def limit_states(self) -> list[tuple[int, int, str, np.datetime64, float, float]]: ...
    def take_changes(self) -> list[tuple[int, int, str, str, float, np.datetime64]]: ...
    def unfreeze(self, node: int) -> None: ...
    def apply_rows(self, rows: list[tuple[Any, ...]]) -> int: ...
    def image(self) -> bytes: ...
    @staticmethod
    def restore(image: bytes, market: Snapshot) -> Inventory: ...
    @property
    def given_market(self) -> Snapshot: ...
    @property
    def setup(self) -> tuple[list[str], list[list[str]], list[float], dict[str, float]]: ...
    @property
    def limits(self) -> list[tuple[int, str]]: ...

# ---- risk ----

class Precision(enum.IntEnum):
    """What the arithmetic of a revaluation runs in."""

    FLOAT64 = 0
    FLOAT32 = 1

@final
class Scenarios:
    """Sudden moves of the market, one scenario per row."""

    def __init__(
        self,
        *,
        spot_factor: ArrayLike,
        volatility_shift: ArrayLike,
        underlyings: Mapping[str, tuple[ArrayLike, ArrayLike]] = ...,
    ) -> None: ...
    def __len__(self) -> int: ...
    @property
    def spot_factor(self) -> NDArray[np.float64]: ...
    @property
    def volatility_shift(self) -> NDArray[np.float64]: ...
    @property
    def underlyings(self) -> dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__ = None  # type: ignore[assignment]

def revalue(
    book: Book,
    snapshot: Snapshot,
    scenarios: Scenarios,
    keys: Sequence[tuple[NDArray[np.uint32], int]],
    dynamics: SmileDynamics,
    precision: Precision,
) -> dict[str, NDArray[Any]]: ...
def revalue_on(
    isa: str,
    precision: Precision,
    options: Sequence[ArrayLike],
    spot_factor: ArrayLike,
    volatility_shift: ArrayLike,
) -> NDArray[np.float64] | None: ...

taylor_terms: tuple[str, ...]
second_order_terms: tuple[str, ...]

def explain(
    book: Book,
    markets: Sequence[Snapshot],
    keys: Sequence[tuple[NDArray[np.uint32], int]],
    terms: Sequence[str],
) -> dict[str, Any]: ...

class Crossing(enum.IntEnum):
    FOUND = 0
    INSOLVENT = 1
    NONE = 2
    NOT_A_NUMBER = 3

class SolvencyState(enum.IntEnum):
    HEALTHY = 0
    WATCHED = 1
    WARNED = 2
    RESTRICTED = 3
    LIQUIDATION = 4

unimmr_levels: tuple[float, float, float, float]

class Account:
    """A book and the collateral behind it; hedgerow.Account is its face."""

    def __init__(self, book: Book, balances: Sequence[tuple[str, float, float]]) -> None: ...

def equities(
    account: Account, snapshot: Snapshot, scenarios: Scenarios, dynamics: SmileDynamics
) -> dict[str, Any]: ...
def solvency(
    account: Account,
    snapshot: Snapshot,
    margin: float | Callable[[Scenarios], ArrayLike],
    directions: Sequence[tuple[str, float, float, str | None]],
    reach: float,
    dynamics: SmileDynamics,
) -> dict[str, Any]: ...
def solvency_state(ratio: float, levels: Sequence[float] = ...) -> SolvencyState: ...
def hitting_probability(
    distance: float, volatility: float, time: float, *, drift: float = 0.0
) -> float: ...

# ---- margin ----

class VolatilityShift(enum.IntEnum):
    """What the size of a volatility move is a fraction of."""

    RELATIVE = 0
    ABSOLUTE = 1

@final
class VolatilityRule:
    """How far volatilities move, by days to expiry."""

    def __init__(
        self,
        *,
        shift: VolatilityShift = ...,
        up: float = ...,
        down: float = ...,
        reference_days: float = ...,
        floor_days: float = ...,
        short_power: float = ...,
        long_power: float = ...,
        floor: float = ...,
    ) -> None: ...
    @property
    def shift(self) -> VolatilityShift: ...
    @property
    def up(self) -> float: ...
    @property
    def down(self) -> float: ...
    @property
    def reference_days(self) -> float: ...
    @property
    def floor_days(self) -> float: ...
    @property
    def short_power(self) -> float: ...
    @property
    def long_power(self) -> float: ...
    @property
    def floor(self) -> float: ...
    def moved(self, volatility: float, days: float, move: float) -> float: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__ = None  # type: ignore[assignment]

@final
class ShortOptionCharge:
    """Per unit of options net short at an expiry and strike."""

    def __init__(self, *, initial: float, maintenance: float) -> None: ...
    @property
    def initial(self) -> float: ...
    @property
    def maintenance(self) -> float: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__ = None  # type: ignore[assignment]

@final
class OffsettingFuturesCharge:
    """Of the lesser of long and short futures."""

    def __init__(self, *, initial: float, maintenance: float) -> None: ...
    @property
    def initial(self) -> float: ...
    @property
    def maintenance(self) -> float: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__ = None  # type: ignore[assignment]

@final
class GrossFuturesCharge:
    """Of futures, long plus short."""

    def __init__(self, *, initial: float, maintenance: float) -> None: ...
    @property
    def initial(self) -> float: ...
    @property
    def maintenance(self) -> float: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__ = None  # type: ignore[assignment]

@final
class CalendarSpreadCharge:
    """Of deltas that offset each other between expiries."""

    def __init__(self, *, initial: float, maintenance: float) -> None: ...
    @property
    def initial(self) -> float: ...
    @property
    def maintenance(self) -> float: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__ = None  # type: ignore[assignment]

@final
class BasisCharge:
    """An annual rate on |delta| x spot x years."""

    def __init__(self, *, initial: float, maintenance: float) -> None: ...
    @property
    def initial(self) -> float: ...
    @property
    def maintenance(self) -> float: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__ = None  # type: ignore[assignment]

@final
class ShortOptionMinimum:
    """At least this per unit of short option."""

    def __init__(self, *, initial: float, maintenance: float) -> None: ...
    @property
    def initial(self) -> float: ...
    @property
    def maintenance(self) -> float: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__ = None  # type: ignore[assignment]

@final
class ContractMinimum:
    """At least this per unit of any option or future."""

    def __init__(self, *, initial: float, maintenance: float) -> None: ...
    @property
    def initial(self) -> float: ...
    @property
    def maintenance(self) -> float: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__ = None  # type: ignore[assignment]

@final
class BasisContingency:
    """A loss that competes with the scenarios'."""

    def __init__(self, *, spot_move: float, fixed: float, per_year: float) -> None: ...
    @property
    def spot_move(self) -> float: ...
    @property
    def fixed(self) -> float: ...
    @property
    def per_year(self) -> float: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__ = None  # type: ignore[assignment]

@final
class DeltaMinimum:
    """At least a fraction of the spot per unit of delta."""

    def __init__(self, *, initial: float, maintenance: float, hedged_share: float) -> None: ...
    @property
    def initial(self) -> float: ...
    @property
    def maintenance(self) -> float: ...
    @property
    def hedged_share(self) -> float: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__ = None  # type: ignore[assignment]

AddOn: TypeAlias = (
    ShortOptionCharge
    | OffsettingFuturesCharge
    | GrossFuturesCharge
    | CalendarSpreadCharge
    | BasisCharge
    | BasisContingency
    | DeltaMinimum
    | ShortOptionMinimum
    | ContractMinimum
)

@final
class MarginRules:
    """A margin scheme: scenarios, how volatilities move, add-ons."""

    def __init__(
        self,
        *,
        name: str,
        date: str = ...,
        source: str = ...,
        assumed: str = ...,
        omitted: str = ...,
        spot_factor: ArrayLike,
        volatility_move: ArrayLike,
        weight: ArrayLike,
        volatility: VolatilityRule,
        add_ons: Sequence[AddOn] = ...,
        initial: float = ...,
        maintenance: float = ...,
        look_ahead: float = ...,
    ) -> None: ...
    @property
    def name(self) -> str: ...
    @property
    def date(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def assumed(self) -> str: ...
    @property
    def omitted(self) -> str: ...
    @property
    def spot_factor(self) -> NDArray[np.float64]: ...
    @property
    def volatility_move(self) -> NDArray[np.float64]: ...
    @property
    def weight(self) -> NDArray[np.float64]: ...
    @property
    def volatility(self) -> VolatilityRule: ...
    @property
    def add_ons(self) -> list[AddOn]: ...
    @property
    def add_on_names(self) -> list[str]: ...
    @property
    def initial(self) -> float: ...
    @property
    def maintenance(self) -> float: ...
    @property
    def look_ahead(self) -> float: ...
    def __len__(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__ = None  # type: ignore[assignment]

@final
class StrategyRules:
    """Percentages of a margin by strategy."""

    def __init__(
        self,
        *,
        name: str,
        short_option: float,
        short_option_least: float,
        long_stock: tuple[float, float],
        short_stock: tuple[float, float],
    ) -> None: ...
    @property
    def name(self) -> str: ...
    @property
    def date(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def assumed(self) -> str: ...
    @property
    def omitted(self) -> str: ...
    @property
    def short_option(self) -> float: ...
    @property
    def short_option_least(self) -> float: ...
    @property
    def long_stock(self) -> tuple[float, float]: ...
    @property
    def short_stock(self) -> tuple[float, float]: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__ = None  # type: ignore[assignment]

def margin_rules_span(
    *,
    price_range: float,
    volatility_range: float,
    extreme_multiple: float = ...,
    extreme_cover: float = ...,
    calendar_spread: float = ...,
    short_option_minimum: float = ...,
    initial: float = ...,
) -> MarginRules: ...
def margin_rules_deribit() -> MarginRules: ...
def margin_rules_deribit_older() -> MarginRules: ...
def margin_rules_derive() -> MarginRules: ...
def margin_rules_okx() -> MarginRules: ...
def margin_rules_paradex() -> MarginRules: ...
def margin_rules_tims_equity() -> MarginRules: ...
def margin_rules_tims_index() -> MarginRules: ...
def margin_rules_reg_t_equity() -> StrategyRules: ...
def margin_rules_reg_t_index() -> StrategyRules: ...

@final
class MarginAccount:
    """An account in a market, under one scheme; hedgerow.MarginAccount is its face."""

    def __init__(self, book: Book, snapshot: Snapshot, rules: MarginRules) -> None: ...
    def add(self, instrument: int, quantity: float, cost: float = ...) -> None: ...
    def rescan(self, snapshot: Snapshot) -> None: ...
    def move(self, underlying: str, spot: float) -> None: ...
    def marginal(self, instrument: int, quantity: float) -> tuple[float, float]: ...
    def marginals(
        self, instruments: NDArray[Any], quantities: NDArray[np.float64]
    ) -> NDArray[np.float64]: ...
    @property
    def requirement(self) -> tuple[float, float]: ...
    @property
    def rules(self) -> MarginRules: ...
    @property
    def currency(self) -> str: ...
    @property
    def quantity(self) -> NDArray[np.float64]: ...
    @property
    def status(self) -> NDArray[np.uint8]: ...
    @property
    def not_margined(self) -> int: ...
    def unit_pnl(self, instrument: int) -> NDArray[np.float64]: ...
    def __len__(self) -> int: ...
    def unit(
        self, unit: int
    ) -> tuple[
        str,
        tuple[float, float],
        float,
        int | None,
        float,
        NDArray[np.float64],
        list[tuple[float, float]],
    ]: ...

def scan_loss(pnl: ArrayLike, weight: ArrayLike) -> tuple[float, int | None]: ...
def strategy_margin(book: Book, snapshot: Snapshot, rules: StrategyRules) -> dict[str, Any]: ...

# ---- threads ----

def set_num_threads(number: int) -> None: ...
def get_num_threads() -> int: ...
