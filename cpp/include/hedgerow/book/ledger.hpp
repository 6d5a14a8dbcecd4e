/// Who holds how much of what, what was paid for it and what it earned: fills, counted exactly.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hedgerow/base/export.hpp"
#include "hedgerow/base/instant.hpp"
#include "hedgerow/book/amount.hpp"
#include "hedgerow/contract/contract.hpp"

namespace hedgerow {

namespace detail {
class EventTable;
}

/// A contract that is traded in whole multiples of a lot.
struct HEDGEROW_API Instrument {
    std::string name;  ///< by which events know it; of instruments distinct
    Contract contract;
    double lot = 1;  ///< contracts; positive and finite
};

/// The whole number of lots that a quantity of contracts is, but for the rounding of a few decimals
/// in both: within 8 units in the last place. Nothing where it is none or more than 2^53.
HEDGEROW_API std::optional<std::int64_t> whole_lots(double quantity, double lot) noexcept;

/// The identity of an event: a fingerprint of 128 bits of the venue and of the id it gave. Among
/// 1e9 events two that differ share one with a probability of 2e-21.
struct HEDGEROW_API EventId {
    std::uint64_t high = 0, low = 0;

    friend bool operator==(const EventId&, const EventId&) = default;
};

/// The fingerprint of the id that a venue gave.
HEDGEROW_API EventId event_id(std::string_view venue, std::string_view id) noexcept;

/// event_id() of one venue, for many ids.
class HEDGEROW_API VenueIds {
  public:
    explicit VenueIds(std::string_view venue) noexcept;
    EventId operator()(std::string_view id) const noexcept;

  private:
    std::uint64_t high_, low_;  // what the venue does to either half
};

/// A fill, by numbers: of Ledger::owner() and Ledger::instrument().
struct Fill {
    EventId id;
    Instant time;
    std::uint32_t owner = 0;
    std::uint32_t instrument = 0;
    std::int64_t lots = 0;                     ///< bought; sold where negative
    double price = 0;                          ///< as quoted, in the contract's currency
    double fee = 0;                            ///< paid; a rebate is negative
    std::uint32_t fee_currency = of_contract;  ///< by number of Ledger::currency()

    static constexpr std::uint32_t of_contract = 0xffffffffu;
};

/// What one owner holds of one instrument. Money is in the contract's currency.
///
/// `traded` is minus the worth (see Book) of all that was bought, at the prices paid, times size:
/// lots x worth now + traded is the whole profit, whatever was bought and sold in which order.
/// Premiums and spot prices were paid in money, so traded is also a sum of payments. Futures and
/// perpetuals are margined: they pay when they are settled, and `settled` is what was paid so far.
///
/// The two costs split that profit into what is realized, traded + cost, and what is not: of the
/// open lots at their average cost, and first in, first out.
struct alignas(64) Position {
    std::uint32_t owner = 0;
    std::uint32_t instrument = 0;
    std::int64_t lots = 0;
    Amount traded;
    Amount settled;
    double average_cost = 0;
    std::uint32_t first_lot = 0, last_lot = 0;  ///< of the open lots, in the ledger's list

    double realized_by_average() const noexcept { return traded.value() + average_cost; }
};

/// An owner's money in one currency.
struct CashBalance {
    Amount cash;      ///< all payments
    Amount invested;  ///< of these deposits less withdrawals: no profit
    Amount traded;    ///< of these payments for contracts: a profit of their positions
    Amount fees;      ///< paid; rebates are negative
    Amount funding;   ///< paid

