# distutils: language = c++
# cython: language_level=3, freethreading_compatible=True, binding=False
"""The numeric functions: NumPy ufuncs, scalar doors and the C interface of kernels.pxd.

Every kernel of the core is a ufunc of its own name (`black_price`, `black_greeks`); every output
of a kernel that fills the Greeks is one too (`black_delta`, `black_vega`, ...). For one option in
Python floats there is a function that skips NumPy: `black_price_one`, `black_greeks_one`.
"""

cimport numpy as np
from cpython.bytes cimport PyBytes_AS_STRING
from libc.stddef cimport ptrdiff_t

import numpy

np.import_array()
np.import_ufunc()

cdef extern from "<cfenv>" nogil:
    int FE_ALL_EXCEPT
    int feclearexcept(int) noexcept

cdef extern from "<string_view>" namespace "std" nogil:
    cdef cppclass string_view:
        string_view(const char*)

cdef extern from "<span>" namespace "std" nogil:
    cdef cppclass span[T]:
        size_t size()
        T& operator[](size_t)

cdef extern from "hedgerow/base/kernel.hpp" namespace "hedgerow" nogil:
    ctypedef struct KernelInfo:
        const char* name
        int inputs
        int outputs
    span[const KernelInfo] all_kernels "hedgerow::kernel_list"()
    int find_kernel(string_view)
    int all_outputs
    void evaluate_columns "hedgerow::evaluate"(int, int, char**, size_t, const ptrdiff_t*) noexcept
    bint evaluate_on(string_view, int, const double**, double**, size_t) noexcept
    bint evaluate_one_on(string_view, int, const double*, double*) noexcept

cdef extern from "hedgerow/base/greeks.hpp" namespace "hedgerow" nogil:
    int greek_count
    const char* greek_names[17]

cdef extern from "hedgerow.h" nogil:
    ctypedef struct hedgerow_greeks:
        pass
    int hedgerow_abi_version() noexcept
    double hedgerow_normal_pdf(double) noexcept
    double hedgerow_normal_cdf(double) noexcept
    double hedgerow_black_price(double, double, double, double, double, double) noexcept
    void hedgerow_black_greeks(double, double, double, double, double, double, hedgerow_greeks*) noexcept
    double hedgerow_bsm_price(double, double, double, double, double, double, double) noexcept
    void hedgerow_bsm_greeks(double, double, double, double, double, double, double, hedgerow_greeks*) noexcept


# --- the C interface of kernels.pxd ------------------------------------------------------------

cdef int abi_version() noexcept nogil:
    return hedgerow_abi_version()

cdef double normal_pdf(double x) noexcept nogil:
    return hedgerow_normal_pdf(x)

cdef double normal_cdf(double x) noexcept nogil:
    return hedgerow_normal_cdf(x)

cdef double black_price(double right, double forward, double strike, double time, double volatility, double discount) noexcept nogil:
    return hedgerow_black_price(right, forward, strike, time, volatility, discount)

cdef void black_greeks(double right, double forward, double strike, double time, double volatility, double discount, greeks_t* out) noexcept nogil:
    hedgerow_black_greeks(right, forward, strike, time, volatility, discount, <hedgerow_greeks*>out)

cdef double bsm_price(double right, double spot, double strike, double time, double volatility, double rate, double carry) noexcept nogil:
    return hedgerow_bsm_price(right, spot, strike, time, volatility, rate, carry)

cdef void bsm_greeks(double right, double spot, double strike, double time, double volatility, double rate, double carry, greeks_t* out) noexcept nogil:
    hedgerow_bsm_greeks(right, spot, strike, time, volatility, rate, carry, <hedgerow_greeks*>out)


# --- scalar doors ------------------------------------------------------------------------------

cdef class Greeks:
    """The price of one option and its sixteen derivatives, as attributes; iterates in order."""

    cdef greeks_t greeks

    @property
    def price(self): return self.greeks.price
    @property
    def delta(self): return self.greeks.delta
    @property
    def gamma(self): return self.greeks.gamma
    @property
    def vega(self): return self.greeks.vega
    @property
    def theta(self): return self.greeks.theta
    @property
    def rho(self): return self.greeks.rho
    @property
    def phi(self): return self.greeks.phi
    @property
    def vanna(self): return self.greeks.vanna
    @property
    def volga(self): return self.greeks.volga
    @property
    def charm(self): return self.greeks.charm
    @property
    def veta(self): return self.greeks.veta
    @property
    def speed(self): return self.greeks.speed
    @property
    def zomma(self): return self.greeks.zomma
    @property
    def color(self): return self.greeks.color
    @property
    def ultima(self): return self.greeks.ultima
    @property
    def dual_delta(self): return self.greeks.dual_delta
    @property
    def dual_gamma(self): return self.greeks.dual_gamma

    def __iter__(self):
        cdef double* values = &self.greeks.price
        return iter([values[j] for j in range(greek_count)])

    def __repr__(self):
        return "Greeks(" + ", ".join(f"{n}={v:.6g}" for n, v in zip(names, self)) + ")"


def black_price_one(double right, double forward, double strike, double time, double volatility, double discount):
    """One Black-76 price, in and out as Python floats; see hedgerow.black.price."""
    return black_price(right, forward, strike, time, volatility, discount)

