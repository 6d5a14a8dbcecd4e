# distutils: language = c++
# cython: language_level=3, freethreading_compatible=True, binding=False
"""The numeric functions: NumPy ufuncs, scalar doors and the C interface of kernels.pxd.

Every kernel of the core is a ufunc of its own name (`black_price`, `black_greeks`); every output
of a kernel that fills the Greeks is one too (`black_delta`, `black_vega`, ...). Long columns run on
the process's threads, one number per argument goes to the kernel's scalar entry. `black_price_one` and
`black_greeks_one` take one option in Python floats to a float and to a Greeks object.
"""

cimport numpy as np
from cpython.bytes cimport PyBytes_AS_STRING
from cpython.long cimport PyLong_AsLongLongAndOverflow
from cpython.object cimport PyObject
from cpython.pycapsule cimport PyCapsule_Import
from cpython.ref cimport Py_INCREF
from cpython.tuple cimport PyTuple_New, PyTuple_SET_ITEM
from libc.stddef cimport ptrdiff_t

import numpy

from hedgerow._core import Right as _Right

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
    ctypedef void (*RunChunks)(size_t, void (*)(void*, size_t) noexcept, void*) noexcept
    void evaluate_columns "hedgerow::evaluate"(int, int, char**, size_t, const ptrdiff_t*, RunChunks) noexcept
    void evaluate_one "hedgerow::evaluate_one"(int, const double*, double*) noexcept
    bint evaluate_on(string_view, int, const double**, double**, size_t) noexcept
    bint evaluate_one_on(string_view, int, const double*, double*) noexcept

cdef extern from "hedgerow/base/greeks.hpp" namespace "hedgerow" nogil:
    int greek_count
    const char* greek_names[17]

cdef extern from "hedgerow.h" nogil:
    ctypedef struct hedgerow_greeks:
        pass
    ctypedef struct hedgerow_main_greeks:
        pass
    int hedgerow_abi_version() noexcept
    double hedgerow_normal_pdf(double) noexcept
    double hedgerow_normal_cdf(double) noexcept
    double hedgerow_normal_inverse_cdf(double) noexcept
    double hedgerow_log_normal_cdf(double) noexcept
    double hedgerow_erfcx(double) noexcept
    double hedgerow_mills_ratio(double) noexcept
    double hedgerow_black_price(double, double, double, double, double, double) noexcept
    void hedgerow_black_greeks(double, double, double, double, double, double, hedgerow_greeks*) noexcept
    double hedgerow_black_implied_volatility(double, double, double, double, double, double) noexcept
    int hedgerow_black_implied_volatility_status(double, double, double, double, double, double) noexcept
    double hedgerow_black_implied_volatility_from(double, double, double, double, double, double, double) noexcept
    double hedgerow_bsm_price(double, double, double, double, double, double, double) noexcept
    void hedgerow_bsm_greeks(double, double, double, double, double, double, double, hedgerow_greeks*) noexcept
    double hedgerow_displaced_price(double, double, double, double, double, double, double) noexcept
    void hedgerow_displaced_greeks(double, double, double, double, double, double, double, hedgerow_greeks*) noexcept
    double hedgerow_bachelier_price(double, double, double, double, double, double) noexcept
    void hedgerow_bachelier_greeks(double, double, double, double, double, double, hedgerow_greeks*) noexcept
    double hedgerow_bachelier_implied_volatility(double, double, double, double, double, double) noexcept
    int hedgerow_bachelier_implied_volatility_status(double, double, double, double, double, double) noexcept
    double hedgerow_american_price(double, double, double, double, double, double, double) noexcept
    void hedgerow_american_greeks(double, double, double, double, double, double, double, hedgerow_main_greeks*) noexcept
    double hedgerow_american_exercise_boundary(double, double, double, double, double, double) noexcept
    double hedgerow_american_implied_volatility(double, double, double, double, double, double, double) noexcept
    int hedgerow_american_implied_volatility_status(double, double, double, double, double, double, double) noexcept


# --- the C interface of kernels.pxd ------------------------------------------------------------

cdef int abi_version() noexcept nogil:
    return hedgerow_abi_version()

cdef double normal_pdf(double x) noexcept nogil:
    return hedgerow_normal_pdf(x)

