/// A market maker's inventory, live: a fill or a tick comes in, and all that is netted is right.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hedgerow/base/export.hpp"
#include "hedgerow/base/instant.hpp"
#include "hedgerow/base/status.hpp"
#include "hedgerow/book/book.hpp"
#include "hedgerow/book/ledger.hpp"
#include "hedgerow/book/limits.hpp"
#include "hedgerow/book/node.hpp"
#include "hedgerow/market/snapshot.hpp"

namespace hedgerow {

/// How inventory is kept: what owners are told apart by and where it is added up.
struct HEDGEROW_API InventorySetup {
    /// Names of an owner's labels. What a venue nets are positions of one account and venue, so
    /// these should be among them.
    std::vector<std::string> labels = {"account", "venue"};
    /// At most eight.
    std::vector<Dimension> dimensions = {{{}}, {{"underlying"}}, {{"underlying", "expiry"}}};
    /// Days to expiry that end each tenor but the last; increasing.
    std::vector<double> tenors = {1, 7, 30, 90, 180, 365};
    /// By underlying, the move of a reference per move of its own, both in proportion: of all
    /// underlyings, or of none. Money in a coin is of the coin's underlying.
    std::map<std::string, double> betas;
};

/// A live order, by numbers.
struct Order {
    EventId id;
    std::uint32_t owner = 0;
    std::uint32_t instrument = 0;
    std::int64_t lots = 0;  ///< left to be filled: to be bought, sold where negative
    double price = 0;

    friend bool operator==(const Order&, const Order&) = default;
};

/// Whether an order may be placed, and if not, which bound of which node it would break.
struct OrderCheck {
    enum class Outcome : std::uint8_t {
        allowed,
        limit,   ///< a hard bound, if all that is bid for were bought, or all that is offered sold
        frozen,  ///< market maker protection
        closed,  ///< the instrument has expired or is settled
    };
    Outcome outcome = Outcome::allowed;
    std::uint32_t node = 0;   ///< of limit and frozen
    std::uint32_t limit = 0;  ///< of limit: its number
    double value = 0;         ///< of limit: what the measure could become
};

HEDGEROW_API const char* name(OrderCheck::Outcome outcome) noexcept;

/// Positions, money, exposures and limits of a market maker, kept right event by event.
///
/// A Ledger counts fills exactly. Around it every instrument has its value and Greeks per lot ready
/// (the market's, as in UnitValues), so that a fill is added to the nodes of its position without
/// any pricing: at most eight nodes, one per dimension, sixteen measures each. A tick values the
/// options of its underlying anew and nets them; an update takes a whole new market.
///
/// At all times value and Greeks of the nodes are the sums of value(book(), market()) by their
/// keys, up to rounding: after a million events within 1e-10 of the sizes added
/// (tests/book/test_inventory.py), and of no drift again after rebuild() and after every update.
/// What can't be valued is left out and counted. Money an owner has is a position in that currency:
/// coins held are delta. P&L is of the engine alone: it keeps what was settled on margin, fees and
/// funding, which a book does not tell.
///
/// An event is applied or refused with InvalidInput, and then nothing has changed. Time does not go
/// back. One thread writes; others read what a NodeBoard shows them.
class HEDGEROW_API Inventory {
  public:
    /// @throws InvalidInput when labels or keys are not distinct, a key is unknown, there are more
    ///     than eight dimensions, tenors do not increase or betas are missing.
    Inventory(InventorySetup setup, std::vector<Instrument> instruments, Snapshot market);
    ~Inventory();
    Inventory(Inventory&&) noexcept;
    Inventory& operator=(Inventory&&) noexcept;

    const InventorySetup& setup() const noexcept;
    const Ledger& ledger() const noexcept;
    /// The time of the last event.
    Instant now() const noexcept;

    /// @name Names to numbers
    ///@{
    /// Whether an event is applied, or it is only found out whether it could be.
    enum class Mode : std::uint8_t { apply, check };