def black_greeks_one(double right, double forward, double strike, double time, double volatility, double discount):
    """One Black-76 price with its Greeks, as a Greeks object; see hedgerow.black.greeks."""
    cdef Greeks result = Greeks.__new__(Greeks)
    black_greeks(right, forward, strike, time, volatility, discount, &result.greeks)
    return result

def bsm_price_one(double right, double spot, double strike, double time, double volatility, double rate, double carry):
    """One Black-Scholes-Merton price, in and out as Python floats; see hedgerow.bsm.price."""
    return bsm_price(right, spot, strike, time, volatility, rate, carry)

def bsm_greeks_one(double right, double spot, double strike, double time, double volatility, double rate, double carry):
    """One Black-Scholes-Merton price with its Greeks, as a Greeks object; see hedgerow.bsm.greeks."""
    cdef Greeks result = Greeks.__new__(Greeks)
    bsm_greeks(right, spot, strike, time, volatility, rate, carry, &result.greeks)
    return result


# --- ufuncs ------------------------------------------------------------------------------------

names = tuple(greek_names[j].decode() for j in range(greek_count))

cdef struct Selection:  # what a ufunc's loop is told: which kernel, which of its outputs
    int kernel
    int output

cdef void loop(char** columns, const np.npy_intp* n, const np.npy_intp* strides, void* data) noexcept nogil:
    cdef Selection* selection = <Selection*>data
    evaluate_columns(selection.kernel, selection.output, columns, n[0], <const ptrdiff_t*>strides)
    feclearexcept(FE_ALL_EXCEPT)  # NaN in, NaN out, no warning: bad rows are for the caller to find

cdef int most_ufuncs = 256
cdef Selection[256] selections
cdef void* pointers[256]
cdef np.PyUFuncGenericFunction[1] loops
cdef char[25] types  # the widest kernel has 8 inputs and 17 outputs
loops[0] = <np.PyUFuncGenericFunction>loop
for _j in range(25):
    types[_j] = np.NPY_DOUBLE

cdef int ufunc_count = 0
_texts = []  # NumPy keeps the addresses of names and docstrings, not copies


cdef object make_ufunc(str name, str doc, int kernel, int output):
    global ufunc_count
    if ufunc_count == most_ufuncs:
        raise RuntimeError("more kernels than places for ufuncs")
    cdef KernelInfo info = all_kernels()[kernel]
    cdef int outputs = info.outputs if output == all_outputs else 1
    encoded = name.encode(), doc.encode()
    _texts.append(encoded)
    selections[ufunc_count] = Selection(kernel, output)
    pointers[ufunc_count] = &selections[ufunc_count]
    ufunc = np.PyUFunc_FromFuncAndData(
        loops, &pointers[ufunc_count], types, 1, info.inputs, outputs, np.PyUFunc_None,
        PyBytes_AS_STRING(encoded[0]), PyBytes_AS_STRING(encoded[1]), 0)
    ufunc_count += 1
    return ufunc


def _register():
    """Creates the ufuncs: one per kernel, and one per Greek of a kernel that fills them all."""
    created = {}
    for kernel in range(<int>all_kernels().size()):
        info = all_kernels()[kernel]
        name = info.name.decode()
        created[name] = make_ufunc(name, f"The kernel {name} of the core; see hedgerow's modules.",
                                   kernel, all_outputs)
        if info.outputs == greek_count:
            family = name.removesuffix("greeks")
            for output in range(1, greek_count):
                single = family + names[output]
                created[single] = make_ufunc(single, f"Output {names[output]} of {name}.", kernel, output)
    globals().update(created)
    return tuple(created)


ufunc_names = _register()


def evaluate(str isa, str name, *columns):
    """Runs a kernel of a named instruction set over arrays of one length; for tests.

    Returns a tuple of the output arrays, or None where this processor can't run it. With floats in
    place of arrays the kernel's scalar entry is run, and floats come back.
    """
    cdef int kernel = find_kernel(string_view(name.encode()))
    if kernel < 0:
        raise KeyError(name)
    cdef KernelInfo info = all_kernels()[kernel]
    if len(columns) != info.inputs:
        raise TypeError(f"{name} takes {info.inputs} columns, not {len(columns)}")
    cdef const double* inputs[8]
    cdef double* outputs[17]
    cdef double[8] one_in
    cdef double[17] one_out
    encoded = isa.encode()
    if all(isinstance(column, float) for column in columns):
        for j in range(info.inputs):
            one_in[j] = columns[j]
        if not evaluate_one_on(string_view(encoded), kernel, one_in, one_out):
            return None
        return tuple(one_out[j] for j in range(info.outputs))
    arrays = [numpy.array(a, dtype=float, ndmin=1) for a in numpy.broadcast_arrays(*columns)]
    results = [numpy.empty(arrays[0].size) for j in range(info.outputs)]
    for j in range(info.inputs):
        inputs[j] = <const double*>np.PyArray_DATA(arrays[j])
    for j in range(info.outputs):
        outputs[j] = <double*>np.PyArray_DATA(results[j])
    if not evaluate_on(string_view(encoded), kernel, inputs, outputs, arrays[0].size):
        return None
    return tuple(results)
