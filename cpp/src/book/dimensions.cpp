#include "dimensions.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "hedgerow/base/error.hpp"
#include "node_table.hpp"

namespace hedgerow {

namespace {

constexpr std::array<const char*, 7> contract_keys{"underlying", "expiry", "tenor",   "strike",
                                                   "right",      "kind",   "currency"};

std::string shown(double number) {
    char text[32];
    std::snprintf(text, sizeof text, "%.10g", number);
    return text;
}

}  // namespace

DimensionKeys::DimensionKeys(const InventorySetup& setup) : tenors_(setup.tenors) {
    if (setup.dimensions.size() > NodeTable::most_dimensions)
        throw InvalidInput("dimensions", std::to_string(setup.dimensions.size()),
                           "must be at most eight");
    for (std::size_t i = 0; i < tenors_.size(); ++i)
        if (!(tenors_[i] > (i == 0 ? 0.0 : tenors_[i - 1])))
            throw InvalidInput("tenors", tenors_[i], "must be positive and increasing");
    for (const Dimension& dimension : setup.dimensions) {
        std::vector<Part>& parts = keys_.emplace_back();
        for (const std::string& key : dimension.keys) {
            if (std::ranges::count(dimension.keys, key) > 1)
                throw InvalidInput("dimensions", key, "must be given once in a dimension");
            const auto known = std::ranges::find(contract_keys, key);
            const auto label = std::ranges::find(setup.labels, key);
            if (known != contract_keys.end())
                parts.push_back({static_cast<Key>(known - contract_keys.begin()), 0});
            else if (label != setup.labels.end())
                parts.push_back(
                    {Key::owner, static_cast<std::size_t>(label - setup.labels.begin())});
            else
                throw InvalidInput("dimensions", key,
                                   "must be a label of owners or one of underlying, expiry, tenor, "
                                   "strike, right, kind, currency");
            by_tenor_ = by_tenor_ || parts.back().key == Key::tenor;
        }
    }
}

std::size_t DimensionKeys::tenor(Instant expiry, Instant as_of) const noexcept {
    const double days = 365 * year_fraction(as_of, expiry);
    return static_cast<std::size_t>(std::ranges::lower_bound(tenors_, days) - tenors_.begin());
}

bool DimensionKeys::is_same(Instant expiry, Instant before, Instant after) const noexcept {
    return !by_tenor_ || tenor(expiry, before) == tenor(expiry, after);
}

bool DimensionKeys::is_mixed(std::size_t dimension) const noexcept {
    return std::ranges::none_of(keys_[dimension],
                                [](const Part& part) { return part.key == Key::underlying; });
}

bool DimensionKeys::is_within_series() const noexcept {
    return std::ranges::any_of(keys_, [](const std::vector<Part>& parts) {
        return std::ranges::any_of(parts, [](const Part& part) {
            return part.key == Key::strike || part.key == Key::right;
        });
    });
}

std::vector<std::string> DimensionKeys::labels(std::size_t dimension, const Contract& contract,
                                               std::span<const std::string> owner,
                                               Instant as_of) const {
    std::vector<std::string> all;
    for (const Part& part : keys_[dimension]) all.push_back(label(part, contract, owner, as_of));
    return all;
}

std::string DimensionKeys::label(const Part& part, const Contract& contract,
                                 std::span<const std::string> owner, Instant as_of) const {
    const Option* option = std::get_if<Option>(&contract);
    const Instant* expires = expiry(contract);
    switch (part.key) {
        case Key::underlying:
            return underlying(contract);
        case Key::expiry:
            return expires ? to_string(*expires) : "";
        case Key::tenor: {
            if (!expires) return "";
            const std::size_t number = tenor(*expires, as_of);
            if (number < tenors_.size()) return "<=" + shown(tenors_[number]) + "d";
            return tenors_.empty() ? "all" : ">" + shown(tenors_.back()) + "d";
        }
        case Key::strike:
            return option ? shown(option->strike()) : "";
        case Key::right:
            return option ? (option->right() == Right::call ? "call" : "put") : "";
        case Key::kind:
            return kind(contract);
        case Key::currency:
            return currency(contract);
        case Key::owner:
            return owner[part.label];
    }
    return "";
}

}  // namespace hedgerow
