# distutils: language = c++
# cython: language_level=3, freethreading_compatible=True, binding=False
"""The live inventory for compiled programs: the functions of inventory.pxd, for cimport alone.

Inventories are objects of hedgerow._core; this module reaches them through a table of its functions.
"""

from cpython.object cimport PyObject
from cpython.pycapsule cimport PyCapsule_Import

from hedgerow.errors import InvalidInput as _InvalidInput

cdef extern from "inventory_door.hpp" nogil:
    ctypedef struct DoorEventId:
        uint64_t high
        uint64_t low
    ctypedef struct DoorFill:
        pass
    ctypedef struct DoorOrder:
        pass
    ctypedef struct DoorCheck:
        pass
    ctypedef struct InventoryDoor:
        void* (*inventory_of)(void*)
        DoorEventId (*fill_id)(const char*, const char*) noexcept nogil
        DoorEventId (*order_id)(const char*, const char*) noexcept nogil
        DoorEventId (*amendment_id)(const char*, const char*, int64_t, double, double) noexcept nogil
        DoorEventId (*cancel_id)(const char*, const char*) noexcept nogil
        int (*whole_lots)(void*, uint32_t, double, int64_t*) except -1 nogil
        int (*fill)(void*, const DoorFill*, const DoorEventId*) except -1 nogil
        int (*bust)(void*, const DoorFill*, int64_t) except -1 nogil
        int (*place)(void*, const DoorOrder*, int64_t) except -1 nogil
        int (*amend)(void*, const DoorEventId*, const DoorEventId*, int64_t, double, int64_t) except -1 nogil
        int (*cancel)(void*, const DoorEventId*, const DoorEventId*, int64_t) except -1 nogil
        int (*move)(void*, const char*, double, int64_t) except -1 nogil
        int (*advance)(void*, int64_t) except -1 nogil
        int (*check)(void*, const DoorOrder*, DoorCheck*) except -1 nogil
        int (*read)(const void*, uint32_t, double*) except -1 nogil
        uint32_t (*nodes)(const void*) noexcept nogil
        int64_t (*now)(const void*) noexcept nogil
    const char* door_name "InventoryDoor::name"

cdef const InventoryDoor* door = <const InventoryDoor*>PyCapsule_Import(door_name, 0)


cdef inventory_t* at(object inventory) except NULL:
    core = getattr(inventory, "_core", None)
    found = door.inventory_of(<void*><PyObject*>core)
    if found is NULL:
        raise _InvalidInput("inventory", type(inventory).__name__, "must be a live.Inventory")
    return <inventory_t*>found

cdef int64_t instrument(object inventory, object name) except -1:
    return inventory._core.instrument(name)

cdef int64_t owner(object inventory, object account, object venue, object tags) except -1:
    return inventory._owner(account, venue, tags or {})

cdef int64_t currency(object inventory, object name) except -1:
    return inventory._core.currency(name)


cdef inline event_id_t published(DoorEventId id) noexcept nogil:
    cdef event_id_t out
    out.high = id.high
    out.low = id.low
    return out

cdef event_id_t fill_id(const char* venue, const char* trade_id) noexcept nogil:
    return published(door.fill_id(venue, trade_id))

cdef event_id_t order_id(const char* venue, const char* id) noexcept nogil:
    return published(door.order_id(venue, id))

cdef event_id_t amendment_id(const char* venue, const char* id, int64_t time, double quantity, double price) noexcept nogil:
    return published(door.amendment_id(venue, id, time, quantity, price))

cdef event_id_t cancel_id(const char* venue, const char* id) noexcept nogil:
    return published(door.cancel_id(venue, id))

cdef int whole_lots(inventory_t* inventory, uint32_t instrument, double quantity, int64_t* lots) except -1 nogil:
    return door.whole_lots(inventory, instrument, quantity, lots)


cdef int fill(inventory_t* inventory, const fill_t* fill, const event_id_t* order) except -1 nogil:
    return door.fill(inventory, <const DoorFill*>fill, <const DoorEventId*>order)

cdef int bust(inventory_t* inventory, const fill_t* fill, int64_t time) except -1 nogil:
    return door.bust(inventory, <const DoorFill*>fill, time)

cdef int place(inventory_t* inventory, const order_t* order, int64_t time) except -1 nogil:
    return door.place(inventory, <const DoorOrder*>order, time)

cdef int amend(inventory_t* inventory, const event_id_t* amendment, const event_id_t* order, int64_t lots, double price, int64_t time) except -1 nogil:
    return door.amend(inventory, <const DoorEventId*>amendment, <const DoorEventId*>order, lots, price, time)

cdef int cancel(inventory_t* inventory, const event_id_t* cancellation, const event_id_t* order, int64_t time) except -1 nogil:
    return door.cancel(inventory, <const DoorEventId*>cancellation, <const DoorEventId*>order, time)

cdef int move(inventory_t* inventory, const char* underlying, double spot, int64_t time) except -1 nogil:
    return door.move(inventory, underlying, spot, time)

cdef int advance(inventory_t* inventory, int64_t time) except -1 nogil:
    return door.advance(inventory, time)


cdef int check(inventory_t* inventory, const order_t* order, order_check_t* out) except -1 nogil:
    return door.check(inventory, <const DoorOrder*>order, <DoorCheck*>out)

cdef int read(inventory_t* inventory, uint32_t node, node_t* out) except -1 nogil:
    return door.read(inventory, node, <double*>out)

cdef uint32_t nodes(inventory_t* inventory) noexcept nogil:
    return door.nodes(inventory)

cdef int64_t now(inventory_t* inventory) noexcept nogil:
    return door.now(inventory)
