// Displaced Black: Black-76 on the forward and the strike moved by a shift.
//
// M. Rubinstein 1983, "Displaced diffusion option pricing". F + shift is lognormal, so that
// forwards and strikes down to -shift are priced; derivatives in F and K are those in the moved
// variables.

/// On a forward and a strike that are moved by the shift, the last input.
struct BlackDisplaced {
    template <class In>
    HEDGEROW_INLINE static auto moved(In in) {
        return [in](int j) HEDGEROW_LAMBDA { return j == 1 || j == 2 ? in(j) + in(6) : in(j); };
    }

    template <class In, class State>
    HEDGEROW_INLINE static BlackTerms terms(In in, const State& q) {
        return BlackForward::terms(moved(in), q);
    }

    template <class In, class State>
    HEDGEROW_INLINE static void distance(In in, State& q) {
        BlackForward::distance(moved(in), q);
    }

    template <class In, class State>
    HEDGEROW_INLINE static Greeks greeks(In in, const State& q) {
        return BlackForward::greeks(moved(in), q);
    }
};