cdef double normal_cdf(double x) noexcept nogil:
    return hedgerow_normal_cdf(x)

cdef double normal_inverse_cdf(double p) noexcept nogil:
    return hedgerow_normal_inverse_cdf(p)

cdef double log_normal_cdf(double x) noexcept nogil:
    return hedgerow_log_normal_cdf(x)

cdef double erfcx(double x) noexcept nogil:
    return hedgerow_erfcx(x)

cdef double mills_ratio(double x) noexcept nogil:
    return hedgerow_mills_ratio(x)

cdef double black_price(double right, double forward, double strike, double time, double volatility, double discount) noexcept nogil:
    return hedgerow_black_price(right, forward, strike, time, volatility, discount)

cdef void black_greeks(double right, double forward, double strike, double time, double volatility, double discount, greeks_t* out) noexcept nogil:
    hedgerow_black_greeks(right, forward, strike, time, volatility, discount, <hedgerow_greeks*>out)

cdef double black_implied_volatility(double right, double price, double forward, double strike, double time, double discount) noexcept nogil:
    return hedgerow_black_implied_volatility(right, price, forward, strike, time, discount)

cdef int black_implied_volatility_status(double right, double price, double forward, double strike, double time, double discount) noexcept nogil:
    return hedgerow_black_implied_volatility_status(right, price, forward, strike, time, discount)

cdef double black_implied_volatility_from(double right, double price, double forward, double strike, double time, double discount, double guess) noexcept nogil:
    return hedgerow_black_implied_volatility_from(right, price, forward, strike, time, discount, guess)

cdef double bsm_price(double right, double spot, double strike, double time, double volatility, double rate, double carry) noexcept nogil:
    return hedgerow_bsm_price(right, spot, strike, time, volatility, rate, carry)

cdef void bsm_greeks(double right, double spot, double strike, double time, double volatility, double rate, double carry, greeks_t* out) noexcept nogil:
    hedgerow_bsm_greeks(right, spot, strike, time, volatility, rate, carry, <hedgerow_greeks*>out)

cdef double displaced_price(double right, double forward, double strike, double time, double volatility, double discount, double shift) noexcept nogil:
    return hedgerow_displaced_price(right, forward, strike, time, volatility, discount, shift)

cdef void displaced_greeks(double right, double forward, double strike, double time, double volatility, double discount, double shift, greeks_t* out) noexcept nogil:
    hedgerow_displaced_greeks(right, forward, strike, time, volatility, discount, shift, <hedgerow_greeks*>out)

cdef double bachelier_price(double right, double forward, double strike, double time, double volatility, double discount) noexcept nogil:
    return hedgerow_bachelier_price(right, forward, strike, time, volatility, discount)

cdef void bachelier_greeks(double right, double forward, double strike, double time, double volatility, double discount, greeks_t* out) noexcept nogil:
    hedgerow_bachelier_greeks(right, forward, strike, time, volatility, discount, <hedgerow_greeks*>out)

cdef double bachelier_implied_volatility(double right, double price, double forward, double strike, double time, double discount) noexcept nogil:
    return hedgerow_bachelier_implied_volatility(right, price, forward, strike, time, discount)

cdef int bachelier_implied_volatility_status(double right, double price, double forward, double strike, double time, double discount) noexcept nogil:
    return hedgerow_bachelier_implied_volatility_status(right, price, forward, strike, time, discount)

cdef double american_price(double right, double spot, double strike, double time, double volatility, double rate, double carry) noexcept nogil:
    return hedgerow_american_price(right, spot, strike, time, volatility, rate, carry)

cdef void american_greeks(double right, double spot, double strike, double time, double volatility, double rate, double carry, main_greeks_t* out) noexcept nogil:
    hedgerow_american_greeks(right, spot, strike, time, volatility, rate, carry, <hedgerow_main_greeks*>out)

cdef double american_exercise_boundary(double right, double strike, double time, double volatility, double rate, double carry) noexcept nogil:
    return hedgerow_american_exercise_boundary(right, strike, time, volatility, rate, carry)

cdef double american_implied_volatility(double right, double price, double spot, double strike, double time, double rate, double carry) noexcept nogil:
    return hedgerow_american_implied_volatility(right, price, spot, strike, time, rate, carry)

