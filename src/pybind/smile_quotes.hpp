// The quotes of an expiry as Python hands them over.
#pragma once

#include <optional>

#include "arrays.hpp"
#include "hedgerow/formula/smile_fit.hpp"

namespace hedgerow::binding {

/// Columns that are kept alive, and their view.
class QuoteColumns {
  public:
    QuoteColumns(Column<double> log_moneyness, Column<double> volatility, double time,
                 std::optional<Column<double>> weight)
        : log_moneyness_(std::move(log_moneyness)),
          volatility_(std::move(volatility)),
          weight_(std::move(weight)),
          time_(time) {}

    SmileQuotes view() const {
        SmileQuotes quotes{as_span(log_moneyness_), as_span(volatility_), {}, time_};
        if (weight_) quotes.weight = as_span(*weight_);
        return quotes;
    }
    const Column<double>& log_moneyness() const { return log_moneyness_; }
    const Column<double>& volatility() const { return volatility_; }
    const std::optional<Column<double>>& weight() const { return weight_; }
    double time() const { return time_; }

  private:
    Column<double> log_moneyness_, volatility_;
    std::optional<Column<double>> weight_;
    double time_;
};

}  // namespace hedgerow::binding
