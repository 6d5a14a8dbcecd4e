// The fingerprints of the ids that venues give.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "event_table.hpp"
#include "hedgerow/book/ledger.hpp"

namespace hedgerow {

using detail::fold;

VenueIds::VenueIds(std::string_view venue) noexcept
    : high_(fold(0x8ebc6af09c88c6e3u, venue)), low_(fold(0x589965cc75374cc3u, venue)) {}

EventId VenueIds::operator()(std::string_view id) const noexcept {
    // Of an id that ends in a number the low half counts on: see EventTable.
    constexpr std::size_t most_digits = 18;
    const std::size_t most = std::min(most_digits, id.size());
    std::size_t digits = 0;
    std::uint64_t number = 0, power = 1;
    for (; digits < most; ++digits, power *= 10) {
        const char last = id[id.size() - 1 - digits];
        if (last < '0' || last > '9') break;
        number += power * static_cast<std::uint64_t>(last - '0');
    }
    // As many digits: "7" is not "07", and the low half alone is what open lots remember.
    return {fold(high_, id), fold(fold(low_, digits), id.substr(0, id.size() - digits)) + number};
}

EventId event_id(std::string_view venue, std::string_view id) noexcept {
    return VenueIds(venue)(id);
}

}  // namespace hedgerow