cdef int american_implied_volatility_status(double right, double price, double spot, double strike, double time, double rate, double carry) noexcept nogil:
    return hedgerow_american_implied_volatility_status(right, price, spot, strike, time, rate, carry)


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

    def __eq__(self, other):
        return tuple(self) == tuple(other) if isinstance(other, Greeks) else NotImplemented

    def __reduce__(self):
        return _greeks, (1, *self)  # the layout's version first

    def __repr__(self):
        return "Greeks(" + ", ".join(f"{n}={v:.6g}" for n, v in zip(names, self)) + ")"


def _greeks(int version, *values):
    """Reads what any version so far has pickled."""
    if version != 1 or len(values) != greek_count:
        raise ValueError(f"Greeks: can't read a pickled state of version {version}")
    cdef Greeks result = Greeks.__new__(Greeks)
    for j in range(greek_count):
        (&result.greeks.price)[j] = values[j]
    return result

def black_price_one(double right, double forward, double strike, double time, double volatility, double discount):
    """One price, in and out as Python floats; see hedgerow.black.price."""
    return black_price(right, forward, strike, time, volatility, discount)

def black_greeks_one(double right, double forward, double strike, double time, double volatility, double discount):
    """One price with its Greeks, as a Greeks object; see hedgerow.black.greeks."""
    cdef Greeks result = Greeks.__new__(Greeks)
    black_greeks(right, forward, strike, time, volatility, discount, &result.greeks)
    return result

def black_implied_volatility_one(double right, double price, double forward, double strike, double time, double discount):
    """One implied volatility, NaN where there is none; see hedgerow.black.implied_volatility."""
    return black_implied_volatility(right, price, forward, strike, time, discount)

def black_implied_volatility_from_one(double right, double price, double forward, double strike, double time, double discount, double guess):
    """One implied volatility from a guess; see hedgerow.black.implied_volatility_from."""
    return black_implied_volatility_from(right, price, forward, strike, time, discount, guess)

def bsm_price_one(double right, double spot, double strike, double time, double volatility, double rate, double carry):
    """One price, in and out as Python floats; see hedgerow.bsm.price."""
    return bsm_price(right, spot, strike, time, volatility, rate, carry)

def bsm_greeks_one(double right, double spot, double strike, double time, double volatility, double rate, double carry):
    """One price with its Greeks, as a Greeks object; see hedgerow.bsm.greeks."""
    cdef Greeks result = Greeks.__new__(Greeks)
    bsm_greeks(right, spot, strike, time, volatility, rate, carry, &result.greeks)
    return result

def displaced_price_one(double right, double forward, double strike, double time, double volatility, double discount, double shift):
    """One price, in and out as Python floats; see hedgerow.displaced.price."""
    return displaced_price(right, forward, strike, time, volatility, discount, shift)

def displaced_greeks_one(double right, double forward, double strike, double time, double volatility, double discount, double shift):
    """One price with its Greeks, as a Greeks object; see hedgerow.displaced.greeks."""
    cdef Greeks result = Greeks.__new__(Greeks)
    displaced_greeks(right, forward, strike, time, volatility, discount, shift, &result.greeks)
    return result

def bachelier_price_one(double right, double forward, double strike, double time, double volatility, double discount):
    """One price, in and out as Python floats; see hedgerow.bachelier.price."""
    return bachelier_price(right, forward, strike, time, volatility, discount)

def bachelier_greeks_one(double right, double forward, double strike, double time, double volatility, double discount):
    """One price with its Greeks, as a Greeks object; see hedgerow.bachelier.greeks."""
    cdef Greeks result = Greeks.__new__(Greeks)
    bachelier_greeks(right, forward, strike, time, volatility, discount, &result.greeks)
    return result

def bachelier_implied_volatility_one(double right, double price, double forward, double strike, double time, double discount):
    """One implied volatility, NaN where there is none; see hedgerow.bachelier.implied_volatility."""
    return bachelier_implied_volatility(right, price, forward, strike, time, discount)

def american_price_one(double right, double spot, double strike, double time, double volatility, double rate, double carry):
    """One price, in and out as Python floats; see hedgerow.american.price."""
    return american_price(right, spot, strike, time, volatility, rate, carry)

def american_implied_volatility_one(double right, double price, double spot, double strike, double time, double rate, double carry):
    """One implied volatility, NaN where there is none; see hedgerow.american.implied_volatility."""
    return american_implied_volatility(right, price, spot, strike, time, rate, carry)


