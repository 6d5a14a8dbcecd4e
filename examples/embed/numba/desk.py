from ctypes import CFUNCTYPE, c_double, c_void_p

import numpy as np
from numba import njit
from numba.extending import get_cython_function_address as find

black_greeks = CFUNCTYPE(None, *[c_double] * 6, c_void_p)(find("hedgerow.kernels", "black_greeks"))


@njit
def value(right, forward, strike, time, volatility, discount):
    greeks = np.empty(17)
    black_greeks(right, forward, strike, time, volatility, discount, greeks.ctypes)
    return greeks[0], greeks[1]
