#include "hedgerow/market/snapshot.hpp"

#include <algorithm>
#include <utility>

#include "hedgerow/base/error.hpp"

namespace hedgerow {

UnderlyingMarket::UnderlyingMarket(std::string underlying, std::string quote_currency,
                                   ForwardCurve forwards, DiscountCurve discount,
                                   std::vector<Smile> smiles, std::optional<double> perpetual,
                                   DiscountCurve coin_discount)
    : underlying_(std::move(underlying)),
      quote_currency_(std::move(quote_currency)),
      forwards_(std::move(forwards)),
      discount_(std::move(discount)),
      smiles_(std::move(smiles)),
      perpetual_(perpetual),
      coin_discount_(std::move(coin_discount)) {
    require_name("underlying", underlying_);
    require_name("quote_currency", quote_currency_);
    if (perpetual_) require_positive("perpetual", *perpetual_);
    std::ranges::sort(smiles_, {}, &Smile::expiry);
    const auto twin = std::ranges::adjacent_find(smiles_, {}, &Smile::expiry);
    if (twin != smiles_.end())
        throw InvalidInput("smiles", to_string(twin->expiry()), "must be one per expiry");
}

const Smile* UnderlyingMarket::smile(Instant expiry) const noexcept {
    const auto found = std::ranges::lower_bound(smiles_, expiry, {}, &Smile::expiry);
    return found != smiles_.end() && found->expiry() == expiry ? &*found : nullptr;
}

UnderlyingMarket UnderlyingMarket::with_spot(double spot) const {
    UnderlyingMarket moved = *this;
    moved.forwards_ = forwards_.with_spot(spot);
    if (perpetual_)
        moved.perpetual_ = require_positive("perpetual", *perpetual_ * (spot / this->spot()));
    return moved;
}

UnderlyingMarket UnderlyingMarket::with_smiles(std::vector<Smile> smiles) const {
    return UnderlyingMarket(underlying_, quote_currency_, forwards_, discount_, std::move(smiles),
                            perpetual_, coin_discount_);
}

ExchangeRates::ExchangeRates(std::string reporting, std::map<std::string, double> rates)
    : reporting_(std::move(reporting)), rates_(std::move(rates)) {
    require_name("reporting", reporting_);
    for (const auto& [currency, rate] : rates_) {
        require_name("rates", currency);
        require_positive("rates[" + currency + "]", rate);
    }
    if (const auto own = rates_.find(reporting_); own != rates_.end()) {
        if (own->second != 1)
            throw InvalidInput("rates[" + reporting_ + "]", own->second,
                               "must be 1 for the reporting currency");
        rates_.erase(own);
    }
}

std::optional<double> ExchangeRates::rate(const std::string& currency) const noexcept {
    if (currency == reporting_) return 1.0;
    const auto found = rates_.find(currency);
    return found == rates_.end() ? std::nullopt : std::optional(found->second);
}

Snapshot::Snapshot(Instant as_of, std::vector<UnderlyingMarket> markets, ExchangeRates rates)
    : as_of_(as_of), markets_(std::move(markets)), rates_(std::move(rates)) {
    std::ranges::sort(markets_, {}, &UnderlyingMarket::underlying);
    const auto twin = std::ranges::adjacent_find(markets_, {}, &UnderlyingMarket::underlying);
    if (twin != markets_.end())
        throw InvalidInput("markets", twin->underlying(), "must be one per underlying");
    for (const UnderlyingMarket& market : markets_) {
        const auto require_clock = [&](const char* curve, Instant clock) {
            if (clock != as_of_)
                throw InvalidInput("markets[" + market.underlying() + "]." + curve + ".as_of",
                                   to_string(clock), "must be the snapshot's " + to_string(as_of_));
        };
        require_clock("forwards", market.forwards().as_of());
        if (!market.discount().pillars().empty())
            require_clock("discount", market.discount().as_of());
        if (!market.coin_discount().pillars().empty())
            require_clock("coin_discount", market.coin_discount().as_of());
    }
}

const UnderlyingMarket* Snapshot::market(const std::string& underlying) const noexcept {
    const auto found =
        std::ranges::lower_bound(markets_, underlying, {}, &UnderlyingMarket::underlying);
    return found != markets_.end() && found->underlying() == underlying ? &*found : nullptr;
}

}  // namespace hedgerow
