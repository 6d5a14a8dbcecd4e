/// The table of kernels that every instruction set fills, one row per entry of kernels.def.
///
/// This is all that the code compiled per instruction set shares with the rest of the core.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>

#include "hedgerow/base/fourier.hpp"
#include "hedgerow/base/greeks.hpp"
#include "hedgerow/base/kernel.hpp"
#include "hedgerow/base/node_sums.hpp"
#include "hedgerow/base/random.hpp"
#include "hedgerow/base/revaluation.hpp"
#include "hedgerow/base/status.hpp"

namespace hedgerow::kernels {

/// One evaluation: `in` holds the inputs, `out` receives the outputs, both in the order of the
/// kernel's documentation.
using Scalar = void (*)(const double* in, double* out) noexcept;

/// `n` evaluations over contiguous columns that do not overlap.
using Columns = void (*)(const double* const* in, double* const* out, std::size_t n) noexcept;

/// Options under scenarios (revaluation.inl), in one precision.
template <class Real>
struct Revaluation {
    /// Sets the base of every option from its other terms.
    void (*base)(HoistedOption<Real>* options, std::size_t count) noexcept;
    /// Adds weight times the change of value of every option to the sums, one per scenario.
    void (*change)(const HoistedOption<Real>* options, std::size_t count,
                   const ScenarioRow<Real>& row, Real* sums) noexcept;
    /// The same for an option that has a deviation of its own in every scenario.
    void (*change_on_smile)(const HoistedOption<Real>& option, const Real* deviation,
                            const ScenarioRow<Real>& row, Real* sums) noexcept;
};

/// sums[stride groups[i] + j] += weights[i] columns[j][i] for every row i, in their order.
using GroupedSums = void (*)(const double* const* columns, int count, const double* weights,
                             const std::uint32_t* groups, std::size_t n, double* sums,
                             std::size_t stride) noexcept;

/// The sum of the absolute values in `count` columns.
using SumOfSizes = double (*)(const double* const* columns, int count, std::size_t n) noexcept;

/// Sums of a live inventory; see base/node_sums.hpp.
using AddToNodes = std::uint32_t (*)(double* records, const std::uint32_t* nodes,
                                     const NodeShares& shares, const double* change,
                                     const double* money) noexcept;
using AddUnits = void (*)(const double* units, const std::uint32_t* instruments, const double* lots,
                          const std::uint32_t* leaves, std::size_t n, double* sums) noexcept;

/// An expiry's forward moved by the shift, F^-(1 - beta), and 1 - beta; see sabr.inl.
struct SabrExpiry {
    double forward, forward_power, one_less_beta;
};

/// SABR's parameters, and the time to expiry.
struct SabrModel {
    double alpha, beta, rho, nu, time;
};

/// SABR over strikes: their places, and at these volatilities and the derivatives of them.
struct Sabr {
    void (*places)(const SabrExpiry& expiry, const double* strike, double* const* out,
                   std::size_t n) noexcept;
    void (*volatility)(const SabrModel& model, const double* const* places, double* out,
                       std::size_t n) noexcept;
    void (*gradient)(const SabrModel& model, const double* const* places, double* const* out,
                     std::size_t n) noexcept;
};

/// A slice of total variance, w = level + slope x + sqrt(constant + linear x + quadratic x^2) with
/// x = k - place, as SVI's and SSVI's are.
struct Hyperbola {
    double place, level, slope, constant, linear, quadratic;
};

/// Of least squares fits of smiles (smile_fits.inl): a slice with its derivatives by the unknowns,
/// and the sums of such columns.
struct SmileFits {
    void (*hyperbola)(const Hyperbola& hyperbola, const double* chart, int unknowns,
                      const double* log_moneyness, double* const* out, std::size_t n) noexcept;
    void (*normal_sums)(const double* const* columns, int count, const double* squares,
                        const double* products, std::size_t n, double* sums) noexcept;
};

/// Prices of options of one expiry in a model and, by kernel, their derivatives in its parameters
/// or the Greeks of fourier_greek_names: a column of `out` each.
using Strip = void (*)(const double* parameters, double time, const FourierRows& rows,
                       double* const* out) noexcept;

/// Heston's equation on a grid (heston_pde.inl): what multiplies the values below, at and above a
/// row or a column. Rows of `stride` columns, a multiple of eight; those past `columns` are 0.
struct HestonPdeGrid {
    std::size_t rows, columns, stride;
    const double* first[3];   // s d/ds, by rows
    const double* second[3];  // s^2/2 d2/ds2, by rows
    const double* across[3];  // A2, by columns
    const double* mixed[3];   // rho sigma v d/dv, by columns
    const double* variance;
    const double* zeros;  // a row of them
    double across_far;    // A2 of column 0 on column 2
    double carry, half_rate;
};

/// The schemes, of which Douglas' damps at the start; see formula/heston_pde.hpp.
enum class HestonPdeScheme : unsigned char { modified_craig_sneyd, hundsdorfer_verwer, douglas };

/// A step in time, and the matrices I - implicit A eliminated: 1 / pivots, entries above them and,
/// along variances, below them. `fold` rows 1 are taken off row 0 before.
struct HestonPdeStep {
    HestonPdeScheme scheme;
    double time, implicit;
    double *spot_inverse, *spot_upper;
    const double *variance_inverse, *variance_upper, *variance_lower;
    double fold;
};

/// The values, and room: grids of rows with one more on either side that is known, a line with a
/// number on either side, and a tile.
struct HestonPdeState {
    double *values, *right, *along, *sum, *middle;
    double *source, *added;  // the values themselves and null without early exercise
    const double* payoff;    // of early exercise, by rows
    double *line, *tile;
};

/// Rows whose systems along variances are solved at a time, and how many there must be.
inline constexpr std::size_t heston_pde_lanes = 16;

struct HestonPde {
    void (*factor)(const HestonPdeGrid& grid, const HestonPdeStep& step) noexcept;
    void (*step)(const HestonPdeGrid& grid, const HestonPdeStep& step,
                 const HestonPdeState& state) noexcept;
};

/// A step of Heston's model by the scheme QE-M (heston_step.inl): what the parameters and the
/// length h of the step make of it.
struct HestonStep {
    double decay;          // exp(-kappa h)
    double mean;           // theta (1 - decay), of the next variance
    double spread;         // sigma^2 decay (1 - decay)/kappa, of its variance, per variance
    double constant;       // theta sigma^2 (1 - decay)^2/(2 kappa), of its variance
    double exponent;       // Andersen's A
    double from_variance;  // K2, of the next variance
    double share;          // K3 = K4, of the integrated variance
};

/// A step of compound Poisson jumps: the chances of at most 0, 1, ... jumps, the mean and standard
/// deviation of one, and the drift that makes up for them.
struct JumpStep {
    const double* chances;
    std::size_t count;
    double mean, deviation, drift;
};

/// Paths in columns of x = ln(F/F_0) and, where the model has one, the variance v. None throws.
struct Simulation {
    void (*uniforms)(const RandomRow& row, double* const* out, std::size_t n);
    void (*normals)(const RandomRow& row, double* const* out, std::size_t n);
    void (*heston_step)(const RandomRow& row, const HestonStep& step, double* x, double* v,
                        std::size_t n);
    void (*jump_step)(const RandomRow& row, const JumpStep& step, double* x, std::size_t n);
    /// Observes forward exp(x): the last value, the sum, the sum of logarithms, least and largest.
    void (*observe)(double forward, double log_forward, const double* x, double* const* out,
                    std::size_t n) noexcept;
};

enum Kernel : int {
#define HEDGEROW_KERNEL(name, inputs, outputs) name,
#include "kernels.def"
#undef HEDGEROW_KERNEL
    kernel_count
};

inline constexpr KernelInfo information[kernel_count] = {
#define HEDGEROW_KERNEL(name, inputs, outputs) {#name, inputs, outputs},
#include "kernels.def"
#undef HEDGEROW_KERNEL
};

inline constexpr int maximum_inputs = 8;
inline constexpr int maximum_outputs = greek_count;

/// Copies whole lines of eight doubles past the caches; `to` begins a cache line, `from` need not.
using Stream = void (*)(const double* from, double* to, std::size_t lines);

struct Table {
    const char* isa;
    Stream stream;
    int stream_width;  // doubles that one such store takes; 1 where there is none
    Scalar scalar[kernel_count];
    Columns columns[kernel_count];
    Revaluation<double> revaluation;
    Revaluation<float> revaluation_single;
    Columns bsm_hoist;  // 7 inputs of bsm_greeks -> 5 columns that no move of the spot changes
    Columns bsm_moved_greeks;  // 7 inputs, these 5, the logarithm of the move -> 17 outputs
    GroupedSums grouped_sums;
    SumOfSizes sum_of_sizes;
    AddToNodes add_to_nodes;
    AddUnits add_units;
    Sabr sabr;
    SmileFits smile_fits;
    Strip strips[fourier_model_count];
    Strip strip_gradients[fourier_model_count];
    Strip strip_greeks[fourier_model_count];
    HestonPde heston_pde;
    Simulation simulation;
};

/// The table for this processor: the best instruction set that it has and that HEDGEROW_ISA
/// (baseline, avx2, avx512, neon) allows. Chosen at the first call, the same ever after.
const Table& table() noexcept;

/// The tables that this processor can run, best first.
std::span<const Table* const> supported_tables() noexcept;

}  // namespace hedgerow::kernels
