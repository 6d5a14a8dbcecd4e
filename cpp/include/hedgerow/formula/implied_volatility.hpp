/// What an implied volatility function answers.
#pragma once

#include "hedgerow/base/status.hpp"

namespace hedgerow {

/// The volatility and what happened: `volatility` is NaN unless the status is ok.
struct ImpliedVolatility {
    double volatility;
    Status status;
};

}  // namespace hedgerow
