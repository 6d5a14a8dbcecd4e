"""The normal distribution and what it is made of, one thread, beside NumPy and scipy.special."""

from functools import partial
from time import process_time

import numpy as np
from scipy import special

from hedgerow import kernels

from . import inputs

FUNCTIONS = {
    "exp": (kernels.exp, np.exp),
    "log": (kernels.log, np.log),
    "normal_pdf": (kernels.normal_pdf, lambda x: 0.3989422804014327 * np.exp(-0.5 * x * x)),
    "normal_cdf": (kernels.normal_cdf, special.ndtr),
    "normal_inverse_cdf": (kernels.normal_inverse_cdf, special.ndtri),
    "log_normal_cdf": (kernels.log_normal_cdf, special.log_ndtr),
    "erfcx": (kernels.erfcx, special.erfcx),
    "mills_ratio": (
        kernels.mills_ratio,
        lambda x: 1.2533141373155003 * special.erfcx(0.7071067811865476 * x),
    ),
}
POSITIVE, PROBABILITY = ("log", "erfcx", "mills_ratio"), ("normal_inverse_cdf",)


class Normal:
    """Each function on 1,000 numbers: in [-8, 8], in (0, 8], or probabilities in (0, 1)."""

    timer = staticmethod(process_time)
    param_names = ("library", "function")
    params = (["hedgerow", "scipy"], list(FUNCTIONS))

    def setup(self, library, function):
        x = np.random.default_rng(inputs.SEED).uniform(-8.0, 8.0, 1_000)
        if function in POSITIVE:
            x = np.abs(x)
        elif function in PROBABILITY:
            x = (x + 8.0) / 16.0
        self.run = partial(FUNCTIONS[function][library != "hedgerow"], x)

    def time_function(self, library, function):
        self.run()
