// Which events were counted: a fingerprint of each, and a hash of what it said.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "../base/bytes.hpp"
#include "../base/huge_allocator.hpp"
#include "hedgerow/book/ledger.hpp"

namespace hedgerow::detail {

/// The high half of a product comes down on the low one, so that every bit of both factors arrives
/// everywhere.
inline std::uint64_t folded_product(std::uint64_t a, std::uint64_t b) noexcept {
    __extension__ typedef unsigned __int128 Wide;
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

/// A hash of words, one after the other. Images keep fingerprints of events that it made: another
/// hash is another version of ImageHeader.
inline std::uint64_t fold(std::uint64_t hash, std::uint64_t word) noexcept {
    return folded_product(hash ^ word ^ 0xa0761d6478bd642fu,
                          std::rotl(hash, 29) ^ 0xe7037ed1a0b428dbu);
}

/// A hash of a text, after what was hashed before.
inline std::uint64_t fold(std::uint64_t hash, std::string_view text) noexcept {
    hash = fold(hash, text.size());
    std::size_t at = 0;
    for (; at + 8 <= text.size(); at += 8) hash = fold(hash, load_word(text.data() + at));
    std::uint64_t word = 0;
    for (std::size_t i = at; i < text.size(); ++i)
        word |= std::uint64_t{static_cast<unsigned char>(text[i])} << 8 * (i - at);
    return fold(hash, word);
}

/// An open-addressing table of 24 bytes a place, at most two of three filled.
class EventTable {
  public:
    enum class Found : std::uint8_t { added, same, other, withdrawn };

    explicit EventTable(std::size_t expected = 64) { rehash(2 * expected); }

    /// Adds an event, unless there is one of its id; `content` tells whether that is the same.
    Found add(const EventId& id, std::uint64_t content) {
        if (3 * (size_ + 1) > 2 * places_.size()) rehash(2 * places_.size());
        Place& place = find(id);
        if (place.content != 0) return compare(place, content);
        place = {id, (content & ~gone) | present};
        ++size_;
        return Found::added;
    }

    /// What add() would find: `added` where the event is new.
    Found look(EventId id, std::uint64_t content) const noexcept {
        const Place& place = places_[place_of(id)];
        return place.content == 0 ? Found::added : compare(place, content);
    }

    /// Marks an event as withdrawn. `other` where it is unknown.
    Found withdraw(EventId id, std::uint64_t content) noexcept {
        Place& place = find(id);
        if (place.content == 0) return Found::other;
        const Found found = compare(place, content);
        if (found == Found::same) place.content |= gone;
        return found;
    }

    /// Fetches the place of an event that is to come, and of the one that will if ids count on.
    /// Inlined: as a function of no effect that the language knows, gcc would leave out the call.
    [[gnu::always_inline]] void prefetch(EventId id) const noexcept {
        __builtin_prefetch(&places_[begin(id)].content);
        __builtin_prefetch(&places_[begin({id.high, id.low + block})].content);
    }
    std::size_t size() const noexcept { return size_; }
    void reserve(std::size_t events) {
        if (3 * events > 2 * places_.size()) rehash(events + events / 2);
    }

    /// Shows every event: its id, and its content as restore() takes it.
    template <class Show>
    void each(Show show) const {
        for (const Place& place : places_)
            if (place.content != 0) show(place.id, place.content);
    }
    /// Adds an event of another table; false where it is known or none.
    bool restore(EventId id, std::uint64_t content) {
        if (3 * (size_ + 1) > 2 * places_.size()) rehash(2 * places_.size());
        Place& place = find(id);
        if (place.content != 0 || !(content & present)) return false;
        place = {id, content};
        ++size_;
        return true;
    }

  private:
    // The two lowest bits of a content are these; 0 means an empty place.
    static constexpr std::uint64_t present = 1, gone = 2;

    struct Place {
        EventId id;
        std::uint64_t content = 0;
    };

    using Places = std::vector<Place, HugeAllocator<Place>>;

    static Found compare(const Place& place, std::uint64_t content) noexcept {
        if (((place.content ^ content) | present | gone) != (present | gone)) return Found::other;
        return place.content & gone ? Found::withdrawn : Found::same;
    }

    /// Venues number their trades: events whose fingerprints follow each other stand side by side,
    /// by the block, and what comes in order finds the caches warm. Blocks are short, as one that
    /// finds its places taken has to pass whole others.
    static constexpr std::uint64_t block = 4;

    std::size_t begin(EventId id) const noexcept {
        const std::uint64_t number = folded_product(id.low / block, 0x9e3779b97f4a7c15u);
        return (number * block + id.low % block) & (places_.size() - 1);
    }

    std::size_t place_of(const EventId& id) const noexcept {
        std::size_t i = begin(id);
        while (places_[i].content != 0 && places_[i].id != id) i = (i + 1) & (places_.size() - 1);
        return i;
    }
    Place& find(const EventId& id) noexcept { return places_[place_of(id)]; }

    /// @param places a power of two, or what is rounded up to one.
    void rehash(std::size_t places) {
        Places old(std::bit_ceil(std::max<std::size_t>(places, block)));
        old.swap(places_);
        for (const Place& place : old)
            if (place.content != 0) find(place.id) = place;
    }

    Places places_;
    std::size_t size_ = 0;
};

}  // namespace hedgerow::detail