    /// Profit that is of no contract: minus fees and funding, and whatever else was paid.
    Amount charges() const noexcept { return cash - invested - traded; }
    friend bool operator==(const CashBalance&, const CashBalance&) = default;
};

/// Positions by (owner, instrument) and money by (owner, currency), as the fills leave them.
///
/// An owner is whatever positions are kept apart by: its labels are the account, the venue and any
/// more, as a strategy. What a venue nets is the sum over the other labels.
///
/// Quantities are whole numbers of lots and money is exact (Amount), so the order of fills never
/// shows in quantities, payments and profit; it does in costs, which is what they are for. Every
/// fill is rounded once, to 1 part in 2^52 or 2^-64 of a unit of its currency.
///
/// A fill is counted once, however often it is reported. Each takes 36 to 72 bytes of memory; all
/// else grows with positions, owners and open lots only.
class HEDGEROW_API Ledger {
  public:
    /// @param labels names of the labels of an owner, distinct and not empty.
    /// @throws InvalidInput otherwise.
    explicit Ledger(std::vector<std::string> labels);
    ~Ledger();
    Ledger(Ledger&&) noexcept;
    Ledger& operator=(Ledger&&) noexcept;

    /// No position is larger than this many lots: all of them are exact as doubles.
    static constexpr std::int64_t largest_lots = std::int64_t{1} << 53;

    const std::vector<std::string>& labels() const noexcept;

    /// Adds an instrument; the same again changes nothing.
    /// @return its number: they count from 0.
    /// @throws InvalidInput when the name is empty or another contract's, or the lot no positive
    ///     number.
    std::uint32_t list(const Instrument& instrument);
    /// Whether list() would add it. @throws InvalidInput as list() would.
    bool would_list(const Instrument& instrument) const;
    const std::vector<Instrument>& instruments() const noexcept;
    /// @throws InvalidInput when there is no instrument of this name.
    std::uint32_t instrument(std::string_view name) const;

    /// The number of an owner, who is new or known.
    /// @param values one per label.
    /// @throws InvalidInput when there are more or fewer.
    std::uint32_t owner(std::span<const std::string> values);
    std::size_t owners() const noexcept;
    /// The labels of an owner.
    std::span<const std::string> owner_labels(std::uint32_t owner) const noexcept;

    /// Counts a fill, unless it was counted.
    /// @return the number of its position, or `duplicate`.
    /// @throws InvalidInput, and nothing has changed: of an owner, instrument or currency that does
    ///     not exist, no lots or more than there may be, a price that is no number, negative for an
    ///     option or not positive where a future pays in coin, a fee that is none, amounts beyond
    ///     Amount::largest, or an id that was another fill's.
    std::uint32_t fill(const Fill& fill);
    /// Whether fill() would count it. @throws InvalidInput as fill() would.
    bool would_fill(const Fill& fill) const;
    static constexpr std::uint32_t duplicate = 0xffffffffu;

    /// Takes a fill back: quantities, payments and profit are as if it had never been. Its lot is
    /// taken out of the queue as far as it is still there; what was sold from it since is bought
    /// anew at the same price.
    /// @param fill as it was counted.
    /// @return the number of its position, or `duplicate` when it was taken back before.
    /// @throws InvalidInput when it was not counted, or was another one.
    std::uint32_t bust(const Fill& fill);
    /// Whether bust() would count it. @throws InvalidInput as bust() would.
    bool would_bust(const Fill& fill) const;

    /// Counts an event that is no fill, unless it was counted.
    /// @param content a hash of what it says.
    /// @return whether it is new.
    /// @throws InvalidInput when the id was another event's.
    bool admit(EventId id, std::uint64_t content);
    /// Whether admit() would be true. @throws InvalidInput as admit() would.
    bool would_admit(EventId id, std::uint64_t content) const;

    /// @throws InvalidInput as fill() and trade() would.
    void require_trade(std::uint32_t owner, std::uint32_t instrument, std::int64_t lots,
                       double price) const;
    /// Changes a position without a fill: a lot of it is closed, or opened, at this price, which
    /// may be negative: an option may be exercised out of the money.
    void trade(std::uint32_t owner, std::uint32_t instrument, std::int64_t lots, double price);