# --- ufuncs ------------------------------------------------------------------------------------

# What help() says of a ufunc: its arguments, its meaning, and where the details stand.
_OPTION = "right, forward, strike, time, volatility, discount"
_PRICE = "right, price, forward, strike, time, discount"
_SPOT_OPTION = "right, spot, strike, time, volatility, rate, carry"
_FAMILIES = {
    "black": (_OPTION, "a European option on a forward (Black 1976)"),
    "bsm": (_SPOT_OPTION, "a European option on a spot with cost of carry (Black, Scholes and Merton 1973)"),
    "american": (_SPOT_OPTION, "an American option on a spot with cost of carry (Black, Scholes and Merton 1973)"),
    "displaced": (_OPTION + ", shift", "a European option on a shifted lognormal forward"),
    "bachelier": (_OPTION, "a European option on a forward with normal volatility (Bachelier 1900)"),
}
_MEANINGS = {
    "price": "price V", "delta": "dV/dS", "gamma": "d2V/dS2", "vega": "dV/dvol per 1.00",
    "theta": "dV/dt per year of calendar time", "rho": "dV/dr per 1.00", "phi": "dV/dq per 1.00",
    "vanna": "d2V/dS dvol", "volga": "d2V/dvol2", "charm": "d2V/dS dt", "veta": "d2V/dvol dt",
    "speed": "d3V/dS3", "zomma": "d3V/dS2 dvol", "color": "d3V/dS2 dt", "ultima": "d3V/dvol3",
    "dual_delta": "dV/dK", "dual_gamma": "d2V/dK2", "greeks": "price and the sixteen Greeks",
    "implied_volatility": "volatility that gives a price",
    "implied_volatility_from": "volatility that gives a price, from a guess such as the last one,",
    "implied_volatility_status": "Status code of the implied volatility",
    "exercise_boundary": "spot from which on the exercise is best",
}
_FUNCTIONS = {
    "exp": "(x): exp(x), error below 1 ulp; 0 below -708.3 and inf above 709.7",
    "log": "(x): natural logarithm, error below 2 ulp",
    "normal_pdf": "(x): standard normal density, error below 2 ulp",
    "normal_cdf": "(x): standard normal distribution function, error below 7.5 ulp in both tails",
    "normal_inverse_cdf": "(p): its inverse, error below 3 ulp; -normal_inverse_cdf(q) for an upper tail q",
    "log_normal_cdf": "(x): logarithm of the distribution function, error below 7.5 ulp",
    "erfcx": "(x): exp(x^2) erfc(x), error below 5 ulp",
    "mills_ratio": "(x): N(-x)/n(x), error below 7 ulp",
}


def _describe(str name):
    """The docstring of a ufunc."""
    if name in _FUNCTIONS:
        return name + _FUNCTIONS[name] + ". Any double; NaN gives NaN."
    family, _, output = name.partition("_")
    arguments, what = _FAMILIES[family]
    if output.startswith("implied"):
        arguments = _PRICE + (", guess" if output.endswith("from") else "")
    if family == "american" and output.startswith("implied"):
        arguments = "right, price, spot, strike, time, rate, carry"
    elif output == "exercise_boundary":
        arguments = "right, strike, time, volatility, rate, carry"
    meaning = _MEANINGS[output]
    if name == "american_greeks":
        meaning = "price, delta, gamma, vega, theta, rho and phi"
    return (f"{name}({arguments})\n\n{meaning} of {what}; arguments broadcast.\n\n"
            "right is +1 (call) or -1 (put), time in years, volatility and rates decimals per year.\n"
            f"Outside the domain NaN. Domain, edges, measured error and source: hedgerow.{family}.")


names = tuple(greek_names[j].decode() for j in range(greek_count))

cdef struct Selection:  # what a ufunc's loop is told: which kernel, which of its outputs
    int kernel
    int output

# The threads of the process belong to the module of objects; long columns are shared out to them.
cdef RunChunks run_chunks = <RunChunks>PyCapsule_Import("hedgerow._core._run_chunks", 0)

