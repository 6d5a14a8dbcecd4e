// The parts of an image. What they write of each structure they name field by field, here alone.
#pragma once

#include "image_bytes.hpp"
#include "inventory_state.hpp"

namespace hedgerow {

/// Writes each part of an inventory, and reads it back.
///
/// In this order: setup, time, ledger, closed instruments, market, nodes, rules, holdings, orders
/// by their ids, events as the table has them.
struct InventoryImage {
    static void write(ImageWriter& to, const InventorySetup& setup);
    static InventorySetup read_setup(ImageReader& from);

    /// Open lots of nothing, which a bust may leave in a queue, are left out: they do nothing.
    static void write(ImageWriter& to, const Ledger& ledger);
    static void read(ImageReader& from, Ledger& ledger);
    static void write_events(ImageWriter& to, const Ledger& ledger);
    static void read_events(ImageReader& from, Ledger& ledger);

    /// Limits with their states, protections with what they count.
    static void write_rules(ImageWriter& to, const Netting& net);
    static void read_rules(ImageReader& from, Netting& net);

    static void write_closed(ImageWriter& to, const Inventory::State& state);
    static void read_closed(ImageReader& from, Inventory::State& state);
    static void write_market(ImageWriter& to, const Netting& net);
    static void read_market(ImageReader& from, Netting& net, Snapshot market);
    static void write_nodes(ImageWriter& to, const Netting& net);
    static void read_nodes(ImageReader& from, Netting& net);
    /// What of holdings the ledger does not say.
    static void write_holdings(ImageWriter& to, const Netting& net);
    static void read_holdings(ImageReader& from, Netting& net);
    static void write_orders(ImageWriter& to, const Inventory::State& state);
    static void read_orders(ImageReader& from, Inventory::State& state);

    static std::vector<std::byte> write(const Inventory::State& state);
    static Inventory read(ImageReader& from, Snapshot market);
};

}  // namespace hedgerow