    /// Payments that are for no contract.
    enum class Payment : std::uint8_t { invested, fee, funding, other };
    /// Pays an amount to an owner, or takes it where negative.
    /// @throws InvalidInput, and nothing has changed, when there is no such owner or currency, the
    ///     amount is none, or sums would grow beyond Amount::largest.
    void pay(std::uint32_t owner, std::uint32_t currency, double amount, Payment what);

    /// @throws InvalidInput as pay() would.
    void require_payment(std::uint32_t owner, std::uint32_t currency, double amount,
                         Payment what) const;

    /// Pays what a margined position has won since it was settled last, at this price.
    void settle_margin(std::uint32_t position, double price);

    const std::vector<Position>& positions() const noexcept;
    /// The number of a position, or `duplicate` where the owner has never held any.
    std::uint32_t find(std::uint32_t owner, std::uint32_t instrument) const noexcept;

    /// Currencies of the instruments and payments, by number.
    const std::vector<std::string>& currencies() const noexcept;
    std::uint32_t currency(const std::string& name);
    /// Forgets owners and currencies from these numbers on: none may have had anything.
    /// @return whether there were any.
    bool forget_names(std::size_t owners, std::size_t currencies);
    /// The lot of an instrument.
    double lot(std::uint32_t instrument) const noexcept;
    /// The currency of an instrument.
    std::uint32_t currency_of(std::uint32_t instrument) const noexcept;
    const CashBalance& balance(std::uint32_t owner, std::uint32_t currency) const noexcept;

    /// An open lot: what is left of it, and what each of its units cost.
    struct OpenLot {
        std::int64_t lots;
        double worth;  ///< at the price paid, times the size of a lot
        std::uint64_t fill;
        std::uint32_t next;  ///< 0: none
    };
    /// What the open lots of a position cost, first in, first out. O(open lots).
    Amount fifo_cost(std::uint32_t position) const noexcept;
    double realized_by_fifo(std::uint32_t position) const noexcept {
        return (positions()[position].traded + fifo_cost(position)).value();
    }
    /// The open lots of a position, oldest first.
    std::vector<OpenLot> open_lots(std::uint32_t position) const;

    /// Events counted so far.
    std::size_t known_events() const noexcept;
    /// Room for so many events and positions, so that no fill waits while tables grow.
    void reserve(std::size_t events, std::size_t positions);

  private:
    // An inventory nets what it counts, and looks ahead: of the two halves of a fill it sees to
    // both.
    friend class Inventory;
    friend class Netting;

    /// What a fill does to the open lots of its position.
    struct LotTrade {
        std::uint32_t position = 0;
        std::int64_t held = 0, bought = 0;  ///< before it, and by it
        double worth = 0;                   ///< of a lot, at the price paid
        std::uint64_t fill = 0;
    };
    /// The two halves of fill(): quantities, money and average cost, which others wait for; and the
    /// open lots, which nobody does. The second has to follow before anything else is asked.
    std::uint32_t fill(const Fill& fill, LotTrade& lots);
    void trade(const LotTrade& lots);

    /// Fetches into the caches what fill() will look at first; changes nothing.
    void prefetch(const Fill& fill) const noexcept;
    /// The same of what these lead to, so that it waits for them.
    /// @return the number of its position as far as that is known so early, or `duplicate`.
    std::uint32_t prefetch_position(const Fill& fill) const noexcept;
    /// The same of what a position leads to: its open lots.
    void prefetch_lots(std::uint32_t position) const noexcept;
    struct State;
    struct Counted;
    CashBalance after_payment(std::uint32_t owner, std::uint32_t currency, double amount,
                              Payment what) const;

    // For an image: see ledger_image.cpp.
    friend struct InventoryImage;
    detail::EventTable& events() const noexcept;
    CashBalance& money(std::uint32_t owner, std::uint32_t currency) noexcept;
    void adopt(const Position& position, std::span<const OpenLot> lots);

    std::unique_ptr<State> state_;
};

}  // namespace hedgerow
