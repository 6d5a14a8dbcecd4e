// Displaced Black: Black-76 on the forward and the strike moved by a shift.
//
// M. Rubinstein 1983, "Displaced diffusion option pricing". F + shift is lognormal, so that
// forwards and strikes down to -shift are priced; derivatives in F and K are those in the moved
// variables.

HEDGEROW_INLINE double displaced_price(double right, double forward, double strike, double time,
                                       double volatility, double discount, double shift) {
    return black_price(right, forward + shift, strike + shift, time, volatility, discount);
}

HEDGEROW_INLINE Greeks displaced_greeks(double right, double forward, double strike, double time,
                                        double volatility, double discount, double shift) {
    return black_greeks(right, forward + shift, strike + shift, time, volatility, discount);
}
