#include "hedgerow/book/book.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <unordered_map>

#include "hedgerow/base/error.hpp"
#include "hedgerow/book/group.hpp"

namespace hedgerow {

namespace {

bool inverse_margined(Kind kind, Settlement settlement) noexcept {
    return settlement == Settlement::inverse && (kind == Kind::future || kind == Kind::perpetual);
}

void require_length(std::string_view column, std::size_t length, std::size_t rows) {
    if (length != rows)
        throw InvalidInput(column, std::to_string(length) + " rows",
                           "must have one row per position, " + std::to_string(rows));
}

/// A sum in twice the precision (Knuth's two-sum): what is lost to rounding is carried along.
class CompensatedSum {
  public:
    void add(double x) noexcept {
        const double sum = high_ + x, z = sum - high_;
        low_ += (high_ - (sum - z)) + (x - z);
        high_ = sum;
    }
    double value() const noexcept { return high_ + low_; }

  private:
    double high_ = 0;
    double low_ = 0;
};

/// Renumbers the second list's values by their place in the first, to which new ones are added.
template <class Value, class Hash = std::hash<Value>>
std::vector<std::uint32_t> unite(std::vector<Value>& first, const std::vector<Value>& second) {
    std::unordered_map<Value, std::uint32_t, Hash> places;
    for (std::size_t i = 0; i < first.size(); ++i)
        places.emplace(first[i], static_cast<std::uint32_t>(i));
    std::vector<std::uint32_t> numbers;
    numbers.reserve(second.size());
    for (const Value& value : second) {
        const auto [place, added] = places.emplace(value, static_cast<std::uint32_t>(first.size()));
        if (added) first.push_back(value);
        numbers.push_back(place->second);
    }
    return numbers;
}

void append(std::vector<std::uint32_t>& codes, const std::vector<std::uint32_t>& more,
            const std::vector<std::uint32_t>& numbers) {
    for (const std::uint32_t code : more) codes.push_back(numbers[code]);
}

template <class Value>
void append(std::vector<Value>& values, const std::vector<Value>& more) {
    values.insert(values.end(), more.begin(), more.end());
}

/// The tag of `book`, or one that labels every position with the empty string.
Tag tag_or_blank(const Book& book, const std::string& name) {
    if (const Tag* tag = book.tag(name)) return *tag;
    return {name, {""}, std::vector<std::uint32_t>(book.size(), 0)};
}

std::vector<std::string> tag_names(const Book& a, const Book& b) {
    std::vector<std::string> names;
    for (const Book* book : {&a, &b})
        for (const Tag& tag : book->tags())
            if (std::ranges::find(names, tag.name) == names.end()) names.push_back(tag.name);
    return names;
}

}  // namespace

double worth_at(Kind kind, Settlement settlement, double price) noexcept {
    return inverse_margined(kind, settlement) ? -1.0 / price : price;
}

double price_at(Kind kind, Settlement settlement, double worth) noexcept {
    return inverse_margined(kind, settlement) ? -1.0 / worth : worth;
}

Book::Book() : contracts_(resolve({})) {}

Book::Book(std::vector<Contract> contracts, std::vector<std::uint32_t> contract,
           std::vector<double> quantity, std::vector<double> cost, std::vector<Tag> tags)
    : Book(resolve(std::move(contracts)), std::move(contract), std::move(quantity), std::move(cost),
           std::move(tags)) {}

Book::Book(std::shared_ptr<const ContractColumns> contracts, std::vector<std::uint32_t> contract,
           std::vector<double> quantity, std::vector<double> cost, std::vector<Tag> tags)
    : contracts_(std::move(contracts)),
      contract_(std::move(contract)),
      quantity_(std::move(quantity)),
      cost_(std::move(cost)),
      tags_(std::move(tags)) {
    const std::size_t rows = contract_.size();
    require_length("quantity", quantity_.size(), rows);
    require_length("cost", cost_.size(), rows);
    for (const std::uint32_t index : contract_)
        if (index >= contracts_->size())
            throw InvalidInput("contract", std::to_string(index),
                               "must be below " + std::to_string(contracts_->size()));
    for (const Tag& tag : tags_) {
        require_name("tag", tag.name);
        require_length(tag.name, tag.codes.size(), rows);
        for (const std::uint32_t code : tag.codes)
            if (code >= tag.labels.size())
                throw InvalidInput(tag.name, std::to_string(code),
                                   "must be below " + std::to_string(tag.labels.size()));
        if (std::ranges::count(tags_, tag.name, &Tag::name) != 1)
            throw InvalidInput("tag", tag.name, "must be given once");
    }
}

const Tag* Book::tag(std::string_view name) const noexcept {
    const auto found = std::ranges::find(tags_, name, &Tag::name);
    return found == tags_.end() ? nullptr : &*found;
}

std::vector<double> Book::average_price() const {
    std::vector<double> prices(size());
    for (std::size_t i = 0; i < size(); ++i) {
        const std::uint32_t c = contract_[i];
        prices[i] = quantity_[i] == 0 ? std::numeric_limits<double>::quiet_NaN()
                                      : price_at(contracts_->kind[c], contracts_->settlement[c],
                                                 cost_[i] / quantity_[i]);
    }
    return prices;
}

Book Book::scaled(double factor) const {
    Book result = *this;
    for (double& quantity : result.quantity_) quantity *= factor;
    for (double& cost : result.cost_) cost *= factor;
    return result;
}

Book operator+(const Book& a, const Book& b) {
    if (b.size() == 0) return a;
    if (a.size() == 0) return b;
    Book sum = a;
    if (a.contracts_ == b.contracts_) {
        append(sum.contract_, b.contract_);
    } else {
        std::vector<Contract> contracts = a.contracts_->contracts;
        append(sum.contract_, b.contract_, unite(contracts, b.contracts_->contracts));
        if (contracts.size() != a.contracts_->size())
            sum.contracts_ = resolve(std::move(contracts));
    }
    append(sum.quantity_, b.quantity_);
    append(sum.cost_, b.cost_);
    sum.tags_.clear();
    for (const std::string& name : tag_names(a, b)) {
        Tag tag = tag_or_blank(a, name);
        const Tag other = tag_or_blank(b, name);
        append(tag.codes, other.codes, unite(tag.labels, other.labels));
        sum.tags_.push_back(std::move(tag));
    }
    return sum;
}

Book Book::select(std::span<const bool> keep) const {
    require_length("keep", keep.size(), size());
    Book result = *this;
    const auto filter = [&](auto& column) {
        std::size_t kept = 0;
        for (std::size_t i = 0; i < keep.size(); ++i)
            if (keep[i]) column[kept++] = column[i];
        column.resize(kept);
    };
    filter(result.contract_);
    filter(result.quantity_);
    filter(result.cost_);
    for (Tag& tag : result.tags_) filter(tag.codes);
    return result;
}

Book Book::net(std::span<const std::string> names) const {
    std::vector<Tag> tags;
    for (const std::string& name : names) {
        const Tag* tag = this->tag(name);
        if (!tag) throw InvalidInput("tag", name, "must be a tag of the book");
        tags.push_back(sorted_labels(*tag));
    }
    const std::vector<std::uint32_t> rank = contract_ranks(*contracts_);
    std::vector<std::uint32_t> ranked(size());
    for (std::size_t i = 0; i < size(); ++i) ranked[i] = rank[contract_[i]];
    std::vector<GroupKey> keys{{ranked, static_cast<std::uint32_t>(rank.size())}};
    for (const Tag& tag : tags)
        keys.push_back({tag.codes, static_cast<std::uint32_t>(tag.labels.size())});

    const Groups groups = group_rows(keys, size());
    const Members rows = members(groups);
    Book result;
    result.contracts_ = contracts_;
    for (const Tag& tag : tags) result.tags_.push_back({tag.name, tag.labels, {}});
    for (std::size_t g = 0; g < groups.count(); ++g) {
        CompensatedSum quantity, cost;
        for (const std::uint32_t row : rows.of(g)) {
            quantity.add(quantity_[row]);
            cost.add(cost_[row]);
        }
        const bool settled = cost.value() == 0 || std::isnan(cost.value());
        if (quantity.value() == 0 && settled) continue;
        const std::uint32_t first = groups.first[g];
        result.contract_.push_back(contract_[first]);
        result.quantity_.push_back(quantity.value());
        result.cost_.push_back(cost.value());
        for (std::size_t j = 0; j < tags.size(); ++j)
            result.tags_[j].codes.push_back(tags[j].codes[first]);
    }
    return result;
}

bool operator==(const Book& a, const Book& b) {
    const auto same = [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); };
    std::vector<std::string> names = tag_names(a, b);
    // The sum with an empty share of the other gives both all the tags.
    const auto normal = [&](const Book& book) {
        Book complete = book;
        complete.tags_.clear();
        for (const std::string& name : names) complete.tags_.push_back(tag_or_blank(book, name));
        return complete.net(names);
    };
    const Book x = normal(a), y = normal(b);
    if (x.size() != y.size()) return false;
    for (std::size_t i = 0; i < x.size(); ++i) {
        if (x.contracts_->contracts[x.contract_[i]] != y.contracts_->contracts[y.contract_[i]] ||
            !same(x.quantity_[i], y.quantity_[i]) || !same(x.cost_[i], y.cost_[i]))
            return false;
        for (std::size_t j = 0; j < names.size(); ++j)
            if (x.tags_[j].labels[x.tags_[j].codes[i]] != y.tags_[j].labels[y.tags_[j].codes[i]])
                return false;
    }
    return true;
}

}  // namespace hedgerow
