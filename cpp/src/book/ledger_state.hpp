// What a Ledger holds, and how a trade changes it.
#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "../base/place_index.hpp"
#include "event_table.hpp"
#include "hedgerow/base/error.hpp"
#include "hedgerow/book/book.hpp"
#include "hedgerow/book/ledger.hpp"
#include "hedgerow/contract/columns.hpp"

namespace hedgerow {

/// What a fill says, but for its time: a venue that reports one again may give another.
inline std::uint64_t content_of(const Fill& fill) noexcept {
    std::uint64_t hash = detail::fold(std::uint64_t{fill.owner} << 32 | fill.instrument,
                                      static_cast<std::uint64_t>(fill.lots));
    hash = detail::fold(hash, std::bit_cast<std::uint64_t>(fill.price));
    return detail::fold(hash, std::bit_cast<std::uint64_t>(fill.fee) ^ fill.fee_currency);
}

/// What of an instrument a fill needs to know.
struct Tradable {
    Kind kind;
    Settlement settlement;
    bool margined;
    std::uint32_t currency;
    double size;  // of a lot: contracts times multiplier
    double lot;
};

inline std::uint64_t hash_of(std::span<const std::string> labels) noexcept {
    std::uint64_t hash = 0;
    for (const std::string& label : labels) hash = detail::fold(hash, label);
    return hash;
}

inline std::size_t key_of(std::uint32_t owner, std::uint32_t instrument) noexcept {
    return std::size_t{owner} * 0x100000001b3u ^ instrument;
}

[[noreturn, gnu::cold]] inline void refuse(const char* argument, double value, const char* rule) {
    throw InvalidInput(argument, value, rule);
}

[[noreturn, gnu::cold]] inline void refuse_number(const char* argument, std::size_t number,
                                                  std::size_t count) {
    throw InvalidInput(argument, std::to_string(number), "must be below " + std::to_string(count));
}

/// What a fill comes to, once it is found to be one that can be counted.
struct Ledger::Counted {
    double worth;
    Amount paid, fee;
    std::uint32_t fee_currency;
    std::uint32_t place;  // of its position, where there is one
};

struct Ledger::State {
    std::vector<std::string> labels;
    std::vector<std::string> owner_labels;  // of one owner after the other
    std::vector<Instrument> instruments;
    std::vector<Tradable> tradables;
    std::vector<std::string> currencies;
    std::vector<Position> positions;
    std::vector<CashBalance> balances;  // owner by owner, currency_room numbers each
    std::size_t owners = 0, currency_room = 4;
    detail::PlaceIndex owner_index, instrument_index, position_index;
    detail::EventTable events;
    std::vector<OpenLot, detail::HugeAllocator<OpenLot>> lots{
        OpenLot{}};  // the first stands for none
    std::uint32_t free_lots = 0;

    CashBalance& balance(std::uint32_t owner, std::uint32_t currency) noexcept {
        return balances[owner * currency_room + currency];
    }
    const CashBalance& balance(std::uint32_t owner, std::uint32_t currency) const noexcept {
        return balances[owner * currency_room + currency];
    }

    std::uint32_t take_lot(const OpenLot& lot) {
        if (free_lots == 0) {
            lots.push_back(lot);
            return static_cast<std::uint32_t>(lots.size() - 1);
        }
        const std::uint32_t place = free_lots;
        free_lots = lots[place].next;
        lots[place] = lot;
        return place;
    }

    void drop_first_lot(Position& position) noexcept {
        const std::uint32_t place = position.first_lot;
        position.first_lot = lots[place].next;
        if (position.first_lot == 0) position.last_lot = 0;
        lots[place].next = free_lots;
        free_lots = place;
    }

    static Amount cost_of(const OpenLot& lot) noexcept {
        return Amount::of(static_cast<double>(lot.lots) * lot.worth);
    }

    void append_lot(Position& position, const OpenLot& lot) {
        const std::uint32_t place = take_lot(lot);
        (position.last_lot == 0 ? position.first_lot : lots[position.last_lot].next) = place;
        position.last_lot = place;
    }

