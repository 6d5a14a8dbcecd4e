// The functions through which hedgerow.inventory reaches inventories, which are this module's:
// plain C structs and a table of pointers, handed over in a capsule. Both modules are of one build.
#pragma once

#include <cstdint>

/// The structs of inventory.pxd, field by field: published, never changed.
struct DoorEventId {
    std::uint64_t high, low;
};
struct DoorFill {
    DoorEventId id;
    std::int64_t time;
    std::uint32_t owner, instrument;
    std::int64_t lots;
    double price, fee;
    std::int32_t fee_currency;
};
struct DoorOrder {
    DoorEventId id;
    std::uint32_t owner, instrument;
    std::int64_t lots;
    double price;
};
struct DoorCheck {
    std::int32_t outcome;
    std::uint32_t node, limit;
    double value;
};

/// Each gives -1 where it refuses, with Python's error set: it takes the GIL for that alone.
struct InventoryDoor {
    void* (*inventory_of)(void* core);  // a borrowed PyObject; NULL where it is none

    DoorEventId (*fill_id)(const char* venue, const char* trade_id) noexcept;
    DoorEventId (*order_id)(const char* venue, const char* id) noexcept;
    DoorEventId (*amendment_id)(const char* venue, const char* id, std::int64_t time,
                                double quantity, double price) noexcept;
    DoorEventId (*cancel_id)(const char* venue, const char* id) noexcept;

    int (*whole_lots)(void*, std::uint32_t instrument, double quantity,
                      std::int64_t* lots) noexcept;
    int (*fill)(void*, const DoorFill*, const DoorEventId* order) noexcept;
    int (*bust)(void*, const DoorFill*, std::int64_t time) noexcept;
    int (*place)(void*, const DoorOrder*, std::int64_t time) noexcept;
    int (*amend)(void*, const DoorEventId* amendment, const DoorEventId* order, std::int64_t lots,
                 double price, std::int64_t time) noexcept;
    int (*cancel)(void*, const DoorEventId* cancellation, const DoorEventId* order,
                  std::int64_t time) noexcept;
    int (*move)(void*, const char* underlying, double spot, std::int64_t time) noexcept;
    int (*advance)(void*, std::int64_t time) noexcept;
    int (*check)(void*, const DoorOrder*, DoorCheck* out) noexcept;
    int (*read)(const void*, std::uint32_t node, double* measures) noexcept;  // all of them
    std::uint32_t (*nodes)(const void*) noexcept;
    std::int64_t (*now)(const void*) noexcept;

    static constexpr const char* name = "hedgerow._core._inventory_door";
};
