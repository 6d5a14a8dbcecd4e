// From worth and Greeks to measures: all are linear, so that units and sums of them go one way.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "hedgerow/base/greeks.hpp"
#include "hedgerow/book/valuation.hpp"
#include "hedgerow/price/series.hpp"

namespace hedgerow {

/// What a measure takes of what is held and of what it cost.
struct Coefficient {
    double held = 0;
    double cost = 0;  ///< per unit of cost x multiplier
};

/// The worth and the Greeks of one unit, or of any number of units of one series together.
struct Worth {
    bool live, margined, inverse;
    bool cash;            ///< no P&L
    bool has_underlying;  ///< else there is nothing to count in but money
    double spot, rate, quote_rate, price, worth;
    Greeks greeks;

    Coefficient operator[](Measure measure) const noexcept;
};

/// The measures wanted, and the Greeks that they are made of.
class MeasureList {
  public:
    /// @throws InvalidInput unless the measures are distinct and additive.
    explicit MeasureList(std::span<const Measure> measures);

    const std::vector<Measure>& measures() const noexcept { return measures_; }
    std::size_t size() const noexcept { return measures_.size(); }
    /// Numbers of Greeks, in the order in which sums of them are kept.
    const std::vector<std::size_t>& greeks() const noexcept { return greeks_; }

    /// Adds to the totals what positions of one series are together.
    /// @param greeks of options the sums of held x Greek, in the order of greeks(); others need
    ///     none.
    /// @param known whether the costs are; P&L of an unknown cost is in no total.
    void add(const SeriesMarket& series, const double* greeks, double held, double cost, bool known,
             double* totals) const noexcept;

  private:
    std::vector<Measure> measures_;
    std::vector<std::size_t> greeks_;
};

}  // namespace hedgerow