    /// Closes lots first in, first out; what is more opens the other side.
    void close_lots(Position& position, std::int64_t bought, double worth, std::uint64_t fill) {
        while (bought != 0 && position.first_lot != 0) {
            OpenLot& lot = lots[position.first_lot];
            if (std::abs(lot.lots) > std::abs(bought)) {
                lot.lots += bought;
                return;
            }
            bought += lot.lots;  // nothing, where it was busted
            drop_first_lot(position);
        }
        if (bought != 0) append_lot(position, {bought, worth, fill, 0});
    }

    /// Whether a trade opens more of what is held, rather than to close it.
    static bool opens(std::int64_t held, std::int64_t bought) noexcept {
        return held == 0 || (held > 0) == (bought > 0);
    }
    void trade_lots(Position& position, std::int64_t held, std::int64_t bought, double worth,
                    std::uint64_t fill) {
        // All open lots are of the side that is held: to add one takes no look at them.
        if (opens(held, bought))
            append_lot(position, {bought, worth, fill, 0});
        else
            close_lots(position, bought, worth, fill);
    }

    /// The cost of what is open after a trade, at its average.
    static double average_after(const Position& position, std::int64_t bought,
                                double worth) noexcept {
        const std::int64_t before = position.lots, after = before + bought;
        if (opens(before, bought))
            return position.average_cost + static_cast<double>(bought) * worth;
        if (after == 0) return 0;
        if ((after > 0) != (before > 0)) return static_cast<double>(after) * worth;
        return position.average_cost * (static_cast<double>(after) / static_cast<double>(before));
    }

    void trade(Position& position, std::int64_t bought, double worth, Amount paid,
               std::uint64_t fill) {
        position.average_cost = average_after(position, bought, worth);
        trade_lots(position, position.lots, bought, worth, fill);
        book(position, bought, paid);
    }

    /// Quantity, payments and profit.
    void book(Position& position, std::int64_t bought, Amount paid) noexcept {
        position.lots += bought;
        position.traded -= paid;
        if (tradables[position.instrument].margined) return;
        CashBalance& balance =
            this->balance(position.owner, tradables[position.instrument].currency);
        balance.cash -= paid;
        balance.traded -= paid;
    }

    void book_fee(std::uint32_t owner, std::uint32_t currency, Amount fee) noexcept {
        CashBalance& balance = this->balance(owner, currency);
        balance.cash -= fee;
        balance.fees += fee;
    }

    std::uint32_t find(std::string_view name) const noexcept {
        return instrument_index.find(detail::hash_text(name),
                                     [&](std::uint32_t i) { return instruments[i].name == name; });
    }
    std::uint32_t find(std::uint32_t owner, std::uint32_t instrument) const noexcept {
        return position_index.find(key_of(owner, instrument), [&](std::uint32_t p) {
            return positions[p].instrument == instrument && positions[p].owner == owner;
        });
    }

    std::uint32_t position(std::uint32_t owner, std::uint32_t instrument) {
        const std::uint32_t place =
            position_index.find_or_add(key_of(owner, instrument), [&](std::uint32_t p) {
                return positions[p].instrument == instrument && positions[p].owner == owner;
            });
        if (place == positions.size()) {
            positions.emplace_back();
            positions.back().owner = owner;
            positions.back().instrument = instrument;
        }
        return place;
    }

    void require(std::uint32_t owner, std::uint32_t instrument) const {
        if (owner >= owners) refuse_number("owner", owner, owners);
        if (instrument >= tradables.size())
            refuse_number("instrument", instrument, tradables.size());
    }

    /// Worth of one lot at a price.
    double worth_of(std::uint32_t instrument, double price) const {
        const Tradable& of = tradables[instrument];
        if (!std::isfinite(price)) refuse("price", price, "must be finite");
        if (of.margined && of.settlement == Settlement::inverse && price <= 0)
            refuse("price", price, "must be positive where a future pays in coin");
        const double worth = worth_at(of.kind, of.settlement, price) * of.size;
        if (!std::isfinite(worth)) refuse("price", price, "must leave a worth that is finite");
        return worth;
    }

