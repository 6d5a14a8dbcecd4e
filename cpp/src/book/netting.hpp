// Holdings, their units and the nodes, kept in step: what an Inventory is but for its events.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "../base/huge_allocator.hpp"
#include "dimensions.hpp"
#include "hedgerow/book/inventory.hpp"
#include "limit_table.hpp"
#include "node_table.hpp"
#include "unit_lines.hpp"

namespace hedgerow {

/// A position, or an owner's money in one currency, as its leaf has it: a cache line.
struct alignas(64) Holding {
    std::uint32_t instrument = 0;  // by its number among the units
    std::uint32_t leaf = 0;
    std::uint32_t place = left_out;  // among the holdings of its bundle
    std::uint32_t money = no_money;  // the row of its owner's money, where a fill was paid from it
    double lots = 0;                 // of money: the amount
    double traded = 0;               // of money: the profit that is of no contract
    double owed = 0;                 // won on margin and not paid
    double capture = 0, fees = 0;
    double size = 0;  // of its unit

    static constexpr std::uint32_t left_out = 0xffffffffu;  // its unit can't be valued
    static constexpr std::uint32_t no_money = 0xffffffffu;
    bool is_left_out() const noexcept { return place == left_out; }
};
static_assert(sizeof(Holding) == 64);

using Holdings = std::vector<Holding, detail::HugeAllocator<Holding>>;

/// An owner's money in one currency.
struct Money {
    std::uint32_t owner = 0, currency = 0;
    Holding holding;
};

/// What an order does to nodes when all of it is filled at its price, fees aside: the contract's
/// line goes to its nodes, that of the money paid for it to the money's, and both to those that
/// they share.
class OrderEffect {
  public:
    std::size_t size() const noexcept { return size_; }
    std::uint32_t node(std::size_t i) const noexcept { return nodes_[i]; }
    const NodeLine& line(std::size_t i) const noexcept { return lines_[which_[i]]; }

  private:
    friend class Netting;
    enum Which : std::uint8_t { contract, money, both, weighted };  // and these three weighted
    void add(std::uint32_t node, std::size_t which) noexcept {
        nodes_[size_] = node;
        which_[size_++] = static_cast<std::uint8_t>(which);
    }

    std::array<NodeLine, 6> lines_;
    std::array<std::uint32_t, 16> nodes_;
    std::array<std::uint8_t, 16> which_;
    std::size_t size_ = 0;
};

/// A ledger and a market, and the nodes that are the netting of the one in the other.
///
/// Units are numbered as the instruments of the ledger, with the currencies after them. What is
/// listed gets its unit when one of them is needed first: making them is O(all instruments), and
/// venues list by the thousand.
class Netting {
  public:
    Netting(const InventorySetup& setup, Instant as_of);

    const DimensionKeys& keys() const noexcept { return keys_; }
    Ledger& ledger() noexcept { return ledger_; }
    const Ledger& ledger() const noexcept { return ledger_; }
    const UnitLines& units() const noexcept { return *units_; }
    /// Fetches what a fill will look at, in steps that wait for each other.
    ///
    /// Its numbers lead to four cache lines: the place of its event, the index of its position,
    /// what is traded as its instrument, a unit of that. The index leads to two, the position and
    /// the holding; these to the first and the last open lot, the lots in their bundle, and the
    /// five of the leaf. All else is of many fills and stays in the caches: the owner's money (its
    /// balance, its holding, and of its leaf three lines) and six lines of every node.
    void prefetch(const Fill& fill) const noexcept {
        ledger_.prefetch(fill);
        units_->prefetch(fill.instrument);
    }
    std::uint32_t prefetch_position(const Fill& fill) const noexcept {
        const std::uint32_t place = ledger_.prefetch_position(fill);
        if (place < positions_.size()) __builtin_prefetch(&positions_[place]);
        return place;
    }
    void prefetch_sums(std::uint32_t place) const noexcept {
        if (place >= positions_.size()) return;
        const Holding& holding = positions_[place];
        nodes_.prefetch(holding.leaf);
        ledger_.prefetch_lots(place);
        if (!holding.is_left_out())
            __builtin_prefetch(&held_[nodes_.leaves()[holding.leaf].bundle].lots[holding.place], 1);
    }
    NodeTable& nodes() noexcept { return nodes_; }
    const NodeTable& nodes() const noexcept { return nodes_; }
    LimitTable& limits() noexcept { return limits_; }
    const LimitTable& limits() const noexcept { return limits_; }
    ProtectionTable& protections() noexcept { return protections_; }
    const ProtectionTable& protections() const noexcept { return protections_; }
    const Holdings& positions() const noexcept { return positions_; }
    const std::vector<Money>& money() const noexcept { return money_; }

    Instant now() const noexcept { return now_; }
    void set_time(Instant time) noexcept { now_ = time; }

    /// Takes a market, for the instruments and currencies that there are now.
    void use(Snapshot market);
    /// Takes what is new among instruments and currencies into the market: all else stays as it is,
    /// in every bit, as spots go on moving from where use() had them.
    void widen();
    /// The market of use(), at the spots now.
    Snapshot market() const;
    void move(std::size_t market, double spot, Instant time);
    /// Lets time pass to `time`: the market of use() is rolled to it from the spots now. The
    /// average of a settlement window counts every spot for as long as it was there.
    void advance(Instant time);
    /// Adds everything up again.
    void rebuild();