cdef void loop(char** columns, const np.npy_intp* n, const np.npy_intp* strides, void* data) noexcept nogil:
    cdef Selection* selection = <Selection*>data
    evaluate_columns(selection.kernel, selection.output, columns, n[0], <const ptrdiff_t*>strides, run_chunks)
    feclearexcept(FE_ALL_EXCEPT)  # NaN in, NaN out, no warning: bad rows are for the caller to find


# A ufunc spends microseconds on finding out that each of its arguments is one number. So the slot
# through which Python calls one ufunc object is ours: numbers go straight to the kernel's scalar
# entry and come back as the np.float64 that NumPy gives; anything else, any keyword and any other
# count go on to NumPy.
cdef extern from *:
    ctypedef object (*vectorcallfunc)(object, PyObject* const*, size_t, PyObject*)
    ctypedef struct PyTypeObject:
        object (*tp_alloc)(PyTypeObject*, Py_ssize_t)
    Py_ssize_t PyVectorcall_NARGS(size_t) noexcept
    PyTypeObject PyFloat_Type
    PyTypeObject PyLong_Type
    PyTypeObject* Py_TYPE(PyObject*) noexcept
    double PyFloat_AS_DOUBLE(PyObject*) noexcept

cdef extern from "numpy/ufuncobject.h":
    ctypedef struct PyUFuncObject:
        int nin
        void** data
        vectorcallfunc vectorcall

cdef extern from "numpy/arrayscalars.h":
    PyTypeObject PyDoubleArrType_Type
    ctypedef struct PyDoubleScalarObject:
        double obval

cdef vectorcallfunc numpys_call = NULL

cdef inline bint read_number(PyObject* argument, double* number) noexcept:
    """Whether an argument is a number of the types that mean one and nothing else."""
    cdef PyTypeObject* kind = Py_TYPE(argument)
    cdef int overflow
    if kind is &PyFloat_Type:
        number[0] = PyFloat_AS_DOUBLE(argument)
    elif kind is &PyDoubleArrType_Type:
        number[0] = (<PyDoubleScalarObject*>argument).obval
    elif kind is &PyLong_Type or kind is <PyTypeObject*>_Right:
        number[0] = <double>PyLong_AsLongLongAndOverflow(<object>argument, &overflow)
        return not overflow
    else:
        return False
    return True

cdef inline object numpy_float(double value):
    number = PyDoubleArrType_Type.tp_alloc(&PyDoubleArrType_Type, 0)
    (<PyDoubleScalarObject*>number).obval = value
    return number

cdef object call(object ufunc, PyObject* const* arguments, size_t flagged_count, PyObject* names):
    cdef PyUFuncObject* self = <PyUFuncObject*>ufunc
    cdef Selection* selection = <Selection*>self.data[0]
    cdef double[8] inputs
    cdef double[17] outputs
    if names is not NULL or PyVectorcall_NARGS(flagged_count) != self.nin:
        return numpys_call(ufunc, arguments, flagged_count, names)
    for j in range(self.nin):
        if not read_number(arguments[j], &inputs[j]):
            return numpys_call(ufunc, arguments, flagged_count, names)
    evaluate_one(selection.kernel, inputs, outputs)
    if selection.output != all_outputs:
        return numpy_float(outputs[selection.output])
    count = all_kernels()[selection.kernel].outputs
    if count == 1:
        return numpy_float(outputs[0])
    result = PyTuple_New(count)
    for j in range(count):
        number = numpy_float(outputs[j])
        Py_INCREF(number)  # PyTuple_SET_ITEM takes a reference
        PyTuple_SET_ITEM(result, j, number)
    return result

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
    global ufunc_count, numpys_call
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
    numpys_call = (<PyUFuncObject*>ufunc).vectorcall  # the same of all ufuncs
    (<PyUFuncObject*>ufunc).vectorcall = call
    return ufunc


def _register():
    """Creates the ufuncs: one per kernel, and one per Greek of a kernel that fills several."""
    created = {}
    for kernel in range(<int>all_kernels().size()):
        info = all_kernels()[kernel]
        name = info.name.decode()
        created[name] = make_ufunc(name, _describe(name), kernel, all_outputs)
        if name.endswith("_greeks"):
            family = name.removesuffix("greeks")
            for output in range(1, info.outputs):
                single = family + names[output]
                created[single] = make_ufunc(single, _describe(single), kernel, output)
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
