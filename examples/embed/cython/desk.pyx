# cython: language_level=3
from hedgerow.kernels cimport black_greeks, greeks_t

def value(double right, double forward, double strike, double time, double volatility, double discount):
    cdef greeks_t greeks
    with nogil:
        black_greeks(right, forward, strike, time, volatility, discount, &greeks)
    return greeks.price, greeks.delta