    Amount amount_of(std::int64_t lots_traded, double worth) const {
        if (lots_traded == 0) refuse("lots", 0, "must not be zero");
        if (std::abs(static_cast<double>(lots_traded)) > static_cast<double>(largest_lots))
            refuse("lots", static_cast<double>(lots_traded), "must be at most 2^53");
        const double amount = static_cast<double>(lots_traded) * worth;
        if (!Amount::holds(amount)) refuse("amount", amount, "must be at most 2^62");
        return Amount::of(amount);
    }

    /// Whether an event that was looked for is new; one of the same id must be the same.
    static bool is_new(detail::EventTable::Found found) {
        if (found == detail::EventTable::Found::other) [[unlikely]]
            throw InvalidInput("id", "of an event", "must not be of another one that was counted");
        return found == detail::EventTable::Found::added;
    }
    bool admit(const EventId& id, std::uint64_t content) { return is_new(events.add(id, content)); }

    /// What a fill comes to. Part of its callers: its numbers stay in registers.
    [[gnu::always_inline]] Counted require_fill(const Fill& fill) const {
        require(fill.owner, fill.instrument);
        const Tradable& of = tradables[fill.instrument];
        if (fill.price < 0 && !of.margined) refuse("price", fill.price, "must not be negative");
        const double worth = worth_of(fill.instrument, fill.price);
        const Amount paid = amount_of(fill.lots, worth);
        if (!Amount::holds(fill.fee)) refuse("fee", fill.fee, "must be at most 2^62");
        const std::uint32_t fee_currency =
            fill.fee_currency == Fill::of_contract ? of.currency : fill.fee_currency;
        if (fee_currency >= currencies.size())
            refuse_number("fee_currency", fee_currency, currencies.size());
        return {worth, paid, Amount::of(fill.fee), fee_currency, find(fill.owner, fill.instrument)};
    }

    /// Whether quantity and sums keep within their bounds after a trade.
    bool has_room(std::uint32_t owner, std::uint32_t instrument, std::uint32_t place,
                  std::int64_t bought, Amount paid) const noexcept {
        const CashBalance& money = balance(owner, tradables[instrument].currency);
        const bool moderate =
            (money.cash - paid).is_moderate() && (money.traded - paid).is_moderate();
        if (place == detail::PlaceIndex::none) return moderate;
        const Position& position = positions[place];
        const std::int64_t after = position.lots + bought;  // of two numbers of 54 bits
        return moderate && after <= largest_lots && after >= -largest_lots &&
               (position.traded - paid).is_moderate();
    }
    /// The same after a fill or, with `times` -1, after it is taken back.
    bool has_room(const Fill& fill, const Counted& counted, int times) const noexcept {
        const Amount paid = times < 0 ? -counted.paid : counted.paid;
        if (!has_room(fill.owner, fill.instrument, counted.place, times * fill.lots, paid))
            return false;
        if (fill.fee == 0) return true;
        const Tradable& of = tradables[fill.instrument];
        const CashBalance& money = balance(fill.owner, counted.fee_currency);
        const Amount fee = times < 0 ? -counted.fee : counted.fee;
        Amount cash = money.cash;
        if (!of.margined && counted.fee_currency == of.currency) cash -= paid;
        return (cash - fee).is_moderate() && (money.fees + fee).is_moderate();
    }
    [[noreturn, gnu::cold]] static void refuse_room(std::int64_t bought) {
        refuse("lots", static_cast<double>(bought),
               "must leave a position of at most 2^53 and sums of money of at most 2^62");
    }
    void require_room(std::uint32_t owner, std::uint32_t instrument, std::int64_t bought,
                      Amount paid) const {
        if (!has_room(owner, instrument, find(owner, instrument), bought, paid))
            refuse_room(bought);
    }
};

}  // namespace hedgerow
