// Sums of a live inventory: lines of sixteen measures at nodes, and of eight Greeks at leaves.

/// Lanes of all ones where a comparison of four doubles holds.
using FourFlags [[gnu::vector_size(32)]] = long long;

/// A node is three lines of sixteen doubles: its numbers, and the bounds below and above. Where any
/// of four numbers is beyond one.
HEDGEROW_INLINE FourFlags beyond(Four numbers, const double* low) {
    return (numbers < four(low)) | (numbers > four(low + 16));
}

HEDGEROW_INLINE bool any_of(FourFlags flags) {
    return ((flags[0] | flags[1]) | (flags[2] | flags[3])) != 0;
}

/// Adds lines[which[k]] to node nodes[k]; bit k of the result says that it is now beyond a bound.
std::uint32_t add_to_nodes(double* records, const std::uint32_t* nodes, const std::uint8_t* which,
                           std::size_t n, const double* lines) noexcept {
    FourFlags any = {};
    for (std::size_t k = 0; k < n; ++k) {
        double* const node = records + std::size_t{48} * nodes[k];
        const double* const change = lines + std::size_t{16} * which[k];
        for (int j = 0; j < 16; j += 4) {
            const Four sum = four(node + j) + four(change + j);
            four(node + j) = sum;
            any |= beyond(sum, node + 16 + j);
        }
    }
    if (!any_of(any)) return 0;  // nearly always, and then nobody has to know which
    std::uint32_t mask = 0;
    for (std::size_t k = 0; k < n; ++k) {
        const double* const node = records + std::size_t{48} * nodes[k];
        FourFlags flags = {};
        for (int j = 0; j < 16; j += 4) flags |= beyond(four(node + j), node + 16 + j);
        mask |= static_cast<std::uint32_t>(any_of(flags)) << k;
    }
    return mask;
}

/// sums[8 leaves[i] + j] += lots[i] units[8 instruments[i] + j], in order. Products and sums round
/// one by one, as in the plain loop.
void add_units(const double* units, const std::uint32_t* instruments, const double* lots,
               const std::uint32_t* leaves, std::size_t n, double* sums) noexcept {
    for (std::size_t i = 0; i < n; ++i) {
        const double* const unit = units + std::size_t{8} * instruments[i];
        double* const sum = sums + std::size_t{8} * leaves[i];
        const Four times = {lots[i], lots[i], lots[i], lots[i]};
        four(sum) += times * four(unit);
        four(sum + 4) += times * four(unit + 4);
    }
}
