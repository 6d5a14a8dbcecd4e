#include "hedgerow/risk/scenarios.hpp"

#include <utility>

#include "hedgerow/base/error.hpp"

namespace hedgerow {

namespace {

void check(const std::string& of, const Moves& moves, std::size_t scenarios) {
    const auto require_length = [&](const char* column, std::size_t size) {
        if (size != scenarios)
            throw InvalidInput(of + column, std::to_string(size) + " values",
                               "must be one per scenario (" + std::to_string(scenarios) + ")");
    };
    require_length("spot_factor", moves.spot_factor.size());
    require_length("volatility_shift", moves.volatility_shift.size());
    for (std::size_t j = 0; j < scenarios; ++j) {
        const std::string index = "[" + std::to_string(j) + "]";
        require_positive(of + "spot_factor" + index, moves.spot_factor[j]);
        require_finite(of + "volatility_shift" + index, moves.volatility_shift[j]);
    }
}

}  // namespace

Scenarios::Scenarios(Moves common, std::map<std::string, Moves> own)
    : common_(std::move(common)), own_(std::move(own)) {
    check("", common_, size());
    for (const auto& [underlying, moves] : own_) {
        require_name("underlying", underlying);
        check("underlyings[" + underlying + "].", moves, size());
    }
}

const Moves& Scenarios::moves(const std::string& underlying) const noexcept {
    const auto found = own_.find(underlying);
    return found == own_.end() ? common_ : found->second;
}

}  // namespace hedgerow
