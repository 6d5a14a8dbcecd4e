// book: the live inventory for compiled programs, by way of hedgerow.inventory.
#include <algorithm>
#include <exception>
#include <string>

#include "instant.hpp"
#include "inventory.hpp"
#include "inventory_door.hpp"
#include "module.hpp"

using namespace hedgerow;

namespace {

static_assert(static_cast<int>(OrderCheck::Outcome::allowed) == 0 &&
              static_cast<int>(OrderCheck::Outcome::limit) == 1 &&
              static_cast<int>(OrderCheck::Outcome::frozen) == 2 &&
              static_cast<int>(OrderCheck::Outcome::closed) == 3);

/// What an event says of itself, or -1 with Python's error where it is refused.
template <class Event>
int answer(Event&& event) noexcept {
    try {
        return event();
    } catch (const InvalidInput& error) {
        const py::gil_scoped_acquire held;
        set_error(error);
    } catch (const std::exception& error) {
        const py::gil_scoped_acquire held;
        PyErr_SetString(PyExc_RuntimeError, error.what());
    }
    return -1;
}

Inventory& at(void* inventory) noexcept {
    return *static_cast<Inventory*>(inventory);
}
const Inventory& at(const void* inventory) noexcept {
    return *static_cast<const Inventory*>(inventory);
}

DoorEventId out(EventId id) noexcept {
    return {id.high, id.low};
}
EventId in(const DoorEventId& id) noexcept {
    return {id.high, id.low};
}
Fill in(const DoorFill& f) noexcept {
    const std::uint32_t paid_in =
        f.fee_currency < 0 ? Fill::of_contract : static_cast<std::uint32_t>(f.fee_currency);
    return {in(f.id), {f.time}, f.owner, f.instrument, f.lots, f.price, f.fee, paid_in};
}
Order in(const DoorOrder& o) noexcept {
    return {in(o.id), o.owner, o.instrument, o.lots, o.price};
}

void* inventory_of(void* core) {
    const py::handle object(static_cast<PyObject*>(core));
    if (!py::isinstance<Inventory>(object)) return nullptr;
    return object.cast<Inventory*>();
}

DoorEventId door_fill_id(const char* venue, const char* trade_id) noexcept {
    return out(event_id(venue, trade_id));
}
DoorEventId door_order_id(const char* venue, const char* id) noexcept {
    return out(order_id(venue, id));
}
DoorEventId door_amendment_id(const char* venue, const char* id, std::int64_t time, double quantity,
                              double price) noexcept {
    return out(amendment_id(venue, id, {time}, quantity, price));
}
DoorEventId door_cancel_id(const char* venue, const char* id) noexcept {
    return out(cancel_id(venue, id));
}

int door_whole_lots(void* inventory, std::uint32_t instrument, double quantity,
                    std::int64_t* lots) noexcept {
    return answer([&] {
        *lots = to_lots(at(inventory), instrument, quantity);
        return 0;
    });
}

int door_fill(void* inventory, const DoorFill* fill, const DoorEventId* order) noexcept {
    return answer([&] {
        if (order) return at(inventory).fill(in(*fill), in(*order));
        return at(inventory).fill(in(*fill));
    });
}

int door_bust(void* inventory, const DoorFill* fill, std::int64_t time) noexcept {
    return answer([&] { return at(inventory).bust(in(*fill), {time}); });
}

int door_place(void* inventory, const DoorOrder* order, std::int64_t time) noexcept {
    return answer([&] { return at(inventory).place(in(*order), {time}); });
}

int door_amend(void* inventory, const DoorEventId* amendment, const DoorEventId* order,
               std::int64_t lots, double price, std::int64_t time) noexcept {
    return answer(
        [&] { return at(inventory).amend(in(*amendment), in(*order), lots, price, {time}); });
}

int door_cancel(void* inventory, const DoorEventId* cancellation, const DoorEventId* order,
                std::int64_t time) noexcept {
    return answer([&] { return at(inventory).cancel(in(*cancellation), in(*order), {time}); });
}

int door_move(void* inventory, const char* underlying, double spot, std::int64_t time) noexcept {
    return answer([&] {
        at(inventory).move(underlying, spot, {time});
        return 1;
    });
}

int door_advance(void* inventory, std::int64_t time) noexcept {
    return answer([&] {
        at(inventory).advance({time});
        return 1;
    });
}

int door_check(void* inventory, const DoorOrder* order, DoorCheck* out) noexcept {
    return answer([&] {
        const OrderCheck found = at(inventory).check(in(*order));
        *out = {static_cast<std::int32_t>(found.outcome), found.node, found.limit, found.value};
        return found.outcome == OrderCheck::Outcome::allowed;
    });
}

int door_read(const void* inventory, std::uint32_t node, double* measures) noexcept {
    return answer([&] {
        if (node >= at(inventory).nodes())
            throw InvalidInput("node", std::to_string(node), "must be one of the inventory");
        const NodeLine line = at(inventory).read(node);
        std::ranges::copy(line.numbers, measures);
        return 0;
    });
}

std::uint32_t door_nodes(const void* inventory) noexcept {
    return static_cast<std::uint32_t>(at(inventory).nodes());
}

std::int64_t door_now(const void* inventory) noexcept {
    return at(inventory).now().nanoseconds;
}

constexpr InventoryDoor door = {
    &inventory_of,    &door_fill_id, &door_order_id, &door_amendment_id, &door_cancel_id,
    &door_whole_lots, &door_fill,    &door_bust,     &door_place,        &door_amend,
    &door_cancel,     &door_move,    &door_advance,  &door_check,        &door_read,
    &door_nodes,      &door_now,
};

}  // namespace

void bind_inventory_door(py::module_& m) {
    m.attr("_inventory_door") = py::capsule(const_cast<InventoryDoor*>(&door), InventoryDoor::name);
}
