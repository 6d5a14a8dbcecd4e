// Finds the places of values in a list by their hash.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "huge_allocator.hpp"

namespace hedgerow::detail {

/// An open-addressing table of places that leaves the values where they are: 16 bytes a value,
/// against a node each in the standard containers. Values are never removed.
class PlaceIndex {
  public:
    /// Room for so many values; more will find theirs.
    explicit PlaceIndex(std::size_t expected = 8) : slots_(std::bit_ceil(2 * expected + 2)) {}

    /// The place of the value with this hash for which `is_at(place)` holds; a value that is new
    /// gets the next place, which is `size()` before.
    template <class IsAt>
    std::uint32_t find_or_add(std::size_t hash, IsAt is_at) {
        if (2 * (size_ + 1) > slots_.size()) grow();
        const std::uint32_t mark = mark_of(hash);
        for (std::size_t i = mark;; ++i) {
            Slot& slot = slots_[i & (slots_.size() - 1)];
            if (slot.next == 0) {
                slot = {mark, ++size_};
                return size_ - 1;
            }
            if (slot.mark == mark && is_at(slot.next - 1)) return slot.next - 1;
        }
    }

    /// The place of the value with this hash for which `is_at(place)` holds, or `none`.
    template <class IsAt>
    std::uint32_t find(std::size_t hash, IsAt is_at) const {
        const std::uint32_t mark = mark_of(hash);
        for (std::size_t i = mark;; ++i) {
            const Slot& slot = slots_[i & (slots_.size() - 1)];
            if (slot.next == 0) return none;
            if (slot.mark == mark && is_at(slot.next - 1)) return slot.next - 1;
        }
    }
    static constexpr std::uint32_t none = 0xffffffffu;

    /// The place that find() is nearly sure to give, without a look at the values; or `none`.
    std::uint32_t guess(std::size_t hash) const noexcept {
        return find(hash, [](std::uint32_t) { return true; });
    }

    /// Fetches what find_or_add of this hash will look at, while the caller does something else.
    /// Inlined: as a function of no effect that the language knows, gcc would leave out the call.
    [[gnu::always_inline]] void prefetch(std::size_t hash) const noexcept {
        __builtin_prefetch(&slots_[mark_of(hash) & (slots_.size() - 1)]);
    }

    std::uint32_t size() const noexcept { return size_; }

  private:
    struct Slot {
        std::uint32_t mark = 0;
        std::uint32_t next = 0;  // the place plus one; 0 when empty
    };

    using Slots = std::vector<Slot, HugeAllocator<Slot>>;

    /// Standard hashes of numbers are the numbers: the golden ratio spreads them.
    static std::uint32_t mark_of(std::size_t hash) noexcept {
        return static_cast<std::uint32_t>(hash * 0x9e3779b97f4a7c15u >> 32);
    }

    void grow() {
        Slots old(2 * slots_.size());
        old.swap(slots_);
        for (const Slot& slot : old) {
            if (slot.next == 0) continue;
            std::size_t i = slot.mark;
            while (slots_[i & (slots_.size() - 1)].next != 0) ++i;
            slots_[i & (slots_.size() - 1)] = slot;
        }
    }

    Slots slots_;
    std::uint32_t size_ = 0;
};

}  // namespace hedgerow::detail
