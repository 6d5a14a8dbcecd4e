"""The live inventory for compiled programs, C and C++ alike: `from hedgerow.inventory cimport fill`.

An inventory is made, listed and limited in Python; the loop that feeds it needs no Python object per
event. Names become numbers once: `at`, `instrument`, `owner` and Python's `node(...).number`. All
else needs no GIL. Times are nanoseconds since 1970 UTC, quantities whole lots.

An event gives 1 where it is new and 0 where it was counted before. One that the inventory refuses
raises InvalidInput, as in Python, and nothing has changed; the GIL is taken for that alone.

One thread at a time writes: while a loop runs without the GIL, no other thread may call the same
object, from Python neither. An `inventory_t*` is good as long as the object lives. What goes in here
is in no journal: of a live.Engine's inventory, only read and check.

A promise, as kernels.pxd: these functions and structs never change once published.
"""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t

cdef struct inventory_s
ctypedef inventory_s inventory_t

# The identity of an event: of fill_id() and the like, the same as in Python.
ctypedef struct event_id_t:
    uint64_t high
    uint64_t low

# Lots bought, sold where negative; the fee paid in the contract's currency where its number is -1.
ctypedef struct fill_t:
    event_id_t id
    int64_t time
    uint32_t owner
    uint32_t instrument
    int64_t lots
    double price
    double fee
    int32_t fee_currency

# Lots left to be filled.
ctypedef struct order_t:
    event_id_t id
    uint32_t owner
    uint32_t instrument
    int64_t lots
    double price

# Whether an order may be placed: 0 allowed, 1 limit, 2 frozen, 3 closed. The node of 1 and 2; the
# number of the limit, and what its measure could become.
ctypedef struct order_check_t:
    int32_t outcome
    uint32_t node
    uint32_t limit
    double value

# The measures of a node, see docs/live.md.
ctypedef struct node_t:
    double value
    double delta
    double gamma
    double vega
    double theta
    double rho
    double vanna
    double volga
    double pnl
    double notional
    double gross
    double options
    double capture
    double fees
    double scenario_loss
    double margin

# Names to numbers: with the GIL.
cdef inventory_t* at(object inventory) except NULL
cdef int64_t instrument(object inventory, object name) except -1
cdef int64_t owner(object inventory, object account, object venue, object tags) except -1
cdef int64_t currency(object inventory, object name) except -1

cdef event_id_t fill_id(const char* venue, const char* trade_id) noexcept nogil
cdef event_id_t order_id(const char* venue, const char* id) noexcept nogil
cdef event_id_t amendment_id(const char* venue, const char* id, int64_t time, double quantity, double price) noexcept nogil
cdef event_id_t cancel_id(const char* venue, const char* id) noexcept nogil
cdef int whole_lots(inventory_t* inventory, uint32_t instrument, double quantity, int64_t* lots) except -1 nogil

# Events. Of a fill, `order` is the id of the order that it fills, or NULL.
cdef int fill(inventory_t* inventory, const fill_t* fill, const event_id_t* order) except -1 nogil
cdef int bust(inventory_t* inventory, const fill_t* fill, int64_t time) except -1 nogil
cdef int place(inventory_t* inventory, const order_t* order, int64_t time) except -1 nogil
cdef int amend(inventory_t* inventory, const event_id_t* amendment, const event_id_t* order, int64_t lots, double price, int64_t time) except -1 nogil
cdef int cancel(inventory_t* inventory, const event_id_t* cancellation, const event_id_t* order, int64_t time) except -1 nogil
cdef int move(inventory_t* inventory, const char* underlying, double spot, int64_t time) except -1 nogil
cdef int advance(inventory_t* inventory, int64_t time) except -1 nogil

# What is netted. check() gives 1 where the order is allowed; read() 0.
cdef int check(inventory_t* inventory, const order_t* order, order_check_t* out) except -1 nogil
cdef int read(inventory_t* inventory, uint32_t node, node_t* out) except -1 nogil
cdef uint32_t nodes(inventory_t* inventory) noexcept nogil
cdef int64_t now(inventory_t* inventory) noexcept nogil
