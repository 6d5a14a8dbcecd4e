// Everything that is compiled once per instruction set. The including file has named
// HEDGEROW_TARGET and HEDGEROW_FMA and opened the target region; all headers come before it, so
// that no inline function built for a newer machine can be the copy that the linker keeps. For the
// same reason everything here but the table lives in an unnamed namespace.
#define HEDGEROW_INLINE [[gnu::always_inline]] inline
#define HEDGEROW_LAMBDA __attribute__((always_inline))

namespace hedgerow::kernels::HEDGEROW_TARGET {
namespace {

// clang-format off: each file uses the ones above it
#include "real.inl"
#include "batch.inl"
#include "inversion.inl"
#include "stream.inl"
#include "elementary.inl"
#include "normal.inl"
#include "black.inl"
#include "rough.inl"
#include "implied_terms.inl"
#include "bachelier.inl"
#include "implied_volatility.inl"
#include "displaced.inl"
#include "bachelier_implied_volatility.inl"
#include "revaluation.inl"
#include "grouped_sums.inl"
#include "nodes.inl"
#include "sabr.inl"
#include "smile_fits.inl"
#include "complex.inl"
#include "characteristic.inl"
#include "heston_pde.inl"
#include "random.inl"
#include "heston_step.inl"
// clang-format on

HEDGEROW_MAP(exp, exp_of(in(0)))
HEDGEROW_MAP(log, log_of(in(0)))
HEDGEROW_MAP(normal_pdf, normal_pdf_of(in(0)))
HEDGEROW_MAP(normal_cdf, normal_cdf_of(in(0)))
HEDGEROW_MAP(normal_inverse_cdf, normal_inverse_cdf_of(in(0)))
HEDGEROW_MAP(log_normal_cdf, log_normal_cdf_of(in(0)))
HEDGEROW_MAP(erfcx, erfcx_of(in(0)))
HEDGEROW_MAP(mills_ratio, mills_ratio_of(in(0)))
HEDGEROW_STAGES(black_price, BlackState, BlackDistance<BlackForward>, BlackPrice<BlackForward>)
HEDGEROW_STAGES(black_greeks, BlackState, BlackDistance<BlackForward>, BlackTails<BlackForward>,
                BlackGreeks<BlackForward>)
HEDGEROW_MAP(black_implied_volatility_status,
             implied_status(in(0), in(1), in(2), in(3), in(4), in(5)))
HEDGEROW_STAGES(bsm_price, BlackState, BlackDistance<BlackSpot>, BlackPrice<BlackSpot>)
HEDGEROW_STAGES(bsm_greeks, BlackState, BlackDistance<BlackSpot>, BlackTails<BlackSpot>,
                BlackGreeks<BlackSpot>)
HEDGEROW_STAGED_COLUMNS(bsm_hoist, 7, 5, BlackState, BlackHoist)
HEDGEROW_STAGED_COLUMNS(bsm_moved_greeks, 13, greek_count, BlackState, BlackDistance<BlackMoved>,
                        BlackTails<BlackMoved>, BlackGreeks<BlackMoved>)
HEDGEROW_STAGES(displaced_price, BlackState, BlackDistance<BlackDisplaced>,
                BlackPrice<BlackDisplaced>)
HEDGEROW_STAGES(displaced_greeks, BlackState, BlackDistance<BlackDisplaced>,
                BlackTails<BlackDisplaced>, BlackGreeks<BlackDisplaced>)
HEDGEROW_STAGES(bachelier_price, BachelierState, BachelierDistance, BachelierPrice)
HEDGEROW_STAGES(bachelier_greeks, BachelierState, BachelierDistance, BachelierTails,
                BachelierGreeks)
HEDGEROW_MAP(bachelier_implied_volatility_status,
             bachelier_implied_volatility_status(in(0), in(1), in(2), in(3), in(4), in(5)))

// clang-format off: after the kernels of Black's model, their control
#include "american_nodes.inl"
#include "american.inl"
#include "american_rows.inl"
#include "american_greeks.inl"
#include "american_implied_volatility.inl"
#include "fourier_nodes.inl"
#include "fourier_sums.inl"
#include "fourier.inl"
// clang-format on

HEDGEROW_STRIP(heston, HestonModel)
HEDGEROW_STRIP(bates, BatesModel)
HEDGEROW_STRIP(merton, MertonModel)
HEDGEROW_STRIP(kou, KouModel)
HEDGEROW_STRIP(variance_gamma, VarianceGammaModel)
HEDGEROW_STRIP(normal_inverse_gaussian, NormalInverseGaussianModel)

}  // namespace

#define HEDGEROW_STRING_(x) #x
#define HEDGEROW_STRING(x) HEDGEROW_STRING_(x)

extern const Table table;
const Table table = {
    HEDGEROW_STRING(HEDGEROW_TARGET),
    stream,
    HEDGEROW_STREAM_WIDTH,
    {
#define HEDGEROW_KERNEL(name, inputs, outputs) name##_scalar,
#include "kernels.def"
#undef HEDGEROW_KERNEL
    },
    {
#define HEDGEROW_KERNEL(name, inputs, outputs) name##_columns,
#include "kernels.def"
#undef HEDGEROW_KERNEL
    },
    {revaluation_double_base, revaluation_double_columns, revaluation_double_smile},
    {revaluation_float_base, revaluation_float_columns, revaluation_float_smile},
    bsm_hoist_columns,
    bsm_moved_greeks_columns,
    grouped_sums_columns,
    sum_of_sizes_columns,
    add_to_nodes,
    add_units,
    {sabr_places_columns, sabr_volatility_columns, sabr_gradient_columns},
    {hyperbola_columns, normal_sums_columns},
    {heston_strip, bates_strip, merton_strip, kou_strip, variance_gamma_strip,
     normal_inverse_gaussian_strip},
    {heston_gradient, bates_gradient, merton_gradient, kou_gradient, variance_gamma_gradient,
     normal_inverse_gaussian_gradient},
    {heston_greeks, bates_greeks, merton_greeks, kou_greeks, variance_gamma_greeks,
     normal_inverse_gaussian_greeks},
    {heston_pde_factor, heston_pde_step},
    {uniform_columns, normal_columns, heston_step_columns, jump_step_columns, observe_columns}};

}  // namespace hedgerow::kernels::HEDGEROW_TARGET
