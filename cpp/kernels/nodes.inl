// Sums of a live inventory: lines of sixteen measures at nodes, and of eight Greeks at leaves.

/// Lanes of all ones where a comparison of four doubles holds.
using FourFlags [[gnu::vector_size(32)]] = long long;

/// A node is three lines of sixteen doubles: its numbers, and the bounds below and above. Flags
/// which of four numbers, that stand there, are beyond one.
HEDGEROW_INLINE void look_beyond(const Four& numbers, const double* at, FourFlags& any) {
    any |= numbers < four(at + 16);
    any |= numbers > four(at + 32);
}

HEDGEROW_INLINE bool any_of(const FourFlags& flags) {
    return ((flags[0] | flags[1]) | (flags[2] | flags[3])) != 0;
}

/// Adds a line, of which only every `step`th four numbers are not zero, to nodes.
template <int step>
HEDGEROW_INLINE void add_line(double* records, const std::uint32_t* nodes, std::size_t n,
                              const Four (&line)[4], FourFlags& any) {
    for (std::size_t k = 0; k < n; ++k) {
        double* const node = records + std::size_t{48} * nodes[k];
        for (int j = 0; j < 4; j += step) {
            const Four sum = four(node + 4 * j) + line[j];
            four(node + 4 * j) = sum;
            look_beyond(sum, node + 4 * j, any);
        }
    }
}

/// Adds a change of sixteen numbers to the first nodes, with money to the next, and money alone to
/// the last: eight numbers, the first four and the third of a line. Bit k of the result says that
/// nodes[k] is now beyond a bound.
std::uint32_t add_to_nodes(double* records, const std::uint32_t* nodes, const NodeShares& shares,
                           const double* change, const double* money) noexcept {
    const Four alone[4] = {four(change), four(change + 4), four(change + 8), four(change + 12)};
    const Four paid[4] = {four(money), {}, four(money + 4), {}};
    const Four both[4] = {alone[0] + paid[0], alone[1], alone[2] + paid[2], alone[3]};
    const std::size_t from_both = shares.alone, from_money = from_both + shares.both;
    FourFlags any = {};
    add_line<1>(records, nodes, shares.alone, alone, any);
    add_line<1>(records, nodes + from_both, shares.both, both, any);
    add_line<2>(records, nodes + from_money, shares.money, paid, any);
    if (!any_of(any)) return 0;  // nearly always, and then nobody has to know which
    std::uint32_t mask = 0;
    for (std::size_t k = 0; k < from_money + shares.money; ++k) {
        const double* const node = records + std::size_t{48} * nodes[k];
        FourFlags flags = {};
        for (int j = 0; j < 16; j += 4) look_beyond(four(node + j), node + j, flags);
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
