"""Stubs of the compiled module of numbers."""

from collections.abc import Iterator
from typing import Any

import numpy as np

names: tuple[str, ...]
ufunc_names: tuple[str, ...]

def evaluate(isa: str, name: str, *columns: Any) -> tuple[Any, ...] | None: ...

class Greeks:
    @property
    def price(self) -> float: ...
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
    def phi(self) -> float: ...
    @property
    def vanna(self) -> float: ...
    @property
    def volga(self) -> float: ...
    @property
    def charm(self) -> float: ...
    @property
    def veta(self) -> float: ...
    @property
    def speed(self) -> float: ...
    @property
    def zomma(self) -> float: ...
    @property
    def color(self) -> float: ...
    @property
    def ultima(self) -> float: ...
    @property
    def dual_delta(self) -> float: ...
    @property
    def dual_gamma(self) -> float: ...
    def __iter__(self) -> Iterator[float]: ...

def black_price_one(
    right: float, forward: float, strike: float, time: float, volatility: float, discount: float
) -> float: ...
def black_greeks_one(
    right: float, forward: float, strike: float, time: float, volatility: float, discount: float
) -> Greeks: ...
def black_implied_volatility_one(
    right: float, price: float, forward: float, strike: float, time: float, discount: float
) -> float: ...
def black_implied_volatility_from_one(
    right: float,
    price: float,
    forward: float,
    strike: float,
    time: float,
    discount: float,
    guess: float,
) -> float: ...
def bsm_price_one(
    right: float,
    spot: float,
    strike: float,
    time: float,
    volatility: float,
    rate: float,
    carry: float,
) -> float: ...
def bsm_greeks_one(
    right: float,
    spot: float,
    strike: float,
    time: float,
    volatility: float,
    rate: float,
    carry: float,
) -> Greeks: ...
def displaced_price_one(
    right: float,
    forward: float,
    strike: float,
    time: float,
    volatility: float,
    discount: float,
    shift: float,
) -> float: ...
def displaced_greeks_one(
    right: float,
    forward: float,
    strike: float,
    time: float,
    volatility: float,
    discount: float,
    shift: float,
) -> Greeks: ...
def bachelier_price_one(
    right: float, forward: float, strike: float, time: float, volatility: float, discount: float
) -> float: ...
def bachelier_greeks_one(
    right: float, forward: float, strike: float, time: float, volatility: float, discount: float
) -> Greeks: ...
def bachelier_implied_volatility_one(
    right: float, price: float, forward: float, strike: float, time: float, discount: float
) -> float: ...
def american_price_one(
    right: float,
    spot: float,
    strike: float,
    time: float,
    volatility: float,
    rate: float,
    carry: float,
) -> float: ...
def american_implied_volatility_one(
    right: float, price: float, spot: float, strike: float, time: float, rate: float, carry: float
) -> float: ...

exp: np.ufunc
log: np.ufunc
normal_pdf: np.ufunc
normal_cdf: np.ufunc
normal_inverse_cdf: np.ufunc
log_normal_cdf: np.ufunc
erfcx: np.ufunc
mills_ratio: np.ufunc

black_price: np.ufunc
black_greeks: np.ufunc
black_delta: np.ufunc
black_gamma: np.ufunc
black_vega: np.ufunc
black_theta: np.ufunc
black_rho: np.ufunc
black_phi: np.ufunc
black_vanna: np.ufunc
black_volga: np.ufunc
black_charm: np.ufunc
black_veta: np.ufunc
black_speed: np.ufunc
black_zomma: np.ufunc
black_color: np.ufunc
black_ultima: np.ufunc
black_dual_delta: np.ufunc
black_dual_gamma: np.ufunc
black_implied_volatility: np.ufunc
black_implied_volatility_status: np.ufunc
black_implied_volatility_from: np.ufunc

bsm_price: np.ufunc
bsm_greeks: np.ufunc
bsm_delta: np.ufunc
bsm_gamma: np.ufunc
bsm_vega: np.ufunc
bsm_theta: np.ufunc
bsm_rho: np.ufunc
bsm_phi: np.ufunc
bsm_vanna: np.ufunc
bsm_volga: np.ufunc
bsm_charm: np.ufunc
bsm_veta: np.ufunc
bsm_speed: np.ufunc
bsm_zomma: np.ufunc
bsm_color: np.ufunc
bsm_ultima: np.ufunc
bsm_dual_delta: np.ufunc
bsm_dual_gamma: np.ufunc

displaced_price: np.ufunc
displaced_greeks: np.ufunc
displaced_delta: np.ufunc
displaced_gamma: np.ufunc
displaced_vega: np.ufunc
displaced_theta: np.ufunc
displaced_rho: np.ufunc
displaced_phi: np.ufunc
displaced_vanna: np.ufunc
displaced_volga: np.ufunc
displaced_charm: np.ufunc
displaced_veta: np.ufunc
displaced_speed: np.ufunc
displaced_zomma: np.ufunc
displaced_color: np.ufunc
displaced_ultima: np.ufunc
displaced_dual_delta: np.ufunc
displaced_dual_gamma: np.ufunc

bachelier_price: np.ufunc
bachelier_greeks: np.ufunc
bachelier_delta: np.ufunc
bachelier_gamma: np.ufunc
bachelier_vega: np.ufunc
bachelier_theta: np.ufunc
bachelier_rho: np.ufunc
bachelier_phi: np.ufunc
bachelier_vanna: np.ufunc
bachelier_volga: np.ufunc
bachelier_charm: np.ufunc
bachelier_veta: np.ufunc
bachelier_speed: np.ufunc
bachelier_zomma: np.ufunc
bachelier_color: np.ufunc
bachelier_ultima: np.ufunc
bachelier_dual_delta: np.ufunc
bachelier_dual_gamma: np.ufunc
bachelier_implied_volatility: np.ufunc
bachelier_implied_volatility_status: np.ufunc

american_price: np.ufunc
american_greeks: np.ufunc
american_delta: np.ufunc
american_gamma: np.ufunc
american_vega: np.ufunc
american_theta: np.ufunc
american_rho: np.ufunc
american_phi: np.ufunc
american_exercise_boundary: np.ufunc
american_implied_volatility: np.ufunc
american_implied_volatility_status: np.ufunc
