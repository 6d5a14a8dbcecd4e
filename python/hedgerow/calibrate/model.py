"""The models that quotes can be calibrated to."""

from __future__ import annotations

from enum import StrEnum

from hedgerow.errors import InvalidInput


class Model(StrEnum):
    """A model of implied volatilities, by the name that it has in the literature."""

    #: One slice of SVI per expiry (Gatheral and Jacquier 2014).
    SVI = "svi"
    #: One SSVI surface through all expiries (Gatheral and Jacquier 2014).
    SSVI = "ssvi"
    #: SSVI with a correlation per expiry (Hendriks and Martini 2019).
    ESSVI = "essvi"
    #: SABR per expiry (Hagan et al. 2002, with Obloj's correction).
    SABR = "sabr"
    #: Heston's stochastic volatility, five parameters for all expiries (Heston 1993).
    HESTON = "heston"
    #: Heston with lognormal jumps, eight parameters for all expiries (Bates 1996).
    BATES = "bates"
    #: A constant volatility and lognormal jumps, four parameters for all expiries (Merton 1976).
    MERTON = "merton"
    #: A constant volatility and double exponential jumps, five parameters (Kou 2002).
    KOU = "kou"
    #: Three parameters for all expiries (Madan, Carr and Chang 1998).
    VARIANCE_GAMMA = "variance_gamma"
    #: Three parameters for all expiries (Barndorff-Nielsen 1997).
    NORMAL_INVERSE_GAUSSIAN = "normal_inverse_gaussian"
    #: A convex spline of prices per expiry, without a model (Fengler 2009).
    SPLINE = "spline"

    @property
    def label(self) -> str:
        """The name as text has it: SVI, Heston, variance gamma."""
        acronyms = {"svi": "SVI", "ssvi": "SSVI", "essvi": "eSSVI", "sabr": "SABR"}
        words = self.value.replace("_", " ").replace("gaussian", "Gaussian")
        plain = self in (Model.VARIANCE_GAMMA, Model.NORMAL_INVERSE_GAUSSIAN, Model.SPLINE)
        return acronyms.get(self.value) or (words if plain else words.capitalize())

    @property
    def robust(self) -> bool:
        """Whether its fit knows other losses than squares."""
        return self in (Model.SVI, Model.ESSVI, Model.SABR)

    @classmethod
    def of(cls, name: Model | str) -> Model:
        """The model of a name; InvalidInput that lists the names where there is none."""
        try:
            return cls(name)
        except ValueError:
            names = ", ".join(repr(model.value) for model in cls)
            raise InvalidInput("model", name, f"must be one of {names}") from None


class FitOutcome(StrEnum):
    """What became of the fit of one expiry."""

    CONVERGED = "converged"
    #: Fewer usable quotes than the model has parameters.
    TOO_FEW_QUOTES = "too few quotes"
    #: The iterations were used up: the parameters are the best ones met.
    NOT_CONVERGED = "not converged"
    #: No parameters were found that allow no arbitrage.
    NOT_ENFORCED = "not free of arbitrage"
    #: What allows no arbitrage is far from the quotes, which do.
    FAR_FROM_QUOTES = "far from the quotes without arbitrage"
    #: No parameters with finite residuals were found.
    FAILED = "failed"
    #: The market has no forward or no smile for the expiry.
    NO_QUOTES = "no quotes"


class InForce(StrEnum):
    """What stands in the market for an expiry."""

    #: The fit of these quotes.
    FIT = "fit"
    #: The last fit that was trusted, moved along with the forward.
    LAST = "last"
    #: A convex price spline through the quotes, for want of either.
    SPLINE = "spline"
    #: The quotes themselves, where even that fails.
    QUOTES = "quotes"
    #: Nothing: the expiry has no smile.
    NOTHING = "nothing"