    /// Adds instruments; those that are known change nothing. O(1) each; the first event, or read,
    /// that needs the value of one of them is O(all instruments).
    /// @throws InvalidInput as Ledger::list(), or where betas are missing; then none was added.
    /// @return whether any is new.
    bool list(std::span<const Instrument> instruments, Instant time, Mode mode = Mode::apply);
    std::uint32_t instrument(std::string_view name) const;
    std::uint32_t owner(std::span<const std::string> labels);
    std::uint32_t currency(const std::string& name);
    /// Forgets owners and currencies from these numbers on, as an event that was refused has left
    /// them: none may have had a position, money or an order.
    void forget_names(std::size_t owners, std::size_t currencies);
    ///@}

    /// @name Events
    /// Those with an id are counted once: false means that this one was counted before.
    ///@{
    /// A fill takes what it fills off the order of this id, where one is live.
    bool fill(const Fill& fill, const std::optional<EventId>& order = {}, Mode mode = Mode::apply);
    /// Fills that are known together, one after the other: those to come are on their way into the
    /// caches meanwhile.
    /// @param applied as many: which of them are new.
    /// @throws InvalidInput as fill() would. `row` then is that of the fill that was refused; those
    ///     before it are counted.
    void fill(std::span<const Fill> fills, std::span<bool> applied, std::size_t& row);
    /// Takes a fill back. Its spread capture goes with it at the value now: what the fill had
    /// captured at its moment is kept of no fill, so what the market has moved since stays in
    /// `capture`, and with the other sign in pnl - capture. P&L is as if the fill had never been.
    bool bust(const Fill& fill, Instant time, Mode mode = Mode::apply);
    /// Money to an owner, or from where negative, for no contract.
    bool pay(EventId id, Instant time, std::uint32_t owner, const std::string& currency,
             double amount, Ledger::Payment what, Mode mode = Mode::apply);
    /// Funding: each contract that these owners hold long pays `amount`, in its currency.
    bool fund(EventId id, Instant time, std::span<const std::uint32_t> owners,
              std::uint32_t instrument, double amount, Mode mode = Mode::apply);
    /// Moves a position to another owner at a price; both together are as before.
    bool transfer(EventId id, Instant time, std::uint32_t from, std::uint32_t to,
                  std::uint32_t instrument, std::int64_t lots, double price,
                  Mode mode = Mode::apply);
    /// Options exercised by their owner (lots < 0) or assigned to him (lots > 0): they leave the
    /// position at what they pay on the settlement price. Where delivery is physical,
    /// `delivered` names the instrument (of the underlying itself) that is bought or sold at the
    /// strike.
    bool exercise(EventId id, Instant time, std::uint32_t owner, std::uint32_t instrument,
                  std::int64_t lots, double settlement_price,
                  const std::optional<std::uint32_t>& delivered = {}, Mode mode = Mode::apply);
    /// Settles everything of one underlying, expiry and fixing from one price, and cancels its
    /// orders; futures pay what is left of their profit. These instruments are closed then.
    bool settle(EventId id, Instant time, const std::string& underlying, Instant expiry,
                const std::string& fixing, double price, Mode mode = Mode::apply);

    bool place(const Order& order, Instant time, Mode mode = Mode::apply);
    /// @param id of this amendment: its terms are part of what it is.
    bool amend(EventId id, EventId order, std::int64_t lots, double price, Instant time,
               Mode mode = Mode::apply);
    bool cancel(EventId id, EventId order, Instant time, Mode mode = Mode::apply);

    /// A tick: the spot of one underlying, all else follows as in Exposures. Time to expiry is that
    /// of the last update or advance().
    void move(std::string_view underlying, double spot, Instant time, Mode mode = Mode::apply);
    /// A new market; one that was true some time before is rolled() to this time.
    void update(const Snapshot& market, Instant time, Mode mode = Mode::apply);
    /// The clock: all is valued anew on market() as rolled() to this time, where the averages of
    /// settlement windows have gone on at every spot for as long as it was there.
    void advance(Instant time, Mode mode = Mode::apply);
    /// Gives a node a measure that the inventory does not compute: scenario_loss or margin.
    void give(std::uint32_t node, NodeMeasure measure, double value);
    ///@}

