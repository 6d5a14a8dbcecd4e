# cython: language_level=3
from libc.stdint cimport int64_t
from libc.stdio cimport snprintf

from hedgerow.inventory cimport (
    at, check, fill, fill_id, fill_t, instrument, inventory_t, move, node_t, now, order_check_t,
    order_id, order_t, owner, read,
)

def make(inventory, str name, node, int64_t[::1] lots, double price, double spot):
    """Fills each lot that its limits allow, then moves the spot: the delta, and how many it filled."""
    cdef inventory_t* to = at(inventory)
    cdef unsigned int number = node.number
    cdef char[24] id
    cdef order_t order
    cdef order_check_t found
    cdef fill_t traded
    cdef node_t measures
    cdef Py_ssize_t i
    cdef int filled = 0
    order.instrument = traded.instrument = instrument(inventory, name)
    order.owner = traded.owner = owner(inventory, "main", "deribit", {"strategy": "mm"})
    order.price = traded.price = price
    traded.fee, traded.fee_currency = 0.0003, -1  # of the contract
    traded.time = now(to)
    with nogil:
        for i in range(lots.shape[0]):
            snprintf(id, sizeof(id), "quote %d", <int>i)
            order.id, order.lots = order_id("deribit", id), lots[i]
            if not check(to, &order, &found):
                continue
            traded.id, traded.lots = fill_id("deribit", id), lots[i]
            filled += fill(to, &traded, NULL)
        move(to, "BTC", spot, traded.time)
        read(to, number, &measures)
    return measures.delta, filled
