"""The C interface of the kernels, for C and C++ alike: `from hedgerow.kernels cimport black_price`.

A promise: these functions and the struct never change once published; new ones are added and
abi_version() grows. Nothing needs a header, an include path or a library of hedgerow's.
"""

ctypedef struct greeks_t:
    double price
    double delta
    double gamma
    double vega
    double theta
    double rho
    double phi
    double vanna
    double volga
    double charm
    double veta
    double speed
    double zomma
    double color
    double ultima
    double dual_delta
    double dual_gamma

ctypedef struct main_greeks_t:
    double price
    double delta
    double gamma
    double vega
    double theta
    double rho
    double phi

cdef int abi_version() noexcept nogil
cdef double normal_pdf(double x) noexcept nogil
cdef double normal_cdf(double x) noexcept nogil
cdef double normal_inverse_cdf(double p) noexcept nogil
cdef double log_normal_cdf(double x) noexcept nogil
cdef double erfcx(double x) noexcept nogil
cdef double mills_ratio(double x) noexcept nogil
cdef double black_price(double right, double forward, double strike, double time, double volatility, double discount) noexcept nogil
cdef void black_greeks(double right, double forward, double strike, double time, double volatility, double discount, greeks_t* out) noexcept nogil
cdef double black_implied_volatility(double right, double price, double forward, double strike, double time, double discount) noexcept nogil
cdef int black_implied_volatility_status(double right, double price, double forward, double strike, double time, double discount) noexcept nogil
cdef double black_implied_volatility_from(double right, double price, double forward, double strike, double time, double discount, double guess) noexcept nogil
cdef double bsm_price(double right, double spot, double strike, double time, double volatility, double rate, double carry) noexcept nogil
cdef void bsm_greeks(double right, double spot, double strike, double time, double volatility, double rate, double carry, greeks_t* out) noexcept nogil
cdef double displaced_price(double right, double forward, double strike, double time, double volatility, double discount, double shift) noexcept nogil
cdef void displaced_greeks(double right, double forward, double strike, double time, double volatility, double discount, double shift, greeks_t* out) noexcept nogil
cdef double bachelier_price(double right, double forward, double strike, double time, double volatility, double discount) noexcept nogil
cdef void bachelier_greeks(double right, double forward, double strike, double time, double volatility, double discount, greeks_t* out) noexcept nogil
cdef double bachelier_implied_volatility(double right, double price, double forward, double strike, double time, double discount) noexcept nogil
cdef int bachelier_implied_volatility_status(double right, double price, double forward, double strike, double time, double discount) noexcept nogil
cdef double american_price(double right, double spot, double strike, double time, double volatility, double rate, double carry) noexcept nogil
cdef void american_greeks(double right, double spot, double strike, double time, double volatility, double rate, double carry, main_greeks_t* out) noexcept nogil
cdef double american_exercise_boundary(double right, double strike, double time, double volatility, double rate, double carry) noexcept nogil
cdef double american_implied_volatility(double right, double price, double spot, double strike, double time, double rate, double carry) noexcept nogil
cdef int american_implied_volatility_status(double right, double price, double spot, double strike, double time, double rate, double carry) noexcept nogil
