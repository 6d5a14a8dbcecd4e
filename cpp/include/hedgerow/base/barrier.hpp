/// Barriers: on which side of the spot one is, and what happens when the spot gets there.
#pragma once

namespace hedgerow {

/// Out: the option ends. In: it comes to life, and is worth nothing where that never happens.
enum class BarrierKind : unsigned char { up_and_out, up_and_in, down_and_out, down_and_in };

constexpr bool is_up(BarrierKind kind) noexcept {
    return kind == BarrierKind::up_and_out || kind == BarrierKind::up_and_in;
}

constexpr bool is_in(BarrierKind kind) noexcept {
    return kind == BarrierKind::up_and_in || kind == BarrierKind::down_and_in;
}

/// What ends where `kind` begins: an in and its out add up to the option without a barrier.
constexpr BarrierKind out_of(BarrierKind kind) noexcept {
    return is_up(kind) ? BarrierKind::up_and_out : BarrierKind::down_and_out;
}

}  // namespace hedgerow
