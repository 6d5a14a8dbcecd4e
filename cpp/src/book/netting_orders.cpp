// What orders would do to nodes.
#include "netting.hpp"

namespace hedgerow {

OrderEffect Netting::effect_of(const Order& order) {
    const auto left_out = [&](std::size_t unit) { return !is_valued(units_->status(unit)); };
    const BundleTerms& terms = units_->terms(units_->bundle_of(order.instrument));
    const Contract& contract = ledger_.instruments()[order.instrument].contract;
    const Terms* const its = hedgerow::terms(contract);
    const double lots = static_cast<double>(order.lots);
    const double paid = -lots * units_->size(order.instrument) *
                        worth_at(static_cast<Kind>(contract.index()),
                                 its ? its->settlement() : Settlement::linear, order.price);

    OrderEffect effect;
    NodeLine& line = effect.lines_[OrderEffect::contract];
    line = this->effect(order.instrument, lots);
    if (!left_out(order.instrument)) {
        line[NodeMeasure::pnl] = line[NodeMeasure::value] + paid * terms.rate;
        line[NodeMeasure::capture] = line[NodeMeasure::pnl];
        if (terms.margined) {  // nothing is paid, but owed
            line[NodeMeasure::value] += paid * terms.rate;
            line[NodeMeasure::delta] += paid * terms.won_delta;
        }
    }
    const std::uint32_t place = leaf_place(order.instrument, order.owner);
    const std::size_t cash = cash_unit(ledger_.currency_of(order.instrument));
    const std::uint32_t purse =
        terms.margined ? place : leaf_place(static_cast<std::uint32_t>(cash), order.owner);
    NodeLine& money = effect.lines_[OrderEffect::money];
    if (!terms.margined && !left_out(cash)) {
        money[NodeMeasure::value] = paid * (*units_)[cash][0];
        money[NodeMeasure::delta] = paid * (*units_)[cash][1];
    }
    const Leaf &leaf = nodes_.leaves()[place], &of_money = nodes_.leaves()[purse];
    constexpr std::size_t weighted = OrderEffect::weighted;
    effect.lines_[weighted] = leaf.weights(line);
    effect.lines_[weighted + OrderEffect::money] = of_money.weights(money);
    for (const std::size_t base : {std::size_t{0}, weighted}) {
        effect.lines_[base + OrderEffect::both] = effect.lines_[base];
        add(effect.lines_[base + OrderEffect::both], effect.lines_[base + OrderEffect::money]);
    }
    for (std::size_t d = 0; d < keys_.size(); ++d) {
        const std::size_t base = nodes_.is_mixed(d) ? weighted : 0;
        const bool shared = leaf.nodes[d] == of_money.nodes[d];
        effect.add(leaf.nodes[d], base + (shared ? OrderEffect::both : OrderEffect::contract));
        if (!shared) effect.add(of_money.nodes[d], base + OrderEffect::money);
    }
    return effect;
}

}  // namespace hedgerow
