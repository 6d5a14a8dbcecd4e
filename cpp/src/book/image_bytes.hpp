// The bytes of an image: numbers one after the other, little-endian on every machine, and their way
// back. What is read is bounded at every step: damaged bytes are refused, never followed.
#pragma once

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "event_table.hpp"
#include "hedgerow/base/error.hpp"
#include "hedgerow/base/instant.hpp"

namespace hedgerow {

/// What an image begins with: 32 bytes.
///
/// mark (8), version (8), length of all (8), checksum of what follows (8)
struct ImageHeader {
    static constexpr std::uint64_t mark = 0x766e692d776f7268u;  // reads "hrow-inv"
    static constexpr std::uint64_t version = 1;
    static constexpr std::size_t size = 32;
};

/// Words folded one after the other; a change of any word changes it but once in 2^64 times.
inline std::uint64_t image_checksum(std::span<const std::byte> bytes) noexcept {
    std::uint64_t hash = bytes.size();
    const auto word_at = [&](std::size_t at, std::size_t n) {
        std::uint64_t word = 0;
        for (std::size_t i = 0; i < n; ++i)
            word |= std::to_integer<std::uint64_t>(bytes[at + i]) << 8 * i;
        return word;
    };
    std::size_t at = 0;
    for (; at + 8 <= bytes.size(); at += 8) hash = detail::fold(hash, word_at(at, 8));
    if (at < bytes.size()) hash = detail::fold(hash, word_at(at, bytes.size() - at));
    return hash;
}

/// Writes an image.
class ImageWriter {
  public:
    ImageWriter() : bytes_(4096), size_(ImageHeader::size) {}

    template <std::unsigned_integral Word>
    void put(Word word) {
        make_room(sizeof(Word));
        store(size_, word);
        size_ += sizeof(Word);
    }
    void put(std::int64_t number) { put(static_cast<std::uint64_t>(number)); }
    void put(double number) { put(std::bit_cast<std::uint64_t>(number)); }
    void put(Instant instant) { put(instant.nanoseconds); }
    void put(bool flag) { put(static_cast<std::uint8_t>(flag)); }
    void put(const EventId& id) {
        put(id.high);
        put(id.low);
    }
    void put(std::string_view text) {
        put_count(text.size());
        make_room(text.size());
        std::ranges::copy(std::as_bytes(std::span(text)),
                          bytes_.begin() + static_cast<std::ptrdiff_t>(size_));
        size_ += text.size();
    }
    void put(const std::string& text) { put(std::string_view(text)); }
    void put(const std::vector<std::string>& texts) {
        put_count(texts.size());
        for (const std::string& text : texts) put(text);
    }
    template <class Choice>
        requires std::is_enum_v<Choice>
    void put(Choice choice) {
        put(static_cast<std::uint8_t>(choice));
    }
    void put_count(std::size_t count) { put(static_cast<std::uint64_t>(count)); }

    /// The image, complete.
    std::vector<std::byte> finish() && {
        bytes_.resize(size_);
        store(0, ImageHeader::mark);
        store(8, ImageHeader::version);
        store(16, static_cast<std::uint64_t>(bytes_.size()));
        store(24, image_checksum(std::span(bytes_).subspan(ImageHeader::size)));
        return std::move(bytes_);
    }

  private:
    void make_room(std::size_t more) {
        if (bytes_.size() - size_ < more) bytes_.resize(2 * (size_ + more));
    }
    template <std::unsigned_integral Word>
    void store(std::size_t at, Word word) noexcept {
        for (std::size_t i = 0; i < sizeof(Word); ++i)
            bytes_[at + i] = static_cast<std::byte>(static_cast<std::uint64_t>(word) >> 8 * i);
    }

    std::vector<std::byte> bytes_;  // with room for more
    std::size_t size_;
};

/// Reads an image, in the order in which it was written.
class ImageReader {
  public:
    /// @throws InvalidInput, as all that reads, when these are not the bytes of an image, whole.
    explicit ImageReader(std::span<const std::byte> bytes) : bytes_(bytes) {
        if (bytes.size() < ImageHeader::size) refuse("must be an image, whole");
        if (word() != ImageHeader::mark) refuse("must be an image of an inventory");
        if (const std::uint64_t version = word(); version != ImageHeader::version)
            throw InvalidInput("image", "of version " + std::to_string(version),
                               "must be of version " + std::to_string(ImageHeader::version) +
                                   ", which is known here");
        if (word() != bytes.size()) refuse("must be an image, whole");
        if (word() != image_checksum(bytes.subspan(ImageHeader::size)))
            refuse("must be as it was written");
    }

    [[noreturn, gnu::cold]] void refuse(const char* rule) const {
        throw InvalidInput("image", "at byte " + std::to_string(at_), rule);
    }
    void require(bool holds) const {
        if (!holds) [[unlikely]]
            refuse("must be as it was written");
    }

    std::uint64_t word() { return take<std::uint64_t>(); }
    std::int64_t integer() { return static_cast<std::int64_t>(word()); }
    double number() { return std::bit_cast<double>(word()); }
    Instant instant() { return {integer()}; }
    EventId id() {
        const std::uint64_t high = word();
        return {high, word()};
    }
    bool flag() { return below(2) != 0; }
    /// A choice of this many.
    std::uint8_t below(std::uint8_t end) {
        const auto choice = take<std::uint8_t>();
        require(choice < end);
        return choice;
    }
    /// A place in a list of this size.
    std::uint32_t place(std::size_t end) {
        const auto place = take<std::uint32_t>();
        require(place < end);
        return place;
    }
    /// How many of something follow, of at least so many bytes each.
    std::size_t count(std::size_t least) {
        const std::uint64_t count = word();
        require(count <= (bytes_.size() - at_) / least);
        return static_cast<std::size_t>(count);
    }
    std::string text() {
        const std::size_t size = count(1);
        std::string text(size, '\0');
        for (char& c : text) c = static_cast<char>(bytes_[at_++]);
        return text;
    }
    std::vector<std::string> texts() {
        std::vector<std::string> all(count(8));
        for (std::string& one : all) one = text();
        return all;
    }
    /// @throws InvalidInput where there is more.
    void finish() const { require(at_ == bytes_.size()); }

  private:
    template <std::unsigned_integral Word>
    Word take() {
        require(bytes_.size() - at_ >= sizeof(Word));
        std::uint64_t word = 0;
        for (std::size_t i = 0; i < sizeof(Word); ++i)
            word |= std::to_integer<std::uint64_t>(bytes_[at_ + i]) << 8 * i;
        at_ += sizeof(Word);
        return static_cast<Word>(word);
    }

    std::span<const std::byte> bytes_;
    std::size_t at_ = 0;
};

}  // namespace hedgerow