    /// The nodes follow a position, and the money paid for it, as the ledger has them.
    /// @param captures whether what it gained by that is spread capture.
    void follow(std::uint32_t position, bool captures = false, double fee = 0);
    /// A fee that was paid for a position in a currency of its own.
    void follow_fee(std::uint32_t position, std::uint32_t currency, double fee);
    /// The same of an owner's money.
    void follow_money(std::uint32_t owner, std::uint32_t currency);

    /// The leaf of what an owner has of an instrument, or would have.
    const Leaf& leaf_of(std::uint32_t instrument, std::uint32_t owner) {
        return nodes_.leaves()[leaf_place(instrument, owner)];
    }
    /// Forgets what was asked of owners who have no position.
    void forget_asked() noexcept { leaves_asked_.clear(); }
    /// What an order would do, at the values now.
    OrderEffect effect_of(const Order& order);
    /// What lots of an instrument do to a node of its underlying, whatever is paid for them.
    NodeLine effect(std::uint32_t instrument, double lots) const noexcept;
    /// Whether delta, gamma and vanna are no sums at a node: of several underlyings, without betas.
    bool is_improper(std::uint32_t node) const noexcept {
        return !weighted_ && underlying_of_node_[node] == several;
    }
    /// Whether a limit or a protection is of this node.
    template <class Rule>
    bool is_of(const Rule& rule, std::uint32_t node) const {
        const NodeName& name = nodes_.name(node);
        return rule.dimension == name.dimension &&
               (rule.labels.empty() || rule.labels == name.labels);
    }
    /// Underlyings of the instruments, each once.
    std::vector<std::string> underlyings() const;
    std::size_t listed() const noexcept { return ledger_.instruments().size(); }
    /// How many of these have units.
    std::size_t instruments() const noexcept { return united_; }
    /// Makes the units of all instruments, where this one has none yet.
    void require_unit(std::uint32_t instrument) {
        if (instrument >= instruments()) [[unlikely]]
            widen();
    }
    /// The same where any has none.
    void require_units() {
        if (united_ < listed()) widen();
    }
    /// Counts how often all that depends on units has changed.
    std::uint64_t version() const noexcept { return version_; }

  private:
    friend struct InventoryImage;

    static constexpr const char* several = "*";

    /// The holdings of a bundle as the kernel takes them.
    struct Held {
        std::vector<std::uint32_t> unit, rank;
        std::vector<double> lots;
    };

    /// A settlement window of a market of use(), and the integral of the spots since.
    struct Averaged {
        std::size_t market, window;
        double sum = 0;
    };

    std::size_t cash_unit(std::uint32_t currency) const noexcept {
        return instruments() + currency;
    }
    void resolve_units(Snapshot market);
    void watch_windows(const Snapshot& market);
    void observe(Instant time) noexcept;
    Snapshot at(Instant time) const;
    std::uint32_t node_of(std::size_t dimension, const Contract& contract,
                          std::span<const std::string> owner);
    std::uint32_t leaf_place(std::uint32_t unit, std::uint32_t owner);
    std::uint32_t leaf_number(std::size_t unit, std::uint32_t owner);
    Weights weights(std::uint32_t bundle) const;
    void settle_in(Holding& holding, std::uint32_t owner);
    void adopt_positions();
    std::uint32_t money_in(std::uint32_t owner, std::uint32_t currency);
    /// A holding is open now, or no more.
    void count(const Holding& holding, Leaf& leaf, std::int32_t opened) noexcept {
        nodes_.count(leaf, opened, holding.is_left_out() ? opened : 0);
    }
    NodeLine change(Holding& holding, Leaf& leaf, const BundleTerms& terms, double lots,
                    double traded, double owed) noexcept;
    MoneyChange change(Holding& cash, Leaf& leaf, const CashBalance& balance) noexcept;
    NodeLine line_of(const Leaf& leaf, const double* greeks) const noexcept;
    void revalue(std::uint32_t bundle);
    void look(const NodeTable::Beyond& beyond);
    void look_at_all();

    const InventorySetup& setup_;
    bool weighted_;
    DimensionKeys keys_;
    Ledger ledger_;
    std::optional<UnitLines> units_;
    std::size_t united_ = 0;
    NodeTable nodes_;
    LimitTable limits_;
    ProtectionTable protections_;
    Holdings positions_;  // as the ledger's
    std::vector<Money> money_;
    std::vector<std::uint32_t> money_of_;  // owner x currency_room_ + currency, into `money_`
    std::size_t currency_room_ = 8;
    std::vector<Held> held_;                       // per bundle
    std::vector<std::string> underlying_of_node_;  // of mixed nodes; `several` where there are
    std::vector<double> sums_;                     // scratch of revalue()
    std::unordered_map<std::uint64_t, std::uint32_t> leaves_asked_;  // where there is no position
    // Of holdings by owner and series, or contract where those of a series have nodes of their own:
    // what many have in common is looked up by its labels once.
    std::unordered_map<std::uint64_t, std::uint32_t> leaves_held_;
    std::vector<Averaged> averaged_;
    Instant observed_;  // up to when
    Instant now_;
    std::uint64_t version_ = 0;
};

}  // namespace hedgerow
