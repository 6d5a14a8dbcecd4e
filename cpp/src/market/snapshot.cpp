#include "hedgerow/market/snapshot.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "hedgerow/base/error.hpp"

namespace hedgerow {

namespace {

std::pair<Instant, std::string_view> settlement_of(const SettlementWindow& window) noexcept {
    return {window.expiry(), window.fixing()};
}

}  // namespace

UnderlyingMarket::UnderlyingMarket(std::string underlying, std::string quote_currency,
                                   ForwardCurve forwards, DiscountCurve discount,
                                   std::vector<Smile> smiles, std::optional<double> perpetual,
                                   DiscountCurve coin_discount,
                                   std::vector<SettlementWindow> windows)
    : underlying_(std::move(underlying)),
      quote_currency_(std::move(quote_currency)),
      forwards_(std::move(forwards)),
      discount_(std::move(discount)),
      smiles_(std::move(smiles)),
      perpetual_(perpetual),
      coin_discount_(std::move(coin_discount)),
      windows_(std::move(windows)) {
    require_name("underlying", underlying_);
    require_name("quote_currency", quote_currency_);
    if (perpetual_) require_positive("perpetual", *perpetual_);
    std::ranges::sort(smiles_, {}, &Smile::expiry);
    const auto twin = std::ranges::adjacent_find(smiles_, {}, &Smile::expiry);
    if (twin != smiles_.end())
        throw InvalidInput("smiles", to_string(twin->expiry()), "must be one per expiry");
    std::ranges::sort(windows_, {}, settlement_of);
    const auto same = std::ranges::adjacent_find(windows_, {}, settlement_of);
    if (same != windows_.end())
        throw InvalidInput("settlement_windows", to_string(same->expiry()) + " " + same->fixing(),
                           "must be one per expiry and fixing");
}

const Smile* UnderlyingMarket::smile(Instant expiry) const noexcept {
    const auto found = std::ranges::lower_bound(smiles_, expiry, {}, &Smile::expiry);
    return found != smiles_.end() && found->expiry() == expiry ? &*found : nullptr;
}

const SettlementWindow* UnderlyingMarket::settlement_window(
    Instant expiry, const std::string& fixing) const noexcept {
    const std::pair<Instant, std::string_view> wanted{expiry, fixing};
    const auto found = std::ranges::lower_bound(windows_, wanted, {}, settlement_of);
    return found != windows_.end() && settlement_of(*found) == wanted ? &*found : nullptr;
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
                            perpetual_, coin_discount_, windows_);
}

UnderlyingMarket UnderlyingMarket::with_settlement_windows(
    std::vector<SettlementWindow> windows) const {
    return UnderlyingMarket(underlying_, quote_currency_, forwards_, discount_, smiles_, perpetual_,
                            coin_discount_, std::move(windows));
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
        for (const SettlementWindow& window : market.settlement_windows())
            if (window.average().has_value() != window.has_begun(as_of_))
                throw InvalidInput(
                    "markets[" + market.underlying() + "].settlement_windows.average",
                    window.average() ? std::to_string(*window.average()) : "none",
                    "must be given where a window has begun, and only there");
    }
}

const UnderlyingMarket* Snapshot::market(const std::string& underlying) const noexcept {
    const auto found =
        std::ranges::lower_bound(markets_, underlying, {}, &UnderlyingMarket::underlying);
    return found != markets_.end() && found->underlying() == underlying ? &*found : nullptr;
}

}  // namespace hedgerow