    /// @name What is netted
    ///@{
    std::size_t nodes() const noexcept;
    const NodeName& node_name(std::uint32_t node) const noexcept;
    /// The node of these labels, or nothing where no position has been.
    std::optional<std::uint32_t> find(std::uint32_t dimension,
                                      std::span<const std::string> labels) const;
    /// All measures of a node now.
    NodeLine read(std::uint32_t node) const noexcept;
    /// Open positions, and how many of them are left out since they can't be valued.
    std::uint32_t open_positions(std::uint32_t node) const noexcept;
    std::uint32_t excluded_positions(std::uint32_t node) const noexcept;
    /// Why an instrument is left out; ok or expired where it is not.
    Status status(std::uint32_t instrument) const noexcept;
    /// What one lot adds to nodes.
    NodeLine unit(std::uint32_t instrument) const noexcept;
    /// The spot of an underlying now.
    double spot(std::string_view underlying) const;
    /// All positions and money as a Book: tags are the labels, costs such that profit is all there
    /// has been. The market of which the nodes are the netting is shocked(...) to the spots now.
    Book book() const;
    /// The market of the last update or advance(), at the spots of the last ticks.
    Snapshot market() const;
    /// The market of the last update or advance(), before any tick since.
    const Snapshot& given_market() const noexcept;
    /// Adds everything up again.
    void rebuild();
    ///@}

    /// @name Limits and orders
    ///@{
    /// Sets a limit, and looks at once whether it is kept; one that is set changes nothing.
    /// @return its number. @throws InvalidInput when bounds are not ordered, the dimension does not
    ///     exist, or the measure is no sum there (delta of several underlyings without betas).
    std::uint32_t set_limit(const Limit& limit);
    /// The same of a protection.
    std::uint32_t set_protection(const Protection& protection);
    const std::vector<Limit>& limits() const noexcept;
    /// Every limit at every node that it bounds.
    std::span<const LimitState> limit_states() const noexcept;
    /// Levels that changed since this was asked last, oldest first.
    std::vector<LimitChange> take_changes();
    /// Whether protection has frozen a node, at the time of the last event.
    bool frozen(std::uint32_t node) const noexcept;
    void unfreeze(std::uint32_t node) noexcept;

    /// Whether an order could break a hard bound at its nodes or at those of the money paid for it:
    /// with all live orders filled as well, each at its price, that move the measure the same way.
    /// An order that brings a measure back is never refused for it.
    OrderCheck check(const Order& order);
    std::size_t live_orders() const noexcept;
    std::vector<Order> orders() const;
    /// The live order of an id, or nullptr.
    const Order* order(EventId id) const noexcept;
    /// What live orders could add to a node at most, and take away: measure by measure, all of them
    /// that raise it filled at their prices, or all that lower it. Fees aside. Of coin-settled
    /// options the premium counts as delta too. Exact as no order alters what another one does; not
    /// so for gross, where it is a bound.
    NodeLine most_added(std::uint32_t node);
    NodeLine most_taken(std::uint32_t node);
    ///@}

    /// Room for so many events and positions.
    void reserve(std::size_t events, std::size_t positions);

    /// @name Its state as bytes
    ///@{
    /// All that makes its later behavior, but for the market: the ledger in every bit, ids of
    /// events counted, live orders, limits with their levels, protections with their windows,
    /// closed instruments, what nodes were given, the time, and where spots have moved to. Little-
    /// endian, versioned, with a checksum. About 24 bytes per event counted, 100 per position and
    /// 24 per open lot.
    std::vector<std::byte> image() const;
    /// The inventory of an image. What is counted and stated is as it was in every bit; the nodes
    /// are added up anew, as by rebuild(): they lose the rounding that the original has gathered.
    /// @param market given_market() of the original.
    /// @throws InvalidInput when the bytes are damaged, no image or one of another version, or the
    ///     market is another.
    static Inventory restore(std::span<const std::byte> image, Snapshot market);
    ///@}

  private:
    friend struct InventoryImage;
    struct State;
    explicit Inventory(std::unique_ptr<State> state) noexcept;

    std::unique_ptr<State> state_;
};

}  // namespace hedgerow
