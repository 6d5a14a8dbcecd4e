import numpy as np

from hedgerow import kernels

# A book per event: ufuncs over columns. An option per event: the scalar door.
strikes = np.array([90.0, 100.0, 110.0])
prices = kernels.black_price(+1, 100, strikes, 0.5, 0.25, 0.97)
greeks = kernels.black_greeks_one(+1, 100, 110, 0.5, 0.25, 0.97)
print(f"{prices[2]:.6f} {greeks.delta:.6f}")
