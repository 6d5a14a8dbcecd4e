// Golden sections.
#pragma once

namespace hedgerow {

/// Looks nearer and nearer at the least value between two places; `look` keeps what it meets.
/// @param look look(place) is the value there.
template <class Look>
void look_by_golden_sections(double from, double to, int steps, const Look& look) noexcept {
    constexpr double golden = 0.6180339887498949;
    double left = to - golden * (to - from), right = from + golden * (to - from);
    double at_left = look(left), at_right = look(right);
    for (int i = 0; i < steps; ++i) {
        if (at_left < at_right) {
            to = right;
            right = left;
            at_right = at_left;
            at_left = look(left = to - golden * (to - from));
        } else {
            from = left;
            left = right;
            at_left = at_right;
            at_right = look(right = from + golden * (to - from));
        }
    }
}

}  // namespace hedgerow
